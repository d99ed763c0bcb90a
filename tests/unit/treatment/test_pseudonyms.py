# ruff: noqa: RUF001  look-alike characters are what is tested

import gc
from collections.abc import Mapping

import pytest

from ai_gateway.model import EntityType, Known, Role, Subject, SubjectId
from ai_gateway.treatment.families import Family, ShortForms
from ai_gateway.treatment.pseudonyms import KINDS, Sighting, allocate, typed

SAM = Subject(id=SubjectId("cli_9"), role=Role.CLIENT, known=Known(names=("Sam Lee",)))
DANA = Subject(
    id=SubjectId("pro_17"), role=Role.INDEPENDENT_PROFESSIONAL, known=Known(names=("Dana Okafor", "Dana M. Okafor"))
)


def tokens(
    *sightings: tuple[str, str] | tuple[str, str, Subject],
    people: tuple[Subject, ...] = (DANA, SAM),
    taken: frozenset[tuple[str, int]] = frozenset(),
    nicknames: Mapping[str, tuple[str, ...]] = {},
) -> list[str]:
    """The token of each sighting, in order."""
    made = [Sighting(EntityType(s[0]), s[1], s[2].id if len(s) > 2 else None) for s in sightings]
    found = allocate(made, people, taken, ShortForms(nicknames))
    return [found[one].token for one in made]


@pytest.mark.parametrize(
    ("role", "token"),
    [
        (Role.CLIENT, "<CLIENT_1>"),
        (Role.INDEPENDENT_PROFESSIONAL, "<PROFESSIONAL_1>"),
        (Role.AGENCY, "<AGENCY_1>"),
        (Role.AGENCY_MEMBER, "<MEMBER_1>"),
        (Role.SITE_VISITOR, "<VISITOR_1>"),
        (Role.CONTACT, "<CONTACT_1>"),
    ],
)
def test_a_partys_name_tells_their_role(role: Role, token: str) -> None:
    person = Subject(id=SubjectId("x"), role=role)
    assert tokens(("PERSON", "Ana", person), people=(person,)) == [token]


@pytest.mark.parametrize(
    ("entity", "token"),
    [
        ("PERSON", "<PERSON_1>"),
        ("EMAIL_ADDRESS", "<EMAIL_1>"),
        ("PHONE_NUMBER", "<PHONE_1>"),
        ("HANDLE", "<HANDLE_1>"),
        ("ORGANIZATION", "<ORGANIZATION_1>"),
        ("URL", "<URL_1>"),
        ("ADDRESS", "<ADDRESS_1>"),
        ("CREDIT_CARD", "<CARD_1>"),
        ("SOMETHING_NEW", "<ENTITY_1>"),
    ],
)
def test_a_value_tells_its_type(entity: str, token: str) -> None:
    assert tokens((entity, "some value")) == [token]


def test_every_kind_can_be_read_back() -> None:
    assert all(kind.isascii() and kind.isalpha() and kind.isupper() and 2 <= len(kind) <= 16 for kind in KINDS.values())


def test_the_same_value_always_has_the_same_pseudonym() -> None:
    assert tokens(("PERSON", "Maria"), ("PERSON", "Bo"), ("PERSON", "Maria")) == [
        "<PERSON_1>",
        "<PERSON_2>",
        "<PERSON_1>",
    ]


def test_other_writings_of_one_person_share_the_stem() -> None:
    writings = ("Dana", "Dana Okafor", "Okafor", "DANA OKAFOR", "dana", "Dana M. Okafor")
    assert tokens(*(("PERSON", value, DANA) for value in writings)) == [
        "<PROFESSIONAL_1>",
        "<PROFESSIONAL_1_FULL>",
        "<PROFESSIONAL_1_LAST>",
        "<PROFESSIONAL_1_V4>",
        "<PROFESSIONAL_1_FIRST>",
        "<PROFESSIONAL_1_V6>",
    ]


def test_a_longer_call_only_adds_pseudonyms() -> None:
    values = [("PERSON", v) for v in ("Maria", "Bo Stone", "Maria Gomez", "Stone", "maria", "Maria Lopez", "Lopez")]
    whole = tokens(*values)
    assert all(tokens(*values[:length]) == whole[:length] for length in range(len(values)))


def test_a_third_persons_parts_are_theirs_while_nobody_else_has_them() -> None:
    assert tokens(("PERSON", "Maria Gomez"), ("PERSON", "Maria"), ("PERSON", "Gomez"), ("PERSON", "Bo Gomez")) == [
        "<PERSON_1>",
        "<PERSON_1_FIRST>",
        "<PERSON_1_LAST>",
        "<PERSON_2>",
    ]


def test_a_first_name_that_two_people_have_is_neithers() -> None:
    assert tokens(("PERSON", "Maria Gomez"), ("PERSON", "Maria Lopez"), ("PERSON", "Maria")) == [
        "<PERSON_1>",
        "<PERSON_2>",
        "<PERSON_3>",
    ]


def test_a_title_makes_nobody_else_of_a_third_person() -> None:
    assert tokens(
        ("PERSON", "Dr. Maria Gomez"), ("PERSON", "Gomez"), ("PERSON", "Maria Gomez"), ("PERSON", "Dr. Bo")
    ) == [
        "<PERSON_1>",
        "<PERSON_1_LAST>",
        "<PERSON_1_FULL>",
        "<PERSON_2>",
    ]


def test_people_of_one_name_and_two_titles_are_two() -> None:
    values = ("Mr. Vale", "Mrs. Vale", "Vale", "Ms Vale", "Dr. Vale")
    assert tokens(*(("PERSON", value) for value in values)) == [
        "<PERSON_1>",
        "<PERSON_2>",
        "<PERSON_1_V2>",
        "<PERSON_2_V2>",
        "<PERSON_1_V3>",
    ]


