"""How the tiers' findings become one answer. No I/O: the tiers have run, the parties are known."""

from collections.abc import Sequence

from ai_gateway.model import Span
from ai_gateway.treatment import known
from ai_gateway.treatment.addresses import completed
from ai_gateway.treatment.allow import WordLists, clear
from ai_gateway.treatment.doubts import borne_out
from ai_gateway.treatment.normalize import folded
from ai_gateway.treatment.propagate import propagate
from ai_gateway.treatment.resolve import resolve
from ai_gateway.treatment.words import read


def combine(
    texts: Sequence[str], found: Sequence[Sequence[Span]], index: known.KnownIndex, lists: WordLists
) -> tuple[tuple[Span, ...], ...]:
    """``found`` is what patterns and model found in each text, in any order, overlapping or not; ``index`` is theirs.

    1. Clear terms of the trade and everyday words, read addresses to their end.  2. Find the parties' identifiers.
    3. Carry names over to where they went unnoticed.  4. Resolve what overlaps.
    """
    cleared = [
        completed(text, borne_out(text, clear(text, spans, lists), lists), lists)
        for text, spans in zip(texts, found, strict=True)
    ]
    readings = [read(folded(text)) for text in texts]
    told = [known.find(text, reading, index) for text, reading in zip(texts, readings, strict=True)]
    carried = propagate(texts, readings, cleared, lists)
    return tuple(resolve(text, [*told[i], *cleared[i], *carried[i]]) for i, text in enumerate(texts))
