# ruff: noqa: RUF001  letters that look alike are what is tested

import unicodedata

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from ai_gateway.model import EntityType, Span, SubjectId
from ai_gateway.treatment.normalize import fold, folded
from ai_gateway.treatment.titles import TITLES, untitled, with_titles
from ai_gateway.treatment.words import split

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
    (given,) = with_titles(folded(text), [span])
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
        ("Dear Mr. \nJohnson Lane is closed", "Johnson"),
    ],
)
def test_elsewhere_the_name_alone_goes(text: str, name: str) -> None:
    assert covered(text, name) == name


def test_a_partys_title_is_the_marketplaces_to_tell() -> None:
    assert covered("Dear Mr. Johnson,", "Johnson", subject="cli_1") == "Johnson"


@pytest.mark.parametrize(
    ("text", "name", "whole"),
    [
        ("Physician: D\u200br. Emily Carter", "Emily Carter", "D\u200br. Emily Carter"),
        ("Dear M\u00adr\u200d. \u2060Johnson,", "Johnson", "M\u00adr\u200d. \u2060Johnson"),
        ("Dear \u200bMr. Johnson,", "Johnson", "Mr. Johnson"),
        ("D\u200bear Mr. Johnson,", "Johnson", "Mr. Johnson"),
        ("Dear Мr. Johnson,", "Johnson", "Мr. Johnson"),
        ("Contact\u200b: Рrоf. Dr. Jane Okafor", "Jane Okafor", "Рrоf. Dr. Jane Okafor"),
        ("Doctor： Ｄｒ． Lee", "Lee", "Ｄｒ． Lee"),
        ("Dear Mr.\u00a0Johnson,", "Johnson", "Mr.\u00a0Johnson"),
        ("Olá Sra. Lima, ", "Lima", "Sra. Lima"),
        ("Che\u0300re Mme Petit,", "Petit", "Mme Petit"),
        ("\u200b" * 60 + "ﬁne, Straße\nDear " + "\u200b" * 60 + "Dr. Lee", "Lee", "Dr. Lee"),
    ],
)
def test_a_title_that_is_disguised_goes_with_its_name_all_the_same(text: str, name: str, whole: str) -> None:
    assert covered(text, name) == whole


def test_no_span_is_run_over_in_disguise_either() -> None:
    text = "Dear M\u200br.\u200b Johnson"
    first = Span(start=0, end=8, entity=PERSON, found_by="model", score=0.9)
    second = Span(start=10, end=17, entity=PERSON, found_by="model", score=0.9)
    assert list(with_titles(folded(text), [first, second])) == [first, second]


@any_of(
    pieces=st.lists(
        st.sampled_from(["Dear ", "Doctor: ", "Dr. ", "Mr ", "М", "r. ", "\u200b", "e\u0301", "ﬁ", "ß", "\n", "x"])
    ),
    name=st.sampled_from(["Lee", "\u200bLee", "Ле", "ﬁne"]),
)
def test_a_span_only_ever_grows_by_whole_titles(pieces: list[str], name: str) -> None:
    before = "".join(pieces)
    span = Span(start=len(before), end=len(before + name), entity=PERSON, found_by="model", score=0.9)
    (given,) = with_titles(folded(before + name), [span])
    assert (given.end, given.start <= span.start) == (span.end, True)
    grown = (before + name)[given.start : span.start]
    assert set(split(fold(grown))) <= TITLES
    assert not grown or not unicodedata.combining(grown[0])


def test_no_span_is_run_over() -> None:
    first = Span(start=0, end=8, entity=PERSON, found_by="model", score=0.9)
    second = Span(start=9, end=15, entity=PERSON, found_by="model", score=0.9)
    assert list(with_titles(folded("Dear Mr. Johnson"), [first, second])) == [first, second]


def test_a_name_without_its_titles() -> None:
    assert untitled(("prof", "dr", "jane", "okafor")) == ("jane", "okafor")
    assert untitled(("dr",)) == ("dr",)
    assert untitled(("pan", "wei")) == ("pan", "wei")
