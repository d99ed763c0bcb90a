"""Which words are everyday words."""

import pytest

from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.treatment.lexicon import are_common, is_common

LISTS = word_lists()


@pytest.mark.parametrize(
    "word", ["flew", "stopped", "companies", "reordering", "happily", "unhappiness", "finalizing", "bakers", "quickest"]
)
def test_every_form_of_an_everyday_word_is_one(word: str) -> None:
    assert is_common(word, LISTS)


@pytest.mark.parametrize("word", ["okafor", "zdenka", "mark", "hope", "grace", "kowalski", "a" * 40])
def test_a_given_name_or_an_unknown_word_is_none(word: str) -> None:
    assert not is_common(word, LISTS)


def test_terms_of_the_trade_count_with_everyday_words() -> None:
    assert are_common("Senior Python Developer", LISTS)
    assert not are_common("Senior Okafor", LISTS)
