"""Which language a text is in, where that can be told."""

import pytest

from ai_gateway.adapters.langid_languages import LangidLanguages

LANGUAGES = LangidLanguages()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We need a booking page where our guests can choose a boat, a time, and pay a deposit.", "en"),
        ("Guten Tag, ich möchte gern ein Angebot für die Übersetzung unserer Anleitung bis Ende Mai.", "de"),
        ("Bonjour, nous cherchons quelqu'un pour traduire notre catalogue de printemps en anglais.", "fr"),
        ("Hola, necesitamos a alguien que traduzca nuestro catálogo de primavera al inglés, por favor.", "es"),
        ("Dzień dobry, szukamy kogoś, kto przetłumaczy nasz wiosenny katalog na język angielski.", "pl"),
        ("Привет, помоги мне написать предложение", "ru"),
        ("你好,请帮我写一个提案", "zh"),
        ("こんにちは、提案を書いてください", "ja"),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert LANGUAGES.of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bonjour!",
        "Say this is a test",
        "12345 67890 " * 40,
        "```python\nimport os\nfor name in sorted(os.listdir()): print(name, os.stat(name).st_size)\n```",
        "https://example.com/a/very/long/path/of/words/that/are/no/sentence/at/all/but/a/link",
        "Ω",
    ],
)
def test_what_is_no_sentence_tells_none(text: str) -> None:
    assert LANGUAGES.of(text) is None
