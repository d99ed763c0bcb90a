"""Laws of treatment: what leaves, what comes back, and who is who."""

# ruff: noqa: RUF001  look-alike characters are what is tested

import json
import re
from collections.abc import Coroutine
from typing import TypeVar, cast

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.errors import EgressRefused
from ai_gateway.model import Known, Role, Subject, SubjectId, TreatedPrompt
from ai_gateway.model import Treatment as Do
from ai_gateway.treatment.egress import clear
from ai_gateway.treatment.placeholder import LONGEST, placeholders, stem_of
from ai_gateway.treatment.pseudonyms import typed
from ai_gateway.treatment.stream import Restorer, restore, said_twice
from ai_gateway.treatment.treat import Treatment
from fakes import LiteralDetector
from treatment_samples import budgeted, item, outbound, permission

T = TypeVar("T")
quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

PEOPLE = (
    Subject(id=SubjectId("a"), role=Role.CLIENT, known=Known(names=("Ana Brook",), emails=("ana@brook.example",))),
    Subject(id=SubjectId("b"), role=Role.CLIENT, known=Known(names=("Ana Brook",), phones=("415-555-0100",))),
    Subject(
        id=SubjectId("c"), role=Role.INDEPENDENT_PROFESSIONAL, known=Known(names=("Ünal 李",), handles=("unal_li",))
    ),
    Subject(id=SubjectId("d"), role=Role.AGENCY, known=Known(organizations=("Client 1 Ltd",), names=("Person",))),
)
LITERALS = {
    "Zoë Fjord": "PERSON",
    "Zoë": "PERSON",
    "+49 30 5550100": "PHONE_NUMBER",
    "10 Elm St": "ADDRESS",
    "🙂x": "HANDLE",
    "Dr. Quill": "PERSON",
    "Prof. D\u200br. Quill": "PERSON",
    "Miss Vale": "PERSON",
}

pieces = st.one_of(
    st.sampled_from(
        [
            *(
                "Ana Brook",
                "ANA",
                "brook",
                "ana@brook.example",
                "415-555-0100",
                "Ünal",
                "李",
                "unal_li",
                "Client 1 Ltd",
            ),
            *("Person", *LITERALS),
            *("<CLIENT_1>", "client 1", "[PERSON_2]", "<PROFESSIONAL", "_1>", "<", ">", "\\", "&lt;", "%3C", "\\u003c"),
            *("Dr. ", "dr ", "Prof. ", "**Miss** ", "Dr", "."),
            *(" ", "\n", "'s", "_", "-", "CLIENT_", "1", "2>", "**", "[", "](", "`", "/", "@"),
        ]
    ),
    st.text(max_size=6),
)
texts = st.lists(pieces, max_size=14).map("".join)
actions = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(list(Do)) for name in ("PERSON", "ADDRESS", "PHONE_NUMBER", "HANDLE")}
)


def treat(several: list[str], entities: dict[str, Do] | None = None) -> TreatedPrompt:
    items = [
        item(text, path=f"post[{number}]", about=(SubjectId("ab"[number % 2]),)) for number, text in enumerate(several)
    ]
    treatment = Treatment(LiteralDetector(LITERALS), PresidioOperators())
    allowed = permission(items, people=PEOPLE, actor=SubjectId("c"), entities=entities)
    return _finished(treatment.treat(allowed))


def _finished(coroutine: Coroutine[object, None, T]) -> T:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return cast("T", stop.value)
    raise AssertionError("it waits")


@quick
@given(st.lists(texts, min_size=1, max_size=3))
@example(["\\Ana", "<Ana>"])
@example(["C:\\Ana\\Brook", "[Ana](Brook) &lt;Ana&gt;"])
@example(["Dr. Dr. Quill", "Prof. **Dr. Quill", "Dr. Prof. D\u200br. Quill"])
def test_echoing_a_treated_text_gives_the_original_back(several: list[str]) -> None:
    treated = treat(several)
    everything = {pseudonym.token for pseudonym in treated.pseudonyms}
    whole = said_twice([one.text for one in treated.items], treated.pseudonyms, everything)
    for one, text in zip(treated.items, several, strict=True):
        assert restore(one.text, Restorer(treated.pseudonyms, everything, whole=whole)) == text


@quick
@given(st.lists(texts, min_size=1, max_size=3), st.data())
def test_a_title_is_all_that_is_ever_left_out(several: list[str], data: st.DataObject) -> None:
    """Whatever a reply says before a pseudonym: its value, or what is left of it behind titles that stand there."""
    pseudonyms = treat(several).pseudonyms
    values = {pseudonym.token: pseudonym.value for pseudonym in pseudonyms}
    assume(values)
    before, token = data.draw(texts), data.draw(st.sampled_from(sorted(values)))
    told = restore(f"{before}{token}", Restorer(pseudonyms, values))
    value, bare = values[token], re.sub(r"(?:(?:Dr|Prof|Miss|D\u200br)\.? )+", "", values[token])
    assert told.endswith((value, bare))
    if not re.search(r"(?:dr|prof|miss)[.*_ ]*\Z", before, re.IGNORECASE):
        assert told.endswith(value)


