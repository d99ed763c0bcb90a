"""What is held of texts that were combined: with the index of their parties, and no longer."""

import os
from collections.abc import Mapping

import pytest

from ai_gateway.adapters.combining import CombinedSpans
from ai_gateway.adapters.party_indexes import PartyIndex
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType, Span
from ai_gateway.treatment import known

SPANS = (Span(start=0, end=4, entity=EntityType("PERSON"), found_by="model"),)


class Hands:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def index(until: float) -> PartyIndex:
    return PartyIndex(known.index((), word_lists()), frozenset(), until, os.urandom(16))


def put(held: CombinedSpans, party: PartyIndex, *places: bytes) -> None:
    held.of(party)
    for place in places:
        held.put(party, place, SPANS)


@pytest.mark.parametrize("ends", [(10.0, 20.0), (20.0, 10.0)])
def test_spans_end_with_the_index_whichever_was_used_first(ends: tuple[float, float]) -> None:
    hands = Hands()
    held = CombinedSpans(10, now=hands)
    parties = {until: index(until) for until in ends}
    for party in parties.values():
        put(held, party, b"one", b"two")
    hands.at = 9.9
    assert [_held(held, party) for party in parties.values()] == [{b"one": SPANS, b"two": SPANS}] * 2
    hands.at = 10.0
    assert _held(held, parties[20.0]) == {b"one": SPANS, b"two": SPANS}
    assert len(held) == 2
    assert set(held._spans) == {parties[20.0].mark}


def test_nothing_is_put_with_an_index_that_ended() -> None:
    hands = Hands()
    held, party = CombinedSpans(10, now=hands), index(10.0)
    held.of(party)
    hands.at = 10.0
    held.put(party, b"one", SPANS)
    assert (len(held), held._spans, held._ends) == (0, {}, [])


def test_it_holds_no_more_than_it_may_and_what_ends_first_goes_first() -> None:
    held = CombinedSpans(3, now=Hands())
    later, sooner = index(20.0), index(10.0)
    put(held, later, b"1", b"2")
    put(held, sooner, b"3", b"4")
    assert (set(_held(held, later)), set(_held(held, sooner)), len(held)) == ({b"1", b"2"}, {b"4"}, 3)
    put(held, later, b"5", b"6")
    assert (set(_held(held, later)), len(held)) == ({b"2", b"5", b"6"}, 3)
    put(held, later, b"5", b"5")
    assert len(held) == 3


def test_parties_of_whom_nothing_is_held_are_bounded_in_number_too() -> None:
    held = CombinedSpans(3, now=Hands())
    for until in range(10, 20):
        held.of(index(float(until)))
    assert len(held._spans) == len(held._ends) == 3


def _held(held: CombinedSpans, party: PartyIndex) -> Mapping[bytes, tuple[Span, ...]]:
    return dict(held.of(party))
