"""What the model found and the writing does not bear out: everyday words that it takes for names or places.

The model knows names by the company they keep; it takes *flew* for a surname after *Mr. Leiva*. A list of everyday
words knows better, but only where the writing does not say that the word is a name here.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from ai_gateway.model import Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.eponyms import is_a_thing, is_namesake
from ai_gateway.treatment.fragments import is_a_fragment
from ai_gateway.treatment.lexicon import are_common, is_common
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split
from ai_gateway.treatment.writing import opens_sentence

_READS_ON = re.compile(r" (?:[a-z]|I\b|To\b)")
_LEAD = re.compile(
    r"(?:(?:it|it['\u2019]s|['\u2019]?s|at|is|was|my|our|to|from|in|on|near|sure|yes|the house|house|"
    r"address)\b[ ,:]*)+",
    re.IGNORECASE,
)
_GREEK_OR_CYRILLIC = re.compile("[\u0370-\u052f\u1f00-\u1fff]")
_CAPITALIZED = re.compile(r"[A-Z][a-z]+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
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
_VERB_ENDS = ("s", "ed", "ing")
_DIRECTIONS = frozenset(("Northern", "Southern", "Eastern", "Western", "Central"))
_SURE_OF_A_SMALL_NAME, _SURE_OF_AN_OPENING, _SURE_OF_A_WORD = 0.7, 0.95, 0.2


def borne_out(text: str, spans: Iterable[Span], lists: WordLists) -> list[Span]:
    """The spans that hold a name or place as far as the writing tells; everyday words at their ends are cut off."""
    kept: list[Span] = []
    for span in spans:
        if span.found_by != "known" and _is_nobody(text, span):
            continue
        if span.found_by != "known" and is_a_fragment(text, span, lists):
            continue
        if span.found_by != "model" or span.entity not in _DOUBTED:
            kept.append(span)
        elif (narrower := _without_small_ends(text, span, lists)) is not None and not _is_doubtful(
            text, narrower, lists
        ):
            kept.append(narrower)
    return kept


def _is_nobody(text: str, span: Span) -> bool:
    """What carries a name (*Kalman filter*, *the Hudson*), what people are called by their office, what is no house of
    its own (*Southern*)."""
    if span.entity in _NAMES and is_namesake(text, span.end):
        return True
    if span.entity == "PERSON" and is_a_thing(text, span.start, span.end):
        return True
    if span.found_by != "model":
        return False
    offices = _OFFICES if span.entity == "PERSON" else _GENERIC if span.entity in _HOUSES_AND_PLACES else frozenset()
    return bool(offices) and offices.issuperset(split(fold(text[span.start : span.end])))


def _is_small_here(text: str, span: Span) -> bool:
    """In small letters, where somebody writes capitals, and the model doubts it; or in Greek or Cyrillic, of which it
    reads little and where every name has one."""
    value = text[span.start : span.end]
    if not value.islower() or text.islower():
        return False
    return span.score < _SURE_OF_A_SMALL_NAME or _GREEK_OR_CYRILLIC.match(value) is not None


def _is_drawn_out(value: str, lists: WordLists) -> bool:
    """``Pleaseee``, ``Loool``: a word of every day as it is shouted; ``Danaaa`` is somebody."""
    word = fold(value)
    if not word.isalpha() or _DRAWN_OUT.search(word) is None:
        return False
    plain = {_DRAWN_OUT.sub(r"\1", word), _DRAWN_OUT.sub(r"\1\1", word)}
    return lists.given_names.isdisjoint(plain) and any(is_common(one, lists) for one in plain)


def _is_small_and_alone(text: str, span: Span, lists: WordLists) -> bool:
    """``haiku`` and nothing else, of which the model is not sure; or what is called in code: ``def f():``."""
    value = text[span.start : span.end]
    if not value.islower() or not lists.given_names.isdisjoint(split(fold(value))):
        return False
    return text[span.end : span.end + 1] == "(" or (text.strip() == value and span.score < _SURE_OF_A_SMALL_NAME)


def _is_a_tag(text: str, span: Span, lists: WordLists) -> bool:
    """``#JustCantGetEnough``, of which the model is not sure; ``#DanaOkafor`` is somebody."""
    if text[span.start - 1 : span.start] != "#" or span.score >= _SURE_OF_AN_OPENING:
        return False
    return lists.given_names.isdisjoint(map(fold, _CAPITALIZED.findall(text, span.start, span.end)))


