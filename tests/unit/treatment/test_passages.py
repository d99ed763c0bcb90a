"""Where a text that is still being written is cut."""

from ai_gateway.treatment.passages import LONGEST, Passages


def cut(*pieces: str) -> list[str]:
    passages = Passages()
    return [*(found for piece in pieces for found in passages.feed(piece)), passages.finish()]


def test_a_short_text_is_one_passage() -> None:
    assert cut("Dear Kim,\n\nI can start in May. Call me. Yours") == ["Dear Kim,\n\nI can start in May. Call me. Yours"]


def test_a_passage_ends_with_a_line_that_is_not_the_first() -> None:
    line = "x" * 150
    assert cut(f"{line}\n{line}\n\n{line}\n") == [f"{line}\n{line}\n\n", f"{line}\n"]


def test_a_long_line_ends_with_a_sentence_and_an_abbreviation_is_none() -> None:
    told = "word " * 81
    assert cut(f"{told}by Dr. Stone of St. Ives himself. Then he left.") == [
        f"{told}by Dr. Stone of St. Ives himself. ",
        "Then he left.",
    ]


def test_a_text_without_sentences_ends_with_a_word_and_one_without_words_somewhere() -> None:
    words, one = "word " * 500, "x" * (LONGEST + 1)
    assert [len(passage) for passage in cut(words)] == [2_005, 495]
    assert [len(passage) for passage in cut(one)] == [LONGEST, 1]


def test_it_is_cut_alike_however_it_arrives() -> None:
    text = ("Who knows. " * 50 + "\n" + "word " * 700 + "\n\n\n" + "y" * 5_000 + " end. ") * 2
    whole = cut(text)
    assert "".join(whole) == text
    assert len(whole) > 6
    assert cut(*text) == whole
    assert all(cut(text[:at], text[at:]) == whole for at in range(0, len(text), 97))


def test_another_text_may_follow() -> None:
    passages = Passages()
    passages.feed("one")
    assert passages.finish() == "one"
    assert (passages.feed("two"), passages.finish()) == ([], "two")
