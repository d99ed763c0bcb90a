"""Searching a text for identifiers: whole words, folded, whatever separators stand between; numbers digit by digit."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from ai_gateway.held import Held
from ai_gateway.treatment.encodings import decoded
from ai_gateway.treatment.normalize import Mapped, fold
from ai_gateway.treatment.words import Reading, having, read, split

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
    """What may not leave, ready to be searched for. Nothing is taken apart before its first word is met."""

    def __init__(self, spellings: Collection[str]) -> None:
        """``spellings`` are folded; a leading ``@`` is required where one is written."""
        lines = "\n".join(spellings)
        self._numbers = ["".join(_DIGIT.findall(number)) for number in _NUMBER.findall(lines)]
        self._by_first: dict[str, list[str]] = {}
        for spelling in spellings:
            if first := _first_word(spelling):
                self._by_first.setdefault(first, []).append(spelling)

    def are_in(self, text: str) -> bool:
        """Whether any of them stands in the text as it is, or as it reads with escapes undone."""
        return any(next(self.hits(view), None) for view in views(text))

    def hits(self, view: str) -> Iterator[Hit]:
        """Where they stand in a folded text."""
        has = having(view, len(self._by_first))
        near = [spelling for first, spellings in self._by_first.items() if has(first) for spelling in spellings]
        possible = [one for one in map(_identifier, near) if all(map(has, one.words))]
        if possible:
            yield from _word_hits(possible, read(Mapped(view)))
        if self._numbers:
            yield from self._number_hits(view)

    def _number_hits(self, view: str) -> Iterator[Hit]:
        for run in _RUN.finditer(view):
            digits = "".join(_DIGIT.findall(run.group()))
            for number in self._numbers:
                if number in digits:
                    yield Hit(Identifier((number,)), run.start(), run.end())


_HELD: Held[frozenset[str], Identifiers] = Held(most=256, seconds=60.0)


def identifiers_of(spellings: frozenset[str]) -> Identifiers:
    """``Identifiers`` of spellings that the next call will most likely bring again, so they are held for a minute, as
    the index of the people they belong to."""
    found = _HELD.get(spellings)
    if found is None:
        found = Identifiers(spellings)
        _HELD.put(spellings, found)
    return found


def forget() -> None:
    """Somebody whose spellings these are may have been erased."""
    _HELD.clear()


def _first_word(spelling: str) -> str:
    first = spelling.partition(" ")[0]
    if first.isascii() and first.isalnum():
        return first
    return next(iter(split(spelling)), "")


def _identifier(spelling: str) -> Identifier:
    return Identifier(split(spelling), signed=spelling.startswith("@"))


def _word_hits(identifiers: Iterable[Identifier], reading: Reading) -> Iterator[Hit]:
    by_first: dict[str, list[Identifier]] = {}
    for identifier in identifiers:
        by_first.setdefault(identifier.words[0], []).append(identifier)
    for at, word in enumerate(reading.words):
        for identifier in by_first.get(word, ()):
            if not reading.stands(at, identifier.words):
                continue
            start, end = reading.start(at), reading.end(at + len(identifier.words) - 1)
            if not identifier.signed or reading.view.text[start - 1 : start] == "@":
                yield Hit(identifier, start, end)


def views(text: str) -> tuple[str, ...]:
    """The folded text, and where escapes can be undone also the folded text without them."""
    plain = decoded(text)
    return (fold(text),) if plain == text else (fold(text), fold(plain))
