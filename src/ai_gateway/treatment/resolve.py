"""One set of disjoint spans out of what every tier found: nothing that any tier flagged is left uncovered.

Known beats pattern beats model; then the longer, the surer, the earlier. What a losing span covers alone stays flagged
as a shorter span. Structured values are kept whole: an e-mail address or a URL that holds a known name is one value,
and belongs to that person.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from ai_gateway.model import Span
from ai_gateway.treatment.known import subject_of

_RANK = {"known": 3, "pattern": 2, "model": 1, "propagation": 0}
_NEVER_WHOLE = frozenset({"PERSON", "LOCATION"})
_start = attrgetter("start")


def resolve(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Disjoint, ascending, within the text, none empty. A remainder without a letter or digit is dropped."""
    chosen: list[Span] = []
    for cluster in _clusters(spans):
        chosen += cluster if len(cluster) == 1 else _settled(text, cluster)
    return tuple(chosen)


def _clusters(spans: Iterable[Span]) -> list[list[Span]]:
    """Ascending; spans of different ones do not touch. Most stand alone."""
    clusters: list[list[Span]] = []
    end = -1
    for span in sorted([one for one in spans if one.start < one.end], key=_start):
        if span.start >= end:
            clusters.append([span])
            end = span.end
            continue
        clusters[-1].append(span)
        end = max(end, span.end)
    return clusters


def _settled(text: str, spans: list[Span]) -> list[Span]:
    """``spans`` ascend, and each touches another."""
    ranked = sorted(_with_whole_values(spans), key=_precedence)
    base, end, first = spans[0].start, max([span.end for span in spans]), ranked[0]
    if first.start == base and first.end == end:
        return [first]  # and leaves nothing to any other
    covered = bytearray(end - base)
    chosen: list[Span] = []
    for span in ranked:
        for start, stop in _uncovered(covered, span.start - base, span.end - base):
            if stop - start == span.end - span.start:
                chosen.append(span)
            elif (piece := _trimmed(text, base + start, base + stop)) is not None:
                chosen.append(replace(span, start=piece[0], end=piece[1]))
        covered[span.start - base : span.end - base] = b"\x01" * (span.end - span.start)
    return sorted(chosen, key=_start)


def _precedence(span: Span) -> tuple[int, int, float, int, str]:
    whole = _RANK["known"] if span.subject is not None else _RANK[span.found_by]
    return -whole, span.start - span.end, -span.score, span.start, span.entity


def _with_whole_values(spans: Sequence[Span]) -> list[Span]:
    """``spans`` ascend. Known spans strictly inside a structured value give way to it and leave it their subject."""
    known = [s for s in spans if s.found_by == "known"]
    if not known or len(known) == len(spans):
        return list(spans)
    starts = [s.start for s in known]
    absorbed: set[int] = set()
    kept: list[Span] = []
    for span in spans:
        if span.found_by == "known":
            continue
        inside = _inside(span, known, starts) if span.entity not in _NEVER_WHOLE else ()
        if not inside:
            kept.append(span)
            continue
        absorbed.update(inside)
        kept.append(replace(span, subject=subject_of(known[i] for i in inside), found_by="known"))
    kept += [s for i, s in enumerate(known) if i not in absorbed]
    return kept


def _inside(span: Span, known: Sequence[Span], starts: Sequence[int]) -> tuple[int, ...]:
    at = bisect_left(starts, span.start)
    inside: list[int] = []
    while at < len(known) and known[at].start < span.end:
        candidate = known[at]
        if candidate.end <= span.end and candidate.end - candidate.start < span.end - span.start:
            inside.append(at)
        at += 1
    return tuple(inside)


def _uncovered(covered: bytearray, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = covered.find(0, start, end)
    while at >= 0:
        stop = covered.find(1, at, end)
        stop = end if stop < 0 else stop
        yield at, stop
        at = covered.find(0, stop, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Without separators at its ends; None when nothing else is left."""
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return (start, end) if start < end else None
