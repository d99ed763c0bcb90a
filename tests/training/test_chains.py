"""New words like those of a list are new, and the same seed makes the same ones."""

from random import Random

from training import chains, names

WORDS = ("Marten", "Martin", "Marlen", "Merten", "Karsten", "Kersten", "Kirsten", "Carsten", "Morten", "Torsten")


def test_a_new_word_is_none_of_those_it_sounds_like() -> None:
    chance = Random(1)
    made = {chains.like(WORDS, chance) for _ in range(200)}
    assert len(made) > 10
    assert made.isdisjoint(WORDS)
    assert all(word is not None and word[0].isupper() and 4 <= len(word) <= 13 for word in made)


def test_of_a_few_words_nothing_is_learned() -> None:
    assert chains.like(WORDS[:5], Random(1)) is None
    assert chains.like(("Li", "Wu", "Xu", "Hu", "Lu", "Yu", "Su", "Gu", "He"), Random(1)) is None


def test_a_new_name_is_in_no_list() -> None:
    chance = Random(2)
    listed = {name.lower() for one in names.cultures() for part in (*one.given, one.surnames) for name in part}
    assert listed.isdisjoint(names.new(chance).lower() for _ in range(2_000))


def test_the_same_seed_makes_the_same_names() -> None:
    one, other = (Random(3) for _ in range(2))
    assert [names.new(one) for _ in range(50)] == [names.new(other) for _ in range(50)]


def test_many_people_have_a_name_that_is_in_no_list() -> None:
    chance = Random(4)
    listed = {name for one in names.cultures() for name in one.surnames}
    people = [names.invent("en", chance) for _ in range(1_000)]
    assert 0.3 < sum(person.surname not in listed for person in people) / len(people) < 0.7
