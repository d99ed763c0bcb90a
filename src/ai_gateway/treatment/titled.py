"""Values that begin with titles, behind a title that the model wrote itself: *Dr. <PERSON_1>* for *Dr. Okafor*.

The value gives way, not the text: what the model wrote may have been told already.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ai_gateway.treatment.normalize import fold, folded
from ai_gateway.treatment.titles import GREETINGS, TITLES

LOOK_BACK = 128
"""Three titles and the name before them, with all that may stand around them, have no more characters."""

_ALSO_WORDS = frozenset(("pan", "hon", "kap", "sig", "miss", "ms", "mx", "rev", "sr", "sra"))
"""*I miss <PERSON_1>*: these count only where both are capitals, or neither."""
_ANY = "|".join(sorted(TITLES))
_OPENS = re.compile(rf"(?:{_ANY})\b\.?[ \t]{{1,2}}")
_EMPHASIS = r"[*_]{0,3}"
_BETWEEN = rf"(?:{_EMPHASIS}\.{_EMPHASIS}[ \t\u00a0]{{0,2}}|{_EMPHASIS}[ \t\u00a0]{{1,2}}){_EMPHASIS}"
_SAID = re.compile(rf"(?<![^\W_])(?:(?:{_ANY})(?![^\W_]){_BETWEEN}){{1,3}}\Z", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_SUFFIX = "sr"
"""A title before a name, and *senior* behind one."""
_LAST = re.compile(rf"(?P<word>[^\W_][\w'\u2019-]*)(?P<closed>[>\])]?){_EMPHASIS}[ \t\u00a0]{{1,2}}{_EMPHASIS}\Z")
_NO_NAME = re.compile(rf"(?<![^\W_])(?:{GREETINGS}|gracias|obrigad[oa]|thanks|el|al|del|o|ao|do)\Z")
_INITIAL = re.compile(r"(?<![^\W_])[^\W\d_]\.\Z")
_AROUND = " \t\u00a0*_"


@dataclass(frozen=True, slots=True)
class Titled:
    """``titles`` are those that the value begins with, folded, each with where in the value the next word begins."""

    value: str = field(repr=False)
    titles: Sequence[tuple[str, int]]

    def behind(self, before: str, *, is_behind_value: bool = False) -> str:
        """The value, less those of its first titles that ``before`` ends with. What stands behind a title that stays is
        kept, too: *Dr.* before *Mr. Dr. Okafor* takes no word out of it. ``before`` may begin where a value ends."""
        said, start = _said(before, is_behind_value=is_behind_value), 0
        for title, end in self.titles:
            again = next((word for word in said if _is_said(word, title, self.value[start:end])), None)
            if again is None:
                break
            said.remove(again)
            start = end
        return self.value[start:]


def titled(value: str) -> Titled | None:
    """None for a value that does not begin with a title, or is nothing else."""
    if value.isascii() and _OPENS.match(value.lower()) is None:  # most values, and each of a reply's is asked about
        return None
    view, titles, at = folded(value), list[tuple[str, int]](), 0
    while (found := _OPENS.match(view.text, at)) and found.end() < len(view.text):
        at = found.end()
        titles.append((found.group().rstrip(" \t."), view.original(at, at + 1)[0]))
    return Titled(value, tuple(titles)) if titles else None


def _said(before: str, *, is_behind_value: bool) -> list[str]:
    """The titles that ``before`` ends with, less a suffix of the name before them."""
    found = _SAID.search(before)
    if found is None:
        return []
    said = _WORD.findall(found.group())
    is_suffix = fold(said[0]) == _SUFFIX and _ends_a_name(before[: found.start()], is_behind_value=is_behind_value)
    return said[1:] if is_suffix else said


def _ends_a_name(before: str, *, is_behind_value: bool) -> bool:
    """A value, a pseudonym that stayed, or a surname right behind a value or an initial. No other capital tells: two
    names do not stand side by side, but *Muchas Gracias Sr. Gomez* and *el Presidente Sr. Gomez* do."""
    last = _LAST.search(before)
    if last is None:
        return is_behind_value and not before.strip(_AROUND)
    if last["closed"]:
        return True
    if not last["word"][0].isupper() or _NO_NAME.search(fold(before.rstrip(_AROUND))):
        return False
    sentence = before[: last.start()].rstrip(_AROUND)
    return bool(_INITIAL.search(sentence)) if sentence else is_behind_value


def _is_said(word: str, title: str, written: str) -> bool:
    if fold(word) != title:
        return False
    first = next((c for c in written if c.isalpha()), "")
    return title not in _ALSO_WORDS or word[0].isupper() == first.isupper()
