import pytest

from ai_gateway.model import EntityType, Span, SubjectId
from ai_gateway.treatment.titles import untitled, with_titles

PERSON = EntityType("PERSON")


def covered(text: str, name: str, *, subject: str | None = None) -> str:
    at = text.index(name)
    span = Span(
        start=at,
        end=at + len(name),
        entity=PERSON,
        found_by="known" if subject else "model",
        score=0.9,
        subject=SubjectId(subject) if subject else None,
    )
    (given,) = with_titles(text, [span])
    return text[given.start : given.end]


@pytest.mark.parametrize(
    ("text", "name", "whole"),
    [
        ("Attending Physician: Dr. Emily Carter. Stable.", "Emily Carter", "Dr. Emily Carter"),
        ("Instructor:  Prof. Dr. Jane Okafor", "Jane Okafor", "Prof. Dr. Jane Okafor"),
        ("**Contact:** Ms Vale", "Vale", "Ms Vale"),
        ("Doctor | Dr. Lee | Room 4", "Lee", "Dr. Lee"),
        ("Dear Mr. Johnson,\nthank you", "Johnson", "Mr. Johnson"),
        ("Sehr geehrte Frau Winter,", "Winter", "Frau Winter"),
        ("hello mrs. quill, are you there", "quill", "mrs. quill"),
        ("Cher Mme Petit,", "Petit", "Mme Petit"),
    ],
)
def test_forms_and_salutations_give_a_name_with_its_title(text: str, name: str, whole: str) -> None:
    assert covered(text, name) == whole


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I asked Dr. Carter for the results.", "Carter"),
        ("Mr. Johnson called again", "Johnson"),
        ("Oh dear, Mr. Johnson called", "Johnson"),
        ("at 3:15 Emily left", "Emily"),
        ("Author: Emily Carter", "Emily Carter"),
        ("Doctor: Drew Carter", "Carter"),
    ],
)
def test_elsewhere_the_name_alone_goes(text: str, name: str) -> None:
    assert covered(text, name) == name


def test_a_partys_title_is_the_marketplaces_to_tell() -> None:
    assert covered("Dear Mr. Johnson,", "Johnson", subject="cli_1") == "Johnson"


def test_no_span_is_run_over() -> None:
    first = Span(start=0, end=8, entity=PERSON, found_by="model", score=0.9)
    second = Span(start=9, end=15, entity=PERSON, found_by="model", score=0.9)
    assert list(with_titles("Dear Mr. Johnson", [first, second])) == [first, second]


def test_a_name_without_its_titles() -> None:
    assert untitled(("prof", "dr", "jane", "okafor")) == ("jane", "okafor")
    assert untitled(("dr",)) == ("dr",)
    assert untitled(("pan", "wei")) == ("pan", "wei")
