"""Proper nouns in Cyrillic and Greek, by a rule of their spelling: inside a sentence nothing else has a capital letter.

Ukrainian, Russian, Bulgarian, Greek and their neighbours write months, languages, nationalities and all other nouns
in small letters. A word with a capital that does not open a sentence is the name of somebody, of a place or of a
company; which of them cannot be told, so it counts as somebody's.
"""

import re
from collections.abc import Iterator

_LETTER = "\u0370-\u03ff\u0400-\u052f'\u2019\u02bc\\-"
_CAPITAL = "\u0386\u0388-\u038f\u0391-\u03ab\u0400-\u042f\u0460\u0472\u0490\u04b0\u0492\u049a\u04a2\u04d8\u04e8"
_WORD = re.compile(f"[{_CAPITAL}][{_LETTER}]+")
_GAP = re.compile(r"[ \u00a0]{1,2}")
_OPENS = '.!?:;\n\r\u2022*>-\u2013\u2014"\u00ab\u201c\u201e(['
_MOST_WORDS = 4
_SHORTEST = 3
_PRESENT = re.compile(f"[{_CAPITAL}]")


def proper_nouns(text: str) -> Iterator[tuple[int, int]]:
    """Runs of words with a capital, of which the first does not open a sentence, or two open one together."""
    if text.isascii() or _PRESENT.search(text) is None:
        return
    at = 0
    while (match := _WORD.search(text, at)) is not None:
        start, words = match.start(), [match]
        while len(words) < _MOST_WORDS and (following := _following(text, words[-1].end())) is not None:
            words.append(following)
        at = words[-1].end()
        if all(word.group().isupper() for word in words):
            continue
        if not _opens(text, start):
            yield start, at
        elif len(words) > 1:
            first = words[0] if len(words) > 2 or _ends_part(text, at) else words[1]  # noqa: PLR2004
            yield first.start(), at


def _following(text: str, end: int) -> re.Match[str] | None:
    gap = _GAP.match(text, end)
    return _WORD.match(text, gap.end()) if gap else None


def _opens(text: str, start: int) -> bool:
    before = text[max(0, start - _SHORTEST) : start].rstrip(" \u00a0\t")
    return start == 0 or (not before and start < _SHORTEST) or (bool(before) and before[-1] in _OPENS)


def _ends_part(text: str, end: int) -> bool:
    return text[end : end + 1] in ("", ",", ".", "\n", ")", ":", "!", "?")
