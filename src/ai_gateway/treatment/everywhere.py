"""What is removed once is removed wherever it stands, so that treatment and the last check agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ai_gateway.model import Span
from ai_gateway.treatment.normalize import folded
from ai_gateway.treatment.words import Reading, Worded, read, worded

Words = tuple[str, ...]

_SHORTEST = 3
_SHORTEST_NUMBER = 5
_SPACE = "  "
"""Two after each word, so that a word's own space is never the next one's."""


@dataclass(frozen=True, slots=True)
class Everywhere:
    """``spans`` per text, disjoint and ascending; ``telling`` are the found values that stand nowhere unflagged."""

    spans: tuple[tuple[Span, ...], ...]
    telling: frozenset[Words] = field(repr=False)


def everywhere(texts: Sequence[str], found: Sequence[Sequence[Span]], words_of: Worded) -> Everywhere:
    """Flag each found value wherever else it stands.

    A single ordinary-looking word is left to the detector, which saw it and judged it (``Nice`` the town, ``nice`` the
    word): where it stands unflagged it is no telling value. Known identifiers are the detector's business altogether.
    """
    values = _values(texts, found, words_of)
    if not values:
        return Everywhere(tuple(tuple(spans) for spans in found), frozenset())
    spoken = _line(worded(text) for text in texts)
    flagged = _line(words_of[text[s.start : s.end]] for text, spans in zip(texts, found, strict=True) for s in spans)
    unflagged = {
        words: span
        for words, span in values.items()
        if spoken.count(said := f" {_SPACE.join(words)} ") > flagged.count(said)
    }
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
    return f" {'  |  '.join([_SPACE.join(words) for words in sequences])} "


def _values(texts: Sequence[str], found: Sequence[Sequence[Span]], words_of: Worded) -> dict[Words, Span]:
    values: dict[Words, Span] = {}
    for text, spans in zip(texts, found, strict=True):
        for span in spans:
            if span.found_by != "known" and _is_long_enough(words := words_of[text[span.start : span.end]]):
                values.setdefault(words, span)
    return values


def _is_long_enough(words: Words) -> bool:
    joined = "".join(words)
    return len(joined) >= _SHORTEST_NUMBER or (len(joined) >= _SHORTEST and not joined.isdecimal())


def _is_plain(words: Words) -> bool:
    return len(words) == 1 and words[0].isalpha()


def _elsewhere(reading: Reading, by_first: dict[str, list[Words]], like: dict[Words, Span]) -> Iterable[Span]:
    for at in reading.where(by_first):
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
