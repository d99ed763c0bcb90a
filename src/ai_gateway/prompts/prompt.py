"""A versioned prompt file, as a frozen value. ``prompts.load`` makes it; ``prompts.render`` renders it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ai_gateway.documents import START, Position
from ai_gateway.prompts.cases import Case
from ai_gateway.prompts.people import People


class ParameterKind(StrEnum):
    """Parameters carry no free text: a string must be one of an enumeration."""

    ENUM = "enum"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    kind: ParameterKind
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    default: str | int | float | bool | None = None
    """``None``: a call must give the parameter."""
    description: str = ""

    def wrong_with(self, value: object) -> str:
        """What is wrong with a value given for this parameter, without quoting it; ``""`` when nothing is."""
        match self.kind:
            case ParameterKind.ENUM:
                return "" if value in self.choices else f"must be one of {', '.join(self.choices)}"
            case ParameterKind.BOOLEAN:
                return "" if isinstance(value, bool) else "must be true or false"
            case ParameterKind.INTEGER:
                fits = isinstance(value, int) and self._in_range(value)
                return "" if fits else f"must be a whole number{self._range()}"
            case ParameterKind.NUMBER:
                fits = isinstance(value, int | float) and self._in_range(value)
                return "" if fits else f"must be a number{self._range()}"

    def _in_range(self, value: float) -> bool:
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return not isinstance(value, bool) and math.isfinite(value) and low <= value <= high

    def _range(self) -> str:
        return "" if self.minimum is None or self.maximum is None else f" from {self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredInput:
    name: str
    many: bool
    required: bool
    description: str = ""
    at: Position = START
    """Where the file declares it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One role's part of the body: ``system``, ``user`` or ``assistant``."""

    role: str
    template: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """``digest`` is the SHA-256 (hex) of the file's bytes. ``cases`` are its examples, then its tests."""

    name: str
    version: int
    description: str
    sections: tuple[Section, ...]
    inputs: Mapping[str, DeclaredInput]
    parameters: Mapping[str, Parameter]
    config: Mapping[str, float | int]
    cases: tuple[Case, ...] = field(repr=False)
    labels: frozenset[str]
    file: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersions:
    """Every version of one prompt. One that ``production`` points at, or once did, is released: it never changes."""

    name: str
    versions: Mapping[int, Prompt]
    labels: Mapping[str, int]
    released: Mapping[int, str] = field(default_factory=dict)
    people: People | None = field(default=None, repr=False)
    """Whom the examples and tests speak of; None: nobody in particular."""

    def labelled(self) -> Mapping[str, Prompt]:
        """The prompt that each label points at."""
        return {label: self.versions[version] for label, version in self.labels.items()}
