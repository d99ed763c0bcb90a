"""The stack as a whole: what it adds to its tiers, and how it refuses."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from ai_gateway.adapters import combining
from ai_gateway.adapters.combining import Combining
from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.span_cache import SpanCache
from ai_gateway.adapters.stack_detector import StackDetector, Tier
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.errors import DetectorDeadline, DetectorUnavailable, RequestTooLarge
from ai_gateway.model import EntityType, Known, Span, SubjectId
from ai_gateway.ports import Party
from ai_gateway.treatment import identifiers, known
from ai_gateway.treatment.detect import combined
from ai_gateway.treatment.propagate import Names, names_in

pytestmark = pytest.mark.anyio

PRO = Party(SubjectId("pro_17"), Known(names=("Dana Okafor",), emails=("dana@okafor.example",)))


class Scripted:
    """A tier that flags one word as a person's name, and counts how often it is asked."""

    identity = "scripted/1"

    def __init__(self, word: str) -> None:
        self.word = word
        self.asked = 0
        self.closed = False

    async def warm(self) -> None: ...

    async def close(self) -> None:
        self.closed = True

    async def find(self, text: str) -> Sequence[Span]:
        self.asked += 1
        start = text.find(self.word)
        if start < 0:
            return ()
        return [Span(start=start, end=start + len(self.word), entity=EntityType("PERSON"), found_by="model", score=0.9)]


class Failing(Scripted):
    async def find(self, text: str) -> Sequence[Span]:
        raise ValueError(text)


class Hanging(Scripted):
    async def find(self, text: str) -> Sequence[Span]:
        await asyncio.Event().wait()
        return await super().find(text)


async def detected(detector: StackDetector, *texts: str) -> list[list[tuple[str, str, str]]]:
    found = await detector.detect(texts, [PRO])
    return [[(t[s.start : s.end], s.entity, s.found_by) for s in spans] for t, spans in zip(texts, found, strict=True)]


async def test_known_identifiers_are_found_without_any_tier() -> None:
    assert await detected(StackDetector(tiers=[]), "ask Dana, not Kevin") == [[("Dana", "PERSON", "known")]]


async def test_patterns_alone_find_what_has_a_shape() -> None:
    detector = StackDetector(tiers=[PatternDetector()])
    assert await detected(detector, "kevin@corp.example and dana@okafor.example") == [
        [("kevin@corp.example", "EMAIL_ADDRESS", "pattern"), ("dana@okafor.example", "EMAIL_ADDRESS", "known")]
    ]


async def test_a_word_that_begins_as_a_particle_of_names_does_is_no_part_of_one() -> None:
    detector = StackDetector(tiers=[PatternDetector()])
    assert await detected(detector, "Ask Mr. Okafor daily, Ms. Vale later", "Mr. Lee de Vale") == [
        [("Okafor", "PERSON", "known"), ("Vale", "PERSON", "pattern")],
        [("Lee de Vale", "PERSON", "pattern")],
    ]


async def test_a_name_found_in_one_text_is_found_in_all() -> None:
    detector = StackDetector(tiers=[Scripted("Kevin Osei")])
    assert await detected(detector, "it is Kevin Osei", "kevin said") == [
        [("Kevin Osei", "PERSON", "model")],
        [("kevin", "PERSON", "propagation")],
    ]


async def test_terms_of_the_trade_are_cleared_but_not_when_they_are_somebodys_name() -> None:
    detector = StackDetector(tiers=[Scripted("Ruby")])
    assert await detected(detector, "I know Ruby") == [[]]
    ruby = Party(SubjectId("cli_9"), Known(names=("Ruby Osei",)))
    ((span,),) = await detector.detect(["I know Ruby"], [ruby])
    assert span.found_by == "known"


async def test_a_text_is_read_once_whoever_the_parties_are() -> None:
    tier = Scripted("Kevin")
    detector = StackDetector(tiers=[tier])
    await detector.detect(["Kevin and Dana"], [])
    (spans,) = await detector.detect(["Kevin and Dana"], [PRO])
    assert tier.asked == 1
    assert [s.found_by for s in spans] == ["model", "known"]


async def test_nothing_is_remembered_when_told_so() -> None:
    tier = Scripted("Kevin")
    detector = StackDetector(tiers=[tier], remembered=0)
    await detector.detect(["Kevin", "Kevin"], [])
    assert tier.asked == 2


async def test_a_text_is_combined_once_while_parties_and_told_names_stay_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worked: list[str] = []

    def counting(text: str, *rest: Any) -> tuple[Span, ...]:
        worked.append(text)
        return combined(text, *rest)

    monkeypatch.setattr(combining, "combined", counting)
    detector = StackDetector(tiers=[Scripted("Kevin Osei")])
    first = await detector.detect(["Osei and Dana"], [PRO])
    assert await detector.detect(["Osei and Dana", "ask"], [PRO]) == (*first, ())
    assert worked == ["Osei and Dana", "ask"]
    told, _ = await detector.detect(["Osei and Dana", "Kevin Osei"], [PRO])
    assert [span.found_by for span in told] == ["propagation", "known"]
    assert await detector.detect(["Osei and Dana"], []) == ((),)
    assert await detector.detect(["Osei and Dana"], [PRO]) == first


async def test_combined_texts_are_forgotten_when_nothing_is_to_be_remembered() -> None:
    detector = StackDetector(tiers=[Scripted("Kevin")], remembered=0)
    await detector.detect(["Kevin"], [PRO])
    assert (len(detector._combined), detector._combined._spans) == (0, {})


