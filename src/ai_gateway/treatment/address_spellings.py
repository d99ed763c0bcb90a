"""How people write postal addresses: whole or only the street, words abbreviated or not."""

from collections.abc import Iterator

from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split

_ABBREVIATIONS = {
    "street": "st", "avenue": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln", "court": "ct",
    "place": "pl", "square": "sq", "highway": "hwy", "parkway": "pkwy", "terrace": "ter", "circle": "cir",
    "apartment": "apt", "suite": "ste", "north": "n", "south": "s", "east": "e", "west": "w", "strasse": "str",
}  # fmt: skip
_WRITTEN_OUT = {short: long for long, short in _ABBREVIATIONS.items()}


def address_words(address: str) -> Iterator[tuple[str, ...]]:
    street = address.replace("\n", ",").partition(",")[0]
    whole, first = split(fold(address)), split(fold(street))
    if len(whole) > 1:
        yield from _abbreviated(whole)
    if len(first) > 1 and any(word.isdigit() for word in first):
        yield from _abbreviated(first)


def _abbreviated(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    yield tuple(_ABBREVIATIONS.get(word, word) for word in words)
    yield tuple(_WRITTEN_OUT.get(word, word) for word in words)
