"""Titles that a form or a salutation gives with a name, and that are part of what stands there: ``Doctor: Dr. Emily
Carter``, ``Dear Mr. Johnson``. In running text a title stays, for it says how somebody is spoken of.

They are read in the folded view, so that neither an invisible character nor a look-alike letter hides one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ai_gateway.model import Span
from ai_gateway.treatment.normalize import Mapped

TITLES = frozenset(
    """
    mr mrs ms miss mx dr prof sr sra srta mme mlle monsieur madame herr frau dhr mevr dott dottssa sig gng kap pan pani
    rev hon
    """.split()  # noqa: SIM905  words read best as words
)
_ALSO_NAMES = frozenset(("pan", "hon", "kap", "sig", "miss"))
_MANNERS = {
    **dict.fromkeys(("mr", "herr", "monsieur", "dhr", "sr"), "him"),
    **dict.fromkeys(("mrs", "ms", "miss", "mme", "mlle", "madame", "frau", "mevr", "sra", "srta", "dottssa"), "her"),
}
GREETINGS = (
    "dear|hi|hello|hey|good (?:morning|afternoon|evening)|hola|estimad[oa]|querid[oa]|chere?|bonjour|liebe[r]?|"
    "sehr geehrte[r]?|hallo|beste|geachte|car[oa]|gentile|egregio|prezad[oa]|ola|szanown[ya]|drog[ia]"
)
_TITLE = rf"(?:{'|'.join(sorted(TITLES))})\b\.?[ \t]{{1,2}}"
_FIELD = r"[\w)\]*\"][ \t]?[:|][*\"]{0,2}[ \t]{0,4}"
_SALUTATION = rf"(?:^|[^\w])(?:{GREETINGS})[ \t]{{1,2}}"
_GIVEN = re.compile(rf"(?:{_FIELD}|{_SALUTATION})(?P<titles>(?:{_TITLE}){{1,3}})\Z")
_LOOK_BACK = 48
_LONGEST_TITLE = 12
_LAST_WORD = re.compile(r"([^\W\d_]+)\.?[ \t]+\Z")


def with_titles(view: Mapped, spans: Iterable[Span]) -> Iterator[Span]:
    """``view`` is the text folded; ``spans`` are disjoint, ascend, and are the text's own. The parties' names are told
    with the titles that are theirs, or without."""
    floor = 0
    for span in spans:
        if span.entity == "PERSON" and span.subject is None and span.found_by != "known":
            yield replace(span, start=_before(view, span.start, floor))
        else:
            yield span
        floor = span.end


def untitled(words: tuple[str, ...]) -> tuple[str, ...]:
    """A name's words without its titles; a title alone stays, and so does what may be a name (*Pan Wei*)."""
    for i, word in enumerate(words):
        if word not in TITLES or word in _ALSO_NAMES:
            return words[i:]
    return words


def manner(words: tuple[str, ...]) -> str:
    """How a titled name is addressed, where its titles say so: two of different manners are two people."""
    for word in words:
        if word not in TITLES:
            break
        if word in _MANNERS:
            return _MANNERS[word]
    return ""


def _before(view: Mapped, start: int, floor: int) -> int:
    """Where the titles before ``start`` begin; not before ``floor``. All three in the text itself."""
    end, least = view.place(start), view.place(floor)
    last = _LAST_WORD.search(view.text, max(least, end - _LONGEST_TITLE), end)
    if last is None or last[1] not in TITLES:
        return start
    given = _GIVEN.search(view.text[max(least, end - _LOOK_BACK) : end])
    return start if given is None else view.original(end - len(given["titles"]), end)[0]
