"""The corpus is what README.md says it is. Nothing here knows the detector."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from ai_gateway.policies.vocabulary import QUASI_IDENTIFIERS
from corpus import fiction
from corpus.compile import lines
from corpus.source import KINDS, LANGUAGES, SPLITS, TYPES, BadSource, Label, Text, read_all, read_family

HERE = Path(__file__).parent
TEXTS = read_all()

PUBLIC_HOSTS = {"booking.com", "stud.io"}
"""Products that hard negatives name."""
NOT_ADDRESSES = {"react-dates@21.8.0", 'react@"^17"'}
"""Packages and their versions."""
SAME_WORD_NOT_A_PERSON = Counter({"word-names": 21, "word-names-again": 19})
"""Families that are about names which are words, and how many texts they have."""
SHORTEST_NAME = 3
MOST_ALIKE = 0.5
SHINGLE = 3
TITLES = re.compile(
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Sir|Dame|Lady|Lord|Pastor|Captain|Aunt|Auntie|Uncle|Rabbi|Don|Mme|Mlle|sig)"
    r"\.? ",
)


def shown(text: Text, label: Label) -> str:
    return f"{text.id}: {label.entity} {text.value(label)!r}"


def labels(*entities: str) -> Iterator[tuple[Text, Label]]:
    for text in TEXTS:
        for label in text.labels:
            if not entities or label.entity in entities:
                yield text, label


def plain(*entities: str) -> Iterator[tuple[Text, Label]]:
    """Labels of texts that do not disguise them."""
    return ((text, label) for text, label in labels(*entities) if "adversarial" not in text.tags)


def bare(text: Text) -> str:
    """The text with everything labelled blanked."""
    characters = list(text.text)
    for label in text.labels:
        characters[label.start : label.end] = " " * (label.end - label.start)
    return "".join(characters)


def shingles(text: Text) -> frozenset[tuple[str, ...]]:
    """Overlapping runs of words, folded; every labelled value is its type, so that swapped names do not help."""
    masked, at = "", 0
    for label in text.labels:
        masked += f"{text.text[at : label.start]} {label.entity} "
        at = label.end
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", masked + text.text[at:]).casefold())
    return frozenset(tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))


def test_the_compiled_files_are_what_the_families_say() -> None:
    for split in SPLITS:
        assert (HERE / f"{split}.jsonl").read_text(encoding="utf-8") == lines(TEXTS, split)


def test_offsets_in_the_compiled_files_are_in_characters_ascending_and_disjoint() -> None:
    for split in SPLITS:
        for line in (HERE / f"{split}.jsonl").read_text(encoding="utf-8").splitlines():
            row, at = json.loads(line), 0
            for start, end, _, _ in row["spans"]:
                assert at <= start < end <= len(row["text"]), row["id"]
                at = end


def test_types_are_those_that_policies_name() -> None:
    taxonomy = (HERE.parent.parent / "policies" / "taxonomy.yaml").read_text(encoding="utf-8")
    named = re.findall(r"(?m)^  ([A-Z_]+): \{", taxonomy.partition("\nentities:")[2])
    assert set(TYPES.values()) == set(named) - QUASI_IDENTIFIERS  # these are found by rules, and labelled nowhere


def test_a_label_has_no_space_or_comma_at_its_ends() -> None:
    edges = " \n\t,;"
    assert [shown(text, label) for text, label in labels() if text.value(label).strip(edges) != text.value(label)] == []


def test_titles_and_possessives_stay_outside_a_name() -> None:
    wrong = [
        shown(text, label)
        for text, label in labels("PERSON")
        if TITLES.match(text.value(label)) or text.value(label).endswith(("'s", "\u2019s"))
    ]
    assert wrong == []


def test_a_name_labelled_once_is_labelled_wherever_it_stands_in_the_text() -> None:
    wrong = []
    for text, label in labels("PERSON"):
        value = text.value(label)
        if label.party != "nobody" and len(value) >= SHORTEST_NAME and not SAME_WORD_NOT_A_PERSON[text.family]:
            wrong += [
                f"{shown(text, label)} at {found.start()}"
                for found in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", bare(text))
            ]
    assert wrong == []


def test_families_about_words_are_as_large_as_the_exception_says() -> None:
    sizes = Counter(text.family for text in TEXTS)
    assert Counter({family: sizes[family] for family in SAME_WORD_NOT_A_PERSON}) == SAME_WORD_NOT_A_PERSON


def test_no_email_address_is_left_without_a_label() -> None:
    found = {address for text in TEXTS for address in re.findall(r"[^\s<>()\[\]]+@[\w\"^-]+[.\d][\w.\"]*", bare(text))}
    assert found <= NOT_ADDRESSES


def test_addresses_and_links_lead_nowhere() -> None:
    wrong = [
        shown(text, label)
        for text, label in plain("EMAIL_ADDRESS", "URL")
        if label.entity == "URL" or "@" in text.value(label)
        if not fiction.domain_is_reserved(text.value(label).replace("%40", "@"))
    ]
    assert wrong == []


def test_no_other_host_is_named_but_public_products() -> None:
    hosts = re.compile(r"(?<![\w@])(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|uk|de|fr|app|dev|ai|me)\b(?!\.\w)")
    found = {host for text in TEXTS for host in hosts.findall(bare(text).lower())}
    assert found <= PUBLIC_HOSTS


def test_phone_numbers_ring_nowhere() -> None:
    wrong = [
        shown(text, label) for text, label in plain("PHONE_NUMBER") if not fiction.phone_is_fictional(text.value(label))
    ]
    assert wrong == []


def test_cards_are_those_of_manuals() -> None:
    wrong = [
        shown(text, label) for text, label in plain("CREDIT_CARD") if not fiction.card_is_for_trying(text.value(label))
    ]
    assert wrong == []


def test_ibans_have_valid_check_digits_at_no_bank() -> None:
    wrong = [
        shown(text, label)
        for text, label in labels("IBAN")
        if not fiction.iban_is_valid_and_invented(text.value(label))
    ]
    assert wrong == []


def test_internet_addresses_are_those_of_documents() -> None:
    wrong = [
        shown(text, label) for text, label in labels("IP_ADDRESS") if not fiction.ip_is_for_documents(text.value(label))
    ]
    assert wrong == []


def test_american_social_security_numbers_are_void() -> None:
    shape = re.compile(r"\d{3}-\d{2}-\d{4}")
    wrong = [
        shown(text, label)
        for text, label in plain("GOVERNMENT_ID", "TAX_ID")
        if shape.fullmatch(text.value(label))
        and not fiction.ADVERTISED_SSN.fullmatch(text.value(label).replace("-", ""))
    ]
    assert wrong == []


def test_hard_negatives_hold_nothing_of_anybody() -> None:
    wrong = [shown(text, label) for text, label in labels() if "hard_negative" in text.tags and label.party != "nobody"]
    assert wrong == []


def test_every_other_text_holds_something() -> None:
    empty = [text.id for text in TEXTS if not text.labels and not text.tags]
    assert len(empty) <= len(TEXTS) // 50


def test_the_corpus_is_as_large_as_it_says() -> None:
    english = [text for text in TEXTS if text.lang == "en"]
    assert len(TEXTS) >= 1500
    assert len({text.family for text in TEXTS}) >= 80
    assert sum("hard_negative" in text.tags for text in english) >= 400
    assert sum("adversarial" in text.tags for text in TEXTS) >= 100
    assert len(TEXTS) - len(english) >= 200
    assert min(Counter(text.lang for text in TEXTS).values()) >= 20


def test_the_table_in_the_readme_is_right() -> None:
    def row(counted: Counter[str]) -> str:
        return " | ".join(str(counted[split]) for split in SPLITS)

    readme = (HERE / "README.md").read_text(encoding="utf-8")
    families = Counter({text.family: text.split for text in TEXTS}.values())
    assert f"{len(TEXTS):,} texts" in readme
    assert f"| texts | {row(Counter(text.split for text in TEXTS))} |" in readme
    assert f"| of families | {row(families)} |" in readme
    assert f"(22 to 24 texts of each) | {row(Counter(text.split for text in TEXTS if text.lang != 'en'))} |" in readme
    for tag in ("hard_negative", "adversarial"):
        assert f"(`{tag}`) | {row(Counter(text.split for text in TEXTS if tag in text.tags))} |" in readme


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_has_every_kind_language_and_tag(split: str) -> None:
    here = [text for text in TEXTS if text.split == split]
    assert {text.kind for text in here} == set(KINDS)
    assert {text.lang for text in here} == set(LANGUAGES)
    assert {tag for text in here for tag in text.tags} == {"hard_negative", "adversarial"}
    assert {label.party for text in here for label in text.labels} == {"client", "professional", "third", "nobody"}


def test_a_family_is_in_one_split() -> None:
    splits = defaultdict(set)
    for text in TEXTS:
        splits[text.family].add(text.split)
    assert {family for family, found in splits.items() if len(found) > 1} == set()


def test_no_whole_name_address_or_handle_is_in_two_splits() -> None:
    where = defaultdict(set)
    for text, label in labels("PERSON", "EMAIL_ADDRESS", "HANDLE", "ADDRESS", "ORGANIZATION", "URL"):
        value = text.value(label).casefold()
        if label.entity != "PERSON" or " " in value:
            where[value].add(text.split)
    assert {value for value, splits in where.items() if len(splits) > 1} == set()


def test_no_two_texts_say_the_same() -> None:
    known, alike = [shingles(text) for text in TEXTS], []
    pairs = set[tuple[int, int]]()
    by_shingle = defaultdict(list)
    for number, found in enumerate(known):
        for shingle in found:
            by_shingle[shingle].append(number)
    for numbers in by_shingle.values():
        pairs.update(combinations(numbers, 2))
    for one, other in pairs:
        shared = len(known[one] & known[other]) / len(known[one] | known[other])
        if shared >= MOST_ALIKE:
            alike.append(f"{TEXTS[one].id} and {TEXTS[other].id}: {shared:.2f}")
    assert alike == []


@pytest.mark.parametrize(
    "written",
    ["[[x Dana]]", "[[c.shoe 44]]", "[[c ]]", "see [[c Dana"],
    ids=["unknown party", "unknown type", "empty", "open"],
)
def test_a_mark_that_does_not_read_is_refused(written: str, tmp_path: Path) -> None:
    family = tmp_path / "one.txt"
    family.write_text(f"family: one\nsplit: dev\nkind: chat\nlang: en\ntags:\nabout: one\n%%\n{written}\n")
    with pytest.raises(BadSource, match=r"one\.txt"):
        read_family(family)


def test_marks_give_offsets_after_escapes(tmp_path: Path) -> None:
    family = tmp_path / "one.txt"
    family.write_text(
        "family: one\nsplit: dev\nkind: chat\nlang: en\ntags:\nabout: one\n"
        "%% lang=es tags=adversarial\nhi \\u{200b}[[p D\\u{e9}a]] [[c.mail \\b64{a@b.example}]]\n"
    )
    (text,) = read_family(family)
    assert text.text == "hi \u200bDéa YUBiLmV4YW1wbGU="
    assert [(text.value(label), label.entity, label.party) for label in text.labels] == [
        ("Déa", "PERSON", "professional"),
        ("YUBiLmV4YW1wbGU=", "EMAIL_ADDRESS", "client"),
    ]
    assert (text.lang, text.tags, text.id) == ("es", ("adversarial",), "one-01")
