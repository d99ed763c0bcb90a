"""How a word's writing becomes a number: case, and what stands before it."""

import re

import pytest

from ai_gateway.adapters.ner_writing import KINDS, kinds_of


def kinds(text: str) -> list[int]:
    """Of words and single signs, one token each."""
    offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
    return kinds_of(text, offsets, list(range(len(offsets))))


@pytest.mark.parametrize(
    ("word", "case"),
    [
        ("mark", 0),
        ("Mark", 1),
        ("M", 1),
        ("MARK", 2),
        ("McKay", 3),
        ("iPad", 3),
        ("42", 0),
        ("4K", 3),
        ("\u00e9t\u00e9", 0),
    ],
)
def test_a_word_has_a_case(word: str, case: int) -> None:
    assert kinds(f"x {word}")[1] % 4 == case


def test_a_word_opens_a_line_follows_a_blank_or_is_glued() -> None:
    assert [kind // 4 for kind in kinds("Dear Sue,\n\nBob (Ann)")] == [2, 0, 1, 2, 0, 1, 1]


def test_all_tokens_of_a_word_are_of_its_kind() -> None:
    assert kinds_of("x Przemek", [(0, 1), (2, 5), (5, 9)], [0, 1, 1]) == [8, 1, 1]


def test_numbers_stay_within_the_table() -> None:
    assert all(0 <= kind < KINDS for kind in kinds("A b C-d\nE!f \u4f60\u597d"))


def test_no_token_no_kind() -> None:
    assert kinds_of("", [], []) == []
