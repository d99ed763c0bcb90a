"""What tells of a person only together with other things: dates, ages, earnings, rare employers. Found where a rule
names them, and nowhere else.

One pass of simple expressions each, without nested repetition: linear in the text.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.coarse_dates import month_of
from ai_gateway.treatment.normalize import fold, folded
from ai_gateway.treatment.words import read, split

_DATE, _AGE, _EARNINGS = EntityType("DATE"), EntityType("AGE"), EntityType("EARNINGS")
_FOUND_BY = "rule"

_NUMERIC_DATE = re.compile(
    r"(?<![\w./-])(?:(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d)(?![\w/-])"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.|º|er)?"
_WORDED_DATE = re.compile(
    rf"(?<![\w.])(?:{_DAY} (?:of |de |di )?(?P<after>[^\W\d_]{{3,12}})\.?(?: (?:de |del )?(?:19|20)\d\d)?"
    rf"|(?P<before>[^\W\d_]{{3,12}})\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? (?:19|20)\d\d)?)(?!\w)",
    re.IGNORECASE,
)
_AGES = re.compile(
    r"(?<![\w.,$€£-])"
    r"(?:(?:(?:age|aged|aged:|age:|age is|i am|i'm|im|turned|turning) )(?P<late>\d{2})(?![\w%]|[.,:]\d)"
    r"|(?P<early>\d{2})(?=[ -](?:years?|yrs?|yr)[ -]old\b|(?: ?y/?o)\b))",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r" ?(?:%|am|pm|h\b|hours?|minutes?|mins?|days?|weeks?|months?|km|miles?|kg|cm|percent|of\b|out\b)", re.IGNORECASE
)
_NUMBER = r"\d{1,3}(?:[ .,'\u00a0\u202f]\d{3}){1,3}(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_MONEY = re.compile(
    rf"(?<![\w.,])(?:(?:US|CA|AU|NZ)?[$€£¥₹₱] ?(?:{_NUMBER})[kKmM]?"
    rf"|(?:{_NUMBER})[kKmM]? ?(?:€|£|zł|USD|EUR|GBP|PLN|INR|PHP|dollars|euros|pounds)(?!\w))"
)
_EARNING_CUES = re.compile(
    r"\b(?:earn(?:s|ed|ing|ings)?|income|salary|salaries|wages?|paid me|pays me|pay me|rates?|hourly|billed|turnover|"
    r"revenue|take home|took home|made|bonus|stipend|fees?)\b|"
    r"(?:an|per|a|/) ?(?:hour|hr|day|month|year|annum)\b|/h\b|\bp\.?a\.",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?;]\s|\n")
_CUE_BEFORE, _CUE_AFTER = 48, 24
"""Characters around an amount in which a cue counts."""


def find(text: str, kinds: Iterable[EntityType]) -> list[Span]:
    """Disjoint spans of these types, in order."""
    spans = sorted(span for kind in kinds if kind in _FINDERS for span in _FINDERS[kind](text))
    found: list[Span] = []
    for start, end, kind in spans:
        if not found or start >= found[-1].end:
            found.append(Span(start=start, end=end, entity=kind, found_by=_FOUND_BY))
    return found


def find_employers(text: str, industries: Mapping[str, str]) -> list[tuple[int, int]]:
    """Where the employers stand, by whole words, whatever case and accents."""
    view = folded(text)
    reading = read(view)
    found: list[tuple[int, int]] = []
    for name in industries:
        words = split(fold(name))
        places = (at for at, word in enumerate(reading.words) if words and word == words[0])
        found += [
            view.original(reading.start(at), reading.end(at + len(words) - 1))
            for at in places
            if reading.stands(at, words)
        ]
    return sorted(found)


def industry_of(value: str, industries: Mapping[str, str]) -> str | None:
    """What is said instead of the employer that stands in the value."""
    return next((industries[name] for name in industries if find_employers(value, {name: ""})), None)


def disjoint(spans: Iterable[Span]) -> list[Span]:
    """In order; of what overlaps, what was given first."""
    kept: list[Span] = []
    starts: list[int] = []
    for span in spans:
        at = bisect_left(starts, span.start)
        clear_before = at == 0 or kept[at - 1].end <= span.start
        if clear_before and (at == len(kept) or span.end <= starts[at]):
            kept.insert(at, span)
            starts.insert(at, span.start)
    return kept


_Found = tuple[int, int, EntityType]


def _dates(text: str) -> Iterator[_Found]:
    for match in _NUMERIC_DATE.finditer(text):
        yield *match.span(), _DATE
    at = 0
    while (worded := _WORDED_DATE.search(text, at)) is not None:
        word = worded["after"] or worded["before"]
        is_date = month_of(fold(word)) is not None and (worded["after"] is not None or word[0].isupper())
        at = worded.end() if is_date else worded.start() + 1
        if is_date:
            yield *worded.span(), _DATE


def _ages(text: str) -> Iterator[_Found]:
    for match in _AGES.finditer(text):
        group = "late" if match["late"] else "early"
        if group == "early" or not _UNITS.match(text, match.end()):
            yield *match.span(group), _AGE


def _earnings(text: str) -> Iterator[_Found]:
    for match in _MONEY.finditer(text):
        before = _SENTENCE_END.split(text[max(0, match.start() - _CUE_BEFORE) : match.start()])[-1]
        after = _SENTENCE_END.split(text[match.end() : match.end() + _CUE_AFTER])[0]
        if _EARNING_CUES.search(before) or _EARNING_CUES.search(after):
            yield *match.span(), _EARNINGS


_FINDERS: Mapping[EntityType, Callable[[str], Iterator[_Found]]] = MappingProxyType(
    {_DATE: _dates, _AGE: _ages, _EARNINGS: _earnings}
)