SHORT = {"samuel": ("sam", "sammy"), "samantha": ("sam",)}


@pytest.mark.parametrize(
    ("writings", "numbers"),
    [
        (("Samuel Lee", "Sam", "Lee", "Sammy"), (1, 1, 1, 1)),
        (("Sam", "Samuel Lee", "Lee"), (1, 1, 1)),
        (("Sam Lee", "Samuel Lee", "Lee", "Samuel"), (1, 1, 1, 1)),
        (("Samuel Lee", "Samantha Fox", "Sam"), (1, 2, 3)),
        (("Sam", "Samuel Lee", "Samantha Fox"), (1, 1, 2)),
        (("Samuel Lee", "Samuel Fox", "Sam"), (1, 2, 3)),
        (("Samuel Lee", "Bo"), (1, 2)),
    ],
)
def test_a_short_form_is_a_third_persons_while_nobody_else_is_called_so(
    writings: tuple[str, ...], numbers: tuple[int, ...]
) -> None:
    found = tokens(*(("PERSON", writing) for writing in writings), nicknames=SHORT)
    assert [token.strip("<>").split("_")[1] for token in found] == [str(number) for number in numbers]


def test_a_longer_call_only_adds_pseudonyms_where_short_forms_are_known() -> None:
    values = [("PERSON", v) for v in ("Sam", "Lee", "Samuel Lee", "Sammy", "Samantha Fox", "Fox", "Sam Lee")]
    whole = tokens(*values, nicknames=SHORT)
    assert all(tokens(*values[:length], nicknames=SHORT) == whole[:length] for length in range(len(values)))


def test_two_people_of_the_same_name_and_role_have_two_pseudonyms() -> None:
    twin = Subject(id=SubjectId("cli_10"), role=Role.CLIENT, known=SAM.known)
    assert tokens(("PERSON", "Sam Lee", twin), ("PERSON", "Sam Lee", SAM), people=(SAM, twin)) == [
        "<CLIENT_2>",
        "<CLIENT_1>",
    ]


def test_an_email_that_two_people_have_has_two_pseudonyms() -> None:
    assert tokens(("EMAIL_ADDRESS", "info@x.example", SAM), ("EMAIL_ADDRESS", "info@x.example", DANA)) == [
        "<EMAIL_1>",
        "<EMAIL_2>",
    ]


@pytest.mark.parametrize(
    ("entity", "one", "other"),
    [
        ("EMAIL_ADDRESS", "Sam@X.example", "sam@x.example"),
        ("PHONE_NUMBER", "(415) 555-0100", "415.555.0100"),
        ("HANDLE", "@sam", "Sam"),
        ("ORGANIZATION", "Acme Corp", "ACME  CORP"),
        ("ORGANIZATION", "Café Ümlaut", "cafe umlaut"),
    ],
)
def test_writings_of_one_value_share_the_stem(entity: str, one: str, other: str) -> None:
    first, second = tokens((entity, one), (entity, other))
    assert second == first.replace(">", "_V2>")


def test_parties_are_numbered_by_the_calls_order_whoever_is_named_first() -> None:
    other = Subject(id=SubjectId("cli_10"), role=Role.CLIENT)
    assert tokens(("PERSON", "Zoe", other), people=(SAM, other)) == ["<CLIENT_2>"]


def test_numbers_that_somebody_typed_are_not_given_out() -> None:
    taken = frozenset({("CLIENT", 1), ("EMAIL", 1), ("EMAIL", 2)})
    assert tokens(("PERSON", "Sam", SAM), ("EMAIL_ADDRESS", "a@b.example"), taken=taken) == ["<CLIENT_2>", "<EMAIL_3>"]


def test_a_value_without_a_word_in_it_has_a_pseudonym_too() -> None:
    assert tokens(("PERSON", "🙂"), ("PERSON", "🙃"), ("SECRET", "***")) == ["<PERSON_1>", "<PERSON_2>", "<SECRET_1>"]


@pytest.mark.parametrize(
    "text",
    [
        "<CLIENT_1>",
        "<client 1>",
        "< Client-1 >",
        r"<CLIENT\_1>",
        "&lt;CLIENT_1&gt;",
        "%3CCLIENT_1%3E",
        r"\u003cCLIENT_1\u003e",
        "[CLIENT_1]",
        "CLIENT_1",
        "client_1",
        "＜ＣＬＩＥＮＴ＿１＞",
        "<CLIENT_1_FIRST>",
        "<CLI\u200bENT_1>",
        "<CLIENT&#95;1>",
        "<CL%49ENT_1>",
        "xCLIENT_1",
        "<CLİENT_1>",
        "<CLIENT_1",
    ],
)
def test_what_a_restorer_could_take_for_a_pseudonym_counts_as_typed(text: str) -> None:
    assert ("CLIENT", 1) in typed(["before", f"so {text} there"])


@pytest.mark.parametrize("text", ["", "the client has 1 wish", "<CLIENT_12345678>", "CLIENT", "<_1>", "5 clients"])
def test_other_text_takes_no_number(text: str) -> None:
    assert ("CLIENT", 1) not in typed([text])


def test_a_pseudonym_does_not_show_its_value() -> None:
    found = allocate([Sighting(EntityType("PERSON"), "Zephyrine")], (), frozenset())
    assert "Zephyrine" not in repr(found)


def test_no_name_waits_in_memory_for_the_garbage_to_be_collected() -> None:
    gc.collect()
    gc.disable()
    try:
        assert tokens(("PERSON", "Sam Lee", SAM), ("PERSON", "Maria Gomez"), ("PERSON", "Maria"), ("URL", "a.example"))
        assert not [one for one in gc.get_objects() if isinstance(one, Family)]
    finally:
        gc.enable()
