"""Everyday words that the model takes for names."""

import pytest

from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.doubts import borne_out

LISTS = word_lists()


def kept(text: str, name: str, *, entity: str = "PERSON", found_by: str = "model", score: float = 0.9) -> list[str]:
    start = text.index(name)
    span = Span(start=start, end=start + len(name), entity=EntityType(entity), found_by=found_by, score=score)
    return [text[s.start : s.end] for s in borne_out(text, [span], LISTS)]


@pytest.mark.parametrize(
    ("text", "name", "score"),
    [
        ("Then the killers sang", "killers", 0.99),
        ("Mr. Okafor flew home", "flew", 0.99),
        ("Ask my stvdnt", "stvdnt", 0.5),
        ("Fishermen missing off the coast", "Fishermen", 0.9),
    ],
)
def test_an_everyday_word_is_no_name_where_it_is_not_written_as_one(text: str, name: str, score: float) -> None:
    assert kept(text, name, score=score) == []


@pytest.mark.parametrize(
    ("text", "name", "score"),
    [
        ("ask kevin about it", "kevin", 0.5),
        ("Ask Kevin about it", "Kevin", 0.5),
        ("please tell hope that it is done", "hope", 0.9),
        ("We thank White for it", "White", 0.8),
        ("Ask zdenka", "zdenka", 0.9),
        ("Winter is our designer", "Winter", 0.99),
    ],
)
def test_a_name_stays_where_the_writing_bears_it_out(text: str, name: str, score: float) -> None:
    assert kept(text, name, score=score) == [name]


def test_small_everyday_words_at_the_ends_of_a_name_are_cut_off() -> None:
    assert kept("So Zak shouted at us", "So Zak shouted") == ["So Zak"]
    assert kept("then dear Zak shouted", "dear Zak shouted") == ["Zak"]


@pytest.mark.parametrize(
    "text", ["a Kalman filter", "Murphy's law says", "two Chesterfield sofas", "the Bunsen burner"]
)
def test_what_carries_a_name_is_not_a_person(text: str) -> None:
    name = next(word for word in text.replace("'s", "").split() if word[0].isupper())
    assert kept(text, name, found_by="pattern") == []


def test_a_name_before_something_of_the_persons_own_stays() -> None:
    assert kept("Murphy's phone", "Murphy") == ["Murphy"]


def test_what_is_known_or_has_digits_is_never_cleared() -> None:
    assert kept("the killers", "killers", found_by="known") == ["killers"]
    assert kept("flat 3 house", "flat 3 house", entity="ADDRESS") == ["flat 3 house"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("we walked along the Hudson.", "Hudson"),
        ("The Hudson is cold", "Hudson"),
        ("US President Okafor", "President"),
        ("in #JustCantGetEnough today", "JustCantGetEnough"),
        ("\u0421\u0435\u0433\u043e\u0434\u043d\u044f \u043f\u0430\u0441\u0445\u0430", "\u043f\u0430\u0441\u0445\u0430"),
        ("Passt Mittwoch?", "Mittwoch"),
    ],
)
def test_a_river_an_office_a_tag_and_a_word_of_another_language_are_nobody(text: str, name: str) -> None:
    assert kept(text, name, score=0.9) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("unlike the Okafor novel, it is short", "Okafor"),
        ("met the Okafors at noon", "Okafors"),
        ("#DanaOkafor is here", "DanaOkafor"),
        ("bathe Hudson, then", "Hudson"),
        ("President Okafor spoke", "Okafor"),
    ],
)
def test_an_authors_novel_a_family_and_somebodys_tag_stay(text: str, name: str) -> None:
    assert kept(text, name, score=0.9) == [name]


@pytest.mark.parametrize(
    ("text", "found", "left"),
    [
        ("serving Southern Italy", "Southern Italy", ["Italy"]),
        ("at The Okafor Trust", "The Okafor Trust", ["Okafor Trust"]),
        ("at the Orchestra", "Orchestra", []),
        ("in Southern Winbourne", "Southern Winbourne", ["Southern Winbourne"]),
    ],
)
def test_directions_articles_and_kinds_of_houses_are_no_part_of_a_name(text: str, found: str, left: list[str]) -> None:
    assert kept(text, found, entity="ORGANIZATION") == left


@pytest.mark.parametrize(
    ("text", "name", "score", "left"),
    [
        ("haiku", "haiku", 0.3, []),
        ("def f():", "def f", 0.6, []),
        ("zdenka", "zdenka", 0.9, ["zdenka"]),
        ("maria", "maria", 0.3, ["maria"]),
    ],
)
def test_one_small_word_alone_is_a_name_where_the_model_is_sure_or_a_list_has_it(
    text: str, name: str, score: float, left: list[str]
) -> None:
    assert kept(text, name, score=score) == left


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("Brightwater answers from home", "Brightwater answers", "Brightwater"),
        ("Brightwater studio is open", "Brightwater studio", "Brightwater studio"),
        ("Ask Brightwater answers", "Brightwater answers", "Brightwater answers"),
        ("the Okafor Brothers", "Okafor Brothers", "Okafor Brothers"),
    ],
)
def test_a_verb_after_a_company_is_none_of_its_name_where_the_sentence_goes_on(text: str, name: str, left: str) -> None:
    assert kept(text, name, entity="ORGANIZATION") == [left]


