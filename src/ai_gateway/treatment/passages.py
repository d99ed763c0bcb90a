"""Where a text that is still being written can be cut, so that each part can be read for what it says.

A place is chosen by the text alone, never by how it arrives: any split of it gives the same passages.
"""

import re

_LINE_FROM, _SENTENCE_FROM, _WORD_FROM = 200, 400, 2_000
"""Characters after which a passage may end with a line, a sentence, a word: names seldom run over the first two."""
LONGEST = 4_000
"""No passage has more characters than this."""

_LINE = re.compile(r"\n+(?=[^\n])")
_SENTENCE = re.compile(r"(?<=[a-z]{3}[.!?])\s+(?=\S)")
_WORD = re.compile(r"(?<=[\w,;])\s+(?=\S)")


class Passages:
    """Feed it a text in pieces; it gives the passages that are complete."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> list[str]:
        self._held += piece
        passages: list[str] = []
        while end := _end(self._held):
            passages.append(self._held[:end])
            self._held = self._held[end:]
        return passages

    def finish(self) -> str:
        """The rest; another text may follow."""
        rest, self._held = self._held, ""
        return rest


def _end(text: str) -> int:
    """Where the first passage of ``text`` ends, or 0 while one cannot tell."""
    if len(text) <= _LINE_FROM:
        return 0
    found = [
        match.end()
        for pattern, start in ((_LINE, _LINE_FROM), (_SENTENCE, _SENTENCE_FROM), (_WORD, _WORD_FROM))
        if (match := pattern.search(text, start, LONGEST)) is not None
    ]
    if found:
        return min(found)
    return LONGEST if len(text) > LONGEST else 0
