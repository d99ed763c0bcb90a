"""Values of the training texts that are made by rule: bent names, odd layouts, disguises."""

from random import Random

from training.inflections import finnish, inflected, plural
from training.oddities import address, in_words, leet, nickname, spread
from training.places import countries

CHANCE = Random(11)


def test_a_polish_name_gets_an_ending_of_its_kind() -> None:
    assert {inflected("Kowalska", "pl", CHANCE) for _ in range(40)} == {"Kowalskiej", "Kowalską"}
    assert {inflected("Nowak", "pl", CHANCE) for _ in range(40)} == {"Nowaka", "Nowakowi", "Nowakem"}


def test_a_name_in_another_script_than_the_language_stays() -> None:
    assert inflected("Ingrid", "uk", CHANCE) == "Ingrid"
    assert inflected("Оксана", "pl", CHANCE) == "Оксана"
    assert inflected("Оксана", "uk", CHANCE) != "Оксана"


def test_a_language_without_cases_leaves_names_alone() -> None:
    assert inflected("Maren", "en", CHANCE) == "Maren"


def test_a_family_is_the_plural_of_its_name() -> None:
    assert [plural(name) for name in ("Okafor", "Jones", "Marx", "Finch")] == [
        "Okafors",
        "Joneses",
        "Marxes",
        "Finches",
    ]


def test_a_finnish_ending_follows_a_consonant_over_an_i() -> None:
    assert finnish("Liisa", CHANCE).startswith("Liisa")
    assert finnish("Martin", CHANCE).startswith("Martini")


def test_an_odd_address_starts_and_ends_with_something() -> None:
    for country in countries():
        whole = address(country, CHANCE)
        assert whole == whole.strip(" ,")
        assert len(whole) > 5


def test_digits_in_words_lose_none() -> None:
    spelled = {in_words("555 0199", Random(seed)).replace("-", "").replace(" ", "") for seed in range(50)}
    assert "fivefivefivezerooneninenine" in spelled
    assert all(text.replace("five", "5").replace("zero", "0").startswith("5550") for text in spelled)


def test_letters_set_apart_and_digits_for_letters_are_still_the_name() -> None:
    assert leet("Jose") == "J053"
    assert "".join(c for c in spread("Jose", CHANCE) if c.isalpha()) == "Jose"


def test_a_nickname_is_one_word() -> None:
    assert all(len(nickname(CHANCE).split()) == 1 for _ in range(200))
