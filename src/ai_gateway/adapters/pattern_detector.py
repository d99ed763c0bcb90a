"""The pattern tier: RE2 expressions behind cheap look-ups, each match checked by its rule. Linear in the text."""

import asyncio
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import re2

from ai_gateway.adapters.patterns import RULES, Rule
from ai_gateway.adapters.patterns.rule import CONTEXT, Candidate
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.casing import with_capitals
from ai_gateway.treatment.normalize import Mapped, ascii_of, plain
from ai_gateway.treatment.scripts import proper_nouns

_BETWEEN_DIGITS = b" ().-/+,:\n\t"
_ONLY_DIGITS = bytes(c if c in b"0123456789" else 32 for c in range(256))
_INLINE_CHARACTERS = 8_000
_CAPITALIZED = re.compile(r"[A-Z][a-z]+")  # one class after another, which exclude each other: no backtracking
_BY_CAPITALS = frozenset(("PERSON", "LOCATION", "ADDRESS", "ORGANIZATION"))
_LONGEST_OPENED = 160
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


class PatternDetector:
    """Party-independent and without state. Short texts are read where they are, long ones in a thread."""

    def __init__(self, rules: tuple[Rule, ...] = RULES) -> None:
        self.identity = f"patterns/1 sha256:{_digest(rules)}"
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1  # the view is ASCII: a byte is a character
        options.log_errors = False
        compiled = [re2.compile(rule.expression.encode(), options) for rule in rules]
        self._rules = [(rule, c, min(c.groups, 1)) for rule, c in zip(rules, compiled, strict=True)]

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
        possible = self._possible(view.text, lowered)
        spans = [_named(seen, start, end) for start, end in proper_nouns(seen.text)]
        spans.extend(_found(view, lowered, possible))
        rewritten = with_capitals(view.text, word_lists())
        if rewritten is not None:
            by_capitals = [one for one in possible if one[0].entity in _BY_CAPITALS]
            spans.extend(_found(replace(view, text=rewritten), lowered, by_capitals))
        return spans

    def _possible(self, text: str, lowered: str) -> list[_Compiled]:
        """The rules that can match, by what is cheap to look for."""
        raw = text.encode()
        digits = max(map(len, raw.translate(_ONLY_DIGITS, _BETWEEN_DIGITS).split()), default=0)
        unbroken = max(map(len, raw.split()), default=0)
        hinted: dict[str, bool] = {}

        def is_possible(rule: Rule) -> bool:
            if rule.digits > digits or rule.unbroken > unbroken:
                return False
            for hint in rule.hints:
                if hint not in hinted:
                    hinted[hint] = hint in lowered
                if hinted[hint]:
                    return True
            return not rule.hints

        return [one for one in self._rules if is_possible(one[0])]


def _found(view: Mapped, lowered: str, rules: Sequence[_Compiled]) -> Iterator[Span]:
    raw = view.text.encode()
    for rule, expression, group in rules:
        yield from _matches(view, raw, lowered, rule, expression, group)


def _named(view: Mapped, start: int, end: int) -> Span:
    begin, stop = view.original(start, end)
    return Span(start=begin, end=stop, entity=EntityType("PERSON"), found_by="pattern", score=_PROPER_NOUN)


def _matches(view: Mapped, raw: bytes, lowered: str, rule: Rule, expression: _Expression, group: int) -> list[Span]:
    spans: list[Span] = []
    places = _opened(view.text, raw, rule, expression, group) if rule.openers else _all(raw, expression, group)
    for start, end in places:
        if (bounds := _judged(view.text, lowered, rule, start, end)) is not None:
            begin, stop = view.original(*bounds)
            spans.append(Span(start=begin, end=stop, entity=rule.entity, found_by="pattern", score=rule.score))
    return spans


def _all(raw: bytes, expression: _Expression, group: int) -> Iterator[tuple[int, int]]:
    at = 0
    while at <= len(raw) and (match := expression.search(raw, at)) is not None:
        start, end = match.span(group)
        at = max(end, at + 1)  # what closes one match may open the next
        yield start, end


def _opened(text: str, raw: bytes, rule: Rule, expression: _Expression, group: int) -> Iterator[tuple[int, int]]:
    """Matches at the rule's opening words; a word inside a match opens none of its own."""
    done = 0
    for word in _CAPITALIZED.finditer(text):
        at = word.start()
        if at < done or word.group().lower() not in rule.openers:
            continue
        before = text[at - 1 : at]
        if before and (before.isalnum() or before in _NOT_BEFORE_A_WORD):
            continue
        if (match := expression.match(raw, at, at + _LONGEST_OPENED)) is not None:
            start, done = match.span(group)
            yield start, done


def _judged(text: str, lowered: str, rule: Rule, start: int, end: int) -> tuple[int, int] | None:
    if rule.accept is None:
        return start, end
    candidate = Candidate(text[start:end], lowered[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])
    verdict = rule.accept(candidate)
    if isinstance(verdict, tuple):
        return start + verdict[0], start + verdict[1]
    return (start, end) if verdict else None