@quick
@given(st.lists(texts, min_size=1, max_size=3))
def test_a_pseudonym_stands_for_one_writing_of_one_person_and_each_has_one(several: list[str]) -> None:
    pseudonyms = treat(several).pseudonyms
    assert len({p.token for p in pseudonyms}) == len(pseudonyms)
    assert len({(p.entity, p.value, p.subject) for p in pseudonyms}) == len(pseudonyms)
    people: dict[str, set[SubjectId | None]] = {}
    for pseudonym in pseudonyms:
        people.setdefault(stem_of(pseudonym.token), set()).add(pseudonym.subject)
    assert all(len(subjects) == 1 for subjects in people.values())


@quick
@given(st.lists(texts, min_size=1, max_size=3))
def test_nothing_that_a_caller_typed_is_a_pseudonym(several: list[str]) -> None:
    pseudonyms = treat(several).pseudonyms
    stems = {stem_of(pseudonym.token) for pseudonym in pseudonyms}
    everything = {pseudonym.token for pseudonym in pseudonyms}
    for text in several:
        assert not list(placeholders(text, stems))
        assert restore(text, Restorer(pseudonyms, everything)) == text


@quick
@given(texts)
def test_whatever_reads_as_a_pseudonym_counts_as_typed(text: str) -> None:
    stems = {f"{kind}_{number}" for kind, number in typed([text])}
    read = {f"{kind}_{number}" for kind in ("CLIENT", "PERSON", "PROFESSIONAL") for number in range(1, 30)}
    assert {place.stem for place in placeholders(text, read)} <= stems


IDENTIFIERS = ("Ana Brook", "Ana", "Brook", "ana@brook.example", "415-555-0100", "Ünal", "unal_li", "Client 1 Ltd")
words = st.sampled_from(
    [*IDENTIFIERS, *LITERALS, "needs", "a", "page;", "soon.", "5", "100%", "R&D", "<b>", "Draft", "client 1", "(maybe)"]
)
sentences = st.lists(words, max_size=14).map(" ".join)


@quick
@given(st.lists(texts, min_size=1, max_size=3), actions)
def test_what_the_last_check_lets_go_holds_no_identifier(several: list[str], entities: dict[str, Do]) -> None:
    prompt = budgeted(treat(several, entities))
    try:
        body = clear(outbound(prompt), prompt).outbound.body
    except EgressRefused:
        return
    said = json.loads(body)["messages"][1]["content"]
    for pseudonym in prompt.treated.pseudonyms:
        said = said.replace(pseudonym.token, " | ")
    for identifier in IDENTIFIERS:
        assert not re.search(rf"(?<!\w){re.escape(identifier)}(?!\w)", said, re.IGNORECASE)


@quick
@given(st.lists(sentences, min_size=1, max_size=3), actions)
def test_ordinary_sentences_are_treated_so_that_the_last_check_lets_them_go(
    several: list[str], entities: dict[str, Do]
) -> None:
    prompt = budgeted(treat(several, entities))
    clear(outbound(prompt), prompt)


writings = st.sampled_from(
    [
        *(
            "<{}>",
            "< {} >",
            "[{}]",
            "\\[{}\\]",
            "\\<{}\\>",
            "&lt;{}&gt;",
            "%3C{}%3E",
            "\\u003c{}\\u003e",
            "{}",
            "**{}**",
        ),
        *("<{}>'s", "[{}](x)", "＜{}＞", "<{}/>", "<{}", "{}>"),
    ]
)
manglings = st.sampled_from([str, str.lower, str.title, lambda t: t.replace("_", " "), lambda t: t.replace("_", r"\_")])
keys = st.sampled_from(["CLIENT_1", "CLIENT_2", "PERSON_1", "CLIENT_1_FULL", "CLIENT_12", "EMAIL_1_V2"])
mentions = st.builds(lambda shape, mangle, key: shape.format(mangle(key)), writings, manglings, keys)
replies = st.lists(st.one_of(mentions, pieces, st.text("<>[]\\&%_1CLIENT ;lt\u0301", max_size=6)), max_size=8).map(
    "".join
)


@settings(max_examples=400, deadline=None)
@given(replies, st.data())
def test_any_split_of_a_reply_restores_to_the_same_text(reply: str, data: st.DataObject) -> None:
    pseudonyms = treat(["Ana, Ana Brook; Zoë, Dr. Quill"]).pseudonyms
    visible = {pseudonym.token for pseudonym in pseudonyms}
    whole = restore(reply, Restorer(pseudonyms, visible))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(reply)), max_size=6)))
    restorer, out = Restorer(pseudonyms, visible), ""
    for start, end in zip([0, *cuts], [*cuts, len(reply)], strict=True):
        out += restorer.feed(reply[start:end])
        assert restorer.held <= LONGEST
    assert out + restorer.finish() == whole
    one_by_one = Restorer(pseudonyms, visible)
    assert "".join(map(one_by_one.feed, reply)) + one_by_one.finish() == whole
