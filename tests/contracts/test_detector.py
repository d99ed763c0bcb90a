"""What every ``Detector`` must keep, whichever tiers stand behind it."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from ai_gateway.adapters.ner_detector import NerDetector
from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.stack_detector import StackDetector, Tier
from ai_gateway.model import Known, Span, SubjectId
from ai_gateway.ports import Detector, Party
from ai_gateway.treatment.normalize import fold

pytestmark = pytest.mark.anyio

PARTIES = (
    Party(SubjectId("pro_17"), Known(names=("Dana Okafor",), emails=("dana@okafor.example",), handles=("danabuilds",))),
    Party(
        SubjectId("cli_9"), Known(names=("Sam Lee",), organizations=("Brightwater LLC",), phones=("+1 555 010 0199",))
    ),
)
TEXTS = (
    "Hi Dana, Kevin Osei from Brightwater here. Call 555-010-0199 or mail dana@okafor.example.",
    "",
    "Sam will ask kevin; see https://github.com/danabuilds or 12 Elm Street, Springfield, IL 62704.",
    "Nothing to see: Python 3.11.7, S3, EKS, $1,200.",
)
_TIERS: dict[str, list[Tier]] = {
    "known identifiers only": [],
    "patterns": [PatternDetector()],
    "patterns and model": [PatternDetector(), NerDetector()],
}


@pytest.fixture(params=_TIERS, ids=lambda name: name.replace(" ", "-"))
def detector(request: pytest.FixtureRequest) -> Detector:
    return StackDetector(tiers=_TIERS[request.param], deadline=60, remembered=0)


async def test_one_tuple_of_spans_per_text_in_order(detector: Detector) -> None:
    found = await detector.detect(TEXTS, PARTIES)
    assert len(found) == len(TEXTS)
    assert found[1] == ()


async def test_spans_are_disjoint_ascending_and_within_the_text(detector: Detector) -> None:
    for text, spans in zip(TEXTS, await detector.detect(TEXTS, PARTIES), strict=True):
        bounds = [edge for span in spans for edge in (span.start, span.end)]
        assert bounds == sorted(bounds)
        assert all(0 <= span.start < span.end <= len(text) for span in spans)


async def test_every_known_identifier_is_covered_and_says_whose_it_is(detector: Detector) -> None:
    first, _, third, _ = await detector.detect(TEXTS, PARTIES)
    told = {TEXTS[0][s.start : s.end]: s.subject for s in first} | {TEXTS[2][s.start : s.end]: s.subject for s in third}
    assert told["Dana"] == told["dana@okafor.example"] == "pro_17"
    assert told["Brightwater"] == told["555-010-0199"] == told["Sam"] == "cli_9"


async def test_the_answer_does_not_depend_on_company_or_repetition(detector: Detector) -> None:
    async def ask(texts: Sequence[str]) -> Sequence[tuple[Span, ...]]:
        return await detector.detect(texts, PARTIES)

    alone = await ask(TEXTS)
    assert await asyncio.gather(*(ask(TEXTS) for _ in range(4))) == [alone] * 4


async def test_the_event_loop_is_not_blocked(detector: Detector) -> None:
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - before)

    watcher = asyncio.create_task(watch())
    await detector.detect([text * 5 for text in TEXTS] * 4, PARTIES)
    watcher.cancel()
    assert longest < 1.0  # the model takes several seconds' worth of windows


async def test_whatever_is_a_spelling_is_also_detected(detector: Detector) -> None:
    for spelling in detector.spellings(PARTIES):
        assert spelling == fold(spelling)
        (spans,) = await detector.detect([f"x: {spelling} ;"], PARTIES)
        assert spans


async def test_the_identity_is_one_line(detector: Detector) -> None:
    assert detector.identity
    assert "\n" not in detector.identity
