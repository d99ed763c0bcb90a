"""Proper nouns in Cyrillic and Greek."""
# ruff: noqa: RUF001  letters that look alike are what is tested

import pytest

from ai_gateway.treatment.scripts import proper_nouns


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in proper_nouns(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Дякую Богданові за сайт.", ["Богданові"]),
        ("Мене звати Тарас Гнатишин, живу у Тернополі.", ["Тарас Гнатишин", "Тернополі"]),
        ("Остап Вереміюк, програміст", ["Остап Вереміюк"]),
        ("Ευχαριστώ τον Γιώργο πολύ", ["Γιώργο"]),
    ],
)
def test_a_capital_inside_a_sentence_is_a_name(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text", ["Все працює. Дякую!", "ТЕРМІНОВО ТА БЕЗПЛАТНО", "Оплата погодинна", "Dana wrote to us"]
)
def test_a_word_that_opens_a_sentence_or_shouts_is_none(text: str) -> None:
    assert found(text) == []
