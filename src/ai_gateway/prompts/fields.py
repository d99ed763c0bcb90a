"""Reads a document's values strictly: what is missing, unknown or of another kind becomes a problem, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from ai_gateway.documents import Document, Position, Problem, Value, did_you_mean, pointer

MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """One mapping of a document. ``problems`` is shared by every part of the same reading."""

    document: Document
    at: str
    data: Mapping[str, Value]
    problems: list[Problem]

    def report(self, step: str | int, what: str, *, at_key: bool = False, code: str = "value-invalid") -> None:
        self.problems.append(self.document.problem(self.at + pointer(step), what, at_key=at_key, code=code))

    def only(self, *known: str) -> None:
        for key in self.data:
            if key not in known:
                self.report(key, f"is not a known key{did_you_mean(key, known)}", at_key=True, code="key-unknown")

    def text(self, key: str) -> str:
        """A text that is there and is not blank; ``""`` after a problem."""
        value = self.data.get(key)
        if isinstance(value, str) and value.strip() and len(value) <= MAX_TEXT:
            return value
        self.report(key, f"must be a text of 1 to {MAX_TEXT} characters")
        return ""

    def whole(self, key: str, minimum: int, maximum: int) -> int:
        value = self.data.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
            return value
        self.report(key, f"must be a whole number from {minimum} to {maximum}")
        return minimum

    def number(self, key: str, minimum: float, maximum: float) -> float | int:
        value = self.data.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and minimum <= value <= maximum:
            return value
        self.report(key, f"must be a number from {minimum:g} to {maximum:g}")
        return minimum

    def choice(self, key: str, *choices: str) -> str:
        value = self.data.get(key)
        if isinstance(value, str) and value in choices:
            return value
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        self.report(key, f"must be one of {', '.join(choices)}{near}")
        return choices[0]

    def boolean(self, key: str, *, otherwise: bool) -> bool:
        """``otherwise`` when it is absent, or after a problem."""
        value = self.data.get(key, otherwise)
        if isinstance(value, bool):
            return value
        self.report(key, "must be true or false")
        return otherwise

    def texts(self, key: str, *, maximum: int) -> tuple[str, ...]:
        """The texts of the list at ``key``; none when it is absent, or after a problem."""
        value = self.data.get(key, [])
        if isinstance(value, list) and len(value) <= maximum:
            found = tuple(one for one in value if isinstance(one, str) and one.strip() and len(one) <= MAX_TEXT)
            if len(found) == len(value):
                return found
        self.report(key, f"must be a list of at most {maximum} texts")
        return ()

    def position(self, key: str) -> Position:
        """Where the value at ``key`` stands, or what is around it."""
        return self.document.position(self.at + pointer(key))

    def mapping(self, key: str, *, required: bool = False) -> "Fields":
        """The mapping at ``key``; an empty one when it is absent, or after a problem."""
        value = self.data.get(key)
        if value is None and key not in self.data and not required:
            value = {}
        if not isinstance(value, dict):
            self.report(key, "must be a mapping")
            value = {}
        return Fields(document=self.document, at=self.at + pointer(key), data=value, problems=self.problems)

    def mappings(self, key: str, *, maximum: int) -> list["Fields"]:
        """The mappings of the sequence at ``key``; none when it is absent."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or len(value) > maximum:
            self.report(key, f"must be a list of at most {maximum} mappings")
            return []
        found: list[Fields] = []
        for index, element in enumerate(value):
            at = self.at + pointer(key, index)
            if isinstance(element, dict):
                found.append(Fields(document=self.document, at=at, data=element, problems=self.problems))
            else:
                self.problems.append(self.document.problem(at, "must be a mapping"))
        return found


def fields(document: Document, problems: list[Problem]) -> Fields:
    """The document's own mapping; an empty one, with a problem, when it is something else."""
    data = document.data
    if not isinstance(data, dict):
        problems.append(document.problem("", "must be a mapping"))
        data = {}
    return Fields(document=document, at="", data=data, problems=problems)
