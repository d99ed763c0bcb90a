"""A versioned prompt file, as a frozen value. ``prompts.load`` makes it; ``prompts.render`` renders it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredInput:
    name: str
    many: bool
    required: bool
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One role's part of the body: ``system``, ``user`` or ``assistant``."""

    role: str
    template: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """``digest`` is the SHA-256 (hex) of the file's bytes. ``examples`` and ``tests`` are the file's own, unparsed further."""

    name: str
    version: int
    description: str
    sections: tuple[Section, ...]
    inputs: Mapping[str, DeclaredInput]
    parameters: Mapping[str, Parameter]
    config: Mapping[str, float | int]
    examples: tuple[Mapping[str, object], ...] = field(repr=False)
    tests: tuple[Mapping[str, object], ...] = field(repr=False)
    labels: frozenset[str]
    file: str
    digest: str
