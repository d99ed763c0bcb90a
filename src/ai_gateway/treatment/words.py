"""The words of a folded text, as identifiers are compared: whole, in order, whatever stands between them."""

import re
from collections.abc import Callable, Mapping, Sequence

from ai_gateway.treatment.normalize import Mapped, fold

# Scripts written without spaces (Thai to Myanmar, Hangul letters, kana, Han): each character is a word of its own, so a
# name is found inside a sentence.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+|[{_UNSPACED}]")  # one class each: no backtracking
_UNSPACED_ONLY = re.compile(f"[{_UNSPACED}]+")

_WIDEST_GAP = 4
_MOST_PASSES = 24

# The same rule for ASCII, where most texts are: as a table it costs a seventh of the regular expression.
_ASCII_WORDS = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))
_ASCII_FOLDED_WORDS = _ASCII_WORDS.lower()

_MANY = 32
"""So many words are looked for in one pass over all of a text's; fewer, each by itself."""


def split(folded: str) -> tuple[str, ...]:
    if folded.isascii():
        return tuple(folded.translate(_ASCII_WORDS).split())
    return tuple(_WORD.findall(folded))


def worded(text: str) -> tuple[str, ...]:
    """The words of a text that is not folded yet."""
    if text.isascii():
        return tuple(text.translate(_ASCII_FOLDED_WORDS).split())
    return split(fold(text))


def having(folded: str, asked: int) -> Callable[[str], bool]:
    """Tells of a word whether it stands in the text, as ``split`` would find it; made for about so many questions."""
    if asked <= _MANY and folded.isascii():
        spaced = f" {folded.translate(_ASCII_WORDS)} "
        return lambda word: f" {word} " in spaced
    return frozenset(split(folded)).__contains__


class Worded(dict[str, tuple[str, ...]]):
    """Values and their words, each taken apart once. For one call: it holds what people wrote."""

    def __missing__(self, value: str) -> tuple[str, ...]:
        self[value] = words = worded(value)
        return words

    def __repr__(self) -> str:
        return f"Worded({len(self)} values)"  # they are personal


def is_unspaced(text: str) -> bool:
    """Whether the text is written in a script without spaces."""
    return _UNSPACED_ONLY.fullmatch(text) is not None


class Reading:
    """A folded text and its words, ready to be searched for sequences of words.

    Where a word stands is found out when somebody asks, which is for a few words of a text.
    """

    __slots__ = ("_placed", "_starts", "spaced", "view", "vocabulary", "words")

    def __init__(self, view: Mapped) -> None:
        self.view = view
        self.spaced = f" {view.text.translate(_ASCII_WORDS)} " if view.text.isascii() else None
        """Of an ASCII text: spaces where no word is, and one before and after; so one place further than the view."""
        self.words = split(view.text) if self.spaced is None else tuple(self.spaced.split())
        self.vocabulary = frozenset(self.words)
        self._starts: dict[int, int] = {}
        self._placed: set[str] = set()

    def where(self, wanted: Mapping[str, object]) -> list[int]:
        """Which of the words are among these, by their places, ascending."""
        met = self.vocabulary.intersection(wanted)
        if len(met) > _MANY:
            return [i for i, word in enumerate(self.words) if word in wanted]
        found: list[int] = []
        for word in met:
            at = -1
            for _ in range(self.words.count(word)):
                at = self.words.index(word, at + 1)
                found.append(at)
        found.sort()
        return found

    def start(self, i: int) -> int:
        """Where the word ``i`` starts in the folded text."""
        if i not in self._starts:
            self._place(self.words[i])
        return self._starts[i]

    def end(self, i: int) -> int:
        return self.start(i) + len(self.words[i])

    def stands(self, at: int, sequence: tuple[str, ...]) -> bool:
        """Whether the sequence stands at word ``at``, with nothing but a few separators between its words."""
        stop = at + len(sequence)
        if self.words[at:stop] != sequence:
            return False
        return all(self._near(i) for i in range(at, stop - 1))

    def _near(self, i: int) -> bool:
        gap = self.view.text[self.end(i) : self.start(i + 1)]
        return len(gap) <= _WIDEST_GAP and gap.count("\n") <= 1

    def _place(self, word: str) -> None:
        """One word wherever it stands; after so many of them, all: each takes a pass over the text."""
        self._placed.add(word)
        if self.spaced is None or len(self._placed) > _MOST_PASSES:
            self._starts = _starts(self.view.text, self.words)
            return
        i, at, sought = -1, -1, f" {word} "
        for _ in range(self.words.count(word)):
            i = self.words.index(word, i + 1)
            at = self.spaced.find(sought, at + 1)
            self._starts[i] = at  # one less than where it stands in the spaced text, which starts with a space


def read(folded: Mapped) -> Reading:
    """Shape a folded view; linear in its length."""
    return Reading(folded)


def _starts(text: str, words: Sequence[str]) -> dict[int, int]:
    """Words in order: what stands between two of them holds no letter, so the next find is the next word."""
    starts: dict[int, int] = {}
    at = 0
    for i, word in enumerate(words):
        starts[i] = at = text.find(word, at)
        at += len(word)
    return starts
