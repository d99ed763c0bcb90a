"""A name found once is a name wherever it stands in the request, and so are its parts."""

from collections.abc import Iterable, Sequence

from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.known import find_words
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.spelling import Needs, Spelling
from ai_gateway.treatment.words import Reading, split

_PERSON = EntityType("PERSON")
_SHORTEST_PART = 3
_LONGEST_NAME = 6
_SURE_ENOUGH = 0.5


def propagate(
    texts: Sequence[str], readings: Sequence[Reading], found: Sequence[Sequence[Span]], lists: WordLists
) -> list[list[Span]]:
    """Per text, the places where a name that was found in any of the texts stands too."""
    names: dict[tuple[str, ...], Spelling] = {}
    for text, spans in zip(texts, found, strict=True):
        for span in spans:
            if span.entity == _PERSON and span.score >= _SURE_ENOUGH:
                for spelling in _spellings(text[span.start : span.end], lists):
                    names[spelling.words] = spelling
    if not names:
        return [[] for _ in texts]
    by_first_word = _by_first_word(names.values())
    return [
        list(find_words(text, reading, by_first_word, found_by="propagation"))
        for text, reading in zip(texts, readings, strict=True)
    ]


def _by_first_word(spellings: Iterable[Spelling]) -> dict[str, list[Spelling]]:
    groups: dict[str, list[Spelling]] = {}
    for spelling in sorted(spellings, key=lambda s: -len(s.words)):
        groups.setdefault(spelling.words[0], []).append(spelling)
    return groups


def _spellings(name: str, lists: WordLists) -> Iterable[Spelling]:
    words = split(fold(name))
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
