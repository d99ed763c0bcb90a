"""What a configuration file may look like: one description both checks a file and is published as its schema."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from ai_gateway.documents import Document, Problem, Value, did_you_mean, quoted
from ai_gateway.documents import pointer as point

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """``pattern`` matches the whole text; ``like`` says what that is, since the text itself is not quoted back."""

    says: str
    pattern: str = r"\S(?:[\s\S]*\S)?"
    like: str = "text that neither begins nor ends with a space"
    maximum: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of ``values``. ``refused`` explains words that people try and may not use."""

    says: str
    kind: str
    values: Sequence[str]
    refused: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """``only``: the one value allowed, where a file states a thing that cannot be otherwise."""

    says: str
    only: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    says: str
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """Whole or not."""

    says: str
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """The first of ``shapes`` that takes the value's type (text, flag, number, list, mapping)."""

    says: str
    shapes: Sequence["Shape"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A list; its scalars never repeat."""

    says: str
    of: "Shape"
    minimum: int = 0
    maximum: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A mapping whose keys are the author's names (``Text``) or given ones (``Choice``; ``complete``: all of them)."""

    says: str
    key: Text | Choice
    of: "Shape"
    complete: bool = False
    minimum: int = 1
    maximum: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A mapping with these keys and no others. ``refused`` explains keys that people try and may not use."""

    says: str
    required: Mapping[str, "Shape"]
    optional: Mapping[str, "Shape"] = field(default_factory=lambda: MappingProxyType({}))
    refused: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


Shape: TypeAlias = "Text | Choice | Flag | Whole | Number | Either | Many | Table | Record"


@dataclass(slots=True)
class Report:
    """Every problem of one document, in the order found."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def add(self, pointer: str, what: str, *, at_key: bool = False) -> None:
        self.problems.append(self.document.problem(pointer, what, at_key=at_key))

    def clean(self, pointer: str) -> bool:
        """Whether the value there, all of it, has its shape (its neighbours may not)."""
        return not any((p.pointer + "/").startswith(pointer + "/") for p in self.problems)


def check(shape: Shape, value: Value, pointer: str, report: Report) -> None:
    """Report every place where the value is not of the shape."""
    match shape:
        case Text():
            _check_text(shape, value, pointer, report)
        case Choice():
            _check_choice(shape, value, pointer, report)
        case Flag():
            _check_flag(shape, value, pointer, report)
        case Whole():
            _check_whole(shape, value, pointer, report)
        case Number():
            _check_number(shape, value, pointer, report)
        case Either():
            fitting = next((s for s in shape.shapes if _takes(s, value)), shape.shapes[-1])
            check(fitting, value, pointer, report)
        case Many():
            _check_many(shape, value, pointer, report)
        case Table():
            _check_table(shape, value, pointer, report)
        case Record():
            _check_record(shape, value, pointer, report)


def _check_text(shape: Text, value: Value, pointer: str, report: Report) -> None:
    if not isinstance(value, str):
        report.add(pointer, f"must be text ({shape.like}), not {_kind(value)}")
    elif len(value) > shape.maximum:
        report.add(pointer, f"is longer than {shape.maximum} characters")
    elif not re.fullmatch(shape.pattern, value):
        report.add(pointer, f"must be {shape.like}")


def _check_choice(shape: Choice, value: Value, pointer: str, report: Report) -> None:
    if not isinstance(value, str):
        report.add(pointer, f"must be a {shape.kind} ({_listed(shape.values)}), not {_kind(value)}")
    elif value not in shape.values:
        report.add(pointer, f"{quoted(value)} is no {shape.kind}{_why(shape, value)}")


def _check_flag(shape: Flag, value: Value, pointer: str, report: Report) -> None:
    if not isinstance(value, bool) or shape.only not in (None, value):
        wanted = "true or false" if shape.only is None else str(shape.only).lower()
        report.add(pointer, f"must be {wanted}, not {_kind(value)}")


def _check_whole(shape: Whole, value: Value, pointer: str, report: Report) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not shape.minimum <= value <= shape.maximum:
        report.add(pointer, f"must be a whole number from {shape.minimum} to {shape.maximum}, not {_kind(value)}")


def _check_number(shape: Number, value: Value, pointer: str, report: Report) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not shape.minimum <= value <= shape.maximum:
        report.add(pointer, f"must be a number from {shape.minimum:g} to {shape.maximum:g}, not {_kind(value)}")


def _check_many(shape: Many, value: Value, pointer: str, report: Report) -> None:
    if not isinstance(value, list):
        report.add(pointer, f"must be a list, not {_kind(value)}")
        return
    if not shape.minimum <= len(value) <= shape.maximum:
        report.add(pointer, f"must have {shape.minimum} to {shape.maximum} entries, not {len(value)}")
    for index, entry in enumerate(value):
        check(shape.of, entry, pointer + point(index), report)
        if not isinstance(entry, dict | list) and entry in value[:index]:
            report.add(pointer + point(index), "is listed twice")


def _check_table(shape: Table, value: Value, pointer: str, report: Report) -> None:
    if not isinstance(value, dict):
        report.add(pointer, f"must be a mapping, not {_kind(value)}")
        return
    if not shape.minimum <= len(value) <= shape.maximum:
        report.add(pointer, f"must have {shape.minimum} to {shape.maximum} keys, not {len(value)}")
    for key, entry in value.items():
        place = pointer + point(key)
        if isinstance(shape.key, Choice):
            if key not in shape.key.values:
                report.add(place, f"{quoted(key)} is no {shape.key.kind}{_why(shape.key, key)}", at_key=True)
        elif len(key) > shape.key.maximum or not re.fullmatch(shape.key.pattern, key):
            report.add(place, f"has a key that is not {shape.key.like}", at_key=True)
        check(shape.of, entry, place, report)
    if shape.complete and isinstance(shape.key, Choice):
        _check_present([name for name in shape.key.values if name not in value], pointer, report)


def _check_record(shape: Record, value: Value, pointer: str, report: Report) -> None:
    if not isinstance(value, dict):
        report.add(pointer, f"must be a mapping with the keys {_listed(tuple(shape.required))}, not {_kind(value)}")
        return
    known = {**shape.required, **shape.optional}
    for key, entry in value.items():
        place = pointer + point(key)
        if key in known:
            check(known[key], entry, place, report)
        else:
            why = f": {shape.refused[key]}" if key in shape.refused else did_you_mean(key, known)
            report.add(place, f"{quoted(key)} is not a key here{why}", at_key=True)
    _check_present([key for key in shape.required if key not in value], pointer, report)


def _check_present(missing: Sequence[str], pointer: str, report: Report) -> None:
    for key in missing:
        report.add(pointer, f'the key "{key}" is missing', at_key=True)


def _takes(shape: Shape, value: Value) -> bool:
    match shape:
        case Text() | Choice():
            return isinstance(value, str)
        case Flag():
            return isinstance(value, bool)
        case Whole() | Number():
            kinds = int if isinstance(shape, Whole) else int | float
            return isinstance(value, kinds) and not isinstance(value, bool)
        case Many():
            return isinstance(value, list)
        case Table() | Record():
            return isinstance(value, dict)
        case Either():
            return any(_takes(inner, value) for inner in shape.shapes)


def _why(choice: Choice, given: str) -> str:
    if given in choice.refused:
        return f": {choice.refused[given]}"
    return did_you_mean(given, choice.values) or f"; there are {_listed(choice.values)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _kind(value: Value) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a mapping"
