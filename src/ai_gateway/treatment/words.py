"""The words of a folded text, as identifiers are compared: whole, in order, whatever stands between them."""

import re
from collections.abc import Sequence

from ai_gateway.treatment.normalize import Mapped

# Scripts written without spaces (Thai to Myanmar, Hangul letters, kana, Han): each character is a word of its own, so a
# name is found inside a sentence.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+|[{_UNSPACED}]")  # one class each: no backtracking
_UNSPACED_ONLY = re.compile(f"[{_UNSPACED}]+")

_WIDEST_GAP = 4

# The same rule for ASCII, where most texts are: as a table it costs a seventh of the regular expression.
_ASCII_WORDS = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))


def split(folded: str) -> tuple[str, ...]:
    if folded.isascii():
        return tuple(folded.translate(_ASCII_WORDS).split())
    return tuple(_WORD.findall(folded))


def is_unspaced(text: str) -> bool:
    """Whether the text is written in a script without spaces."""
    return _UNSPACED_ONLY.fullmatch(text) is not None


class Reading:
    """A folded text and its words, ready to be searched for sequences of words."""

    __slots__ = ("_bounds", "view", "words")

    def __init__(self, view: Mapped) -> None:
        self.view = view
        self.words = split(view.text)
        self._bounds: tuple[Sequence[int], Sequence[int]] | None = None

    @property
    def starts(self) -> Sequence[int]:
        """Where each word starts in the folded text."""
        return self._placed()[0]

    @property
    def ends(self) -> Sequence[int]:
        return self._placed()[1]

    def stands(self, at: int, sequence: tuple[str, ...]) -> bool:
        """Whether the sequence stands at word ``at``, with nothing but a few separators between its words."""
        stop = at + len(sequence)
        if self.words[at:stop] != sequence:
            return False
        return all(self._near(i) for i in range(at, stop - 1))

    def _near(self, i: int) -> bool:
        gap = self.view.text[self.ends[i] : self.starts[i + 1]]
        return len(gap) <= _WIDEST_GAP and gap.count("\n") <= 1

    def _placed(self) -> tuple[Sequence[int], Sequence[int]]:
        """Most texts hold no word that is looked for, and nobody asks where theirs stand."""
        if self._bounds is None:
            self._bounds = _bounds(self.view.text, self.words)
        return self._bounds


def read(folded: Mapped) -> Reading:
    """Shape a folded view; linear in its length."""
    return Reading(folded)


def _bounds(text: str, words: Sequence[str]) -> tuple[list[int], list[int]]:
    """Words in order: what stands between two of them holds no letter, so the next find is the next word."""
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for word in words:
        start = text.find(word, at)
        at = start + len(word)
        starts.append(start)
        ends.append(at)
    return starts, ends
