"""What the stand-in makes out of a prompt: its pseudonyms and its sentences."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

PSEUDONYM = re.compile(r"<([A-Z]+(?:_[A-Z]+)*)_[A-Z0-9]*\d+>")
_TAG_OR_RULE = re.compile(r"</?[a-z][\w.\- \"=]*>|^\s*(?:#+|[-*=_]{3,}|[-*•>]|\d+[.)])\s*", re.MULTILINE)
_LABEL = re.compile(r"^[A-Z][\w /()'\-]{0,40}:\s*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SHORTEST, _LONGEST = 12, 280
_MOST_SENTENCES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message, whichever protocol it came in."""

    role: str
    text: str


def pseudonyms(texts: Iterable[str]) -> dict[str, list[str]]:
    """Whole pseudonyms by kind (``CLIENT``, ``EMAIL``), each once, in order of appearance."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for match in PSEUDONYM.finditer(text):
            tokens = found.setdefault(match.group(1), [])
            if match.group() not in tokens:
                tokens.append(match.group())
    return found


def sentences(texts: Iterable[str]) -> list[str]:
    """Whole sentences without headings, tags, bullets and labels."""
    read: list[str] = []
    for text in texts:
        for piece in _SENTENCE.split(_TAG_OR_RULE.sub("", text)):
            plain = _LABEL.sub("", " ".join(piece.split()))
            if _SHORTEST <= len(plain) <= _LONGEST and plain.endswith((".", "!", "?")):
                read.append(plain)
    return read[:_MOST_SENTENCES]


def first(among: Iterable[str], pattern: re.Pattern[str]) -> str | None:
    """The first sentence that the pattern is found in."""
    return next((sentence for sentence in among if pattern.search(sentence)), None)
