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


def kept_one(text: str, at: int) -> bool:
    span = Span(start=at, end=at + 1, entity=EntityType("PERSON"), found_by="model")
    return bool(clear(text, [span], LISTS))


@pytest.mark.parametrize("text", ["a x b", "a ג b", "a ש b"])
def test_one_letter_that_is_no_capital_tells_of_nobody(text: str) -> None:
    assert not kept_one(text, 2)


@pytest.mark.parametrize("text", ["T", " T", "Ж\n", "x"])
def test_a_text_of_one_letter_tells_of_nobody(text: str) -> None:
    assert not kept_one(text, text.index(text.strip()))


@pytest.mark.parametrize("text", ["a J b", "a Ж b", "a 王 b", "a 김 b", "a 7 b"])
def test_an_initial_a_name_of_one_character_and_a_digit_stay(text: str) -> None:
    assert kept_one(text, 2)


@pytest.mark.parametrize("text", ["王", "김", "7"])
def test_a_name_of_one_character_and_a_digit_stay_where_there_is_nothing_else(text: str) -> None:
    assert kept_one(text, 0)
