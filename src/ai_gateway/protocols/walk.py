"""The one walker: over every JSON leaf of a request or a reply, to read its texts and to write them anew.

Depth and counts are bounded before anything is walked (the HTTP layer bounds size).
"""

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ai_gateway.errors import ContentNotInspectable, FieldUnknown, RequestInvalid
from ai_gateway.protocols.objects import unrepeated
from ai_gateway.protocols.shape import (
    OPAQUE,
    WORD,
    Array,
    Dropped,
    Either,
    Json,
    JsonText,
    Leaf,
    Loose,
    MapOf,
    Object,
    Opaque,
    Place,
    Plain,
    Refused,
    Shape,
    Text,
    Uninspected,
    Variant,
    Word,
)
from ai_gateway.protocols.vocabulary import close_to, said_back

MAX_DEPTH = 64
Rewrite = Callable[[Place, str], str]

_SCHEMA_WORDS = frozenset(
    "$defs additionalProperties allOf anyOf const default definitions description enum examples items oneOf "  # noqa: SIM905
    "properties required title type".split()
)
"""Keys of a JSON Schema that a pointer may name. Any other key in free JSON is the client's own word, and may name a
person: a pointer says its place instead."""
_TYPES = frozenset({"object", "string", "number", "integer", "boolean", "array", "null"})
_TELLS_NOTHING = 5
"""A number of fewer digits is nobody's telephone, account or identity number."""


class _Here(NamedTuple):
    pointer: str
    role: str | None
    depth: int = 0
    embedded: bool = False
    passing: frozenset[Uninspected] = frozenset()

    def at(self, key: str | int, role: str | None = None) -> "_Here":
        if self.depth >= MAX_DEPTH:
            raise RequestInvalid(f"the request is nested deeper than {MAX_DEPTH} levels", at=self.pointer)
        token = key.replace("~", "~0").replace("/", "~1") if isinstance(key, str) else key
        return _Here(f"{self.pointer}/{token}", role or self.role, self.depth + 1, self.embedded, self.passing)

    def place(self) -> Place:
        return Place(pointer=self.pointer, role=self.role, embedded=self.embedded)


_DROP = object()


def texts(shape: Shape, value: Json, passing: frozenset[Uninspected] = frozenset()) -> tuple[Leaf, ...]:
    """Every text in ``value``, in the order of the walk; none in what passes uninspected. Raises ``ShapeRefused`` or
    ``RequestInvalid``."""
    found: list[Leaf] = []

    def note(place: Place, text: str) -> str:
        found.append(Leaf(place=place, text=text))
        return text

    _walk(shape, value, _Here("", None, passing=passing), note)
    return tuple(found)


def rebuild(shape: Shape, value: Json, replacements: Iterator[str]) -> Json:
    """``value`` again with its texts replaced, in the order ``texts`` gave them; dropped fields are gone."""
    return rewrite(shape, value, lambda _place, _text: next(replacements))


def rewrite(shape: Shape, value: Json, change: Rewrite, passing: frozenset[Uninspected] = frozenset()) -> Json:
    result = _walk(shape, value, _Here("", None, passing=passing), change)
    return None if result is _DROP else result  # type: ignore[return-value]


def _walk(shape: Shape, value: Json, here: _Here, change: Rewrite) -> object:  # noqa: C901, PLR0911, PLR0912 - one arm a shape, the common ones first
    match shape:
        case Text(role, bare):
            place = Place(pointer=here.pointer, role=role or here.role, embedded=here.embedded, bare=bare)
            return change(place, _string(value, here))
        case Array(of, most):
            return _array(of, most, value, here, change)
        case Object():
            return _object(shape, value, here, change)
        case Variant():
            return _variant(shape, value, here, change)
        case Either():
            return _either(shape, value, here, change)
        case JsonText():
            return _json_text(_string(value, here), here, change)
        case Loose():
            return _loose(value, here, change)
        case Plain(refused=refused):
            if isinstance(value, str) and value in refused:
                return _walk(refused[value], value, here, change)
            return _plain(shape, value, here)
        case Word(nullable):
            return _word(value, here, nullable=nullable)
        case Opaque():
            return _opaque(value, here)
        case Dropped():
            return _DROP
        case Refused(say, error, unless, kind):
            if kind in here.passing:
                return value
            if any(value is harmless or (value == harmless and type(value) is type(harmless)) for harmless in unless):
                return _DROP
            raise error(say, at=here.pointer)
        case MapOf(of, most):
            return _map(of, most, value, here, change)


def _string(value: Json, here: _Here) -> str:
    if not isinstance(value, str):
        raise RequestInvalid("a string is expected", at=here.pointer)
    return value


def _plain(shape: Plain, value: Json, here: _Here) -> Json:
    match value:
        case None:
            return None
        case bool() if shape.flags:
            return value
        case int() | float() if shape.numbers and not isinstance(value, bool):
            return value
        case str() if value in shape.choices:
            return value
        case _:
            raise RequestInvalid("a control value is expected" + _listed(shape.choices), at=here.pointer)


