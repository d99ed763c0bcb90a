"""``input.schema`` in Picoschema, the compact schema notation of dotprompt: ``messages?(array, why): string``.

A ``string``, alone or in an array, is an input: treated text that people wrote. ``enum``, ``integer``, ``number`` and
``boolean`` are parameters. There is no free-text parameter, because free text is what has to be treated.
"""

import keyword
import re
from dataclasses import dataclass, field

from ai_gateway.documents import Value, did_you_mean, pointer
from ai_gateway.prompts.fields import Fields
from ai_gateway.prompts.prompt import DeclaredInput, Parameter, ParameterKind

FENCE = "fence"
"""The name under which a template finds the delimiter that no value holds."""

MAX_DECLARED = 40
MAX_CHOICES = 50
_KEY = re.compile(
    r"(?P<name>[a-z][a-z0-9_]{0,39})(?P<optional>\?)?(?:\((?P<kind>[a-z]+)(?:,\s*(?P<description>.{0,400}))?\))?"
)
_CHOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,39}")
_SCALARS = ("string", "integer", "number", "boolean")
_RESERVED = frozenset({FENCE, "loop", "role", "true", "false", "none", "self", "context", "caller", "recursive"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """``schema``, ``defaults`` and ``ranges`` are read; ``inputs`` and ``parameters`` are what they declare."""

    schema: Fields
    defaults: Fields
    ranges: Fields
    inputs: dict[str, DeclaredInput] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)

    def read(self) -> None:
        schema = self.schema
        if not 1 <= len(schema.data) <= MAX_DECLARED:
            schema.problems.append(schema.document.problem(schema.at, f"must declare 1 to {MAX_DECLARED} names"))
        for key, value in schema.data.items():
            self._declare(key, value)
        for part in (self.defaults, self.ranges):
            for name in part.data:
                if name not in self.parameters:
                    part.report(name, f"is no parameter{did_you_mean(name, self.parameters)}", at_key=True)

    def _declare(self, key: str, value: Value) -> None:
        match = _KEY.fullmatch(key)
        if match is None:
            self.schema.report(key, "must be name, name? or name(array|enum, description), in lower case", at_key=True)
        elif match["name"] in _RESERVED or keyword.iskeyword(match["name"]):
            self.schema.report(key, "is a reserved name; choose another", at_key=True)
        elif match["name"] in self.inputs or match["name"] in self.parameters:
            self.schema.report(key, "declares this name a second time", at_key=True)
        elif match["kind"] == "enum":
            self._parameter(key, match, ParameterKind.ENUM, choices=self._choices(key, value))
        elif match["kind"] in (None, "array"):
            self._scalar(key, match, value)
        else:
            self.schema.report(key, "can only be an array or an enum", at_key=True)

    def _scalar(self, key: str, match: re.Match[str], value: Value) -> None:
        """``string`` or ``string, description``, alone or as what an array holds."""
        scalar, _, said = value.partition(",") if isinstance(value, str) else ("", "", "")
        scalar, description, many = scalar.strip(), match["description"] or said.strip(), match["kind"] == "array"
        if scalar == "string":
            required = match["optional"] is None
            name = match["name"]
            at = self.schema.document.keys[self.schema.at + pointer(key)]
            self.inputs[name] = DeclaredInput(name=name, many=many, required=required, description=description, at=at)
        elif many:
            self.schema.report(key, "must be string: a list holds texts")
        elif scalar in _SCALARS:
            self._parameter(key, match, ParameterKind(scalar), description=description)
        else:
            self.schema.report(key, f"must be one of {', '.join(_SCALARS)}{did_you_mean(scalar, _SCALARS)}")

    def _choices(self, key: str, value: Value) -> tuple[str, ...]:
        texts = [choice for choice in value if isinstance(choice, str)] if isinstance(value, list) else []
        whole = isinstance(value, list) and len(texts) == len(value) == len(set(texts))
        if not whole or not 1 <= len(texts) <= MAX_CHOICES or not all(map(_CHOICE.fullmatch, texts)):
            what = f"must list 1 to {MAX_CHOICES} different short texts (put numbers and true in quotes)"
            self.schema.report(key, what)
        return tuple(texts)

    def _parameter(
        self,
        key: str,
        match: re.Match[str],
        kind: ParameterKind,
        *,
        description: str = "",
        choices: tuple[str, ...] = (),
    ) -> None:
        name = match["name"]
        low, high = self._range(key, name, kind)
        default = self.defaults.data.get(name)
        if default is None and match["optional"] is not None:
            self.schema.report(key, "is optional and has no default; give one under input.default", at_key=True)
        self.parameters[name] = parameter = Parameter(
            name=name,
            kind=kind,
            choices=choices,
            minimum=low,
            maximum=high,
            default=default if isinstance(default, str | int | float) else None,
            description=description or match["description"] or "",
        )
        wrong = "" if default is None else parameter.wrong_with(default)
        if wrong:
            self.defaults.report(name, wrong)

    def _range(self, key: str, name: str, kind: ParameterKind) -> tuple[float | None, float | None]:
        """Every number has one, so that a call cannot ask for a million words."""
        counts = kind in (ParameterKind.INTEGER, ParameterKind.NUMBER)
        match self.ranges.data.get(name):
            case None if counts:
                what = f"needs a range; add ai_gateway.ranges: {{{name}: [lowest, highest]}}"
                self.schema.report(key, what, at_key=True)
            case None:
                pass
            case _ if not counts:
                self.ranges.report(name, "is a range, but only integer and number have one", at_key=True)
            case [int() | float() as low, int() | float() as high] if low <= high:
                return low, high
            case _:
                self.ranges.report(name, "must be [lowest, highest]")
        return None, None
