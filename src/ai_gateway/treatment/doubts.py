"""What the model found and the writing does not bear out: everyday words that it takes for names or places.

The model knows names by the company they keep; it takes *flew* for a surname after *Mr. Leiva*. A list of everyday
words knows better, but only where the writing does not say that the word is a name here.
"""

import re
from collections.abc import Iterable

from ai_gateway.model import Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.ends import narrowed, without_belongings
from ai_gateway.treatment.eponyms import is_a_thing, is_namesake
from ai_gateway.treatment.fragments import is_a_fragment
from ai_gateway.treatment.lexicon import are_common
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.strays import (
    SURE_OF_A_SMALL_NAME,
    is_a_stray_place,
    is_drawn_out,
    is_one_of_kinds,
)
from ai_gateway.treatment.words import split
from ai_gateway.treatment.writing import GREEK_OR_CYRILLIC, READS_ON, opens_sentence

_CAPITALIZED = re.compile(r"[A-Z][a-z]+")
_IS_A_TEACHING = re.compile(r"[A-Za-z]{4,24}isms?")
_LOOK_AHEAD = 4
_DOUBTED = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", "HANDLE"})
_NAMES = frozenset({"PERSON", "LOCATION"})
_NAMED_BY_CAPITALS = frozenset({"LOCATION", "ORGANIZATION", "ADDRESS"})
_HOUSES_AND_PLACES = frozenset({"LOCATION", "ORGANIZATION"})
_OFFICES = frozenset(
    """
    president governor senator mayor minister prime chancellor secretary coroner judge justice sheriff king queen
    prince princess royal pope bishop pastor reverend lord lady sir general colonel captain sergeant officer detective
    inspector devil god satan admiral mme mlle gng zia zio parent dj ceo cfo cto vp ops
    """.split()  # noqa: SIM905  words read best as words
)
_GENERIC = frozenset(
    """
    northern southern eastern western north south east west central upper lower the of a an and university institute
    college school academy hospital clinic orchestra symphony club council ministry department country society company
    association street road avenue consulting services press ops vp cert
    """.split()  # noqa: SIM905  words read best as words
)
_SURE_OF_AN_OPENING, _SURE_OF_A_WORD = 0.95, 0.2


def borne_out(text: str, spans: Iterable[Span], lists: WordLists) -> list[Span]:
    """The spans that hold a name or place as far as the writing tells; everyday words at their ends are cut off."""
    kept: list[Span] = []
    for span in spans:
        if span.found_by == "known":
            kept.append(span)
        elif not _is_nobody(text, span) and not is_a_fragment(text, span, lists):
            narrower = narrowed(text, without_belongings(text, span, lists), lists)
            if narrower is not None and not (_is_to_be_doubted(narrower) and _is_doubtful(text, narrower, lists)):
                kept.append(narrower)
    return kept


def _is_to_be_doubted(span: Span) -> bool:
    return span.found_by == "model" and span.entity in _DOUBTED


def _is_nobody(text: str, span: Span) -> bool:
    """What carries a name (*Kalman filter*, *the Hudson*), what people are called by their office, what is taught
    (*Malthusianism*), what is no house of its own (*Southern*)."""
    if span.entity in _NAMES and is_namesake(text, span.end):
        return True
    if span.entity == "PERSON" and is_a_thing(text, span.start, span.end):
        return True
    if span.found_by != "model":
        return False
    if span.entity == "PERSON" and _IS_A_TEACHING.fullmatch(text, span.start, span.end):
        return True
    offices = _OFFICES if span.entity == "PERSON" else _GENERIC if span.entity in _HOUSES_AND_PLACES else frozenset()
    return bool(offices) and offices.issuperset(split(fold(text[span.start : span.end])))


def _is_small_here(text: str, span: Span) -> bool:
    """In small letters, where somebody writes capitals, and the model doubts it; or in Greek or Cyrillic, of which it
    reads little and where every name has one."""
    value = text[span.start : span.end]
    if not value.islower() or text.islower():
        return False
    return span.score < SURE_OF_A_SMALL_NAME or GREEK_OR_CYRILLIC.match(value) is not None


def _is_small_and_alone(text: str, span: Span, lists: WordLists) -> bool:
    """``haiku`` and nothing else, of which the model is not sure; or what is called in code: ``def f():``."""
    value = text[span.start : span.end]
    if not value.islower() or not lists.given_names.isdisjoint(split(fold(value))):
        return False
    return text[span.end : span.end + 1] == "(" or (text.strip() == value and span.score < SURE_OF_A_SMALL_NAME)


def _is_a_tag(text: str, span: Span, lists: WordLists) -> bool:
    """``#JustCantGetEnough``, of which the model is not sure; ``#DanaOkafor`` is somebody."""
    if text[span.start - 1 : span.start] != "#" or span.score >= _SURE_OF_AN_OPENING:
        return False
    return lists.given_names.isdisjoint(map(fold, _CAPITALIZED.findall(text, span.start, span.end)))


def _reads_as_a_word(text: str, span: Span, lists: WordLists) -> bool:
    """A name that is a word too, where it opens a sentence that reads on: ``Bill was higher``, ``Will I get``."""
    word = fold(text[span.start : span.end])
    if span.score >= SURE_OF_A_SMALL_NAME or not (word in lists.ordinary or word in lists.common):
        return False
    after = text[span.end : span.end + _LOOK_AHEAD]
    return opens_sentence(text, span.start) and READS_ON.match(after) is not None


def _is_doubtful(text: str, span: Span, lists: WordLists) -> bool:
    value = text[span.start : span.end]
    if any(c.isdigit() for c in value):
        return False
    if span.entity == "PERSON" and (
        _is_small_here(text, span)
        or is_drawn_out(value, lists)
        or _is_small_and_alone(text, span, lists)
        or _reads_as_a_word(text, span, lists)
        or (span.score < _SURE_OF_AN_OPENING and lists.foreign.issuperset(split(fold(value))))
        or _is_a_tag(text, span, lists)
    ):
        return True
    if not are_common(value, lists):
        return False
    if not value[0].isupper() or text.isupper() or is_a_stray_place(text, span) or is_one_of_kinds(text, span, lists):
        return True
    if span.entity in _NAMED_BY_CAPITALS or len(split(fold(value))) > 1:
        return False
    return span.score < (_SURE_OF_AN_OPENING if opens_sentence(text, span.start) else _SURE_OF_A_WORD)
