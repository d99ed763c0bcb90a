# ruff: noqa: RUF001  letters that look alike are what is tested

import pytest

from ai_gateway.treatment.normalize import Mapped, ascii_of, fold, folded, plain


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("Dana Okafor", "dana okafor"),
        ("ＤＡＮＡ　５５５", "dana 555"),
        ("Dаnа Оkаfоr", "dana okafor"),
        ("da\u00adna\u200b o\u2060kafor", "dana okafor"),
        ("Zoë Müller-Ångström", "zoe muller-angstrom"),
        ("Zoe\u0308", "zoe"),
        ("Straße", "strasse"),
        ("Łukasz Øyvind", "lukasz oyvind"),
        ("O’Neill – “Sean”", 'o\'neill - "sean"'),
        ("ﬁne", "fine"),
        ("٠١٢٣", "0123"),
        ("a\u2003b\u2028c", "a b\nc"),
        ("İstanbul ıſ", "istanbul is"),
    ],
)
def test_folding_takes_away_what_typing_adds(text: str, reading: str) -> None:
    assert fold(text) == reading
    assert folded(text).text == reading


def test_a_span_of_a_view_covers_exactly_what_it_was_read_from() -> None:
    text = "Hi Da\u200bna ﬁ Straße"
    view = folded(text)
    start = view.text.index("dana")
    assert text[slice(*view.original(start, start + 4))] == "Da\u200bna"
    start = view.text.index("strasse")
    assert text[slice(*view.original(start, start + 5))] == "Straß"  # half of ß is all of ß
    start = view.text.index("f")
    assert text[slice(*view.original(start, start + 1))] == "ﬁ"


def test_a_place_of_the_text_is_found_in_its_view() -> None:
    text = "\u200bHi Da\u200bna ﬁ Straße"
    view = folded(text)
    for word, read in (("Hi", "hi"), ("na", "na"), ("ﬁ", "fi"), ("Straße", "strasse")):
        assert view.text[view.place(text.index(word)) :].startswith(read)
    assert view.place(len(text)) == len(view.text)
    assert folded("Dana").place(2) == 2


def test_an_accent_typed_apart_belongs_to_its_letter() -> None:
    text = "Zoe\u0308, hi"
    view = folded(text)
    assert text[slice(*view.original(0, 3))] == "Zoe\u0308"


def test_the_plain_view_keeps_case_accents_and_other_scripts() -> None:
    assert plain("Zoë “Иван” ＡＢ").text == 'Zoë "Иван" AB'


def test_look_alikes_become_latin_only_in_words_that_read_as_latin() -> None:
    assert plain("Dаnа").text == "Dana"  # two Cyrillic letters among Latin ones
    assert plain("Оса").text == "Oca"  # nothing but look-alikes
    assert plain("Иван Петров").text == "Иван Петров"


def test_the_ascii_view_has_one_character_for_each_of_its_view() -> None:
    view = plain("Zoë, Жщи 王 №5 — ß")
    narrow = ascii_of(view)
    assert narrow.text.isascii()
    assert len(narrow.text) == len(view.text)
    assert narrow.text.startswith("Zoe, Xxx x No5 - s")


def test_ascii_text_is_its_own_view() -> None:
    assert plain("Dana") == Mapped("Dana")
    assert folded("Dana").original(1, 3) == (1, 3)


def test_a_view_does_not_show_its_text() -> None:
    assert "Dana" not in repr(plain("Dana"))
