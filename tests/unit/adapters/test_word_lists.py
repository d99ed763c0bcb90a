from importlib.resources import files

from ai_gateway.adapters.word_lists import word_lists, word_lists_digest
from ai_gateway.treatment.normalize import fold


def test_every_entry_is_folded_and_not_empty() -> None:
    lists = word_lists()
    for words in (lists.phrases, lists.ordinary, lists.platforms, lists.mail_providers, lists.top_level_domains):
        assert words
        assert all(word and word == fold(word).strip() for word in words)


def test_names_that_are_words_are_ordinary_and_plain_names_are_not() -> None:
    assert {"will", "mark", "grace", "may", "hope"} <= word_lists().ordinary
    assert {"dana", "kevin", "paul", "george"}.isdisjoint(word_lists().ordinary)


def test_nicknames_are_given_names_mapped_to_short_forms() -> None:
    assert "bob" in word_lists().nicknames["robert"]


def test_every_list_says_what_it_is() -> None:
    for file in (files("ai_gateway") / "data").iterdir():
        if file.name.endswith(".txt"):
            assert file.read_text(encoding="utf-8").startswith("#"), file.name


def test_the_digest_is_short_and_stable() -> None:
    assert word_lists_digest() == word_lists_digest()
    assert len(word_lists_digest()) == 12
