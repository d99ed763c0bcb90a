"""The pattern tier: RE2 expressions behind a screen, each match checked by its rule. Linear in the text."""

import asyncio
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

import re2

from ai_gateway.adapters.pattern_screen import Screen, Screened
from ai_gateway.adapters.patterns import RULES, Rule
from ai_gateway.adapters.patterns.rule import CONTEXT, Candidate
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.casing import with_capitals
from ai_gateway.treatment.normalize import Mapped, ascii_of, plain
from ai_gateway.treatment.scripts import proper_nouns
from ai_gateway.treatment.words import split

_INLINE_CHARACTERS = 8_000
_WORD = re.compile(r"[a-z0-9]+")  # one class: no backtracking
_BY_CAPITALS = frozenset(("PERSON", "LOCATION", "ADDRESS", "ORGANIZATION"))
_LONGEST_OPENED = 160
_MOST_SOUGHT = 16
_MOST_EXPRESSIONS = 1_024
_PROPER_NOUN = 0.6
_NOT_BEFORE_A_WORD = "@#/._"


def _digest(rules: tuple[Rule, ...]) -> str:
    shape = "\0".join(f"{rule.entity} {rule.expression} {rule.score}" for rule in rules)
    return hashlib.sha256(shape.encode()).hexdigest()[:12]


class _Match(Protocol):
    def span(self, group: int = 0) -> tuple[int, int]: ...


class _Expression(Protocol):
    """What is used of a compiled RE2 expression."""

    def search(self, text: bytes, pos: int, /) -> _Match | None: ...

    def match(self, text: bytes, pos: int, endpos: int, /) -> _Match | None: ...


_Compiled = tuple[Rule, _Expression, int]


@lru_cache(maxsize=_MOST_EXPRESSIONS)
def _compiled(expression: str) -> tuple[_Expression, int]:
    """And which of its groups is the span. RE2's own wrapper remembers fewer than there are rules."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # the view is ASCII: a byte is a character
    options.log_errors = False
    compiled = re2.compile(expression.encode(), options)
    return compiled, min(compiled.groups, 1)


class PatternDetector:
    """Party-independent and without state. Short texts are read where they are, long ones in a thread."""

    def __init__(self, rules: tuple[Rule, ...] = RULES) -> None:
        self.identity = f"patterns/3 sha256:{_digest(rules)}"
        self._rules: list[_Compiled] = [(rule, *_compiled(rule.expression)) for rule in rules]
        self._opened = [i for i, rule in enumerate(rules) if rule.openers]
        self._screened = [i for i, rule in enumerate(rules) if not rule.openers]
        self._screen = Screen([_screened(rules[i]) for i in self._screened])

    async def warm(self) -> None:
        self.read("Warm.")

    async def close(self) -> None:
        """Nothing is held."""

    async def find(self, text: str) -> list[Span]:
        """Spans in the original text, which may overlap."""
        return self.read(text) if len(text) <= _INLINE_CHARACTERS else await asyncio.to_thread(self.read, text)

    def read(self, text: str) -> list[Span]:
        """``find`` for those who may wait."""
        seen = plain(text)
        view = ascii_of(seen)
        lowered = view.text.lower()
        words = frozenset(split(lowered))
        spans = [_named(seen, start, end) for start, end in proper_nouns(seen.text)]
        spans.extend(self._found(view, lowered, words))
        rewritten = with_capitals(view.text, word_lists())
        if rewritten is not None:
            spans.extend(self._found(replace(view, text=rewritten), lowered, words, by_capitals=True))
        return spans

    def _found(self, view: Mapped, lowered: str, words: frozenset[str], *, by_capitals: bool = False) -> Iterator[Span]:
        raw = view.text.encode()
        screened = [self._screened[i] for i in self._screen.possible(raw, by_capitals=by_capitals)]
        opened = [i for i in self._opened if not self._rules[i][0].openers.isdisjoint(words)]
        for i in sorted(screened + opened):
            yield from _matches(view, raw, lowered, words, *self._rules[i])


def _named(view: Mapped, start: int, end: int) -> Span:
    begin, stop = view.original(start, end)
    return Span(start=begin, end=stop, entity=EntityType("PERSON"), found_by="pattern", score=_PROPER_NOUN)


def _screened(rule: Rule) -> Screened:
    return Screened(rule.expression, rule.digits, rule.entity in _BY_CAPITALS)


def _matches(
    view: Mapped, raw: bytes, lowered: str, words: frozenset[str], rule: Rule, expression: _Expression, group: int
) -> Iterator[Span]:
    if rule.openers:
        places = _opened(raw, expression, group, _openings(view.text, lowered, rule.openers & words))
    else:
        places = _all(raw, expression, group)
    for start, end in places:
        if (bounds := _judged(view.text, lowered, rule, start, end)) is not None:
            begin, stop = view.original(*bounds)
            yield Span(start=begin, end=stop, entity=rule.entity, found_by="pattern", score=rule.score)


def _all(raw: bytes, expression: _Expression, group: int) -> Iterator[tuple[int, int]]:
    at = 0
    while at <= len(raw) and (match := expression.search(raw, at)) is not None:
        start, end = match.span(group)
        at = max(end, at + 1)  # what closes one match may open the next
        yield start, end


def _opened(raw: bytes, expression: _Expression, group: int, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Matches at these places; one inside a match opens none of its own."""
    done = 0
    for at in places:
        if at >= done and (match := expression.match(raw, at, at + _LONGEST_OPENED)) is not None:
            start, done = match.span(group)
            yield start, done


def _openings(text: str, lowered: str, words: frozenset[str]) -> Iterator[int]:
    """Where one of these words stands with a capital, and not in capitals alone. A few are looked for one by one."""
    if len(words) > _MOST_SOUGHT:
        found = ((match.start(), match.end()) for match in _WORD.finditer(lowered) if match.group() in words)
    else:
        found = (place for place in sorted((at, at + len(word)) for word in words for at in _finds(lowered, word)))
    for at, end in found:
        before = text[at - 1 : at]
        is_whole = not (before.isalnum() or (before and before in _NOT_BEFORE_A_WORD) or text[end : end + 1].isalnum())
        if is_whole and text[at].isupper() and not text[at:end].isupper():
            yield at


def _finds(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _judged(text: str, lowered: str, rule: Rule, start: int, end: int) -> tuple[int, int] | None:
    if rule.accept is None:
        return start, end
    candidate = Candidate(text[start:end], lowered[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])
    verdict = rule.accept(candidate)
    if isinstance(verdict, tuple):
        return start + verdict[0], start + verdict[1]
    return (start, end) if verdict else None
