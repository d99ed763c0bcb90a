"""What the generator of training texts makes is exact, repeatable, and of no family that detection is measured on."""

import re

from training.generate import rows
from training.pieces import Piece, join
from training.slots import LABELLED, known
from training.templates import TEXTS, read_all

from corpus.source import FAMILIES, TYPES


def test_a_span_is_where_its_value_stands() -> None:
    text, spans = join(
        [Piece("Hi "), Piece("Ana Li ", "PERSON"), Piece("and "), Piece("Bo", "PERSON"), Piece(" ", "URL")]
    )
    assert [(text[start:end], label) for start, end, label in spans] == [("Ana Li", "PERSON"), ("Bo", "PERSON")]


def test_spans_are_in_order_apart_and_without_blanks_at_their_ends() -> None:
    for row in rows(7, 800):
        text, done = str(row["text"]), 0
        spans = row["spans"]
        assert isinstance(spans, list)
        for start, end, label in spans:
            assert done <= start < end <= len(text)
            assert text[start:end] == text[start:end].strip()
            assert label in TYPES.values()
            done = end


def test_a_seed_makes_the_same_texts_again_and_another_seed_others() -> None:
    assert list(rows(3, 200)) == list(rows(3, 200))
    assert list(rows(3, 200)) != list(rows(4, 200))


def test_every_slot_of_every_template_exists() -> None:
    assert {template.at: unknown for template in read_all() if (unknown := template.slots() - known())} == {}


def test_a_brace_in_prose_is_a_slot() -> None:
    prose = {template.at: template.source for template in read_all() if not template.verbatim}
    assert [at for at, source in prose.items() if "{" in re.sub(r"\{[a-z0-9._]+\}", "", source)] == []


def test_three_texts_in_ten_hold_nothing_personal() -> None:
    assert sum(not row["spans"] for row in rows(2, 1500)) > 0.3 * 1500


def test_every_label_of_the_corpus_has_a_slot() -> None:
    assert {label for label, _ in LABELLED.values()} == set(TYPES.values())


def test_a_trap_holds_no_slot_that_is_labelled() -> None:
    traps = [template for template in read_all() if template.trap]
    assert [template.at for template in traps if template.slots() & set(LABELLED) or "[[" in template.source] == []


def test_no_family_is_one_of_the_corpus() -> None:
    ours = {template.family for template in read_all()}
    assert ours.isdisjoint(file.stem for file in FAMILIES.glob("*.txt"))
    assert all(family.startswith("gen-") for family in ours)


def test_no_template_is_written_twice() -> None:
    sources = [template.source for template in read_all()]
    assert len(set(sources)) == len(sources)
    assert len(sources) >= 500, f"the breadth of {TEXTS.name}/ is what it is for"
