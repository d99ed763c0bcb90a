"""A text in pieces, each labelled or not, so that offsets are exact whatever is done to the pieces."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that follow each other under one label; ``label`` is None for text that is nobody's."""

    text: str
    label: str | None = None


def join(pieces: Iterable[Piece]) -> tuple[str, list[tuple[int, int, str]]]:
    """The text and its spans ``(start, end, type)`` in characters, end exclusive, in order.

    Blanks at the ends of a labelled piece stay outside of its span.
    """
    text, spans = "", []
    for piece in pieces:
        value = piece.text.strip()
        if piece.label and value:
            start = len(text) + piece.text.index(value)
            spans.append((start, start + len(value), piece.label))
        text += piece.text
    return text, spans
