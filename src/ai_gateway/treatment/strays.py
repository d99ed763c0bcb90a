"""Words that the model takes for names of people, places or companies, by how and where they stand."""

import re

from ai_gateway.model import Span
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.lexicon import are_common
from ai_gateway.treatment.normalize import fold

SURE_OF_A_SMALL_NAME = 0.7
_HARDLY = 0.3
_SURE = 0.95
_KIND = re.compile(r"[A-Z][a-z]+(?:(?: (?:&|and|of))? [A-Z][a-z]+){0,2}")
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
    return lists.given_names.isdisjoint(plain) and any(one in lists.common or one in lists.ordinary for one in plain)


def is_one_of_kinds(text: str, span: Span, lists: WordLists) -> bool:
    """``Comedy, Kids & Family, Mystery & Suspense``: an everyday word or two in a row of such, which has its line or
    follows a colon, and of which the model is not quite sure."""
    line = text[max(0, span.start - _ROW) : span.start].rpartition("\n")[2]
    row = line.rpartition(":")[2].strip(" \t").split(", ") if line.endswith(", ") else []
    if span.entity != "ORGANIZATION" or span.score >= _SURE or len(row) < _FEWEST_IN_A_ROW:
        return False
    return all(_KIND.fullmatch(one.removesuffix(",")) and are_common(one, lists) for one in row)


def is_a_stray_place(text: str, span: Span) -> bool:
    """``the White Stripes' home``: an everyday word behind another with a capital, which the model hardly takes for a
    place."""
    if span.entity != "LOCATION" or span.score >= _HARDLY or " " in text[span.start : span.end]:
        return False
    return _BEHIND_A_NAME.search(text, max(0, span.start - _LOOK_BACK), span.start) is not None
