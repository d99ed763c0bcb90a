"""A configuration file that was read: its plain values, where each stands, and how a problem with one is told."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeAlias

LONGEST_QUOTE = 60

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
"""What JSON can say, no more: no dates, no bytes, no NaN."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file. ``pointer`` is an RFC 6901 JSON pointer (``""`` is the whole document), ``code`` names
    the kind of mistake."""

    file: str
    position: Position
    pointer: str
    what: str
    code: str = field(default="value-invalid", compare=False)

    def __str__(self) -> str:
        line = f"{self.file}:{self.position.line}:{self.position.column}: #{self.pointer}: {self.what}"
        # One problem is one line, and a key of the file cannot write to the terminal it is shown on.
        return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """``values`` and ``keys`` map a JSON pointer to where the value, and the key that names it, begin."""

    file: str
    data: Value = field(repr=False)
    values: Mapping[str, Position] = field(repr=False)
    keys: Mapping[str, Position] = field(repr=False)

    def position(self, pointer: str) -> Position:
        """Of the value, or of the nearest thing around it that is in the file (a missing key stands nowhere)."""
        while pointer not in self.values:
            pointer = pointer.rpartition("/")[0]
        return self.values[pointer]

    def problem(self, pointer: str, what: str, *, at_key: bool = False, code: str = "value-invalid") -> Problem:
        position = self.keys.get(pointer) if at_key else None
        return Problem(self.file, position or self.position(pointer), pointer, what, code)


START = Position(1, 1)

ReadDocument = Callable[[str, str], Document]
"""``(text, file) → Document``; raises ``ConfigurationError`` for text that cannot be read."""


def pointer(*steps: str | int) -> str:
    """A JSON pointer from its unescaped steps (RFC 6901 section 3)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def quoted(text: str) -> str:
    """A name from a configuration file, in quotes and no longer than a line can bear."""
    return f'"{text}"' if len(text) <= LONGEST_QUOTE else f'"{text[:LONGEST_QUOTE]}…"'


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """`` (did you mean "x"?)``, or nothing when no known name is near."""
    near = get_close_matches(given[:LONGEST_QUOTE], sorted(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""
