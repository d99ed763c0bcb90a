"""How words are written, for a model whose tokens are all in small letters and know no line breaks.

Each token gets a kind: the case of its word, and whether the word opens a line, follows white space, or is glued to
what stands before it. Training and the gateway share this function; changing it needs another model.
"""

from collections.abc import Sequence

KINDS = 12
_SPACED, _GLUED, _OPENS_LINE = 0, 4, 8
_SMALL, _CAPITAL_FIRST, _CAPITALS, _MIXED = range(4)


def kinds_of(text: str, offsets: Sequence[tuple[int, int]], word_ids: Sequence[int | None]) -> list[int]:
    """One number within 0…11 for each token; the offsets are the text's."""
    kinds: list[int] = []
    kind, last, behind = 0, None, 0
    for i, (start, end) in enumerate(offsets):
        if word_ids[i] != last or not i:
            last = word_ids[i]
            stop = end
            for later in range(i + 1, len(offsets)):
                if word_ids[later] != last:
                    break
                stop = offsets[later][1]
            kind = _case(text[start:stop]) + _place(text, behind, start)
            behind = stop
        kinds.append(kind)
    return kinds


def _case(word: str) -> int:
    if word.islower() or not word[:1].isalpha():
        return _SMALL if word == word.lower() else _MIXED
    if not word[0].isupper():
        return _MIXED
    if len(word) == 1 or word[1:] == word[1:].lower():
        return _CAPITAL_FIRST
    return _CAPITALS if word.isupper() else _MIXED


def _place(text: str, behind: int, start: int) -> int:
    gap = text[behind:start]
    if not behind or "\n" in gap:
        return _OPENS_LINE
    return _SPACED if gap else _GLUED
