"""Pieces of what was found that tell of nobody by themselves: a title, a form's field, an exclamation, a measure.

They are left where a value's border is unsure, or where a word stands as names do: *Dr.* before a name that is found
anyway, *Office* after a number, *Great!* for an answer, *a bit of a Marlowe*.
"""

import re

from ai_gateway.model import Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.lexicon import is_common
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.titles import TITLES
from ai_gateway.treatment.words import split
from ai_gateway.treatment.writing import opens_sentence

_TITLES = TITLES | frozenset(("esq", "jr", "phd", "msc", "mba", "bsc"))
_FIELDS = frozenset(
    """
    office fax phone telephone tel mobile cell email home work room suite floor starting parent parents address
    name date number contact website
    """.split()  # noqa: SIM905  words read best as words
)
_MEASURE = re.compile(
    r"\b(?:bit of a|expect(?:ing)? an?|quite the|another|no|not an?|regular|real-life|poor man's|next|like an?) $",
    re.IGNORECASE,
)
_LOOK_BACK = 24
_ENDS = frozenset(".!,;?")
_AFTER_A_MEASURE = re.compile(r"$|[.,;:!?)\n]| (?:but|with|of|here|when|and|or|in|at|for)\b")
_NOBODY = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "ADDRESS"})
_NAMES = frozenset({"PERSON", "LOCATION"})
_LEAST_OF_A_DATE = 3
_SURE = 0.7


def is_a_fragment(text: str, span: Span, lists: WordLists) -> bool:
    """Of a span that the model or a pattern found."""
    value = text[span.start : span.end]
    if span.entity == "DATE_OF_BIRTH":
        return sum(c.isalnum() for c in value) < _LEAST_OF_A_DATE
    if span.entity not in _NOBODY:
        return False
    words = split(fold(value))
    if len(words) != 1:
        return False
    return (
        words[0] in _TITLES
        or (span.entity == "ADDRESS" and words[0] in _FIELDS)
        or _is_an_answer(text, span, words[0], lists)
        or (span.entity in _NAMES and _is_a_measure(text, span))
    )


def _is_an_answer(text: str, span: Span, word: str, lists: WordLists) -> bool:
    """``Great!``: a place of one everyday word that is a sentence of its own."""
    if span.entity != "LOCATION" or span.score >= _SURE or not is_common(word, lists):
        return False
    return opens_sentence(text, span.start) and text[span.end : span.end + 1] in _ENDS


def _is_a_measure(text: str, span: Span) -> bool:
    """``don't expect a Rembrandt``: somebody whom everybody knows, for what they were; nobody of the conversation."""
    if not text[span.start].isupper() or span.score >= _SURE:
        return False
    before = _MEASURE.search(text, max(0, span.start - _LOOK_BACK), span.start)
    return before is not None and _AFTER_A_MEASURE.match(text, span.end) is not None
