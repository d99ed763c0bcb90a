"""The rest of an address: what stands before and after the part that a tier found, as far as it reads as one.

Addresses go over lines and commas (house, street, unit, town, state, postcode, country), and a tier that knows the
street may not know the town. From each address found, parts are taken in turn while they are such; at most ten of
them, each within a line, so the work is bounded by the number of addresses.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ai_gateway.model import Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.lexicon import are_common
from ai_gateway.treatment.normalize import fold

_PLACES = frozenset(("ADDRESS", "LOCATION"))
_MOST_PARTS = 10
_LONGEST_PART = 60
_LONGEST_COUNTRY = 4
_UP = "A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u024f\u0370-\u03ff\u0400-\u042f\u1e00-\u1eff\u2206"
_LETTERS = "[^\\W\\d_]"
_GAP = re.compile(r"[ \t]{0,4}[,;]?[ \t]{0,4}(?:\r?\n[ \t>|]{0,8}){0,2}(?:, ?)?")
_UNIT = re.compile(
    r"(?:apt|apartment|suite|ste|unit|floor|flat|room|box|no|nr|door|bldg|building)\b\.?[ ]?#?[ ]?\w{1,6}\b",
    re.IGNORECASE,
)
_WORDS = re.compile(rf"{_LETTERS}+(?:[ .]{_LETTERS}+){{0,{_LONGEST_COUNTRY - 1}}}")
_CODE = re.compile(
    r"(?:\d{3,6}(?:[ -]\d{2,4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b(?! ?[.,]\d| ?[%€$£:/])"
)
_STATE = re.compile(r"[A-Z]{2,3}\b")
_PARTICLE = "(?:de|la|le|del|di|da|na|am|an|der|den|upon|sur|mesto|of|the|do|dos)"
_PROPER = rf"[{_UP}][\w'.\-]{{0,24}}"
_TOWN = re.compile(rf"{_PROPER}(?:[ -](?:{_PROPER}|{_PARTICLE}\b)){{0,4}}")
_ENDS_PART = re.compile(r"[ \t]*(?:$|[,\n\r.;)?!]|\d{3,6}\b|[A-Z]{2}\b)")
_BEFORE_UNIT = re.compile(rf"(?:\b\d{{1,6}}[A-Za-z]?[ ,]{{1,2}})?(?:[{_UP}\d][\w'./\-]{{0,24}}[ ,]{{1,2}}){{1,5}}$")
_NUMBER_BEFORE = re.compile(r"(?:^|(?<=[\s(:]))\d{1,6}[A-Za-z]?[ ,]{1,2}$")
_STARTS_WITH_UNIT = re.compile(r"(?:apt|apartment|suite|ste|unit|box|p\.?o)\b", re.IGNORECASE)


def completed(text: str, spans: Sequence[Span], lists: WordLists) -> list[Span]:
    """The same spans, the addresses among them as long as they read. Others are not run over."""
    if not any(span.entity == "ADDRESS" for span in spans):
        return list(spans)
    others = [s for s in spans if s.entity not in _PLACES]
    edges = _Edges(sorted(s.start for s in others), sorted(s.end for s in others))
    return [_completed(text, span, edges, lists) if span.entity == "ADDRESS" else span for span in spans]


class _Edges(NamedTuple):
    """Where other spans start and end, in order."""

    starts: Sequence[int]
    ends: Sequence[int]


def _completed(text: str, span: Span, edges: _Edges, lists: WordLists) -> Span:
    before = bisect_right(edges.ends, span.start)
    after = bisect_left(edges.starts, span.end)
    floor = edges.ends[before - 1] if before else 0
    ceiling = edges.starts[after] if after < len(edges.starts) else len(text)
    return replace(span, start=_before(text, span, floor), end=_after(text, span.end, ceiling, lists))


def _before(text: str, span: Span, floor: int) -> int:
    window = text[max(floor, span.start - 2 * _LONGEST_PART) : span.start].rpartition("\n")[2]
    wanted = _BEFORE_UNIT if _STARTS_WITH_UNIT.match(text, span.start) else _NUMBER_BEFORE
    match = wanted.search(window)
    if match is None or not any(c.isdigit() for c in match.group()):
        return span.start
    return span.start - len(window) + match.start()


def _after(text: str, end: int, ceiling: int, lists: WordLists) -> int:
    for _ in range(_MOST_PARTS):
        gap = _GAP.match(text, end, ceiling)
        start = gap.end() if gap else end
        if start == end:
            return end
        separated = any(c in ",;\n" for c in text[end:start])
        stop = _part(text, start, ceiling, lists, separated=separated)
        if stop is None:
            return end
        end = stop
    return end


def _part(text: str, start: int, ceiling: int, lists: WordLists, *, separated: bool) -> int | None:
    """Where the part that starts here ends, if it is one of an address."""
    limit = min(ceiling, start + _LONGEST_PART)
    if (country := _country(text, start, limit, lists)) is not None:
        return country
    for shape in (_UNIT, _CODE):
        if (match := shape.match(text, start, limit)) is not None:
            return match.end()
    if (match := _STATE.match(text, start, limit)) is not None and _ENDS_PART.match(text, match.end()):
        return match.end()
    return _town(text, start, ceiling, lists) if separated else None


def _town(text: str, start: int, ceiling: int, lists: WordLists) -> int | None:
    match = _TOWN.match(text, start, min(ceiling, start + _LONGEST_PART))
    if match is None or not _ENDS_PART.match(text, match.end()):
        return None
    if are_common(match.group(), lists) and not _goes_on(text, match.end(), ceiling, lists):
        return None  # Reading, Bath: a town only where its state, code or country follows
    return match.end()


def _goes_on(text: str, end: int, ceiling: int, lists: WordLists) -> bool:
    gap = _GAP.match(text, end, ceiling)
    start = gap.end() if gap else end
    limit = min(ceiling, start + _LONGEST_PART)
    coded = any(shape.match(text, start, limit) is not None for shape in (_CODE, _STATE))
    return coded or _country(text, start, limit, lists) is not None


def _country(text: str, start: int, limit: int, lists: WordLists) -> int | None:
    words = _WORDS.match(text, start, limit)
    if words is None:
        return None
    value = words.group()
    while value:
        if fold(value) in lists.countries:
            return start + len(value)
        value = value.rpartition(" ")[0]
    return None
