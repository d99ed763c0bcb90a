"""Puts the values back where a reply has their pseudonyms, piece by piece.

Any split of the reply gives the text that the whole gives. A restored value is never read again, and no more is held
back than the longest writing of a pseudonym. A title that stands before a pseudonym is not said again by its value.
"""

from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Sequence

from ai_gateway.model import Pseudonym
from ai_gateway.treatment.placeholder import Placeholder, Undecided, key_of, next_start, read_at
from ai_gateway.treatment.titled import LOOK_BACK, titled

_MOST_MOVES = 1_000


class Restorer:
    """One reply's way back. ``visible`` holds the tokens whose values this actor may see; others stay as written.

    ``write`` says how a value is written where it goes. ``whole`` holds the tokens of ``said_twice``.
    """

    def __init__(
        self,
        pseudonyms: Sequence[Pseudonym],
        visible: Container[str],
        write: Callable[[str], str] = str,
        whole: Container[str] = (),
    ) -> None:
        shown = [p for p in pseudonyms if p.token in visible]
        self._values = {key_of(p.token): write(p.value) for p in shown}
        self._titled = {key_of(p.token): one for p in shown if p.token not in whole and (one := titled(p.value))}
        self._hidden = {key_of(p.token) for p in pseudonyms if p.token not in visible}
        self._write = write
        self._before = ""
        # Characters of it since the last value, which may stand right before a title and whose own words are no reply's
        # title; None where no value is within reach.
        self._since: int | None = None
        self._held = ""
        self._moves = _Moves()
        self._over = False
        self.restored = 0
        """Pseudonyms replaced so far."""
        self.shortened: set[str] = set()
        """Tokens whose values were given out without a title that stood before them."""

    @property
    def held(self) -> int:
        """Characters taken in and not yet given out."""
        return len(self._held)

    def feed(self, piece: str) -> str:
        """What can be told for certain after this piece."""
        if self._over:
            self._moves, self._over = _Moves(), False
        return self._read(self._held + piece, complete=False)

    def finish(self) -> str:
        """What was held back; the text is over, and another may follow."""
        rest = self._read(self._held, complete=True)
        self._before, self._held, self._since = "", "", None
        self._over = True
        return rest

    def place(self, at: int) -> int | None:
        """Where in the text given out stands what stood at ``at`` in the text taken in: of the text under way, or the
        one that is just over. Within a pseudonym, where its value ends; None where that is not known any more."""
        return self._moves.place(at)

    def _read(self, fresh: str, *, complete: bool) -> str:
        if not self._values:
            return fresh
        text, out = self._before + fresh, list[str]()
        given = at = len(self._before)
        since = None if self._since is None else at - self._since
        while (at := next_start(text, at)) < len(text):
            found = read_at(text, at, complete=complete)
            if isinstance(found, Undecided):
                break
            key = self._key(found) if found else None
            if found is None or key is None:
                at += 1
                continue
            value = self._told(key, text, found.start, since)
            out += (text[given : found.start], value)
            self._moves.add(found.start - len(self._before), found.end - len(self._before), len(value))
            given = at = since = found.end
            self.restored += 1
        out.append(text[given:at])
        self._moves.passed += at - len(self._before)
        kept = max(0, at - (LOOK_BACK if self._titled else 1))
        self._before, self._held = text[kept:at], text[at:]
        self._since = None if since is None or since < kept else at - since
        return "".join(out)

    def _key(self, found: Placeholder) -> str | None:
        """A model that was shown ``<CLIENT_1>`` may make up ``<CLIENT_1_FIRST>``: the person is the same."""
        if found.key in self._hidden:
            return None
        return next((key for key in (found.key, found.stem) if key in self._values), None)

    def _told(self, key: str, text: str, end: int, since: int | None) -> str:
        """The value, as it is written where ``text`` has come to ``end``, and another value ended at ``since``."""
        one = self._titled.get(key)
        if one is None:
            return self._values[key]
        start = max(0, end - LOOK_BACK)
        is_behind_value = since is not None and since >= start
        told = one.behind(text[since if is_behind_value else start : end], is_behind_value=is_behind_value)
        if told == one.value:
            return self._values[key]
        self.shortened.add(f"<{key}>")
        return self._write(told)


class _Moves:
    """What was replaced in one text: its first thousand pseudonyms, so that it does not grow with the text."""

    def __init__(self) -> None:
        self.passed = 0
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._shifts: list[int] = []

    def add(self, start: int, end: int, length: int) -> None:
        """``length`` characters now stand where ``start`` to ``end`` stood, counted from those passed."""
        if len(self._starts) < _MOST_MOVES:
            self._starts.append(self.passed + start)
            self._ends.append(self.passed + end)
            self._shifts.append((self._shifts[-1] if self._shifts else 0) + length - (end - start))

    def place(self, at: int) -> int | None:
        last = bisect_left(self._starts, at) - 1
        if last < 0:
            return at
        if last == _MOST_MOVES - 1 and at > self._ends[last]:
            return None
        return max(at, self._ends[last]) + self._shifts[last]


def said_twice(texts: Iterable[str], pseudonyms: Sequence[Pseudonym], visible: Container[str]) -> frozenset[str]:
    """The tokens that stand behind a title of their values in the texts themselves, as they were sent: whoever wrote
    *Dr. Dr. Okafor* meant it, and an echo has to give it back."""
    if not any(titled(one.value) for one in pseudonyms if one.token in visible):
        return frozenset()
    echo = Restorer(pseudonyms, visible)
    for text in texts:
        restore(text, echo)
    return frozenset(echo.shortened)


def restore(text: str, restorer: Restorer) -> str:
    """The whole at once."""
    return restorer.feed(text) + restorer.finish()