def _listed(choices: frozenset[str]) -> str:
    return f": one of {', '.join(sorted(choices))}" if choices else ""


def _word(value: Json, here: _Here, *, nullable: bool) -> Json:
    if value is None and nullable:
        return None
    if not isinstance(value, str) or not WORD.fullmatch(value):
        raise RequestInvalid("a technical name is expected: letters, digits and _ . : / -", at=here.pointer)
    return value


def _opaque(value: Json, here: _Here) -> Json:
    if not isinstance(value, str) or not OPAQUE.fullmatch(value):
        raise RequestInvalid("a value as the vendor gave it is expected: base64", at=here.pointer)
    return value


def _array(of: Shape, most: int, value: Json, here: _Here, change: Rewrite) -> list[object]:
    if not isinstance(value, list):
        raise RequestInvalid("an array is expected", at=here.pointer)
    if len(value) > most:
        raise RequestInvalid(f"the array has more than {most} elements", at=here.pointer)
    walked = [_walk(of, one, here.at(index), change) for index, one in enumerate(value)]
    return [one for one in walked if one is not _DROP]


def _object(shape: Object, value: Json, here: _Here, change: Rewrite) -> dict[str, object]:
    if not isinstance(value, dict):
        raise RequestInvalid("an object is expected", at=here.pointer)
    if not shape.required <= value.keys():
        missing = min(shape.required - value.keys())
        raise RequestInvalid(f"the field {missing} is missing", at=here.pointer)
    named = value.get(shape.role_from) if shape.role_from else None
    role = named if isinstance(named, str) else None
    result: dict[str, object] = {}
    for index, (name, inner) in enumerate(value.items()):
        field = shape.fields.get(name)
        if field is None:
            raise _unknown(name, index, shape, here)
        if inner is None and name not in shape.required:
            # Clients write out what they leave open.
            if not isinstance(field, Refused | Dropped):
                result[name] = None
            continue
        walked = _walk(field, inner, here.at(name, role), change)
        if walked is not _DROP:
            result[name] = walked
    return result


def _variant(shape: Variant, value: Json, here: _Here, change: Rewrite) -> object:
    if not isinstance(value, dict):
        raise RequestInvalid("an object is expected", at=here.pointer)
    kind = value.get(shape.key) or shape.default
    if not isinstance(kind, str):
        raise RequestInvalid(f"the field {shape.key} is missing", at=here.pointer)
    case = shape.cases.get(kind)
    if case is None:
        known = said_back(kind)
        raise ContentNotInspectable(
            f"this {shape.key} is not one that the gateway can inspect{f': {known}' if known else ''}", at=here.pointer
        )
    return _walk(case, value, here, change)


def _either(shape: Either, value: Json, here: _Here, change: Rewrite) -> object:
    match value:
        case str():
            chosen = shape.string
        case list():
            chosen = shape.array
        case dict():
            chosen = shape.object
        case _:
            chosen = shape.scalar
    if chosen is None:
        raise RequestInvalid("a value of another JSON type is expected", at=here.pointer)
    return _walk(chosen, value, here, change)


def _map(of: Shape, most: int, value: Json, here: _Here, change: Rewrite) -> dict[str, object]:
    if not isinstance(value, dict) or len(value) > most:
        raise RequestInvalid(f"an object of at most {most} entries is expected", at=here.pointer)
    return {name: _walk(of, inner, here.at(f"*{index}"), change) for index, (name, inner) in enumerate(value.items())}


def _loose(value: Json, here: _Here, change: Rewrite) -> object:
    match value:
        case str():
            return value if value in _TYPES else change(here.place(), value)
        case bool() | None:
            return value
        case int() | float():
            written = json.dumps(value)
            if sum(character.isdigit() for character in written) < _TELLS_NOTHING:
                return value
            changed = change(here.place(), written)
            return value if changed == written else changed
        case list():
            return [_loose(one, here.at(index), change) for index, one in enumerate(value)]
        case dict():
            return {
                name: _loose(inner, here.at(name if name in _SCHEMA_WORDS else f"*{index}"), change)
                for index, (name, inner) in enumerate(value.items())
            }


def _json_text(value: str, here: _Here, change: Rewrite) -> str:
    try:  # a repeated name would hide a text from the walk: such a string is no JSON here
        inner = json.loads(value, object_pairs_hook=unrepeated)
    except (ValueError, RecursionError):
        return change(here.place(), value)
    embedded = _Here(here.pointer, here.role, here.depth, embedded=True)
    walked = _loose(inner, embedded, change)
    return value if walked == inner else json.dumps(walked, ensure_ascii=False)


def _unknown(name: str, index: int, shape: Object, here: _Here) -> FieldUnknown:
    """Says the name of a field only if it is a word of the protocols; else, as pointers do, which one it is."""
    known, meant = said_back(name), close_to(name, frozenset(shape.fields))
    hint = "" if meant is None else f"; is {meant} meant?"
    return FieldUnknown(
        f"the gateway passes on only the fields it knows{hint}",
        at=here.at(f"*{index}" if known is None else known).pointer,
    )