def _opens_in_another_script(text: str, span: Span) -> bool:
    """One Greek or Cyrillic word at the head of a sentence, whose capital says nothing and of which the model is not
    sure."""
    value = text[span.start : span.end]
    if span.score >= _SURE_OF_A_SMALL_NAME or " " in value or _GREEK_OR_CYRILLIC.match(value) is None:
        return False
    return opens_sentence(text, span.start) and text[span.end : span.end + 1] != ","  # ``Северине, …`` is spoken to


def _reads_as_a_word(text: str, span: Span, lists: WordLists) -> bool:
    """A name that is a word too, where it opens a sentence that reads on: ``Bill was higher``, ``Will I get``."""
    word = fold(text[span.start : span.end])
    if span.score >= _SURE_OF_A_SMALL_NAME or not (word in lists.ordinary or word in lists.common):
        return False
    after = text[span.end : span.end + _LOOK_AHEAD]
    return opens_sentence(text, span.start) and _READS_ON.match(after) is not None


def _is_doubtful(text: str, span: Span, lists: WordLists) -> bool:
    value = text[span.start : span.end]
    if any(c.isdigit() for c in value):
        return False
    if span.entity == "PERSON" and (
        _is_small_here(text, span)
        or _is_drawn_out(value, lists)
        or _opens_in_another_script(text, span)
        or _is_small_and_alone(text, span, lists)
        or _reads_as_a_word(text, span, lists)
        or lists.foreign.issuperset(split(fold(value)))
        or _is_a_tag(text, span, lists)
    ):
        return True
    if not are_common(value, lists):
        return False
    if not value[0].isupper() or text.isupper():
        return True
    if span.entity in _NAMED_BY_CAPITALS or len(split(fold(value))) > 1:
        return False
    return span.score < (_SURE_OF_AN_OPENING if opens_sentence(text, span.start) else _SURE_OF_A_WORD)


def _without_small_ends(text: str, span: Span, lists: WordLists) -> Span | None:
    """``Zak shouted`` is ``Zak``; None when nothing is left. All in small letters it stays whole for the next check."""
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


def _without_lead(text: str, span: Span) -> Span | None:
    """``It's 456 Elm Street`` from the number on."""
    lead = _LEAD.match(text, span.start, span.end)
    start = lead.end() if lead else span.start
    return replace(span, start=start) if start < span.end else None


def _without_direction(text: str, span: Span, lists: WordLists) -> Span:
    """``Southern Italy`` is the country, ``The Okafor Trust`` what follows the article."""
    first, _, rest = text[span.start : span.end].partition(" ")
    if (first in _DIRECTIONS and fold(rest) in lists.countries) or (first in ("The", "the") and rest):
        return replace(span, start=span.end - len(rest))
    return span


def _without_verb(text: str, span: Span, lists: WordLists) -> Span:
    """``Brightwater answers`` is ``Brightwater`` where the sentence goes on; ``Brightwater studio`` may be its name."""
    name, _, last = text[span.start : span.end].rpartition(" ")
    reads_on = _READS_ON.match(text, span.end) is not None
    if reads_on and name and not name.islower() and last.endswith(_VERB_ENDS) and _is_small_and_common(last, lists):
        return replace(span, end=span.start + len(name.rstrip()))
    return span


def _is_no_name(word: str, lists: WordLists) -> bool:
    return word.islower() and (is_common(fold(word), lists) or _GREEK_OR_CYRILLIC.match(word) is not None)


def _is_small_and_common(word: str, lists: WordLists) -> bool:
    return word.islower() and is_common(fold(word), lists)
