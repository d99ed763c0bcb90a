"""Recognizers that a marketplace writes itself, on texts."""

import pytest

from ai_gateway.adapters.own_recognizers import OwnRecognizers
from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType, Known, SubjectId
from ai_gateway.policies.recognizer import Recognizer, Recognizers, Validator
from ai_gateway.ports import Party
from ai_gateway.treatment.allow import allowing

pytestmark = pytest.mark.anyio

URL, HANDLE = EntityType("URL"), EntityType("HANDLE")


def recognizer(
    *expressions: tuple[str, float],
    context: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
    validator: Validator | None = None,
) -> Recognizers:
    one = Recognizer(
        name="x",
        entity=HANDLE,
        expressions=expressions,
        context=context,
        words=words,
        words_score=0.9,
        validator=validator,
    )
    return Recognizers(each=(one,))


async def found(own: Recognizers, text: str) -> list[str]:
    return [text[span.start : span.end] for span in await OwnRecognizers(own).find(text)]


async def test_a_sure_pattern_counts_wherever_it_stands_and_groups_make_no_difference() -> None:
    assert await found(recognizer((r"job-(\d+)", 0.8)), "Jób-12, JOB-7\njob-x") == ["Jób-12", "JOB-7"]


async def test_an_unsure_pattern_counts_beside_a_context_word() -> None:
    own = recognizer((r"\b\d{5}\b", 0.1), context=("Ticket",))
    assert await found(own, "ticket 12345. " + "and so on " * 8 + "54321") == ["12345"]
    assert await found(own, "12345 is my ticket") == ["12345"]


async def test_check_digits_are_computed() -> None:
    own = recognizer((r"\b\d{10}\b", 1.0), validator=Validator.LUHN)
    assert await found(own, "1234567897 or 1234567890") == ["1234567897"]


async def test_listed_words_are_found_whole_whatever_case_accents_and_separators() -> None:
    own = recognizer(words=("Old Mill", "Old Mill Co-op"))
    text = "OLD-MÍLL Co op, the old mill, no old mills"
    assert await found(own, text) == ["OLD-MÍLL Co op", "old mill"]


async def test_what_is_allowed_stays_unless_it_is_somebodys() -> None:
    lists = allowing(word_lists(), ["help@sales.example", "Dana Okafor"])
    detector = StackDetector(tiers=[OwnRecognizers(recognizer((r"\S+@sales\.example", 1.0)))], lists=lists)
    dana = Party(SubjectId("pro_17"), Known(names=("Dana Okafor",)))
    (spans,) = await detector.detect(["Help@Sales.example, team@sales.example, Dana Okafor"], [dana])
    assert [(span.start, span.found_by) for span in spans] == [(20, "pattern"), (40, "known")]


async def test_what_is_found_is_part_of_the_detectors_identity() -> None:
    identities = {
        StackDetector(tiers=[OwnRecognizers(own)], lists=lists).identity
        for own in (recognizer(words=("a",)), recognizer(words=("b",)), recognizer(("a", 0.5)))
        for lists in (word_lists(), allowing(word_lists(), ["c"]))
    }
    assert len(identities) == 6
