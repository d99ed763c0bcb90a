"""Capitals as they would stand, in lines that were typed without any or in nothing else.

Patterns read names by their capitals. In a line all in small letters, or all in capitals, every word that is no
everyday word gets one; tokens with a digit are written in capitals, as codes are. One character stays one character.
"""

import re
from functools import cache

from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.lexicon import is_common

_WORD = re.compile(r"[A-Za-z0-9]+")
_CODE_FOLLOWS = re.compile(r"[ ]{1,2}\d{4,5}\b")
_FEWEST_LETTERS = 6
_STATE = 2
_ALWAYS_SMALL = frozenset(
    "van von der den de del della di da do dos das du la le el al bin y e of the and at in on to st nd rd th".split()  # noqa: SIM905  words read best as words
)

_TITLES = frozenset(("mr", "mrs", "ms", "mx", "dr", "prof", "herr", "frau", "sra", "mme"))
_NO_NAME = frozenset(
    """
    is are was were be been has have had do does did will would can could may might shall should must says said told
    who which when where then than that this these those and or but nor not no yes if so as for from with without by
    about above across after against along among around before behind below between beyond despite during except inside
    into like near off onto out outside over past per since through toward towards under until up upon via within
    also again just only even still already now here there today ago later soon each every
    all any some both his her their work north south east west
    und oder ist hat war kann wird mit ohne bei nach vor von et ou est a ha y es con sin para por
    """.split()  # noqa: SIM905  words read best as words
)
_TITLE_BEFORE = re.compile(
    r"\b(?:(?:mr|mrs|herr|frau)(?:\. ?| )|(?:dr|prof|sra|mme)\. ?|(?<!the )(?<!a )(?:dr|prof|sra|mme) "
    r"|(?<![0-9] )(?<![0-9])(?:ms|mx)\. ?)$",
    re.IGNORECASE,
)
"""*ms* without a dot is milliseconds or Microsoft's; *the dr* and *a prof* are spoken of."""
_LONGEST_TITLE = 10
"""With its dot, a blank, and what stands before it."""
_FORMS = {"ltd": "Ltd", "inc": "Inc", "gmbh": "GmbH", "corp": "Corp"} | {
    form: form.upper() for form in ("llc", "llp", "plc", "ag", "bv", "srl", "sarl")
}


def with_capitals(ascii_text: str, lists: WordLists) -> str | None:
    """The text with such lines rewritten; None where there is none."""
    if not _has_bare_line(ascii_text):
        return None
    lines = ascii_text.split("\n")
    return "\n".join(_rewritten(line, lists) if _is_bare(line) else line for line in lines)


def _has_bare_line(text: str) -> bool:
    return any(map(_is_bare, text.split("\n")))


def _is_bare(line: str) -> bool:
    """Either small letters or capitals alone, and enough of them."""
    return (line.islower() or line.isupper()) and sum(map(str.isalpha, line)) >= _FEWEST_LETTERS


def _rewritten(line: str, lists: WordLists) -> str:
    rewritten = _WORD.sub(lambda match: _word(match, line, lists), line)
    small = line.lower()
    for country in _of_several_words(lists.countries):
        if (at := small.find(country)) >= 0:
            rewritten = rewritten[:at] + country.title() + rewritten[at + len(country) :]
    return rewritten


@cache
def _of_several_words(countries: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(country for country in countries if " " in country))


def _word(match: re.Match[str], line: str, lists: WordLists) -> str:
    word = match.group()
    small = word.lower()
    if any(c.isdigit() for c in word):
        return small if small[:1].isdigit() and small.endswith(("st", "nd", "rd", "th")) else word.upper()
    if len(word) == _STATE and _CODE_FOLLOWS.match(line, match.end()):
        return word.upper()
    return _FORMS.get(small) or (small.capitalize() if _is_written_large(match, line, lists) else small)


def _is_written_large(word: re.Match[str], line: str, lists: WordLists) -> bool:
    small = word.group().lower()
    if small in _TITLES or small in lists.countries:
        return True
    if small in _ALWAYS_SMALL:
        return False
    is_a_word = is_common(small, lists) or (small in lists.foreign and small not in lists.given_names)
    return not is_a_word or _opens_a_name(word, line)


def _opens_a_name(word: re.Match[str], line: str) -> bool:
    """``mrs. baker``: behind a title an everyday word is a name, too."""
    behind = max(0, word.start() - _LONGEST_TITLE)
    return word.group().lower() not in _NO_NAME and _TITLE_BEFORE.search(line[behind : word.start()]) is not None
