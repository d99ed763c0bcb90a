"""Word lists, and which spans they clear. A list never clears a known identifier.

The lists are values; ``adapters.word_lists`` reads them from the package's data files.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter

from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split

_OF_TERMS = frozenset(EntityType(e) for e in ("PERSON", "LOCATION"))
_PLACEHOLDER = re.compile(r"<[A-Z]{2,16}_[1-9][0-9]{0,5}(?:_(?:FULL|FIRST|LAST|V[0-9]{1,4}))?>")
_WORDS_OF_ONE_LETTER = "\u2e80"
"""From here on, in Unicode's order, come the scripts of China, Japan and Korea."""
_CLEARABLE = frozenset(EntityType(e) for e in ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLists:
    """All entries folded. ``phrases`` are terms that are never personal data by themselves (``ruby on rails``);
    ``ordinary`` words that are also names; ``common`` words that are not; ``nicknames`` given name to short forms."""

    phrases: frozenset[str] = frozenset()
    ordinary: frozenset[str] = frozenset()
    nicknames: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mail_providers: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    organization_suffixes: frozenset[str] = frozenset()
    public_domains: frozenset[str] = frozenset()
    top_level_domains: frozenset[str] = frozenset()
    code_signs: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    given_names: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()
    allowed: frozenset[tuple[str, ...]] = frozenset()
    """Values, by their words, that a marketplace says are nobody's personal data, whatever they look like."""


def allowing(lists: WordLists, values: Iterable[str]) -> WordLists:
    """The lists, and these values beside what they allow."""
    return replace(lists, allowed=lists.allowed | {split(fold(value)) for value in values})


def clear(text: str, spans: Iterable[Span], lists: WordLists) -> list[Span]:
    """The spans without those that are terms of the trade (``Java``, ``S3``, ``Senior Developer``), and without
    placeholders of the gateway's own form, which a conversation quotes: they tell of nobody. Nor does one letter that
    is no capital, or a text of one letter, whatever the model says of it: it is code, a list, or what a wrong encoding
    made of a sign. One that is a word, as in Chinese, may be somebody."""
    placeholders = [match.span() for match in _PLACEHOLDER.finditer(text)] if "<" in text else []
    return [
        span
        for span in spans
        if span.found_by == "known"
        or not (
            (placeholders and _is_inside(span, placeholders))
            or (span.end - span.start == 1 and span.found_by == "model" and _is_bare_letter(text, span.start))
            or (lists.allowed and _is_allowed(text, span, lists))
            or (span.entity in _CLEARABLE and _is_term(text, span, lists))
        )
    ]


def _is_bare_letter(text: str, at: int) -> bool:
    """A capital is one only where there is nothing else: beside other words it may be an initial."""
    character, is_alone = text[at], len(text.strip()) == 1
    return (is_alone or not character.isupper()) and not character.isdigit() and character < _WORDS_OF_ONE_LETTER


def _is_inside(span: Span, places: list[tuple[int, int]]) -> bool:
    """Of one of the places, which ascend."""
    at = bisect_right(places, span.start, key=itemgetter(0)) - 1
    return at >= 0 and span.end <= places[at][1]


def _is_allowed(text: str, span: Span, lists: WordLists) -> bool:
    return split(fold(text[span.start : span.end])) in lists.allowed


def _is_term(text: str, span: Span, lists: WordLists) -> bool:
    value = " ".join(fold(text[span.start : span.end]).split()).strip(" \"'.,;:!?()[]")
    if value in lists.phrases:
        return True
    if span.found_by != "model" or span.entity not in _OF_TERMS:
        return False
    return all(word in lists.phrases for word in split(value))
