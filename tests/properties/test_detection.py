"""Laws of detection, for any Unicode text."""
# ruff: noqa: RUF001  letters that look alike are what is tested

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.model import EntityType, Known, Span, SubjectId
from ai_gateway.ports import Party
from ai_gateway.treatment.normalize import ascii_of, fold, folded, plain
from ai_gateway.treatment.resolve import resolve
from ai_gateway.treatment.words import having, split

TRICKY = "aB1 .-@\n\u00e9e\u0301\u00ad\u200b\u0430\u041e\uff21\uff15\ufb01\u00df\u0130\uac01\u738b\u0e33\u2026\u0660"
TEXTS = st.one_of(st.text(max_size=60), st.text(alphabet=TRICKY, max_size=60))
DETECTOR = PatternDetector()
DANA = Party(SubjectId("pro_17"), Known(names=("Dana Okafor", "Li Wu"), phones=("+1 555 010 0199",)))
SAM = Party(SubjectId("cli_9"), Known(names=("Sam Lee",), handles=("samlee",)))
DANA_AS_SAM = Party(SubjectId("cli_9"), DANA.known)


@given(TEXTS)
def test_every_piece_of_a_folded_view_maps_back_to_what_folds_to_it(text: str) -> None:
    view = folded(text)
    assert view.text == fold(text)
    end_before = 0
    for at, character in enumerate(view.text):
        start, end = view.original(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert character in fold(text[start:end])
        assert start >= end_before or text[start:end] == text[slice(*view.original(at - 1, at))]
        end_before = end


@given(TEXTS, st.data())
def test_a_span_of_any_view_maps_to_a_text_that_reads_as_it(text: str, data: st.DataObject) -> None:
    for view, read in ((folded(text), fold), (plain(text), lambda t: plain(t).text)):
        if not view.text:
            continue
        start = data.draw(st.integers(0, len(view.text) - 1))
        stop = data.draw(st.integers(start + 1, len(view.text)))
        begin, end = view.original(start, stop)
        assert fold(view.text[start:stop]) in fold(read(text[begin:end]))


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS, TEXTS)
def test_folding_works_character_by_character(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)


@given(TEXTS)
def test_the_ascii_view_is_ascii_and_as_long_as_its_view(text: str) -> None:
    view = plain(text)
    assert ascii_of(view).text.isascii()
    assert len(ascii_of(view).text) == len(view.text)


@given(TEXTS)
def test_what_patterns_find_lies_within_the_text(text: str) -> None:
    assert all(0 <= span.start < span.end <= len(text) for span in DETECTOR.read(text))


def _spans(length: int) -> st.SearchStrategy[list[Span]]:
    def made(bounds: tuple[int, int], entity: str, found_by: str) -> Span:
        start, end = min(bounds), max(bounds) + 1
        return Span(start=start, end=end, entity=EntityType(entity), found_by=found_by)

    edge = st.integers(0, length - 1)
    entity = st.sampled_from(("PERSON", "URL", "ADDRESS", "LOCATION"))
    tier = st.sampled_from(("known", "pattern", "model", "propagation"))
    return st.lists(st.builds(made, st.tuples(edge, edge), entity, tier), max_size=12)


@given(st.text(min_size=1, max_size=40), st.data())
def test_resolved_spans_are_disjoint_ascending_and_leave_no_letter_uncovered(text: str, data: st.DataObject) -> None:
    spans = data.draw(_spans(len(text)))
    resolved = resolve(text, spans)
    edges = [edge for span in resolved for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= s.start < s.end <= len(text) for s in resolved)
    flagged = {i for s in spans for i in range(s.start, s.end) if text[i].isalnum()}
    covered = {i for s in resolved for i in range(s.start, s.end)}
    assert flagged <= covered
    assert covered <= {i for s in spans for i in range(s.start, s.end)}


@given(st.text(min_size=1, max_size=30), st.data())
def test_resolution_does_not_depend_on_the_order_of_the_findings(text: str, data: st.DataObject) -> None:
    spans = data.draw(_spans(len(text)))
    shuffled = data.draw(st.permutations(spans))
    assert {(s.start, s.end) for s in resolve(text, spans)} == {(s.start, s.end) for s in resolve(text, shuffled)}


NAMES = st.sampled_from(
    ("Dana Okafor", "dana okafor", "DANA-OKAFOR", "Okafor, Dana", "Dаnа Оkаfоr", "D\u00e0na O\u00adkafor")
)


@settings(max_examples=150)
@given(TEXTS, NAMES, TEXTS)
def test_a_known_name_is_covered_wherever_it_stands_as_words(before: str, name: str, after: str) -> None:
    text = f"{before}\n{name}\n{after}"
    (spans,) = _detected(StackDetector(tiers=[DETECTOR]), [text], [DANA])
    covered = {i for s in spans for i in range(s.start, s.end)}
    start = len(before) + 1
    assert {i for i in range(start, start + len(name)) if text[i].isalnum()} <= covered


PIECES = (
    "Dana",
    " Okafor",
    " ask ",
    "Mr. Vale",
    "vale ",
    "Ms. Lee",
    " Sam",
    "@samlee ",
    "Dear Kevin Osei,\n",
    "osei",
    "\n",
    "é",
)
SAID_AGAIN = st.sampled_from(("osei and Dana", "Dear Kevin Osei,\n", "@samlee or Sam"))
SAID = st.one_of(SAID_AGAIN, SAID_AGAIN, st.lists(st.sampled_from(PIECES), max_size=5).map("".join))
CALLS = st.tuples(
    st.lists(SAID, max_size=3),
    st.sampled_from(((), (DANA,), (SAM,), (DANA_AS_SAM,), (DANA, SAM))),
    st.sampled_from((False, False, False, True)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(CALLS, min_size=3, max_size=8), st.sampled_from((1, 3, 64, 64)))
def test_what_was_seen_before_changes_no_answer(
    calls: Sequence[tuple[Sequence[str], Sequence[Party], bool]], remembered: int
) -> None:
    """Whatever texts, parties and names told were before, and whatever of it is still held."""
    warm = StackDetector(tiers=[DETECTOR], remembered=remembered)
    for texts, parties, forget in [*calls, *calls]:
        cold = StackDetector(tiers=[DETECTOR], remembered=0)
        assert _detected(warm, texts, parties) == _detected(cold, texts, parties)
        if forget:
            warm.forget()


@given(st.one_of(TEXTS, st.text(alphabet="ab _-'.\n0", max_size=60)), st.lists(TEXTS, max_size=3), st.integers(0, 64))
def test_a_text_has_the_words_that_it_splits_into_and_no_others(text: str, others: list[str], asked: int) -> None:
    view = fold(text)
    has, words = having(view, asked), split(view)
    parts = {view[start:end] for start in range(len(view)) for end in range(start + 1, min(start + 4, len(view)) + 1)}
    candidates = {*words, *parts, *(word for other in others for word in split(fold(other)))}
    words_asked = {one for one in candidates if split(one) == (one,)}  # what is asked for is a word
    assert {word for word in words_asked if has(word)} == words_asked & set(words)


def _detected(detector: StackDetector, texts: Sequence[str], parties: Sequence[Party]) -> tuple[tuple[Span, ...], ...]:
    return asyncio.run(detector.detect(texts, parties))
