import pytest

from ai_gateway.adapters.party_indexes import PartyIndexes
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import Known, SubjectId
from ai_gateway.ports import Party
from ai_gateway.treatment import known

SAM = Party(SubjectId("cli_9"), Known(names=("Sam Lee",)))
RENAMED = Party(SubjectId("cli_9"), Known(names=("Sam Larkspur",)))


class Hands:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_the_same_people_are_indexed_once_within_the_minute() -> None:
    indexes = PartyIndexes(word_lists())
    assert indexes.of([SAM]) is indexes.of([SAM])


def test_a_person_who_changed_is_indexed_anew() -> None:
    indexes = PartyIndexes(word_lists())
    assert "sam lee" in indexes.of([SAM]).spellings
    assert "sam larkspur" in indexes.of([RENAMED]).spellings
    assert "sam lee" not in indexes.of([RENAMED]).spellings


def test_after_a_minute_nothing_of_a_person_is_kept() -> None:
    hands = Hands()
    indexes = PartyIndexes(word_lists(), now=hands)
    kept = indexes.of([SAM])
    hands.at = 61.0
    assert indexes.of([]) is not kept
    assert list(indexes._kept) == [()]


def test_what_is_kept_is_bounded() -> None:
    indexes = PartyIndexes(word_lists())
    for number in range(400):
        indexes.of([Party(SubjectId(f"p{number}"), Known(names=(f"Sam Lee{number}",)))])
    assert len(indexes._kept) == 256


def test_what_was_begun_before_all_was_forgotten_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    indexes, index = PartyIndexes(word_lists()), known.index

    def meanwhile(*about: object) -> known.KnownIndex:
        indexes.forget()
        return index(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(known, "index", meanwhile)
    assert "sam lee" in indexes.of([SAM]).spellings
    assert not indexes._kept
