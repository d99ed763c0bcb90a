import pytest

from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.allow import clear

LISTS = word_lists()


def kept(text: str, *, entity: str = "PERSON", found_by: str = "model") -> bool:
    return bool(clear(text, [Span(start=0, end=len(text), entity=EntityType(entity), found_by=found_by)], LISTS))


@pytest.mark.parametrize(
    "term",
    [
        "Java",
        "Jenkins",
        "C4",
        "S3",
        "EKS",
        "SAP ABAP",
        "Ruby on Rails",
        "Python, Django",
        "Upwork",
        "Monday",
        "Scrum Master",
    ],
)
def test_terms_of_the_trade_are_not_people(term: str) -> None:
    assert not kept(term)


@pytest.mark.parametrize("name", ["Dana Okafor", "Java Jones", "Kevin", "Ruby Osei"])
def test_names_stay(name: str) -> None:
    assert kept(name)


def test_a_list_never_clears_a_known_identifier() -> None:
    assert kept("Ruby", found_by="known")


def test_a_list_never_clears_a_number_or_a_secret() -> None:
    assert kept("Java", entity="SECRET", found_by="pattern")


def test_a_placeholder_tells_of_nobody() -> None:
    text = "<CLIENT_1> and <ORG_2_FIRST>, <Okafor_1>"
    spans = [
        Span(start=start, end=end, entity=EntityType("PERSON"), found_by="model")
        for start, end in ((0, 10), (1, 7), (16, 20), (8, 16), (30, 38))
    ]
    assert [span.start for span in clear(text, spans, LISTS)] == [8, 30]


@pytest.mark.parametrize("letter", ["x", "ג", "ש"])
def test_one_letter_that_is_no_capital_tells_of_nobody(letter: str) -> None:
    assert not kept(letter)


@pytest.mark.parametrize("letter", ["J", "Ж", "王", "김", "7"])
def test_an_initial_a_name_of_one_character_and_a_digit_stay(letter: str) -> None:
    assert kept(letter)
