# ruff: noqa: RUF001  look-alike characters are what is tested

from collections.abc import Sequence

import pytest

from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.model import (
    Coarseness,
    Coarser,
    EntityType,
    Item,
    Known,
    Permission,
    Role,
    Span,
    Subject,
    SubjectId,
    TreatedPrompt,
)
from ai_gateway.model import Treatment as Do
from ai_gateway.ports import Party
from ai_gateway.treatment.stream import Restorer, restore
from ai_gateway.treatment.treat import Treatment
from fakes import LiteralDetector
from treatment_samples import BOTH, CLIENT, DANA, PRO, SAM, item, permission

pytestmark = pytest.mark.anyio


async def treat(allowed: Permission, **literals: str) -> TreatedPrompt:
    """``literals`` are what the detector finds beside known identifiers: type by string, ``_`` for a space."""
    found = {text.replace("_", " "): entity for text, entity in literals.items()}
    return await Treatment(LiteralDetector(found), PresidioOperators()).treat(allowed)


async def text_of(text: str, entities: dict[str, Do] | None = None, **literals: str) -> str:
    treated = await treat(permission([item(text)], entities=entities), **literals)
    return treated.items[0].text


async def test_names_become_pseudonyms_of_their_roles() -> None:
    assert await text_of("Dana Okafor wrote to Sam Lee of Brightwater LLC at dana@okafor.example.") == (
        "<PROFESSIONAL_1> wrote to <CLIENT_1> of <ORGANIZATION_1> at <EMAIL_1>."
    )


async def test_each_entity_meets_its_own_action() -> None:
    actions = {
        "GOVERNMENT_ID": Do.REDACT,
        "DATE_OF_BIRTH": Do.GENERALIZE,
        "COORDINATES": Do.GENERALIZE,
        "LOCATION": Do.SHARE,
        "URL": Do.WITHHOLD,
        "IBAN": Do.PUBLIC_ONLY,
    }
    found = {
        "AB-1": "GOVERNMENT_ID", "12 May 1984": "DATE_OF_BIRTH", "38.7, 9.1": "COORDINATES",
        "Lisbon": "LOCATION", "x.example": "URL", "GB1": "IBAN", "Bo": "PERSON",
    }  # fmt: skip
    treatment = Treatment(LiteralDetector(found), PresidioOperators())
    text = "Bo, AB-1, 12 May 1984, 38.7, 9.1, Lisbon, x.example, GB1"
    treated = await treatment.treat(permission([item(text)], entities=actions))
    assert treated.items[0].text == (
        "<PERSON_1>, [redacted: government id], 1984, [redacted: coordinates], Lisbon, "
        "[redacted: link], [redacted: IBAN]"
    )
    assert dict(treated.entities) == {
        "PERSON": 1, "GOVERNMENT_ID": 1, "DATE_OF_BIRTH": 1, "COORDINATES": 1, "URL": 1, "IBAN": 1,
    }  # fmt: skip


async def test_a_known_identifier_never_stays_even_where_its_type_is_shared() -> None:
    everything = dict.fromkeys(("PERSON", "ORGANIZATION", "LOCATION"), Do.SHARE)
    text = await text_of("Sam Lee, Bo and the Sam Lee Hall", everything, Bo="PERSON", Sam_Lee_Hall="LOCATION")
    assert text == "<CLIENT_1>, Bo and the <CLIENT_1> Hall"


async def test_a_shared_value_that_holds_a_known_identifier_does_not_stay() -> None:
    class Coarse(LiteralDetector):
        def _find(self, text: str, parties: Sequence[Party]) -> tuple[Span, ...]:
            return super()._find(text, ())

    treatment = Treatment(Coarse({"Okafor Street": "LOCATION"}), PresidioOperators())
    treated = await treatment.treat(permission([item("on Okafor Street")], entities={"LOCATION": Do.SHARE}))
    assert treated.items[0].text == "on <LOCATION_1>"


async def test_a_generalized_value_that_would_be_a_known_identifier_is_redacted() -> None:
    france = Subject(id=CLIENT, role=Role.CLIENT, known=Known(names=("Anatole France",)))
    treated = await treat(
        permission([item("5 Elm St; France")], people=(DANA, france), entities={"ADDRESS": Do.GENERALIZE}),
        **{"5 Elm St; France": "ADDRESS"},
    )
    assert "France" not in treated.items[0].text


