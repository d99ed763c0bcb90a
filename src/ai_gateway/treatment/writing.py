"""Whether an ordinary word (``will``, ``mark``, ``grace``) is written as a name where it stands."""

import re

READS_ON = re.compile(r" (?:[a-z]|I\b|To\b)")
"""What stands behind a word where the sentence goes on."""
GREEK_OR_CYRILLIC = re.compile("[\u0370-\u052f\u1f00-\u1fff]")

_FUNCTION_WORDS = frozenset(
    """
    will may can an so do in my our more most see art just even well still such every each her his long may be am
    any all some see let make take give use do does did have has is are was were would should could now new not no
    on or if it
    """.split()  # noqa: SIM905  words read best as words
)
_GREETINGS = frozenset(
    """
    hi hello hey dear hiya cc attn
    """.split()  # noqa: SIM905  words read best as words
)
_OPENING_GREETINGS = _GREETINGS | {
    "thanks",
    "thank",
    "you",
    "cheers",
    "regards",
    "best",
    "yours",
    "morning",
    "from",
    "to",
}
_ENDS = ".!?:\n\r\u2022\u00b7*>-\"'\u201c\u2018(["
_LOOK_BACK = 24


def is_written_as_a_name(text: str, start: int, end: int) -> bool:
    """A capital inside a sentence, or opening one unless it reads as a verb; a greeting before; its own line."""
    if text[start].isupper():
        return not opens_sentence(text, start) or not _reads_on(text, start, end)
    return _is_greeted(text, start) or _has_own_line(text, start, end)


def opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - _LOOK_BACK) : start].rstrip(" \t")
    return not before or before[-1] in _ENDS


def _reads_on(text: str, start: int, end: int) -> bool:
    """A function word followed by a small letter: ``Will you …``, not ``Will,`` or ``Will Smith``."""
    if text[start:end].lower() not in _FUNCTION_WORDS:
        return False
    after = text[end : end + 2]
    return after[:1] == " " and after[1:2].islower()


def _is_greeted(text: str, start: int) -> bool:
    """``hey will,`` anywhere; ``thanks will`` only where the thanks open the line."""
    line = text[max(0, start - _LOOK_BACK) : start].rpartition("\n")[2].lower().replace(",", " ").split()
    if not line:
        return False
    return line[-1] in _GREETINGS or (len(line) <= 2 and _OPENING_GREETINGS.issuperset(line))  # noqa: PLR2004


def _has_own_line(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _LOOK_BACK) : start].rpartition("\n")
    after = text[end : end + _LOOK_BACK].partition("\n")[0]
    return bool(before[1]) and not before[2].strip(" \t-\u2013\u2014~") and not after.strip(" \t.,!")
