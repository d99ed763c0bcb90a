import pytest

from ai_gateway.model import EntityType, Span, SubjectId
from ai_gateway.treatment.resolve import resolve

TEXT = "Ask Dana Okafor at dana@okafor.example now, please."
PRO, CLIENT = SubjectId("pro_17"), SubjectId("cli_9")


def span(value: str, entity: str, found_by: str, *, score: float = 1.0, subject: SubjectId | None = None) -> Span:
    start = TEXT.index(value)
    end = start + len(value)
    return Span(start=start, end=end, entity=EntityType(entity), found_by=found_by, score=score, subject=subject)


def resolved(*spans: Span) -> list[tuple[str, str, str]]:
    return [(TEXT[s.start : s.end], s.entity, s.found_by) for s in resolve(TEXT, spans)]


def test_known_beats_pattern_beats_model_beats_propagation() -> None:
    name = "Dana Okafor"
    order = [span(name, "PERSON", by) for by in ("propagation", "model", "pattern", "known")]
    for i, expected in enumerate(("propagation", "model", "pattern", "known")):
        assert resolved(*order[: i + 1]) == [(name, "PERSON", expected)]


def test_the_longer_of_two_equals_wins() -> None:
    assert resolved(span("Dana", "PERSON", "model"), span("Dana Okafor", "PERSON", "model")) == [
        ("Dana Okafor", "PERSON", "model")
    ]


def test_what_the_loser_covers_alone_stays_flagged() -> None:
    pieces = resolved(span("Dana Okafor at", "PERSON", "model", score=0.4), span("Okafor", "PERSON", "known"))
    assert pieces == [("Dana", "PERSON", "model"), ("Okafor", "PERSON", "known"), ("at", "PERSON", "model")]


def test_a_remainder_of_separators_is_dropped() -> None:
    assert resolved(span(" Dana ", "PERSON", "model"), span("Dana", "PERSON", "known")) == [("Dana", "PERSON", "known")]


def test_a_structured_value_swallows_the_known_name_in_it_and_takes_its_owner() -> None:
    spans = resolve(
        TEXT,
        [span("dana@okafor.example", "EMAIL_ADDRESS", "pattern"), span("okafor", "PERSON", "known", subject=PRO)],
    )
    assert [(TEXT[s.start : s.end], s.entity, s.subject) for s in spans] == [
        ("dana@okafor.example", "EMAIL_ADDRESS", PRO)
    ]


def test_a_structured_value_with_two_peoples_names_is_nobodys() -> None:
    (only,) = resolve(
        TEXT,
        [
            span("dana@okafor.example", "EMAIL_ADDRESS", "pattern"),
            span("dana", "PERSON", "known", subject=CLIENT),
            span("okafor", "PERSON", "known", subject=PRO),
        ],
    )
    assert only.subject is None


def test_a_model_name_does_not_swallow_a_known_one() -> None:
    assert resolved(span("Dana Okafor", "PERSON", "model"), span("Dana", "PERSON", "known", subject=PRO)) == [
        ("Dana", "PERSON", "known"),
        ("Okafor", "PERSON", "model"),
    ]


@pytest.mark.parametrize("spans", [[], [span("now", "LOCATION", "model")]])
def test_spans_that_do_not_overlap_stay_as_they_are(spans: list[Span]) -> None:
    assert resolve(TEXT, spans) == tuple(spans)
