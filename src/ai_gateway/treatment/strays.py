"""Words that the model takes for names of people, places or companies, by how and where they stand."""

import re

from ai_gateway.model import Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.lexicon import are_common, is_common
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.writing import GREEK_OR_CYRILLIC, opens_sentence

SURE_OF_A_SMALL_NAME = 0.7
_HARDLY = 0.3
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_BEHIND_A_NAME = re.compile(r"\b[A-Z][a-z]+ $")
_LOOK_BACK, _ROW = 24, 120
_FEWEST_IN_A_ROW = 2


def is_drawn_out(value: str, lists: WordLists) -> bool:
    """``Pleaseee``, ``Loool``: a word of every day as it is shouted; ``Danaaa`` is somebody."""
    word = fold(value)
    if not word.isalpha() or _DRAWN_OUT.search(word) is None:
        return False
    plain = {_DRAWN_OUT.sub(r"\1", word), _DRAWN_OUT.sub(r"\1\1", word)}
    return lists.given_names.isdisjoint(plain) and any(is_common(one, lists) for one in plain)


def opens_in_another_script(text: str, span: Span) -> bool:
    """One Greek or Cyrillic word at the head of a sentence, whose capital says nothing and of which the model is not
    sure."""
    value = text[span.start : span.end]
    if span.score >= SURE_OF_A_SMALL_NAME or " " in value or GREEK_OR_CYRILLIC.match(value) is None:
        return False
    after = text[
        span.end : span.end + 2
    ]  # alone on a line, or before a comma, it is somebody who signs or is spoken to
    return opens_sentence(text, span.start) and after[:1] == " " and after[1:].islower()


def is_one_of_kinds(text: str, span: Span, lists: WordLists) -> bool:
    """``Comedy, Kids & Family, Mystery & Suspense``: an everyday word or two in a row of such."""
    before = text[max(0, span.start - _ROW) : span.start].rpartition("\n")[2]
    row = before.split(", ")
    if span.entity != "ORGANIZATION" or len(row) <= _FEWEST_IN_A_ROW or row[-1]:
        return False
    return all(one[:1].isupper() and are_common(one, lists) for one in row[-1 - _FEWEST_IN_A_ROW : -1])


def is_a_stray_place(text: str, span: Span) -> bool:
    """``the White Stripes' home``: an everyday word behind another with a capital, which the model hardly takes for a
    place."""
    if span.entity != "LOCATION" or span.score >= _HARDLY or " " in text[span.start : span.end]:
        return False
    return _BEHIND_A_NAME.search(text, max(0, span.start - _LOOK_BACK), span.start) is not None
