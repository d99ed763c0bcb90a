"""What the stand-in makes out of a prompt: its material by heading, its sentences and its pseudonyms."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PSEUDONYM = re.compile(r"<([A-Z]+(?:_[A-Z]+)*)_[A-Z0-9]*\d+>")
_FENCE = re.compile(r"^=====\d+=====$", re.MULTILINE)
_HEADING = re.compile(r"(?:^|\n)([A-Z][^\n:]{0,80}):\s*\Z")
_MARK = re.compile(r"^\s*(?:#+|[-*•>]|\d+[.)])\s+", re.MULTILINE)
_LABEL = re.compile(r"^[A-Z][a-z]*(?: [a-z]+){0,2}:\s+")
_SPOKEN = re.compile(r"\s*(?:system|developer|assistant|user):", re.IGNORECASE)
"""What reads like another speaker's turn is not repeated, let alone followed."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SHORTEST, _LONGEST = 12, 320
_MOST_SENTENCES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message, whichever protocol it came in."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of fenced material and the heading it stands under, in lower case; no heading when nothing is fenced."""

    heading: str
    text: str


def blocks(texts: Iterable[str]) -> list[Block]:
    """The material between fences. A text without fences is one block."""
    found: list[Block] = []
    for text in texts:
        parts = _FENCE.split(text)
        heading = ""
        for part in parts[:-1] if len(parts) > 1 else parts:
            headed = _HEADING.search(part.rstrip())
            if headed and len(parts) > 1:
                heading = headed.group(1).lower()
            elif part.strip():
                found.append(Block(heading=heading, text=part.strip()))
    return found


def under(material: Sequence[Block], word: str) -> list[str]:
    """Texts whose heading has the word in it; all texts when nothing has headings."""
    if not any(block.heading for block in material):
        return [block.text for block in material]
    return [block.text for block in material if word in block.heading]


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
    """Whole sentences without heading marks, bullets and labels."""
    read: list[str] = []
    for text in texts:
        for piece in _SENTENCE.split(_MARK.sub("", text)):
            if _SPOKEN.match(piece):
                continue
            plain = _LABEL.sub("", " ".join(piece.split()))
            if _SHORTEST <= len(plain) <= _LONGEST and plain.endswith((".", "!", "?")):
                read.append(plain)
    return read[:_MOST_SENTENCES]


def first(among: Iterable[str], pattern: re.Pattern[str], *but: str | None) -> str | None:
    """The first sentence that the pattern is found in and that is none of ``but``."""
    return next((sentence for sentence in among if sentence not in but and pattern.search(sentence)), None)