async def test_what_tells_of_somebody_only_together_with_more_becomes_coarser_where_a_rule_says_so() -> None:
    text = "Dana Okafor, 34, no: I'm 34. I earned $95 an hour at Brightwater LLC and Foxglove since 12 March 2024."
    quasi = dict.fromkeys(("DATE", "AGE", "EARNINGS", "ORGANIZATION"), Do.GENERALIZE)
    coarser = {
        "DATE": Coarser(to=Coarseness.YEAR),
        "ORGANIZATION": Coarser(to=Coarseness.INDUSTRY, industries={"Foxglove": "a nursery"}),
    }
    treated = await treat(permission([item(text)], entities=quasi, coarser=coarser), Foxglove="ORGANIZATION")
    assert treated.items[0].text == (
        "<PROFESSIONAL_1>, 34, no: I'm 30 to 39. I earned $50 to $100 an hour at <ORGANIZATION_1> and a nursery "
        "since 2024."
    )
    as_it_was = text.replace("Dana Okafor", "<PROFESSIONAL_1>").replace("Brightwater LLC", "<ORGANIZATION_1>")
    assert await text_of(text, dict.fromkeys(quasi, Do.SHARE)) == as_it_was


async def test_withheld_items_are_neither_read_nor_passed_on() -> None:
    items = [item("Bo Stone"), item("Ana Gray", path="messages[0]")]
    treated = await treat(permission(items, withheld=["post"]), Bo_Stone="PERSON", Ana_Gray="PERSON")
    assert [(one.path, one.text, one.tokens) for one in treated.items] == [
        ("messages[0]", "<PERSON_1>", ("<PERSON_1>",))
    ]
    assert "bo stone" not in treated.identifiers


async def test_a_call_with_nothing_permitted_is_a_prompt_without_items() -> None:
    treated = await treat(permission([item("Sam")], withheld=["post"]))
    assert treated.items == ()
    assert treated.pseudonyms == ()


async def test_the_same_person_has_the_same_pseudonym_in_every_item() -> None:
    treated = await treat(permission([item("Sam Lee"), item("for Sam Lee, Bo", path="profile")]), Bo="PERSON")
    assert [one.text for one in treated.items] == ["<CLIENT_1>", "for <CLIENT_1>, <PERSON_1>"]
    assert treated.items[1].tokens == ("<CLIENT_1>", "<PERSON_1>")


async def test_what_a_caller_typed_is_no_pseudonym_even_in_a_withheld_item() -> None:
    items = [item("Sam Lee says <CLIENT_1> and [email 1]"), item("client_2", path="note")]
    treated = await treat(permission(items, withheld=["note"]))
    assert treated.items[0].text == "<CLIENT_3> says <CLIENT_1> and [email 1]"


async def test_a_parameter_counts_as_typed() -> None:
    treated = await treat(permission([item("Sam Lee")], parameters={"tone": "CLIENT_1", "words": 5}))
    assert treated.items[0].text == "<CLIENT_2>"


async def test_a_shared_name_goes_to_whom_the_item_is_about_and_then_to_its_reader() -> None:
    twin = Subject(id=PRO, role=Role.INDEPENDENT_PROFESSIONAL, known=SAM.known)
    people = (twin, SAM)

    async def token(about: tuple[SubjectId, ...], author: SubjectId | None = None) -> str:
        treated = await treat(permission([item("Sam Lee", about=about, author=author)], people=people))
        return treated.items[0].text

    assert await token((PRO,)) == "<PROFESSIONAL_1>"
    assert await token((CLIENT,)) == "<CLIENT_1>"
    assert await token((CLIENT, PRO), CLIENT) == "<PROFESSIONAL_1>"
    assert await token((CLIENT, PRO), PRO) == "<CLIENT_1>"
    assert await token((SubjectId("other"),)) == "<PROFESSIONAL_1>"


async def test_a_nickname_of_two_people_goes_to_one_of_them_and_nobody_elses_does() -> None:
    class Nicknames(LiteralDetector):
        """``Sammy`` is a spelling of everybody called Sam."""

        async def detect(self, texts: Sequence[str], parties: Sequence[Party]) -> Sequence[tuple[Span, ...]]:
            return [(Span(start=0, end=len(text), entity=EntityType("PERSON"), found_by="known"),) for text in texts]

        def spellings(self, parties: Sequence[Party]) -> frozenset[str]:
            return frozenset({"sammy"} if any("Sam Lee" in party.known.names for party in parties) else ())

    treatment = Treatment(Nicknames(), PresidioOperators())
    treated = await treatment.treat(permission([item("Sammy", about=(PRO,)), item("Zoe", path="profile")]))
    assert [one.text for one in treated.items] == ["<CLIENT_1>", "<PERSON_1>"]


