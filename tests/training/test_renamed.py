"""Texts of others, with other people in them: the labels stand where they stood, round the new names."""

from random import Random

from training.tagger.examples import Text
from training.tagger.renamed import renamed

TEXT = Text(
    "RT @ana_li: Otto Brandt told OTTO in Ghent, ask wilma or Otto Brandt",
    ((3, 10, "PERSON", True), (12, 23, "PERSON", True), (29, 33, "PERSON", True), (37, 42, "LOC", True),
     (48, 53, "PERSON", False), (57, 68, "PERSON", True)),
    people_only=True,
)  # fmt: skip


def values(text: Text) -> list[str]:
    return [text.text[start:end] for start, end, _, _ in text.spans]


def test_what_is_no_name_and_what_stands_between_stays() -> None:
    for seed in range(40):
        made = renamed(TEXT, Random(seed))
        handle, full, shouted, place, small, again = values(made)
        assert (handle, place) == ("@ana_li", "Ghent")
        assert made.text == f"RT {handle}: {full} told {shouted} in {place}, ask {small} or {again}"
        assert [s[2:] for s in made.spans] == [s[2:] for s in TEXT.spans]
        assert made.people_only


def test_names_keep_their_letters_and_whoever_comes_again_is_the_same() -> None:
    made = [values(renamed(TEXT, Random(seed))) for seed in range(40)]
    assert all(one[2].isupper() and one[4].islower() and one[1] == one[5] for one in made)
    assert len({one[1] for one in made}) > 20
    assert any(one[1] == "Otto Brandt" for one in made)


def test_the_same_seed_gives_the_same_text() -> None:
    assert renamed(TEXT, Random(5)) == renamed(TEXT, Random(5))
