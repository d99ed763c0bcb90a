"""No text makes detection take more than linear time: steps are counted, not seconds.

A step is a line of the detector's own code, with every round of a loop, and a call into C. What is not counted is
linear by itself: RE2, and the methods of strings, on inputs that the steps bound.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import Known, Span, SubjectId
from ai_gateway.ports import Party
from ai_gateway.treatment.detect import combined, judge
from ai_gateway.treatment.known import index
from ai_gateway.treatment.propagate import names_in

DETECTOR = PatternDetector()
LISTS = word_lists()
PARTIES = (
    Party(
        SubjectId("pro_17"),
        Known(
            names=("Dana Okafor",), phones=("+1 555 010 0199",), handles=("danabuilds",), emails=("d@okafor.example",)
        ),
    ),
)
INDEX = index(PARTIES, LISTS)
OURS = ("ai_gateway",)
PIECES = (
    "Dana Okafor ", "dana ", "A. ", "A.B.", "X. Y. Z. ", "Zoe-", "van der ", "hi ", "Dear ", "my wife ", "Will ",
    "5 Vale Road, ", "Apt. 3 ", "Moss\n", "TX 51971\n", "Finland ", "France, ", "1 ", "12", "555 010 0199 ", "+1", "4-",
    "d@okafor.example ", "@a", ".b", " at ", " dot ", "a.b.c.", "www.", "://", "user=", "#1234", "<x> ", "/home/",
    "born ", "geb. 1.", "IBAN ", "DE00", "pw: ", "key ", "(", ")", "-", "- ", "\n", "\n\n", "\t", ",", "[", "|", "\\",
    "'", "'s ", "\u0410", "\u0411\u043e\u0433 ", "\u200b", "\u00ad", "e\u0301", "\uff15", "\U0001f642", "\u738b",
    "\u0130", "\ufb01", "A", "a", "aaaa",
)  # fmt: skip


def steps(work: Callable[[], object]) -> int:
    """How many lines of our own code run, and how many calls into C it makes."""
    counted = 0

    def is_ours(frame: FrameType) -> bool:
        return str(frame.f_globals.get("__name__", "")).startswith(OURS)

    def line(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal counted
        counted += event == "line"
        return line

    def trace(frame: FrameType, _event: str, _argument: object) -> Any:
        return line if is_ours(frame) else None

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "c_call" and is_ours(frame)

    before, profiled = sys.gettrace(), sys.getprofile()
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.settrace(before)
        sys.setprofile(profiled)
    return counted


def detected(text: str) -> tuple[Span, ...]:
    """A text that is new to the detector, by the steps of ``StackDetector.detect``."""
    judged = judge(text, DETECTOR.read(text), LISTS)
    return combined(text, judged, INDEX, names_in([text], [judged], LISTS))


def grows_linearly(piece: str, times: int) -> bool:
    """Twice the text takes at most about twice the steps; what a call takes anyway is allowed for."""
    anyway = steps(lambda: detected(""))
    once = steps(lambda: detected(piece * times))
    twice = steps(lambda: detected(piece * times * 2))
    return twice - anyway <= 2.4 * (once - anyway) + anyway


@pytest.mark.parametrize("piece", PIECES)
def test_repeating_one_thing_takes_steps_in_proportion(piece: str) -> None:
    assert grows_linearly(piece, 120)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
def test_repeating_any_mixture_takes_steps_in_proportion(piece: str) -> None:
    assert grows_linearly(piece, 40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=12))
def test_repeating_any_text_takes_steps_in_proportion(piece: str) -> None:
    assert grows_linearly(piece, 40)


def test_the_count_sees_a_loop_in_a_loop() -> None:
    def squared(number: int) -> int:
        return sum(1 for _ in range(number) for _ in range(number))

    squared.__globals__["__name__"], name = "ai_gateway.sample", squared.__globals__["__name__"]
    try:
        assert steps(lambda: squared(80)) > 3 * steps(lambda: squared(40))
    finally:
        squared.__globals__["__name__"] = name
