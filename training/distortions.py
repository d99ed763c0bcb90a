"""What haste, phones and machines do to a text. Labels go with their pieces."""

import re
import unicodedata
from collections.abc import Callable
from random import Random

from training.names import misspelt
from training.pieces import Piece

Pieces = list[Piece]


def _each(change: Callable[[str], str], pieces: Pieces) -> Pieces:
    return [Piece(change(piece.text), piece.label) for piece in pieces]


def _between(change: Callable[[str], str], pieces: Pieces) -> Pieces:
    return [piece if piece.label else Piece(change(piece.text)) for piece in pieces]


def _lower(pieces: Pieces, _: Random) -> Pieces:
    return _each(str.lower, pieces)


def _upper(pieces: Pieces, _: Random) -> Pieces:
    return _each(str.upper, pieces)


def _without_accents(pieces: Pieces, _: Random) -> Pieces:
    def bare(text: str) -> str:
        return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))

    return _each(bare, pieces)


def _without_punctuation(pieces: Pieces, _: Random) -> Pieces:
    return _between(lambda text: re.sub(r"[,;!?]|\.(?=\s|$)", "", text), pieces)


def _hasty(pieces: Pieces, chance: Random) -> Pieces:
    def slip(found: re.Match[str]) -> str:
        return misspelt(found[0], chance) if chance.random() < 0.12 else found[0]

    return _between(lambda text: re.sub(r"[a-z]{4,}", slip, text), pieces)


def _spaced(pieces: Pieces, chance: Random) -> Pieces:
    blank = chance.choice(("  ", "\n", " \n"))
    return _between(lambda text: re.sub(r"(?<=[.,:]) ", blank, text), pieces)


def _tokenised(pieces: Pieces, _: Random) -> Pieces:
    return _between(lambda text: re.sub(r"([.,!?:;'()])", r" \1 ", text).replace("  ", " "), pieces)


def _emoji(pieces: Pieces, chance: Random) -> Pieces:
    return [
        *pieces,
        Piece(chance.choice((" 🙏", " 😂", "!!!", " 👍👍", " 🚀", " lol", " :)", " ❤️", "...", " #blessed"))),
    ]


_COMMON: tuple[tuple[float, Callable[[Pieces, Random], Pieces]], ...] = (
    (0.09, _lower),
    (0.03, _upper),
    (0.03, _without_accents),
    (0.06, _without_punctuation),
    (0.06, _hasty),
    (0.03, _spaced),
    (0.02, _tokenised),
    (0.04, _emoji),
)


def distort(pieces: Pieces, chance: Random) -> Pieces:
    """Each distortion by its own odds, so that most texts stay as they are."""
    for odds, change in _COMMON:
        if chance.random() < odds:
            pieces = change(pieces, chance)
    return pieces
