"""The same texts as people type them who want to get past a detector, or who type differently. Labels move along."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.detection.texts import Label, Text

_LOOK_ALIKES = {
    ord(latin): chr(other)
    for latin, other in zip(
        "aeocpxiyAEOC",
        (0x430, 0x435, 0x43E, 0x441, 0x440, 0x445, 0x456, 0x443, 0x410, 0x415, 0x41E, 0x421),
        strict=True,
    )
}
_FULL_WIDTH = {ord(digit): chr(0xFF10 + int(digit)) for digit in "0123456789"}
_ZERO_WIDTH_SPACE = "\u200b"

Pieces = Sequence[str]
"""What each character of the text becomes."""


def _lower(text: Text) -> Pieces:
    return [c.lower() for c in text.text]


def _upper(text: Text) -> Pieces:
    return [c.upper() for c in text.text]


def _look_alikes(text: Text) -> Pieces:
    return [c.translate(_LOOK_ALIKES) for c in text.text]


def _full_width(text: Text) -> Pieces:
    return [c.translate(_FULL_WIDTH) for c in text.text]


def _zero_width(text: Text) -> Pieces:
    """After every second letter or digit of a word."""
    pieces: list[str] = []
    run = 0
    for c in text.text:
        run = run + 1 if c.isalnum() else 0
        pieces.append(c + _ZERO_WIDTH_SPACE if run and run % 2 == 0 else c)
    return pieces


def _spelled_out(text: Text) -> Pieces:
    """E-mail addresses alone: ``name at domain dot example``."""
    pieces = list(text.text)
    for label in text.labels:
        if label.entity == "EMAIL_ADDRESS":
            for at in range(label.start, label.end):
                pieces[at] = {"@": " at ", ".": " dot "}.get(pieces[at], pieces[at])
    return pieces


def _no_punctuation(text: Text) -> Pieces:
    """Without every mark that does not stand between two letters or digits."""
    t = f" {text.text} "
    return [
        c if c.isalnum() or c.isspace() or c in "@+" or (t[at].isalnum() and t[at + 2].isalnum()) else ""
        for at, c in enumerate(text.text)
    ]


DISGUISES: dict[str, Callable[[Text], Pieces]] = {
    "small letters": _lower,
    "capitals": _upper,
    "look-alike letters": _look_alikes,
    "full-width digits": _full_width,
    "zero-width characters": _zero_width,
    "e-mail spelled out": _spelled_out,
    "no punctuation": _no_punctuation,
}


def disguised(text: Text, disguise: Callable[[Text], Pieces]) -> Text:
    pieces = disguise(text)
    places = [0]
    for piece in pieces:
        places.append(places[-1] + len(piece))
    moved = (replace(label, start=places[label.start], end=places[label.end]) for label in text.labels)
    return replace(text, text="".join(pieces), labels=tuple(label for label in moved if _is_there(label)))


def _is_there(label: Label) -> bool:
    return label.end > label.start
