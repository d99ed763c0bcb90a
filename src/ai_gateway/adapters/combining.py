"""All that is found in a call's texts, each worked on once while the parties and the names told are the same.

A conversation sends its earlier turns again with every new one; another try or another vendor gets the same texts. What
is kept is spans (places, types and ids, no text) under keyed hashes, bounded in number, for as long as the parties'
index.
"""

from collections.abc import Sequence
from hashlib import blake2b

from ai_gateway.adapters.party_indexes import PartyIndex
from ai_gateway.held import Held
from ai_gateway.model import Span
from ai_gateway.treatment.detect import combined
from ai_gateway.treatment.propagate import Names

Spans = tuple[Span, ...]


class Combining:
    """One call's. ``missing`` may run in a thread; what is ``held`` is touched before and after it alone."""

    def __init__(
        self,
        held: Held[bytes, Spans],
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
        self._spans = [held.get(place) for place in self._places]

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
            self._held.put(self._places[number], spans)
        return tuple(missing[number] if spans is None else spans for number, spans in enumerate(self._spans))
