"""The word lists from the package's data files, as values."""

import hashlib
from functools import cache
from importlib.resources import files

from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.normalize import fold

_PHRASES = ("technologies", "products", "skills", "calendar", "namesakes", "letter_formulas")


@cache
def word_lists() -> WordLists:
    return WordLists(
        phrases=frozenset(phrase for name in _PHRASES for phrase in _phrases(name)),
        ordinary=_words("ordinary_words"),
        nicknames=_nicknames(),
        mail_providers=_words("mail_providers"),
        platforms=_words("platforms"),
        organization_suffixes=_words("organization_suffixes"),
        public_domains=_words("public_domains"),
        top_level_domains=_words("top_level_domains"),
        code_signs=_words("code_signs"),
        common=_words("common_words"),
        given_names=_words("given_names"),
        foreign=_words("foreign_words"),
        countries=_phrases("countries"),
    )


@cache
def word_lists_digest() -> str:
    """SHA-256 (hex, 12 characters) over every list: part of the detector's identity."""
    folder = files("ai_gateway") / "data"
    digest = hashlib.sha256()
    for name in sorted(f.name for f in folder.iterdir() if f.name.endswith(".txt")):
        digest.update(name.encode() + b"\0" + (folder / name).read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _lines(name: str) -> list[str]:
    text = (files("ai_gateway") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    return [fold(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


def _phrases(name: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in _lines(name) for phrase in line.split(",") if phrase.strip())


def _nicknames() -> dict[str, tuple[str, ...]]:
    pairs = (line.partition(":") for line in _lines("nicknames"))
    return {name.strip(): tuple(short.split()) for name, _, short in pairs}
