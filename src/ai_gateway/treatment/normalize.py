"""One reading of a text, whatever it was typed with, and the way back to the original offsets.

Three views share one rule, *a span maps back exactly*: ``plain`` (what a reader sees: Unicode NFKC, invisible
characters gone, look-alike letters inside Latin words made Latin), ``ascii_of`` (the same, one ASCII character for
each, for patterns) and ``folded`` (case and diacritics gone too, for comparing identifiers). All take linear time.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ai_gateway.treatment import confusables

_REMEMBERED = 20_000
"""Characters whose reading is remembered; a text with more distinct ones is read all the same."""

_SINGLE = {"ß": "s", "æ": "a", "Æ": "A", "œ": "o", "Œ": "O", "þ": "t", "Þ": "T", "ð": "d", "Ð": "D"}
_WORD = re.compile(r"[^\W_]+")  # one class: no backtracking
_FEW = 16
"""So many kinds of characters are looked for one by one, each in a pass over the text that costs next to nothing."""
_OTHER_LETTER, _OTHER_CAPITAL, _OTHER_SIGN = "x", "X", "\x01"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A view of a text. ``starts[i]``/``ends[i]`` bound, in the original, what the view's character ``i`` was read
    from; both are empty where every offset is its own (most texts)."""

    text: str = field(repr=False)
    starts: Sequence[int] = field(default=(), repr=False)
    ends: Sequence[int] = field(default=(), repr=False)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where the view's ``start`` to ``end`` (not empty) stands in the original text."""
        return (self.starts[start], self.ends[end - 1]) if self.starts else (start, end)

    def place(self, at: int) -> int:
        """Where in the view begins what was read from the original's ``at`` on."""
        return bisect_left(self.starts, at) if self.starts else at


