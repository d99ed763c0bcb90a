"""Searching a text for identifiers: whole words, folded, whatever separators stand between; numbers digit by digit."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ai_gateway.treatment.encodings import decoded
from ai_gateway.treatment.normalize import Mapped, fold
from ai_gateway.treatment.words import Reading, read, split

_FIRST_WORD = re.compile(r"^[\W_]*([^\W_]+)", re.MULTILINE)
_NUMBER = re.compile(r"^[+(]?[0-9](?:[ ().\-/+]{0,3}[0-9]){6,}$", re.MULTILINE)
_RUN = re.compile(r"[0-9](?:[ ().\-/+\t\n]{0,3}[0-9]){6,}")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Identifier:
    """``words`` as ``words.split`` gives them. ``signed``: counts only with an ``@`` before it."""

    words: tuple[str, ...] = field(repr=False)
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """An identifier from ``start`` to ``end`` of the folded text."""

    identifier: Identifier
    start: int
    end: int


class Identifiers:
    """What may not leave, ready to be searched for. Most texts hold none, so nothing is taken apart before a first word
    of one is met."""

    def __init__(self, spellings: Collection[str]) -> None:
        """``spellings`` are folded; a leading ``@`` is required where one is written."""
        self._spellings = spellings
        lines = "\n".join(spellings)
        self._first_words = frozenset(_FIRST_WORD.findall(lines) if lines.isascii() else self._by_first)
        self._numbers = ["".join(_DIGIT.findall(number)) for number in _NUMBER.findall(lines)]

    @cached_property
    def _by_first(self) -> dict[str, list[Identifier]]:
        by_first: dict[str, list[Identifier]] = {}
        for spelling in self._spellings:
            words = split(spelling)
            if words:
                by_first.setdefault(words[0], []).append(Identifier(words, signed=spelling.startswith("@")))
        return by_first

    def are_in(self, text: str) -> bool:
        """Whether any of them stands in the text as it is, or as it reads with escapes undone."""
        return any(next(self.hits(view), None) for view in views(text))

    def hits(self, view: str) -> Iterator[Hit]:
        """Where they stand in a folded text."""
        if not self._first_words.isdisjoint(split(view)):
            yield from self._word_hits(read(Mapped(view)))
        if self._numbers:
            yield from self._number_hits(view)

    def _word_hits(self, reading: Reading) -> Iterator[Hit]:
        for at, word in enumerate(reading.words):
            for identifier in self._by_first.get(word, ()):
                if not reading.stands(at, identifier.words):
                    continue
                start, end = reading.starts[at], reading.ends[at + len(identifier.words) - 1]
                if not identifier.signed or reading.view.text[start - 1 : start] == "@":
                    yield Hit(identifier, start, end)

    def _number_hits(self, view: str) -> Iterator[Hit]:
        for run in _RUN.finditer(view):
            digits = "".join(_DIGIT.findall(run.group()))
            for number in self._numbers:
                if number in digits:
                    yield Hit(Identifier((number,)), run.start(), run.end())


def views(text: str) -> tuple[str, ...]:
    """The folded text, and where escapes can be undone also the folded text without them."""
    plain = decoded(text)
    return (fold(text),) if plain == text else (fold(text), fold(plain))