async def test_two_people_of_one_name_are_restored_each_to_their_own() -> None:
    twin = Subject(id=PRO, role=Role.INDEPENDENT_PROFESSIONAL, known=SAM.known)
    items = [item("Sam Lee", about=(CLIENT,)), item("SAM LEE", path="profile", about=(PRO,))]
    treated = await treat(permission(items, people=(twin, SAM)))
    assert {p.token: p.value for p in treated.pseudonyms} == {"<CLIENT_1>": "Sam Lee", "<PROFESSIONAL_1>": "SAM LEE"}
    assert {p.subject for p in treated.pseudonyms} == {PRO, CLIENT}


async def test_what_is_removed_once_is_removed_wherever_it_stands() -> None:
    class Once(LiteralDetector):
        """Misses every occurrence but the first of each text."""

        def _find(self, text: str, parties: Sequence[Party]) -> tuple[Span, ...]:
            return super()._find(text, parties)[:1]

    treatment = Treatment(Once({"10 Elm St": "ADDRESS", "AB-77": "TAX_ID"}), PresidioOperators())
    items = [item("at 10 Elm St, and again 10 ELM  st"), item("AB-77 ab 77 10 elm st", path="profile")]
    treated = await treatment.treat(permission(items, entities={"TAX_ID": Do.REDACT}))
    assert [one.text for one in treated.items] == [
        "at <ADDRESS_1>, and again <ADDRESS_1_V2>",
        "[redacted: tax id] [redacted: tax id] <ADDRESS_1_V3>",
    ]


async def test_identifiers_for_the_last_check_are_all_spellings_and_what_was_removed() -> None:
    treated = await treat(
        permission([item("Bo Stone, +49 30 555 0100")]), **{"Bo Stone": "PERSON", "+49 30 555 0100": "PHONE_NUMBER"}
    )
    assert {"sam lee", "dana okafor", "dana okafor example", "bo stone", "49 30 555 0100"} <= treated.identifiers


async def test_an_ordinary_word_that_is_also_somewhere_a_name_is_left_where_it_is_a_word() -> None:
    class Careful(LiteralDetector):
        async def detect(self, texts: Sequence[str], parties: Sequence[Party]) -> Sequence[tuple[Span, ...]]:
            return [tuple(s for s in spans if s.start == 0) for spans in await super().detect(texts, parties)]

    treatment = Treatment(Careful({"Nice": "LOCATION"}), PresidioOperators())
    treated = await treatment.treat(permission([item("Nice is a nice town")]))
    assert treated.items[0].text == "<LOCATION_1> is a nice town"
    assert "nice" not in treated.identifiers


async def test_a_value_that_another_item_shares_is_not_refused_by_the_last_check() -> None:
    items = [item("Austin"), item("Austin, in short", path="profile")]
    per_item = {"post": {"LOCATION": Do.REDACT}, "profile": {"LOCATION": Do.SHARE}}
    treated = await treat(permission(items, per_item=per_item), Austin="LOCATION")
    assert [one.text for one in treated.items] == ["[redacted: location]", "Austin, in short"]
    assert "austin" not in treated.identifiers


@pytest.mark.parametrize(
    "text",
    [
        "Sam Lee, sam lee, SAM and Lee; \\Sam\\ <Sam> [Sam](Lee) &lt;Sam&gt; **Sam**'s",
        "ＳＡＭ Lee was here: Sam\u200b Lee, “Sam”",
        r"C:\Users\Sam\Dana %3CSam%3E \u003cSam\u003e",
        "Sam_Lee Sam1 <<Sam>> {{Sam}} `Sam`\r\n\tSam",
        "<CLIENT_1> is Sam, CLIENT_2 is Lee",
    ],
)
async def test_a_reply_that_echoes_a_text_gives_the_original_back(text: str) -> None:
    treated = await treat(permission([item(text)]))
    tokens = {pseudonym.token for pseudonym in treated.pseudonyms}
    assert restore(treated.items[0].text, Restorer(treated.pseudonyms, tokens)) == text


async def test_a_type_that_the_policy_does_not_name_meets_its_default() -> None:
    treatment = Treatment(LiteralDetector({"thing": "SHOE_SIZE"}), PresidioOperators())
    treated = await treatment.treat(permission([item("a thing")], default=Do.REDACT))
    assert treated.items[0].text == "a [redacted: shoe size]"
    assert treated.entities == {EntityType("SHOE_SIZE"): 1}


async def test_nothing_personal_is_in_a_repr() -> None:
    one: Item = item("Zephyrine Quillfeather")
    treated = await treat(permission([one], people=BOTH), Zephyrine="PERSON")
    assert "Zephyrine" not in repr(treated)
