"""Where what was found begins and ends: everyday words that were taken along are cut off."""

import re
from dataclasses import replace

from ai_gateway.model import Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.lexicon import are_common, is_common
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.writing import GREEK_OR_CYRILLIC, READS_ON

_LEAD = re.compile(
    r"(?:(?:it|it['\u2019]s|['\u2019]?s|at|is|was|my|our|to|from|in|on|near|sure|yes|the house|house|"
    r"address)\b[ ,:]*)+",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['\u2019]s ")
_HOUSES_AND_PLACES = frozenset({"LOCATION", "ORGANIZATION"})
_VERB_ENDS = ("s", "ed", "ing")
_LEADS_THERE = frozenset(
    """
    between from at with for by via of bei fur von mit gegen entre chez pour avec avant con para presso tra
    """.split()  # noqa: SIM905  words read best as words
)
_LEADS_ANYWHERE = frozenset(("Formerly", "Previously", "Currently", "Between", "Zwischen"))
_DIRECTIONS = frozenset(("Northern", "Southern", "Eastern", "Western", "Central"))


def narrowed(text: str, span: Span, lists: WordLists) -> Span | None:
    """``Zak shouted`` is ``Zak``; None when nothing is left. All in small letters it stays whole for the next check."""
    if span.entity == "ORGANIZATION":
        span = _without_what_leads_there(text, span)
    if span.found_by != "model":
        return span
    value = text[span.start : span.end]
    if span.entity == "ADDRESS":
        return _without_lead(text, span)
    if span.entity in _HOUSES_AND_PLACES:
        return _without_verb(text, _without_direction(text, span, lists), lists)
    if span.entity != "PERSON" or value.islower() or value.isupper():
        return span
    start, end = span.start, span.end
    while start < end and (word := text[start:end].rpartition(" ")[2]) and _is_no_name(word, lists):
        end = start + len(text[start : end - len(word)].rstrip())
    while start < end and (word := text[start:end].partition(" ")[0]) and _is_no_name(word, lists):
        start = end - len(text[start + len(word) : end].lstrip())
    return replace(span, start=start, end=end) if start < end else None


def without_belongings(text: str, span: Span, lists: WordLists) -> Span:
    """``Dana Okafor's Unlikely`` tales are tales; ``Dana's Anna`` is somebody, and so may ``Dana's Quillon`` be."""
    if span.entity != "PERSON":
        return span
    theirs = _POSSESSIVE.search(text, span.start, span.end)
    if theirs is None or not are_common(text[theirs.end() : span.end], lists):
        return span
    return replace(span, end=theirs.start())


def _without_lead(text: str, span: Span) -> Span | None:
    """``It's 456 Elm Street`` from the number on."""
    lead = _LEAD.match(text, span.start, span.end)
    start = lead.end() if lead else span.start
    return replace(span, start=start) if start < span.end else None


def _without_what_leads_there(text: str, span: Span) -> Span:
    """``Formerly Port Authority of Saltholm`` from the second word on; ``Con Edison`` is its name."""
    first, _, rest = text[span.start : span.end].partition(" ")
    leads = first in _LEADS_ANYWHERE or (first.islower() and fold(first) in _LEADS_THERE)
    return replace(span, start=span.end - len(rest)) if rest and leads else span


def _without_direction(text: str, span: Span, lists: WordLists) -> Span:
    """``Southern Italy`` is the country, ``The Okafor Trust`` what follows the article."""
    first, _, rest = text[span.start : span.end].partition(" ")
    if (first in _DIRECTIONS and fold(rest) in lists.countries) or (first in ("The", "the") and rest):
        return replace(span, start=span.end - len(rest))
    return span


def _without_verb(text: str, span: Span, lists: WordLists) -> Span:
    """``Brightwater answers`` is ``Brightwater`` where the sentence goes on; ``Brightwater studio`` may be its name."""
    name, _, last = text[span.start : span.end].rpartition(" ")
    reads_on = READS_ON.match(text, span.end) is not None
    if reads_on and name and not name.islower() and last.endswith(_VERB_ENDS) and _is_small_and_common(last, lists):
        return replace(span, end=span.start + len(name.rstrip()))
    return span


def _is_no_name(word: str, lists: WordLists) -> bool:
    if word.startswith("ex-"):
        return is_common(fold(word[3:]), lists)
    small = fold(word)
    if GREEK_OR_CYRILLIC.match(word) is not None:
        return small in lists.foreign
    return word.islower() and is_common(small, lists)


def _is_small_and_common(word: str, lists: WordLists) -> bool:
    return word.islower() and is_common(fold(word), lists)
