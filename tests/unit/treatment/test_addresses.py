"""Addresses are read to their end."""

import pytest

from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.addresses import completed

LISTS = word_lists()


def address(text: str, part: str, *others: str) -> str:
    spans = [_span(text, part, "ADDRESS"), *(_span(text, other, "PERSON") for other in others)]
    found = next(s for s in completed(text, spans, LISTS) if s.entity == "ADDRESS")
    return text[found.start : found.end]


def _span(text: str, part: str, entity: str) -> Span:
    start = text.index(part)
    return Span(start=start, end=start + len(part), entity=EntityType(entity), found_by="model", score=0.9)


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("Send it to 5 Vale Road, Nuuk, Greenland 39000, please", "5 Vale Road", "5 Vale Road, Nuuk, Greenland 39000"),
        (
            "12 Koskikuja 4 Apt. 8\nLaatola\n\n Finland 64677",
            "Apt. 8",
            "12 Koskikuja 4 Apt. 8\nLaatola\n\n Finland 64677",
        ),
        ("17 Quay St\nMoss\n, TX\n 51971", "17 Quay St", "17 Quay St\nMoss\n, TX\n 51971"),
        ("lives at 450 Strandvej 15, Laatola", "Strandvej 15", "450 Strandvej 15, Laatola"),
        ("> 3 Rue Noire\n> Guéret\n> France", "3 Rue Noire", "3 Rue Noire\n> Guéret\n> France"),
    ],
)
def test_an_address_goes_on_over_lines_and_commas(text: str, part: str, whole: str) -> None:
    assert address(text, part) == whole


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Our office is at 5 Vale Road, React and Node wanted", "5 Vale Road"),
        ("Meet at 5 Vale Road\nBest regards\nDana", "5 Vale Road"),
        ("5 Vale Road. Tomorrow we go.", "5 Vale Road"),
        ("5 Vale Road, 500 € a month", "5 Vale Road"),
    ],
)
def test_an_address_ends_where_something_else_begins(text: str, part: str) -> None:
    assert address(text, part) == part


def test_an_address_does_not_run_over_a_person() -> None:
    assert address("5 Vale Road\nOkafor\n", "5 Vale Road", "Okafor") == "5 Vale Road"


def test_the_work_on_one_address_is_bounded() -> None:
    text = "5 Vale Road" + ", Moss" * 1_000
    assert len(address(text, "5 Vale Road")) < 100
