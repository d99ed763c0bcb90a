"""Restoring one text that arrives in pieces."""

import re
from collections.abc import Callable
from typing import Protocol


class RestorerLike(Protocol):
    """Puts values back where a text has their pseudonyms.

    MUST give, for any split of a text, joined, the same text; MUST be ready for another text after ``finish``.
    """

    def feed(self, piece: str) -> str:
        """What can be told for certain after this piece."""
        ...

    def finish(self) -> str:
        """What was held back; the text is over."""
        ...

    def place(self, at: int) -> int | None:
        """Where what stood at ``at`` stands now, in the text under way or the one just over; None if unknown."""
        ...


Restorers = Callable[[Callable[[str], str]], RestorerLike]
"""Makes a restorer, given how a value is written where it goes."""


_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Halves:
    """Joins halves of surrogate pairs: a vendor that cuts by UTF-16 units writes them in two deltas."""

    def __init__(self) -> None:
        self._half = ""

    def joined(self, piece: str) -> str:
        """``piece`` with what was waiting before it; a half that may meet its other half waits."""
        piece, self._half = self._half + piece, ""
        if _SURROGATE.search(piece):
            if "\ud800" <= piece[-1] <= "\udbff":
                piece, self._half = piece[:-1], piece[-1]
            piece = _PAIR.sub(_one, piece)
        return piece

    def rest(self) -> str:
        half, self._half = self._half, ""
        return half


def _one(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16", "surrogatepass").decode("utf-16")


class InText:
    """A restorer for text, spared halves of surrogate pairs."""

    def __init__(self, restorer: RestorerLike) -> None:
        self._restorer = restorer
        self._halves = Halves()

    def feed(self, piece: str) -> str:
        return self._restorer.feed(self._halves.joined(piece))

    def finish(self) -> str:
        return self._restorer.feed(self._halves.rest()) + self._restorer.finish()

    def place(self, at: int) -> int | None:
        return self._restorer.place(at)
