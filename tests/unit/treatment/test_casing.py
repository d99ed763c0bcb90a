"""Capitals for lines that have none."""

import pytest

from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.treatment.casing import with_capitals

LISTS = word_lists()


def test_words_that_are_no_everyday_words_get_a_capital() -> None:
    assert with_capitals("my name is dana okafor, call me", LISTS) == "my name is Dana Okafor, call me"
    assert with_capitals("REGARDS, DANA OKAFOR", LISTS) == "regards, Dana Okafor"


def test_codes_and_states_are_written_in_capitals_and_particles_are_not() -> None:
    text = "anna van dyk, laatola, tx 51971, hu1 5zz"
    assert with_capitals(text, LISTS) == "Anna van Dyk, Laatola, TX 51971, HU1 5ZZ"


def test_a_line_with_both_stays_and_so_does_one_of_few_letters() -> None:
    assert with_capitals("Call dana okafor\nOK", LISTS) is None
    assert with_capitals("Call dana okafor\nask dana please", LISTS) == "Call dana okafor\nask Dana please"


def test_titles_countries_and_legal_forms_are_written_as_they_are() -> None:
    assert with_capitals("ask mrs. okafor of zelder gmbh", LISTS) == "ask Mrs. Okafor of Zelder GmbH"
    assert with_capitals("she moved here from south africa", LISTS) == "she moved here from South Africa"
    assert with_capitals("FRANCE WAS FUN FOR DANA", LISTS) == "France was fun for Dana"


def test_behind_a_title_an_everyday_word_is_a_name() -> None:
    assert (
        with_capitals("for my take on mrs. baker, see dr. wells", LISTS) == "for my take on Mrs. Baker, see Dr. Wells"
    )
    assert with_capitals("ask dr. and mrs. white; the dr is in", LISTS) == "ask Dr. and Mrs. White; the Dr is in"


@pytest.mark.parametrize(
    "text",
    [
        "the page must load in 300 ms under heavy load, then cache for 20 ms per request",
        "we saw 5 ms. between hops, 300ms. across",
        "i use ms office and ms project plan",
        "ask the prof about it, the dr said",
        "mr. and mrs. under one roof",
        "see the dr soon, 12 oak dr north side, prof work is hard",
    ],
)
def test_milliseconds_and_those_who_are_spoken_of_open_no_name(text: str) -> None:
    rewritten = with_capitals(text, LISTS) or text
    assert {word for word in rewritten.split() if word[0].isupper()} <= {"Ms", "Ms.", "Mr.", "Mrs.", "Dr", "Prof"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("at 3 mr. baker called me about it", "Mr. Baker"),
        ("room 12 mrs. young waits there", "Mrs. Young"),
        ("in 2023 mr brown signed it", "Mr Brown"),
        ("dr brown said the file is fine", "Dr Brown"),
        ("please ask ms. cook about the contract", "Ms. Cook"),
        ("DR BROWN CALLED ME", "Dr Brown"),
    ],
)
def test_a_number_before_a_title_hides_no_name(text: str, name: str) -> None:
    assert name in (with_capitals(text, LISTS) or "")