@pytest.mark.parametrize(
    ("text", "piece", "entity", "score"),
    [
        ("feedback from their Dr. Okafor-Lee", "Dr", "PERSON", 0.3),
        ("Señor y Sra. Okafor", "Sra", "PERSON", 0.95),
        ("Suite 4, Office: closed", "Office", "ADDRESS", 0.9),
        ("Great! We start on Monday.", "Great", "LOCATION", 0.5),
        ("a bit of a Rembrandt with our logo", "Rembrandt", "PERSON", 0.6),
        ("born 5", "5", "DATE_OF_BIRTH", 0.9),
    ],
)
def test_a_piece_that_tells_of_nobody_is_left(text: str, piece: str, entity: str, score: float) -> None:
    assert kept(text, piece, entity=entity, score=score) == []


@pytest.mark.parametrize(
    ("text", "name", "entity", "score"),
    [
        ("feedback from their Dr. Okafor-Lee", "Dr. Okafor-Lee", "PERSON", 0.3),
        ("like Rembrandt Okafor said", "Rembrandt Okafor", "PERSON", 0.6),
        ("we expect a Rembrandt", "Rembrandt", "PERSON", 0.95),
        ("Reading! We start on Monday.", "Reading", "LOCATION", 0.9),
        ("Suite 4, Office 12", "Office 12", "ADDRESS", 0.9),
    ],
)
def test_a_piece_with_more_to_it_stays(text: str, name: str, entity: str, score: float) -> None:
    assert kept(text, name, entity=entity, score=score) == [name]


@pytest.mark.parametrize("text", ["Pleaseee", "Loool", "Mannnn"])
def test_a_word_that_is_shouted_is_nobody(text: str) -> None:
    assert kept(f"{text}, answer me", text, score=0.99) == []


@pytest.mark.parametrize("text", ["Danaaa", "Zdenkaaa", "Llewellyn"])
def test_somebody_who_is_shouted_at_stays(text: str) -> None:
    assert kept(f"{text}, answer me", text, score=0.99) == [text]


def test_in_greek_and_cyrillic_everyday_words_at_its_ends_are_none_of_a_name() -> None:
    assert kept("το και Γιώργος λέει", "και Γιώργος") == ["Γιώργος"]
    assert kept("Це Ірина петренко тут", "Ірина петренко") == ["Ірина петренко"]
    assert kept("Северине, перенесімо", "Северине", score=0.5) == ["Северине"]
    assert kept("Ірина на зв'язку", "Ірина") == ["Ірина"]
    assert kept("Дякую!\nЗлата", "Злата", score=0.3) == ["Злата"]  # noqa: RUF001  Cyrillic it is


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("the verses from Dana Okafor's Unlikely Tales", "Dana Okafor's Unlikely", "Dana Okafor"),
        ("we met Dana's Anna", "Dana's Anna", "Dana's Anna"),
        ("we met Dana's Quillon", "Dana's Quillon", "Dana's Quillon"),
        ("a song by ex-Zombie Okafor", "ex-Zombie Okafor", "Okafor"),
        ("my ex-Kettleby called", "ex-Kettleby", "ex-Kettleby"),
    ],
)
def test_a_name_ends_where_what_is_theirs_begins(text: str, name: str, left: str) -> None:
    assert kept(text, name) == [left]


def test_one_of_a_row_of_everyday_words_is_no_company() -> None:
    row = "Animation, Comedy, Kids & Family, Mystery & Suspense"
    assert kept(row, "Mystery & Suspense", entity="ORGANIZATION") == []
    sure = kept(row, "Mystery & Suspense", entity="ORGANIZATION", score=0.99)
    assert sure == ["Mystery & Suspense"]
    told = "Worked for Bright Harvest, Stone Bridge, Open Door"
    assert kept(told, "Open Door", entity="ORGANIZATION") == ["Open Door"]
    assert kept("Ask Mystery & Suspense about it", "Mystery & Suspense", entity="ORGANIZATION") == [
        "Mystery & Suspense"
    ]
    other = "Okafor, Brightwater, Mystery & Suspense"
    assert kept(other, "Mystery & Suspense", entity="ORGANIZATION") == ["Mystery & Suspense"]


def test_an_everyday_word_behind_a_capital_is_a_place_where_the_model_says_so() -> None:
    assert kept("the White Stripes' home", "Stripes", entity="LOCATION", score=0.2) == []
    assert kept("the White Stripes' home", "Stripes", entity="LOCATION", score=0.6) == ["Stripes"]
    assert kept("we met in Stripes", "Stripes", entity="LOCATION", score=0.2) == ["Stripes"]


def test_a_work_of_some_year_is_nobody_and_who_makes_films_is_somebody() -> None:
    assert kept("Zoofighter is a 2017 Polish action-comedy film directed by somebody", "Zoofighter") == []
    assert kept("Okafor is a 2017 documentary film maker", "Okafor") == ["Okafor"]
    assert kept("Okafor is a documentary film maker", "Okafor") == ["Okafor"]
    assert kept("Okafor is a 2019 opera and theatre graduate", "Okafor") == ["Okafor"]


def test_what_leads_to_a_company_is_none_of_its_name() -> None:
    name = "Formerly Port Authority of Saltholm"
    assert kept(name, name, entity="ORGANIZATION", found_by="pattern") == ["Port Authority of Saltholm"]


@pytest.mark.parametrize(("score", "left"), [(0.99, ["Danke"]), (0.4, [])])
def test_a_word_of_another_language_is_a_name_where_the_model_is_sure(score: float, left: list[str]) -> None:
    assert kept("I spoke with Danke about it", "Danke", score=score) == left


def test_a_company_keeps_a_small_word_that_it_writes_large() -> None:
    assert kept("Con Edison hired me", "Con Edison", entity="ORGANIZATION", found_by="pattern") == ["Con Edison"]
    assert kept("paid to con Brightwater", "con Brightwater", entity="ORGANIZATION") == ["Brightwater"]
