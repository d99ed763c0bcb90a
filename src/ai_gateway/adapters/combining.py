"""All that is found in a call's texts, each worked on once while the parties and the names told are the same.

A conversation sends its earlier turns again with every new one; another try or another vendor gets the same texts. What
is kept is spans (places, types and ids, no text) under keyed hashes, bounded in number, no longer than the parties'
index.
"""

import time
from bisect import insort
from collections.abc import Callable, Sequence
from hashlib import blake2b

from ai_gateway.adapters.party_indexes import PartyIndex
from ai_gateway.model import Span
from ai_gateway.treatment.detect import combined
from ai_gateway.treatment.propagate import Names

Spans = tuple[Span, ...]
_LONGEST = 500
"""Of a text with more spans than this nothing is held: few are sent again, and they would take most of the memory."""


class CombinedSpans:
    """At most ``most`` texts' spans, by the parties' index that they were found with. Those whose index ends first go
    first. For one thread."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._spans: dict[bytes, dict[bytes, Spans]] = {}
        self._ends: list[tuple[float, bytes]] = []
        self._number = 0

    def of(self, party: PartyIndex) -> dict[bytes, Spans]:
        """What is held of these parties; to be read, and only ``put`` into."""
        self._let_go()
        held = self._spans.get(party.mark)
        if held is None:
            held = self._spans[party.mark] = {}
            insort(self._ends, (party.until, party.mark))
            self._let_go()
        return held

    def put(self, party: PartyIndex, place: bytes, spans: Spans) -> None:
        """Nothing of parties that were let go since ``of``."""
        self._let_go()
        held = self._spans.get(party.mark)
        if held is None or len(spans) > _LONGEST:
            return
        self._number += place not in held
        held[place] = spans
        while self._number > self._most:
            self._drop_one()

    def clear(self) -> None:
        self._spans.clear()
        self._ends.clear()
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def _let_go(self) -> None:
        now = self._now()
        while self._ends and (self._ends[0][0] <= now or len(self._ends) > self._most):
            self._drop_first()

    def _drop_first(self) -> None:
        _, mark = self._ends.pop(0)
        self._number -= len(self._spans.pop(mark))

    def _drop_one(self) -> None:
        first = self._spans[self._ends[0][1]]
        if not first:
            self._drop_first()
            return
        del first[next(iter(first))]
        self._number -= 1


class Combining:
    """One call's. ``missing`` may run in a thread; what is ``held`` is touched before and after it alone."""

    def __init__(
        self,
        held: CombinedSpans,
        digests: Sequence[bytes],
        party: PartyIndex,
        names: Names,
        texts: Sequence[str],
        judged: Sequence[Sequence[Span]],
    ) -> None:
        """``digests``: the texts' keyed hashes."""
        self._held, self._party, self._names = held, party, names
        self._texts, self._judged = texts, judged
        told = repr(sorted(names.values)).encode("utf-8", "surrogatepass")  # no two lists of names read the same
        self._places = [blake2b(digest + told, key=party.mark, digest_size=32).digest() for digest in digests]
        self._spans = list(map(held.of(party).get, self._places))

    def missing(self) -> dict[int, Spans]:
        """What is found in the texts that are not held, by their number."""
        index, names = self._party.index, self._names
        return {
            number: combined(self._texts[number], self._judged[number], index, names)
            for number, spans in enumerate(self._spans)
            if spans is None
        }

    def told(self, missing: dict[int, Spans]) -> tuple[Spans, ...]:
        """Of every text, in order; what was ``missing`` is held from now on."""
        for number, spans in missing.items():
            self._held.put(self._party, self._places[number], spans)
        return tuple(missing[number] if spans is None else spans for number, spans in enumerate(self._spans))