async def test_a_text_with_very_many_spans_is_combined_anew_and_takes_no_memory() -> None:
    detector = StackDetector(tiers=[])
    few, many = "Dana " * 500, "Dana " * 501
    assert list(map(len, await detector.detect([few, many], [PRO]))) == [500, 501]
    [(held,)] = [tuple(spans.values()) for spans in detector._combined._spans.values()]
    assert len(held) == 500
    assert list(map(len, await detector.detect([few, many], [PRO]))) == [500, 501]


async def test_nothing_about_parties_is_held_once_it_is_to_be_forgotten() -> None:
    detector = StackDetector(tiers=[Scripted("Kevin")])
    first = await detector.detect(["Kevin and Dana"], [PRO])
    spellings = detector.spellings([PRO])
    known = identifiers.identifiers_of(spellings)
    detector.forget()
    assert (len(detector._combined), detector._combined._spans, detector._combined._ends) == (0, {}, [])
    assert not detector._parties._kept
    assert not identifiers._HELD._values
    assert identifiers.identifiers_of(spellings) is not known
    assert await detector.detect(["Kevin and Dana"], [PRO]) == first


async def test_a_call_that_runs_while_all_is_forgotten_leaves_nothing_behind() -> None:
    detector = StackDetector(tiers=[])
    party = detector._parties.of([PRO])
    running = Combining(detector._combined, [b"digest"], party, Names(frozenset(), word_lists()), ["ask Dana"], [()])
    missing = running.missing()
    detector.forget()
    (spans,) = running.told(missing)
    assert [span.found_by for span in spans] == ["known"]
    assert len(detector._combined) == 0


def test_the_cache_holds_no_text_and_stays_within_its_bound() -> None:
    cache = SpanCache(2)
    spans = (Span(start=0, end=4, entity=EntityType("PERSON"), found_by="model"),)
    for text in ("Dana one", "Dana two", "Dana three"):
        cache.put(cache.digest(text), spans)
    assert len(cache) == 2
    assert cache.get(cache.digest("Dana one")) is None
    assert cache.get(cache.digest("Dana three")) == spans
    assert b"Dana" not in b"".join(cache._spans)


def test_two_processes_do_not_share_a_hash() -> None:
    assert SpanCache(1).digest("Dana") != SpanCache(1).digest("Dana")


async def test_a_tier_that_hangs_meets_the_deadline() -> None:
    detector = StackDetector(tiers=[Hanging("")], deadline=0.02)
    with pytest.raises(DetectorDeadline):
        await detector.detect(["Dana Okafor"], [PRO])


async def test_a_tier_that_fails_makes_the_detector_unavailable_and_its_words_are_not_repeated() -> None:
    detector = StackDetector(tiers=[Scripted("Kevin"), Failing("")])
    with pytest.raises(DetectorUnavailable) as caught:
        await detector.detect(["the secret Okafor text"], [PRO])
    assert "Okafor" not in f"{caught.value!r} {caught.value.facts} {caught.value.detail}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert caught.value.facts == {"cause": "ValueError"}


async def test_a_failure_is_not_remembered() -> None:
    class Recovering(Scripted):
        async def find(self, text: str) -> Sequence[Span]:
            found = await super().find(text)
            if self.asked == 1:
                raise OSError
            return found

    detector = StackDetector(tiers=[Recovering("Kevin")])
    with pytest.raises(DetectorUnavailable):
        await detector.detect(["Kevin"], [])
    assert await detected(detector, "Kevin") == [[("Kevin", "PERSON", "model")]]


async def test_more_than_the_bound_is_refused_before_any_tier_is_asked() -> None:
    tier = Scripted("Kevin")
    detector = StackDetector(tiers=[tier], most_characters=10)
    with pytest.raises(RequestTooLarge):
        await detector.detect(["Kevin", "Kevin Osei"], [])
    assert tier.asked == 0


async def test_a_long_text_is_worked_on_away_from_the_event_loop() -> None:
    class Noting(PatternDetector):
        threads: set[int]

        def read(self, text: str) -> list[Span]:
            self.threads = {threading.get_ident()}
            return super().read(text)

    tier = Noting()
    await StackDetector(tiers=[tier]).detect(["Dana Okafor. " * 1_000], [PRO])
    assert tier.threads != {threading.get_ident()}


async def test_parties_of_a_long_call_are_indexed_away_from_the_event_loop_too(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def noting(index: Any) -> Any:
        def noted(*about: Any) -> Any:
            threads.append(threading.get_ident())
            return index(*about)

        return noted

    monkeypatch.setattr(known, "index", noting(known.index))
    monkeypatch.setattr("ai_gateway.adapters.stack_detector.names_in", noting(names_in))
    await StackDetector(tiers=[]).detect(["Dana Okafor. " * 1_000], [PRO])
    assert len(threads) == 2
    assert threading.get_ident() not in threads
    await StackDetector(tiers=[]).detect(["Dana Okafor. " * 10], [PRO])
    assert threads[2:] == [threading.get_ident()] * 2


async def test_texts_without_anything_are_not_read() -> None:
    tier = Scripted("Kevin")
    assert await detected(StackDetector(tiers=[tier]), "", " \n") == [[], []]
    assert tier.asked == 0


async def test_the_identity_names_every_tier_and_closing_closes_them() -> None:
    tier = Scripted("")
    tiers: list[Tier] = [PatternDetector(), tier]
    detector = StackDetector(tiers=tiers)
    assert detector.identity.startswith("stack/6 ")
    assert "patterns/3 sha256:" in detector.identity
    assert detector.identity.endswith("scripted/1")
    await detector.warm()
    await detector.close()
    assert tier.closed
