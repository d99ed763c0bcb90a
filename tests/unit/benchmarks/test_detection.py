"""The arithmetic of the detection benchmark, on a text that can be counted by hand."""

import json
import re
from pathlib import Path

import pytest
from benchmarks.detection.__main__ import MARKS
from benchmarks.detection.curve import MARKS as CURVE_MARKS
from benchmarks.detection.curve import ODDS, Point, drawn, put, told
from benchmarks.detection.disguises import DISGUISES, disguised
from benchmarks.detection.report import written
from benchmarks.detection.score import Found, Score, Scores, add
from benchmarks.detection.tables import Run, document
from benchmarks.detection.texts import Label, Text, corpus, folder, parties

TEXT = Text(
    id="one-01",
    text="Ana Li at Acme, ana@li.example; Bob, or Sherlock. Ruby!",
    labels=(
        Label(0, 6, "PERSON", told=True, party="professional"),
        Label(10, 14, "ORGANIZATION", party="client"),
        Label(16, 30, "EMAIL_ADDRESS", told=True, party="professional"),
        Label(32, 35, "PERSON", party="third"),
        Label(40, 48, "PERSON", counts=False, party="nobody"),
    ),
    groups=("lang en",),
)


def span(start: int, end: int, entity: str = "PERSON") -> Found:
    return Found(start, end, entity)


def scored(*spans: Found, people_only: bool = False) -> Scores:
    scores = Scores()
    add(scores, TEXT, spans, people_only=people_only)
    return scores


def test_a_leak_is_counted_in_letters_and_digits() -> None:
    score = scored(span(0, 3)).all
    assert (score.personal, score.leaked) == (5 + 4 + 12 + 3, 2 + 4 + 12 + 3)


def test_a_label_is_found_when_all_of_it_is_covered_and_touched_when_half_is() -> None:
    assert (scored(span(0, 3)).all.whole, scored(span(0, 3)).all.touched) == (0, 1)
    assert scored(span(0, 6), span(32, 35)).all.whole == 2


def test_what_is_nobodys_is_neither_missed_nor_an_alarm() -> None:
    found = scored(span(40, 48))
    assert (found.types["PERSON"].labels, found.all.over, found.all.alarmed, found.wrong) == (2, 0, 0, [])


def test_a_span_that_runs_over_its_label_costs_characters_but_is_no_alarm() -> None:
    score = scored(span(0, 9)).all
    assert (score.over, score.alarmed) == (2, 0)
    assert score.other == len("atorRuby")


def test_a_span_that_touches_no_label_is_an_alarm() -> None:
    assert (scored(span(50, 54)).all.over, scored(span(50, 54)).all.alarmed) == (4, 1)


def test_where_only_people_are_labelled_nothing_else_is_judged() -> None:
    assert scored(span(50, 54, "LOCATION"), people_only=True).all.over == 0
    assert scored(span(50, 54), people_only=True).all.over == 4


def test_only_the_two_sides_are_told_and_counted_as_told() -> None:
    (party,) = parties(TEXT)
    assert (party.id, party.known.names, party.known.emails) == ("professional", ("Ana Li",), ("ana@li.example",))
    assert (scored(span(0, 6)).told.labels, scored(span(0, 6)).told.leaked) == (2, 12)


@pytest.mark.parametrize("name", DISGUISES)
def test_labels_move_along_with_a_disguise(name: str) -> None:
    shown = disguised(TEXT, DISGUISES[name])
    person = shown.text[shown.labels[0].start : shown.labels[0].end]
    assert person.isascii() is (name not in ("look-alike letters", "zero-width characters"))
    assert len(shown.labels) == len(TEXT.labels)
    assert shown.text[shown.labels[3].start : shown.labels[3].end].casefold().replace("\u043e", "o") in (
        "bob",
        "bo\u200bb",
    )


def test_an_address_is_spelled_out_inside_its_label_alone() -> None:
    shown = disguised(TEXT, DISGUISES["e-mail spelled out"])
    assert "ana at li dot example; Bob, or Sherlock." in shown.text


def test_our_corpus_is_read_with_nobodys_labels_not_counted() -> None:
    texts = corpus("dev").texts
    labels = [label for text in texts for label in text.labels]
    assert {label.counts for label in labels} == {True, False}
    assert all(label.party != "nobody" for label in labels if label.told)


def test_a_set_of_others_is_read_with_its_types_by_our_names(tmp_path: Path) -> None:
    row = {"id": "1", "text": "Bob at Acme", "spans": [[0, 3, "PERSON"], [7, 11, "ORG"]]}
    (tmp_path / "few.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (tmp_path / "few.meta.json").write_text('{"scored": ["PERSON"], "neutral": ["ORG"]}', encoding="utf-8")
    (texts,) = folder(tmp_path)
    assert texts.people_only
    assert [(label.entity, label.counts) for label in texts.texts[0].labels] == [
        ("PERSON", True),
        ("ORGANIZATION", False),
    ]


def test_the_document_has_a_line_for_every_set_type_and_disguise(tmp_path: Path) -> None:
    scores = scored(span(0, 6))
    scores.seconds, scores.seconds_again = 3.0, 0.05
    run = Run({"few": scores}, {"few": scores}, {"few": scores}, {"small letters": {"few": scores}}, sampled=1)
    section = document(run, "Today")
    for line in (
        "| few | this one |",
        "|  | presidio-analyzer |",
        "| EMAIL_ADDRESS |",
        "| small letters |",
        "| English |",
        "1.000 of presidio-analyzer's for texts that are new, 1/60 of that",
    ):
        assert line in section
    path = tmp_path / "page.md"
    begin, end = MARKS
    path.write_text(f"before\n{begin}\nold\n{end}\nafter\n", encoding="utf-8")
    written(path, section, begin, end)
    assert path.read_text(encoding="utf-8") == f"before\n{begin}\n\n{section}\n{end}\nafter\n"


def test_nothing_counted_divides_nothing_by_zero() -> None:
    assert (Score().leak, Score().over_removal, Scores().precision) == (0.0, 0.0, 0.0)


def test_a_curve_has_a_row_for_each_odds_and_a_line_for_each_set() -> None:
    curves = {"one & two": [Point(odds, 4.0 + odds, 2.0 / (1 + odds)) for odds in ODDS]}
    assert told(curves).splitlines()[2] == f"| {ODDS[0]:g} | {4.0 + ODDS[0]:.2f} / {2.0 / (1 + ODDS[0]):.2f} |"
    (line,) = re.findall(r'<polyline points="([^"]+)"', drawn(curves))
    assert len(line.split()) == len(ODDS)
    assert "one &amp; two</text>" in drawn(curves)
    assert "<svg" in drawn({"nothing leaks": [Point(odds, 0.0, 0.0) for odds in ODDS]})


def test_a_document_names_the_curves_picture_once_it_is_there(tmp_path: Path) -> None:
    page, picture = tmp_path / "page.md", tmp_path / "pictures" / "curve.svg"
    page.write_text("before\n{}\n{}\nafter\n".format(*CURVE_MARKS))
    curves = {"one": [Point(odds, 4.0 + odds, 2.0 / (1 + odds)) for odds in ODDS]}
    for _ in range(2):
        put(curves, page, picture)
        assert re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text()) == ["pictures/curve.svg"]
    assert picture.read_text() == drawn(curves)
    assert told(curves) in page.read_text()
