"""Names by their form or company, handles in files, births in other languages, countries."""

import pytest

from ai_gateway.adapters.pattern_detector import PatternDetector

DETECTOR = PatternDetector()


def found(text: str) -> set[tuple[str, str]]:
    return {(span.entity, text[span.start : span.end]) for span in DETECTOR.read(text)}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I worked with Bilal for years", "Bilal"),
        ("Then Renske van der Meer came", "Renske van der Meer"),
        ('"weird", wrote A. Mistry', "A. Mistry"),
        ("published as S. K. Panda", "S. K. Panda"),
        ("I rate Vanessa T. five", "Vanessa T."),
        ("thanks to Auntie Bisi", "Bisi"),
        ("my brother Oskari helps", "Oskari"),
        ("our designer Xiu-Lan did it", "Xiu-Lan"),
        ("Velimir says hello", "Velimir"),
        ("I go by Birdine", "Birdine"),
        ("hey onurcan, can you", "onurcan"),
        ("onur: yes", "onur"),
        ("Me llamo Crescencia Lobo", "Crescencia Lobo"),
        ("hier ist Gerlinde Pfaffhuber", "Gerlinde Pfaffhuber"),
        ("nag-email si Trixie kahapon", "Trixie"),
        ("my name is dana okafor and i", "dana okafor"),
    ],
)
def test_a_name_is_found_by_its_form_or_company(text: str, name: str) -> None:
    assert ("PERSON", name) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "A. Design the logo",
        "The U.S. Army wants it",
        "Take Vitamin C. and rest",
        "We chose Plan B. It works",
        "The General Manager said so",
        "Sister Company wanted",
        "It's called Java",
        "Google says no",
        "Mark the date",
        "I hold an M.Phil. degree",
        "hey there, everyone",
    ],
)
def test_what_only_looks_like_a_name_is_left(text: str) -> None:
    assert not {value for entity, value in found(text) if entity == "PERSON"}


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("I'm FrostyWaffle#5501 there", "FrostyWaffle#5501"),
        ("login failed user=o.salvatierra ip", "o.salvatierra"),
        ('{"author": "ines.dev"}', "ines.dev"),
        ("see /home/petra_k/notes", "petra_k"),
        ("made an account as wd1951 once", "wd1951"),
        ("essayqueen_k on here", "essayqueen_k"),
        ("<zed_> anyone up", "zed_"),
        ("Patient ID: 123456. Nurse", "123456"),
        ("customer no. K-5550123", "K-5550123"),
    ],
)
def test_a_handle_is_found_in_files_logs_and_books(text: str, handle: str) -> None:
    assert ("HANDLE", handle) in found(text)


@pytest.mark.parametrize("text", ["/home/ubuntu/app", "see user_guide.pdf on here", "user=admin", "order no. 123456"])
def test_what_is_nobodys_account_is_left(text: str) -> None:
    assert not {value for entity, value in found(text) if entity == "HANDLE"}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Mira Schuster, geb. 19.10.1986, wird", "19.10.1986"),
        ("nata a Gubbio il 4 marzo 1958, affida", "4 marzo 1958"),
        ("Ousmane, ne le 4 juin 1992.", "4 juin 1992"),
        ("nacida el 12 de agosto de 1969", "12 de agosto de 1969"),
        ("birth date (1999-02-28)", "1999-02-28"),
        ("born 3-Mar-91 in", "3-Mar-91"),
    ],
)
def test_a_date_of_birth_is_found_in_many_languages(text: str, date: str) -> None:
    assert ("DATE_OF_BIRTH", date) in found(text)


@pytest.mark.parametrize(
    ("text", "place"), [("Estonia was fun to visit", "Estonia"), ("we met in South Africa once", "South Africa")]
)
def test_a_country_is_somebodys_where_nothing_speaks_of_trade(text: str, place: str) -> None:
    assert ("LOCATION", place) in found(text)


@pytest.mark.parametrize("text", ["customers in Estonia", "Estonia only", "for Serbia it will", "Spain, France, Italy"])
def test_a_market_or_a_list_of_countries_is_left(text: str) -> None:
    assert not {value for entity, value in found(text) if entity == "LOCATION"}


def test_a_certificate_number_is_found_by_its_cue() -> None:
    assert ("GOVERNMENT_ID", "CPL-555018") in found("Licensed until 2019 (no. CPL-555018), grounded")
