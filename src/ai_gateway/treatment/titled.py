"""Values that begin with titles, behind a title that the model wrote itself: *Dr. <PERSON_1>* for *Dr. Okafor*.

The value gives way, not the text: what the model wrote may have been told already.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ai_gateway.treatment.normalize import fold, folded
from ai_gateway.treatment.titles import TITLES

LOOK_BACK = 64
"""Three titles, with all that may stand around them, have no more characters."""

_ALSO_WORDS = frozenset(("pan", "hon", "kap", "sig", "miss", "ms", "mx", "rev", "sr", "sra"))
"""*I miss <PERSON_1>*: these count only where both are capitals, or neither."""
_ANY = "|".join(sorted(TITLES))
_OPENS = re.compile(rf"(?:{_ANY})\b\.?[ \t]{{1,2}}")
_EMPHASIS = r"[*_]{0,3}"
_BETWEEN = rf"(?:{_EMPHASIS}\.{_EMPHASIS}[ \t\u00a0]{{0,2}}|{_EMPHASIS}[ \t\u00a0]{{1,2}}){_EMPHASIS}"
_SAID = re.compile(rf"(?<![^\W_])(?:(?:{_ANY})(?![^\W_]){_BETWEEN}){{1,3}}\Z", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Titled:
    """``titles`` are those that the value begins with, folded, each with where in the value the next word begins."""

    value: str = field(repr=False)
    titles: Sequence[tuple[str, int]]

    def behind(self, before: str) -> str:
        """The value, less those of its titles that ``before`` ends with."""
        found = _SAID.search(before[-LOOK_BACK:])
        said = _WORD.findall(found.group()) if found else []
        kept, start = list[str](), 0
        for title, end in self.titles:
            written = self.value[start:end]
            again = next((word for word in said if _is_said(word, title, written)), None)
            if again is None:
                kept.append(written)
            else:
                said.remove(again)
            start = end
        return "".join((*kept, self.value[start:]))


def titled(value: str) -> Titled | None:
    """None for a value that does not begin with a title, or is nothing else."""
    view, titles, at = folded(value), list[tuple[str, int]](), 0
    while (found := _OPENS.match(view.text, at)) and found.end() < len(view.text):
        at = found.end()
        titles.append((found.group().rstrip(" \t."), view.original(at, at + 1)[0]))
    return Titled(value, tuple(titles)) if titles else None


def _is_said(word: str, title: str, written: str) -> bool:
    if fold(word) != title:
        return False
    first = next((c for c in written if c.isalpha()), "")
    return title not in _ALSO_WORDS or word[0].isupper() == first.isupper()
