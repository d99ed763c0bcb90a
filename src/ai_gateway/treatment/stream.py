"""Puts the values back where a reply has their pseudonyms, piece by piece.

Any split of the reply gives the text that the whole gives. A restored value is never read again, and no more is held
back than the longest writing of a pseudonym.
"""

from collections.abc import Callable, Container, Sequence

from ai_gateway.model import Pseudonym
from ai_gateway.treatment.placeholder import Placeholder, Undecided, key_of, next_start, read_at


class Restorer:
    """One reply's way back. ``visible`` holds the tokens whose values this actor may see; others stay as written.

    ``write`` says how a value is written where it goes.
    """

    def __init__(
        self, pseudonyms: Sequence[Pseudonym], visible: Container[str], write: Callable[[str], str] = str
    ) -> None:
        self._values = {key_of(p.token): write(p.value) for p in pseudonyms if p.token in visible}
        self._hidden = {key_of(p.token) for p in pseudonyms if p.token not in visible}
        self._before = ""
        self._held = ""
        self.restored = 0
        """Pseudonyms replaced so far."""

    @property
    def held(self) -> int:
        """Characters taken in and not yet given out."""
        return len(self._held)

    def feed(self, piece: str) -> str:
        """What can be told for certain after this piece."""
        return self._read(self._held + piece, complete=False)

    def finish(self) -> str:
        """What was held back; the text is over, and another may follow."""
        rest = self._read(self._held, complete=True)
        self._before = self._held = ""
        return rest

    def _read(self, fresh: str, *, complete: bool) -> str:
        if not self._values:
            return fresh
        text, out = self._before + fresh, list[str]()
        given = at = len(self._before)
        while (at := next_start(text, at)) < len(text):
            found = read_at(text, at, complete=complete)
            if isinstance(found, Undecided):
                break
            value = self._value(found) if found else None
            if found is None or value is None:
                at += 1
                continue
            out += (text[given : found.start], value)
            given = at = found.end
            self.restored += 1
        out.append(text[given:at])
        self._before, self._held = text[at - 1 : at] if at else "", text[at:]
        return "".join(out)

    def _value(self, found: Placeholder) -> str | None:
        """A model that was shown ``<CLIENT_1>`` may make up ``<CLIENT_1_FIRST>``: the person is the same."""
        if found.key in self._hidden:
            return None
        return self._values.get(found.key, self._values.get(found.stem))


def restore(text: str, restorer: Restorer) -> str:
    """The whole at once."""
    return restorer.feed(text) + restorer.finish()
