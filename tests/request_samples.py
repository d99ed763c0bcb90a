"""Requests made from the protocols' own shapes: whatever a shape allows, with people planted where text may stand."""

import json
import re
from random import Random
from typing import Any

from ai_gateway.protocols.shape import (
    Array,
    Dropped,
    Either,
    Json,
    JsonText,
    Loose,
    MapOf,
    Object,
    Opaque,
    Plain,
    Refused,
    Shape,
    Text,
    Variant,
    Word,
)

PLANTED = (
    *("Dana Okafor", "Okafor", "dana@okafor.example", "danabuilds", "Zephyrine Quillfeather", "415-555-0173"),
    *("Sam Lee", "sam.lee@brightwater.example", "Brightwater", "zephquill", "zephyrine@quillfeather.example"),
)
PLANTED_NUMBER = 4155550173
_BETWEEN = (" ", ". ", "\n", ' "', '" ', " \\ ", " {", "} ", " 👍 ", " é ", " and ", ", ")
_PLAIN = ("the invoice", "is due", "today", "ok", "list of 3", "100 %", "a < b")
_KEYS = ("to", "note", "description", "default", "enum", "properties", "items", "x", "count")
_DEEPEST = 12


class Maker:
    """One request after another, as ``random`` has it. ``planted`` counts the people planted where text may stand.

    ``mischief``: how likely anything is to be what a shape does not allow: people in names of tools, in keys and in
    fields that nobody knows, control values that are texts.
    """

    def __init__(self, random: Random, mischief: float = 0.0) -> None:
        self.random = random
        self.mischief = mischief
        self.planted = 0

    def make(self, shape: Shape, depth: int = 0) -> Json:  # noqa: C901, PLR0911, PLR0912 - one arm a shape
        if self.random.random() < self.mischief:
            return self.loose(depth)
        match shape:
            case Text(bare=bare):
                return self.bare() if bare else self.text()
            case JsonText():
                return json.dumps(self.loose(depth)) if self.random.random() < 0.9 else f'{{"broken": "{self.text()}'
            case Loose():
                return self.loose(depth)
            case Plain():
                return self._plain(shape)
            case Word():
                return self.random.choice(("send_letter", "call_1", "gpt-x", "a.b:c/d"))
            case Opaque():
                return "Ab+/" * self.random.randrange(4)
            case Dropped():
                return self.text()
            case Refused(unless=unless):
                return self.random.choice(unless) if unless else self.text()
            case Array(of=of):
                return [self.make(of, depth + 1) for _ in range(self._few(depth))]
            case Object():
                return self._object(shape, depth)
            case Variant():
                return self._variant(shape, depth)
            case Either():
                options = [one for one in (shape.string, shape.array, shape.object) if one is not None]
                return self.make(self.random.choice(options), depth) if options else None
            case MapOf(of=of):
                return {str(key): self.make(of, depth + 1) for key in range(self._few(depth))}

    def _few(self, depth: int) -> int:
        return self.random.randrange(1, 4) if depth < _DEEPEST else 0

    def _plain(self, shape: Plain) -> Json:
        options: list[Json] = [*sorted(shape.choices), None]
        options += [self.random.randrange(5)] if shape.numbers else []
        options += [True, False] if shape.flags else []
        return self.random.choice(options)

    def _object(self, shape: Object, depth: int) -> dict[str, Json]:
        """What is required, and some of the rest. A field that is only ever refused comes seldom."""

        def comes(name: str, field: Shape) -> bool:
            if name in shape.required:
                return True
            return self.random.random() < (0.005 if _is_refused(field) else 0.4)

        made = {name: self.make(field, depth + 1) for name, field in shape.fields.items() if comes(name, field)}
        if self.random.random() < self.mischief:
            made[self.random.choice(("invented", self.bare()))] = self.text()
        return made

    def _variant(self, shape: Variant, depth: int) -> Json:
        kinds = [kind for kind, case in shape.cases.items() if not _is_refused(case)]
        kind = self.random.choice(kinds)
        made = self.make(shape.cases[kind], depth)
        return {**made, shape.key: kind} if isinstance(made, dict) else made

    def text(self) -> str:
        parts: list[str] = []
        for _ in range(self.random.randrange(1, 4)):
            if self.random.random() < 0.5:
                self.planted += 1
                parts += (self.random.choice(PLANTED), self.random.choice(_BETWEEN))
            else:
                parts += (self.random.choice(_PLAIN), self.random.choice(_BETWEEN))
        return "".join(parts)

    def bare(self) -> str:
        self.planted += 1
        return self.random.choice(PLANTED)

    def loose(self, depth: int) -> Json:
        kind = self.random.randrange(8) if depth < _DEEPEST else 0
        if kind < 3:
            return self.text()
        if kind == 3:
            self.planted += 1
            return PLANTED_NUMBER
        if kind == 4:
            return self.random.choice((None, True, 3, 1.5, "object"))
        if kind == 5:
            return [self.loose(depth + 1) for _ in range(self._few(depth))]
        keys = self.random.sample(_KEYS, self._few(depth))
        if self.random.random() < self.mischief:
            keys.append(self.bare())
        return {key: self.loose(depth + 1) for key in keys}


def _is_refused(shape: Shape) -> bool:
    """Also such that hold nothing else."""
    match shape:
        case Refused():
            return True
        case Array(of=of):
            return _is_refused(of)
        case _:
            return False


def opened(value: Any) -> Any:
    """With the JSON in ``arguments`` read: a model that says back what it was told writes no JSON in JSON in JSON."""
    match value:
        case list():
            return [opened(one) for one in value]
        case dict():
            return {name: _read(one) if name == "arguments" else opened(one) for name, one in value.items()}
        case _:
            return value


def _read(arguments: Any) -> Any:
    try:
        return json.loads(arguments)
    except (TypeError, ValueError):
        return opened(arguments)


def alike(value: Any) -> Any:
    """What two JSON values have in common when they say the same: telephone numbers are text, whoever wrote them."""
    match value:
        case str() | None:
            return value
        case bool():
            return value
        case int() | float():
            return str(value)
        case list():
            return [alike(one) for one in value]
        case _:
            return {name: _bare(one) if name == "name" else alike(one) for name, one in value.items()}


def _bare(name: Any) -> Any:
    """A participant's name as the protocol allows it, whatever was asked for."""
    return re.sub(r"\s", "-", re.sub(r"[<>\[\]:]", "", name)) if isinstance(name, str) else alike(name)
