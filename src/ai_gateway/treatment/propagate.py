"""A name found once is a name wherever it stands in the request, and so are its parts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter

from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.known import find_words
from ai_gateway.treatment.spelling import Needs, Spelling
from ai_gateway.treatment.words import Reading, worded

_PERSON = EntityType("PERSON")
_SHORTEST_PART = 3
_LONGEST_NAME = 6
_SURE_ENOUGH = 0.5


class Names:
    """The names found in a call's texts, and their spellings, which are made when somebody asks for them."""

    def __init__(self, values: frozenset[str], lists: WordLists) -> None:
        self.values = values
        self._lists = lists

    def __repr__(self) -> str:
        return f"Names({len(self.values)})"  # they are personal

    @cached_property
    def spellings(self) -> Sequence[Spelling]:
        """The longest first."""
        made = {
            spelling.words: spelling for value in sorted(self.values) for spelling in _spellings(value, self._lists)
        }
        return sorted(made.values(), key=lambda s: -len(s.words))

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for spelling in self.spellings for word in spelling.words)


def names_in(texts: Sequence[str], found: Sequence[Sequence[Span]], lists: WordLists) -> Names:
    return Names(
        frozenset(
            [
                text[span.start : span.end]
                for text, spans in zip(texts, found, strict=True)
                for span in spans
                if span.entity == _PERSON and span.score >= _SURE_ENOUGH
            ]
        ),
        lists,
    )


def propagate(text: str, reading: Reading, spans: Sequence[Span], names: Names) -> list[Span]:
    """The places where a name that was found in any of the call's texts stands in this one too; ``spans`` are those
    found in it."""
    return _carried(text, reading, spans, names.spellings, names.words) if names.spellings else []


def _carried(
    text: str, reading: Reading, spans: Sequence[Span], spellings: Iterable[Spelling], words: frozenset[str]
) -> list[Span]:
    """Of names that have a word outside the spans; the longest first."""
    inside = [word for value in _flagged(text, reading, spans) for word in value if word in words]
    elsewhere = [word for word in words & reading.vocabulary if reading.words.count(word) > inside.count(word)]
    by_first_word: dict[str, list[Spelling]] = {}
    if elsewhere:
        for spelling in spellings:
            if any(word in elsewhere for word in spelling.words):
                by_first_word.setdefault(spelling.words[0], []).append(spelling)
    return list(find_words(text, reading, by_first_word, found_by="propagation")) if by_first_word else []


def _flagged(text: str, reading: Reading, spans: Iterable[Span]) -> Iterator[Sequence[str]]:
    """The words of what the spans cover together; one that leaves a part of a word is left out."""
    if not text.isascii() or reading.spaced is None:
        yield from (worded(text[start:end]) for start, end in _together(spans, lambda at: _cuts_a_word(text, at)))
        return
    spaced = reading.spaced  # a place further than the text
    for start, end in _together(spans, lambda at: " " not in spaced[at : at + 2]):
        yield spaced[start + 1 : end + 1].split()


def _together(spans: Iterable[Span], cuts: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    start, end = 0, 0
    for span in sorted(spans, key=attrgetter("start")):
        if cuts(span.start) or cuts(span.end):
            continue
        if span.start >= end:
            yield start, end
            start, end = span.start, span.end
        elif span.end > end:
            end = span.end
    yield start, end


def _cuts_a_word(text: str, at: int) -> bool:
    """Whether a word may go on here: an accent typed apart is no letter, and in some scripts nothing parts words."""
    around = text[at - 1 : at + 1] if at else ""
    return len(around) > 1 and (around.isalnum() or not around.isascii())


def _spellings(name: str, lists: WordLists) -> Iterable[Spelling]:
    words = worded(name)
    if not words or len(words) > _LONGEST_NAME:
        return
    if len(words) > 1:
        yield Spelling(words, _PERSON, None)
    for word in words:
        if _is_telling(word, lists):
            yield Spelling((word,), _PERSON, None)
        elif len(words) > 1 and len(word) >= _SHORTEST_PART and word in lists.ordinary:
            yield Spelling((word,), _PERSON, None, Needs.CAPITAL)


def _is_telling(word: str, lists: WordLists) -> bool:
    return (
        len(word) >= _SHORTEST_PART and not word.isdigit() and word not in lists.ordinary and word not in lists.phrases
    )
