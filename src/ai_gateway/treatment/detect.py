"""How the tiers' findings become one answer. No I/O: the tiers have run, the parties are known."""

from collections.abc import Sequence

from ai_gateway.model import Span
from ai_gateway.treatment import known
from ai_gateway.treatment.addresses import completed
from ai_gateway.treatment.allow import WordLists, clear
from ai_gateway.treatment.doubts import borne_out
from ai_gateway.treatment.normalize import folded
from ai_gateway.treatment.propagate import Names, propagate
from ai_gateway.treatment.resolve import resolve
from ai_gateway.treatment.titles import with_titles
from ai_gateway.treatment.words import read


def judge(text: str, found: Sequence[Span], lists: WordLists) -> tuple[Span, ...]:
    """What patterns and model found in one text (in any order, overlapping or not), less terms of the trade and
    everyday words, its addresses read to their end. Depends on nothing but the text, so it may be remembered with it.
    """
    return tuple(completed(text, borne_out(text, clear(text, found, lists), lists), lists))


def combined(text: str, judged: Sequence[Span], index: known.KnownIndex, names: Names) -> tuple[Span, ...]:
    """All that is found in one text of a call in which ``names`` were told. Depends on nothing else.

    1. Find the parties' identifiers.  2. Carry names over to where they went unnoticed.  3. Resolve what overlaps.
    4. Read names in forms and salutations from their titles on.
    """
    reading = read(folded(text))
    told, carried = known.find(text, reading, index), propagate(text, reading, judged, names)
    return tuple(with_titles(reading.view, resolve(text, [*told, *judged, *carried])))
