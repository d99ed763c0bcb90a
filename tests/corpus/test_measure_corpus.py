"""The arithmetic of tools/measure_corpus.py, on one text that can be counted by hand."""

import pytest
from tools.measure_corpus import Label, Labelled, Score, Tables, add, parties, report

from ai_gateway.model import EntityType, Span

TEXT = Labelled(
    id="one-01",
    kind="chat",
    lang="en",
    tags=(),
    text="Ana Li at Acme, ana@li.example; Bob, or Sherlock. Ruby!",
    labels=(
        Label(0, 6, "PERSON", "professional"),
        Label(10, 14, "ORGANIZATION", "client"),
        Label(16, 30, "EMAIL_ADDRESS", "professional"),
        Label(32, 35, "PERSON", "third"),
        Label(40, 48, "PERSON", "nobody"),
    ),
)


def span(start: int, end: int) -> Span:
    return Span(start=start, end=end, entity=EntityType("PERSON"), found_by="model", score=0.9)


def scored(*spans: Span) -> Tables:
    tables = Tables()
    add(tables, TEXT, spans)
    return tables


def test_a_leak_is_counted_in_letters_and_digits() -> None:
    score = scored(span(0, 3)).groups["all"]
    assert (score.personal, score.leaked) == (5 + 12 + 3, 2 + 12 + 3)


def test_a_label_is_found_when_all_of_it_is_covered() -> None:
    assert [
        scored(*spans).groups["all"].whole for spans in ([span(0, 3)], [span(0, 6)], [span(0, 6), span(32, 35)])
    ] == [
        0,
        1,
        2,
    ]


def test_companies_are_in_the_table_by_type_only() -> None:
    tables = scored()
    assert tables.groups["all"].labels == 3
    assert tables.types["ORGANIZATION"].labels == 1


def test_what_is_nobodys_is_neither_missed_nor_an_alarm() -> None:
    missed, found = scored(), scored(span(40, 48))
    assert missed.types["PERSON"].labels == found.types["PERSON"].labels == 2
    assert (found.groups["all"].over, found.groups["all"].alarmed, found.wrong) == (0, 0, [])


def test_a_span_that_runs_over_its_label_costs_characters_but_is_no_alarm() -> None:
    score = scored(span(0, 9)).groups["all"]
    assert (score.found, score.over, score.alarmed) == (7, 2, 0)


def test_a_span_that_touches_no_label_is_an_alarm() -> None:
    score = scored(span(50, 54)).groups["all"]
    assert (score.over, score.alarmed) == (4, 1)


def test_only_the_two_sides_are_told() -> None:
    (party,) = parties(TEXT)
    assert (party.id, party.known.names, party.known.emails) == ("professional", ("Ana Li",), ("ana@li.example",))


def test_only_what_could_be_told_counts_in_the_line_about_the_parties() -> None:
    told = scored(span(0, 6)).told
    assert (told.labels, told.personal, told.leaked) == (2, 17, 12)


def test_the_report_has_a_line_for_every_group(capfd: pytest.CaptureFixture[str]) -> None:
    report(scored(span(50, 54)), known=False, misses=1)
    lines = capfd.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:5]] == ["all", "tag none", "kind chat", "lang en"]
    assert any(line.startswith("missed PERSON one-01") for line in lines)
    assert any(line.startswith("wrong one-01") for line in lines)


def test_nothing_counted_divides_nothing_by_zero() -> None:
    assert Score().row("empty").split()[-1] == "0"
