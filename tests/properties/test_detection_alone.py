"""What is found in a text depends on nothing but the request: not on who else asks, when, or what is remembered."""

import asyncio
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.model import Known, Span, SubjectId
from ai_gateway.ports import Party

PARTIES = (Party(SubjectId("pro_17"), Known(names=("Dana Okafor",), emails=("d@okafor.example",))),)
PIECES = (
    "Dana Okafor", "okafor", "Bilal Haddad", "haddad", "d@okafor.example", "5 Vale Road, Laatola", "Finland", "hi",
    "\n", " ", ". ", ", ", "born 3 March 1988", "\u0411\u043e\u0433\u0434\u0430\u043d\u0443", "\u200b",
    "call 212-555-0117", "Java", "flew",
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=10).map(" ".join)
REQUESTS = st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=4)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Found = tuple[tuple[Span, ...], ...]


def detector(remembered: int = 0) -> StackDetector:
    return StackDetector(tiers=[PatternDetector()], deadline=60.0, remembered=remembered)


async def one_by_one(requests: Sequence[Sequence[str]]) -> list[Found]:
    alone = detector()
    return [await alone.detect(texts, PARTIES) for texts in requests]


async def together(requests: Sequence[Sequence[str]], remembered: int) -> list[Found]:
    shared = detector(remembered)
    return list(await asyncio.gather(*(shared.detect(texts, PARTIES) for texts in requests)))


@quick
@given(REQUESTS)
def test_requests_that_run_together_find_what_each_finds_alone(requests: list[list[str]]) -> None:
    assert asyncio.run(together(requests, remembered=0)) == asyncio.run(one_by_one(requests))


@quick
@given(REQUESTS)
def test_remembering_changes_nothing_even_when_it_forgets(requests: list[list[str]]) -> None:
    again = [*requests, *requests]
    assert asyncio.run(together(again, remembered=2)) == asyncio.run(one_by_one(again))


@quick
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_tier_reads_each_text_by_itself(texts: list[str]) -> None:
    patterns = PatternDetector()
    assert [patterns.read(text) for text in texts] == [PatternDetector().read(text) for text in texts]


@quick
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_what_the_whole_stack_finds_is_disjoint_ascending_and_within_its_text(texts: list[str]) -> None:
    for text, spans in zip(texts, asyncio.run(one_by_one([texts]))[0], strict=True):
        edges = [edge for span in spans for edge in (span.start, span.end)]
        assert edges == sorted(edges)
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