class _Readings(dict[str, str]):
    """What one character reads as; bounded, and a function of the character alone."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, character: str) -> str:
        reading = self._read(character)
        if len(self) < _REMEMBERED:
            self[character] = reading
        return reading


def _is_invisible(character: str) -> bool:
    """Soft hyphen, zero-width characters, direction marks, variation selectors, tags; not line breaks or tabs."""
    return (
        unicodedata.category(character) == "Cf"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or character in "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    )


def _read_plain(character: str) -> str:
    if character.isascii():
        return character
    if _is_invisible(character) or _is_mark(character):
        return ""
    sign = confusables.PUNCTUATION.get(character)
    if sign is not None:
        return sign
    reading = unicodedata.normalize("NFKC", character)
    if len(reading) == 1 and reading.isspace():
        return " " if reading not in "\u2028\u2029\x85" else "\n"
    if len(reading) == 1 and unicodedata.category(reading) == "Nd":
        return str(unicodedata.digit(reading))
    return "".join(confusables.PUNCTUATION.get(c, c) for c in reading if not _is_invisible(c))


def _read_folded(character: str) -> str:
    plain = "".join(confusables.LETTERS.get(c, c) for c in _read_plain(character))
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain.casefold()) if not _is_mark(c))
    folded = "".join(confusables.LETTERS.get(c, c) for c in bare).casefold()
    return "".join(confusables.LETTERS.get(c, c) for c in folded)


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) != 0 or unicodedata.category(character) == "Me"


def _read_ascii(character: str) -> str:
    if character.isascii():
        return character
    bare = unicodedata.normalize("NFKD", character)[0]
    bare = _SINGLE.get(bare) or confusables.LETTERS.get(bare, bare)
    if bare.isascii() and bare.isalnum():
        return bare
    if bare.isalpha() or _is_mark(bare):
        return _OTHER_CAPITAL if bare.isupper() else _OTHER_LETTER
    return _OTHER_SIGN


_PLAIN, _FOLDED, _ASCII = _Readings(_read_plain), _Readings(_read_folded), _Readings(_read_ascii)


def plain(text: str) -> Mapped:
    """What a reader sees, case kept. Look-alike letters are made Latin in words that hold a Latin letter or digit, or
    nothing but look-alikes."""
    if text.isascii():
        return Mapped(text)
    view = _view(text, _PLAIN)
    latin = _latin_words(view.text)
    return view if latin is view.text else Mapped(latin, view.starts, view.ends)


def ascii_of(view: Mapped) -> Mapped:
    """One ASCII character for each character of the view: patterns need no knowledge of scripts, and byte offsets are
    character offsets."""
    if view.text.isascii():
        return view
    return Mapped(_rewritten(view.text, {c: _ASCII[c] for c in set(view.text)}), view.starts, view.ends)


def folded(text: str) -> Mapped:
    """For comparing: case, diacritics, look-alikes, widths and invisible characters make no difference."""
    if text.isascii():
        return Mapped(text.lower())
    return _view(text, _FOLDED)


def fold(text: str) -> str:
    """``folded`` without the way back. Idempotent."""
    return text.lower() if text.isascii() else _rewritten(text, {c: _FOLDED[c] for c in set(text)})


def _view(text: str, readings: _Readings) -> Mapped:
    read = {c: readings[c] for c in set(text)}
    joined = _rewritten(text, read)
    uneven = {c: len(reading) for c, reading in read.items() if len(reading) != 1}
    return Mapped(joined, *_places(text, uneven)) if uneven else Mapped(joined)


def _rewritten(text: str, read: Mapping[str, str]) -> str:
    """Every character as it reads. A few that are not ASCII are replaced one after another, which is far quicker than
    character by character: each reading is either ASCII or the character itself."""
    others = {c: reading for c, reading in read.items() if not c.isascii() and reading != c}
    capitals = any("A" <= c <= "Z" and reading != c for c, reading in read.items())
    if len(others) > _FEW or not "".join(others.values()).isascii() or (capitals and not _stay_small(read, others)):
        return text.translate({ord(c): reading for c, reading in read.items()})
    for character, reading in others.items():
        text = text.replace(character, reading)
    return text.lower() if capitals else text


def _stay_small(read: Mapping[str, str], others: Mapping[str, str]) -> bool:
    """Whether writing the rest in small letters changes nothing but ASCII."""
    return all(c.isascii() or c in others or c.lower() == c for c in read)


def _places(text: str, uneven: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """Where each character of the view starts and ends, where some characters read as none or several."""
    starts: list[int] = []
    ends: list[int] = []
    even = 0
    for at in _standing(text, uneven):
        starts.extend(range(even, at))
        ends.extend(range(even + 1, at + 1))
        even, length = at + 1, uneven[text[at]]
        if length:
            starts.extend([at] * length)
            ends.extend([even] * length)
        else:
            _take_in(starts, ends, even)
    starts.extend(range(even, len(text)))
    ends.extend(range(even + 1, len(text) + 1))
    return starts, ends


def _standing(text: str, characters: Mapping[str, int]) -> Sequence[int]:
    """Where any of them stands, ascending."""
    if len(characters) > _FEW:
        return [at for at, c in enumerate(text) if c in characters]
    return sorted(at for c in characters for at in _finds(text, c))


def _finds(text: str, character: str) -> Iterator[int]:
    at = text.find(character)
    while at >= 0:
        yield at
        at = text.find(character, at + 1)


def _take_in(starts: Sequence[int], ends: list[int], end: int) -> None:
    """What reads as nothing belongs to what stands before it (an accent, a joiner), with all that this reads as."""
    i = len(ends) - 1
    while i >= 0 and starts[i] == starts[-1]:
        ends[i] = end
        i -= 1


def _latin_words(text: str) -> str:
    """Fold look-alikes word by word; the text itself when there are none. One character stays one character."""
    if text.isascii() or confusables.LETTERS.keys().isdisjoint(set(text)):
        return text
    letters = list(text)
    for match in _WORD.finditer(text):
        word = match.group()
        if not word.isascii() and _reads_as_latin(word):
            letters[match.start() : match.end()] = [confusables.LETTERS.get(c, c) for c in word]
    return "".join(letters)


def _reads_as_latin(word: str) -> bool:
    return any(c.isascii() for c in word) or all(c in confusables.LETTERS for c in word)
