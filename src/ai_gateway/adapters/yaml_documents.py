"""The one door to PyYAML: bounded YAML 1.2 text to plain values with positions.

Only the parser's events are used; the values are made here, iteratively, from the JSON-like core of YAML 1.2.2
(section 10.3). What a configuration file has no use for and an attacker has (anchors, aliases, tags, directives,
several documents) is a problem, not a feature.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Protocol

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ai_gateway.documents import Document, Position, Problem, Value
from ai_gateway.documents import pointer as point
from ai_gateway.errors import ConfigurationError

MAX_CHARACTERS = 256 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 24
MAX_PROBLEMS = 50
_MAX_DIGITS = 15
"""Whole numbers stay below 2⁵³, so that every reader of their JSON form reads the same number (RFC 8785)."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser, some fifteen times as fast, wherever PyYAML was built with it."""
_OTHER_BREAK = re.compile("[\x85\u2028\u2029]")
_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def read_yaml(text: str, file: str, first_line: int = 1) -> Document:
    """The one document in ``text``; ``first_line`` is the line of ``file`` at which ``text`` begins.

    Raises ``ConfigurationError`` with every duplicate key, anchor, tag and bound found, or the first syntax error.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConfigurationError(f"{file}:1:1: #: is longer than {MAX_CHARACTERS} characters")
    reading = _Reading(file=file, first_line=first_line)
    try:
        _refuse_breaks(text, reading)
        for event in yaml.parse(text, Loader=_LOADER):
            reading.take(event)
    except _Stopped:
        pass
    except MarkedYAMLError as error:
        where = reading.place(error.problem_mark or error.context_mark)
        reading.report(where, "", f"is not YAML: {error.problem or error.context}")
    except (YAMLError, UnicodeEncodeError):  # half a surrogate pair, in text that was never a file
        reading.report(Position(first_line, 1), "", "holds a character that YAML does not allow")
    if reading.problems:
        raise ConfigurationError(*(str(problem) for problem in reading.problems))
    if not reading.values:
        raise ConfigurationError(f"{file}:{first_line}:1: #: is empty")
    return Document(file=file, data=reading.data, values=reading.values, keys=reading.keys)


def _refuse_breaks(text: str, reading: "_Reading") -> None:
    """YAML 1.1 ends a line at them and YAML 1.2 does not, so that readers disagree on what the text says."""
    for match in _OTHER_BREAK.finditer(text):
        line, column = text.count("\n", 0, match.start()), match.start() - text.rfind("\n", 0, match.start())
        code = ord(match.group())
        what = f'holds U+{code:04X}, which some readers take for a line break; write "\\u{code:04x}" in double quotes'
        reading.report(Position(reading.first_line + line, column), "", what)
    if reading.problems:
        raise _Stopped


class _Mark(Protocol):
    """libyaml's or Python's; both count from 0."""

    line: int
    column: int


class _Stopped(Exception):
    """A bound was met, or too many problems: reading on would not help anybody."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end was not reached yet; ``key`` waits for its value."""

    pointer: str
    container: dict[str, Value] | list[Value]
    key: str | None = None


@dataclass(slots=True, kw_only=True)
class _Reading:
    file: str
    first_line: int
    data: Value = None
    values: dict[str, Position] = field(default_factory=dict)
    keys: dict[str, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    documents: int = 0

    def take(self, event: Event) -> None:
        position = self.place(event.start_mark)
        match event:
            case DocumentStartEvent():
                self._start(event, position)
            case MappingEndEvent() | SequenceEndEvent():
                self.open.pop()
            case AliasEvent():
                self.report(position, self._next_pointer(), "is an alias; write the value out")
                raise _Stopped
            case MappingStartEvent() | SequenceStartEvent() | ScalarEvent():
                self._node(event, position)
            case _:
                pass  # the stream's and the document's ends say nothing

    def place(self, mark: "_Mark | None") -> Position:
        return Position(self.first_line + mark.line, mark.column + 1) if mark else Position(self.first_line, 1)

    def report(self, position: Position, pointer: str, what: str) -> None:
        self.problems.append(Problem(self.file, position, pointer, what))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stopped

    def _start(self, event: DocumentStartEvent, position: Position) -> None:
        self.documents += 1
        if self.documents > 1:
            self.report(position, "", "holds a second document; one file is one document")
            raise _Stopped
        if event.version is not None or event.tags:
            self.report(position, "", "follows a YAML directive; leave it out (YAML 1.2 is assumed)")

    def _node(self, event: MappingStartEvent | SequenceStartEvent | ScalarEvent, position: Position) -> None:
        frame = self.open[-1] if self.open else None
        if frame is not None and isinstance(frame.container, dict) and frame.key is None:
            self._take_key(frame, event, position)
            return
        pointer = self._next_pointer()
        if event.anchor is not None:
            self.report(position, pointer, "has an anchor; write the value out where it is needed")
        if event.tag is not None:
            self.report(position, pointer, "has a tag; only plain values are read")
        if isinstance(event, ScalarEvent):
            self._put(pointer, self._scalar(event, position, pointer), position)
            return
        container: dict[str, Value] | list[Value] = {} if isinstance(event, MappingStartEvent) else []
        self._put(pointer, container, position)
        self.open.append(_Open(pointer, container))
        if len(self.open) > MAX_DEPTH:
            self.report(position, pointer, f"is nested deeper than {MAX_DEPTH} levels")
            raise _Stopped

    def _take_key(self, frame: _Open, event: Event, position: Position) -> None:
        if not isinstance(event, ScalarEvent) or event.anchor is not None or event.tag is not None:
            self.report(position, frame.pointer, "has a key that is not plain text")
            raise _Stopped
        if not isinstance(self._scalar(event, position, frame.pointer), str):
            self.report(position, frame.pointer, "has a key that is not text; put it in quotes")
        key = str(event.value)
        pointer = frame.pointer + point(key)
        if pointer in self.keys:
            self.report(position, pointer, f"is written twice (first in line {self.keys[pointer].line})")
        else:
            self.keys[pointer] = position
        frame.key = key

    def _next_pointer(self) -> str:
        if not self.open:
            return ""
        frame = self.open[-1]
        if isinstance(frame.container, list):
            return frame.pointer + point(len(frame.container))
        return frame.pointer if frame.key is None else frame.pointer + point(frame.key)

    def _put(self, pointer: str, value: Value, position: Position) -> None:
        self.values[pointer] = position
        if len(self.values) > MAX_NODES:
            self.report(position, pointer, f"is one value too many; a file holds at most {MAX_NODES}")
            raise _Stopped
        if not self.open:
            self.data = value
            return
        frame = self.open[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
        else:
            frame.container[frame.key or ""] = value
            frame.key = None

    def _scalar(self, event: ScalarEvent, position: Position, pointer: str) -> Value:
        text = str(event.value)
        if event.style:  # a plain scalar's is empty
            return text
        if _NULL.fullmatch(text):
            return None
        if _TRUE.fullmatch(text):
            return True
        if _FALSE.fullmatch(text):
            return False
        if _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
            return self._number(text, position, pointer)
        return text

    def _number(self, text: str, position: Position, pointer: str) -> Value:
        if _INTEGER.fullmatch(text) and len(text.lstrip("-+")) <= _MAX_DIGITS:
            return int(text)
        if not _INTEGER.fullmatch(text) and not _NOT_FINITE.fullmatch(text) and math.isfinite(value := float(text)):
            return value
        self.report(position, pointer, "is not a number a configuration can hold; quote it if it is text")
        return None
