"""What is removed once is removed wherever it stands, so that treatment and the last check agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ai_gateway.model import Span
from ai_gateway.treatment.normalize import fold, folded
from ai_gateway.treatment.words import Reading, read, split

Words = tuple[str, ...]

_SHORTEST = 3
_SHORTEST_NUMBER = 5


@dataclass(frozen=True, slots=True)
class Everywhere:
    """``spans`` per text, disjoint and ascending; ``telling`` are the found values that stand nowhere unflagged."""

    spans: tuple[tuple[Span, ...], ...]
    telling: frozenset[Words] = field(repr=False)


def everywhere(texts: Sequence[str], found: Sequence[Sequence[Span]]) -> Everywhere:
    """Flag each found value wherever else it stands.

    A single ordinary-looking word is left to the detector, which saw it and judged it (``Nice`` the town, ``nice`` the
    word): where it stands unflagged it is no telling value. Known identifiers are the detector's business altogether.
    """
    worded = [[split(fold(text[s.start : s.end])) for s in spans] for text, spans in zip(texts, found, strict=True)]
    values = _values(found, worded)
    if not values:
        return Everywhere(tuple(tuple(spans) for spans in found), frozenset())
    spoken = _line(split(fold(text)) for text in texts)
    flagged = _line(words for spans in worded for words in spans)
    unflagged = {words: span for words, span in values.items() if _count(spoken, words) > _count(flagged, words)}
    spread = {words: span for words, span in unflagged.items() if not _is_plain(words)}
    telling = frozenset(words for words in values if words not in unflagged or words in spread)
    if not spread:
        return Everywhere(tuple(tuple(spans) for spans in found), telling)
    by_first: dict[str, list[Words]] = {}
    for words in sorted(spread, key=len, reverse=True):
        by_first.setdefault(words[0], []).append(words)
    return Everywhere(
        tuple(
            _joined(spans, _elsewhere(read(folded(text)), by_first, spread))
            for text, spans in zip(texts, found, strict=True)
        ),
        telling,
    )


def _line(sequences: Iterable[Words]) -> str:
    """Two spaces after each word, so that a word's own space is never the next one's."""
    return f" {'  |  '.join(['  '.join(words) for words in sequences])} "


def _count(line: str, words: Words) -> int:
    return line.count(f" {'  '.join(words)} ")


def _values(found: Sequence[Sequence[Span]], worded: Sequence[Sequence[Words]]) -> dict[Words, Span]:
    values: dict[Words, Span] = {}
    for span, words in zip(chain.from_iterable(found), chain.from_iterable(worded), strict=True):
        if span.found_by != "known" and _is_long_enough(words):
            values.setdefault(words, span)
    return values


def _is_long_enough(words: Words) -> bool:
    joined = "".join(words)
    return len(joined) >= (_SHORTEST_NUMBER if joined.isdecimal() else _SHORTEST)


def _is_plain(words: Words) -> bool:
    return len(words) == 1 and words[0].isalpha()


def _elsewhere(reading: Reading, by_first: dict[str, list[Words]], like: dict[Words, Span]) -> Iterable[Span]:
    for at in [i for i, word in enumerate(reading.words) if word in by_first]:
        for words in by_first[reading.words[at]]:
            if reading.stands(at, words):
                start, end = reading.view.original(reading.start(at), reading.end(at + len(words) - 1))
                yield Span(start=start, end=end, entity=like[words].entity, found_by="propagation")
                break


def _joined(spans: Sequence[Span], more: Iterable[Span]) -> tuple[Span, ...]:
    """Those there are, and those of ``more`` (ascending) that touch none of them."""
    joined: list[Span] = []
    there = list(reversed(spans))
    for new in more:
        while there and there[-1].end <= new.start:
            joined.append(there.pop())
        if not (there and there[-1].start < new.end) and not (joined and joined[-1].end > new.start):
            joined.append(new)
    return (*joined, *reversed(there))
