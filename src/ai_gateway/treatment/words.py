"""The words of a folded text, as identifiers are compared: whole, in order, whatever stands between them."""

import re
from dataclasses import dataclass, field

from ai_gateway.treatment.normalize import Mapped

# Scripts written without spaces (Thai to Myanmar, Hangul letters, kana, Han): each character is a word of its own, so a
# name is found inside a sentence.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+|[{_UNSPACED}]")  # one class each: no backtracking
_UNSPACED_ONLY = re.compile(f"[{_UNSPACED}]+")

_WIDEST_GAP = 4


def split(folded: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(folded))


def is_unspaced(text: str) -> bool:
    """Whether the text is written in a script without spaces."""
    return _UNSPACED_ONLY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """A folded text and its words, ready to be searched for sequences of words."""

    view: Mapped
    words: tuple[str, ...] = field(repr=False)
    starts: tuple[int, ...] = field(repr=False)
    ends: tuple[int, ...] = field(repr=False)

    def stands(self, at: int, sequence: tuple[str, ...]) -> bool:
        """Whether the sequence stands at word ``at``, with nothing but a few separators between its words."""
        stop = at + len(sequence)
        if self.words[at:stop] != sequence:
            return False
        return all(self._near(i) for i in range(at, stop - 1))

    def _near(self, i: int) -> bool:
        gap = self.view.text[self.ends[i] : self.starts[i + 1]]
        return len(gap) <= _WIDEST_GAP and gap.count("\n") <= 1


def read(folded: Mapped) -> Reading:
    """Shape a folded view; linear in its length."""
    text = folded.text
    bounds = [match.span() for match in _WORD.finditer(text)]
    if not bounds:
        return Reading(folded, (), (), ())
    starts, ends = zip(*bounds, strict=True)
    return Reading(folded, tuple([text[start:end] for start, end in bounds]), starts, ends)
