# ruff: noqa: RUF001  look-alike characters are what is tested

import json
from dataclasses import replace

import pytest

from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.errors import EgressRefused
from ai_gateway.model import BudgetedPrompt, EntityType, Known, Outbound, Role, Subject
from ai_gateway.treatment.egress import clear
from ai_gateway.treatment.treat import Treatment
from fakes import LiteralDetector
from treatment_samples import BOTH, CLIENT, DANA, budgeted, item, outbound, permission

pytestmark = pytest.mark.anyio


async def prompt(
    text: str = "Sam Lee needs a page",
    *,
    people: tuple[Subject, ...] = BOTH,
    fixed: tuple[str, ...] = ("Draft a proposal.",),
    literals: dict[str, str] | None = None,
) -> BudgetedPrompt:
    treatment = Treatment(LiteralDetector(literals), PresidioOperators())
    return budgeted(await treatment.treat(permission([item(text)], people=people)), fixed=fixed)


def person(name: str, **known: tuple[str, ...]) -> Subject:
    return Subject(id=CLIENT, role=Role.CLIENT, known=Known(names=(name,), **known))


def refusal(request: Outbound, checked: BudgetedPrompt) -> EgressRefused:
    with pytest.raises(EgressRefused) as caught:
        clear(request, checked)
    return caught.value


async def test_a_treated_prompt_goes_through_as_it_is() -> None:
    checked = await prompt()
    request = outbound(checked)
    cleared = clear(request, checked)
    assert cleared.outbound is request
    assert cleared.prompt is checked


@pytest.mark.parametrize(
    "leak",
    [
        "Sam Lee",
        "sam lee",
        "SAM",
        "Sam\nLee",
        "mr.lee",
        "Sam\u200b Lee",
        "Ｓａｍ Ｌｅｅ",
        "Ѕam",
        "Okáfor",
        "dana@okafor.example",
        "Dana @ Okafor.Example",
        "(415) 555-0173",
        "415.555.0173",
        "+1 415 555 0173",
        "4155550173",
        "@danabuilds",
        "https://x.example/danabuilds",
        r"S\u0061m Lee",
        r"hello\nSam",
        '{"name": "\\u0053am"}',
        "%53am",
        "%2553am",
        "&#83;am",
        "<b>Sam</b>",
        "Sam's",
        "for_Sam_only",
    ],
)
async def test_an_identifier_in_any_writing_is_refused(leak: str) -> None:
    checked = await prompt()
    body = {"model": "m", "messages": [{"role": "user", "content": f"so it is {leak} there"}]}
    refused = refusal(outbound(checked, body=body), checked)
    assert refused.facts["places"] == ["/messages/0/content"]
    assert refused.facts["count"] == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"model": "Sam"}, "/model"),
        ({"user": "Sam"}, "/*"),
        ({"Sam": 1}, "/*"),
        ({"metadata": {"a": {"b": ["x", "Sam"]}}}, "/*/*/*/1"),
        ({"tools": [{"function": {"arguments": '{"to": "Sam"}'}}]}, "/*/0/*/*"),
        ({"seed": 4155550173}, "/seed"),
        ({"top_p": 415555.0173}, "/top_p"),
        (["Sam"], "/0"),
        ("Sam", ""),
    ],
)
async def test_every_key_and_value_is_read(body: object, place: str) -> None:
    checked = await prompt()
    assert refusal(outbound(checked, body=body), checked).facts["places"] == [place]


async def test_a_repeated_key_hides_nothing() -> None:
    checked = await prompt()
    refusal(outbound(checked, raw=b'{"model": "m", "user": "Sam", "user": "x"}'), checked)


async def test_escaped_bytes_are_read_as_what_they_say() -> None:
    checked = await prompt()
    refusal(outbound(checked, raw=rb'{"model": "\u0053\u0061\u006d"}'), checked)


@pytest.mark.parametrize("raw", [b"", b"Sam", b"{", b"\xff{}", b"[" * 100_000, b'{"a": 1} x'])
async def test_a_body_that_cannot_be_read_is_refused(raw: bytes) -> None:
    checked = await prompt()
    with pytest.raises(EgressRefused, match="no JSON"):
        clear(outbound(checked, raw=raw), checked)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.vendor.example/v1/sam",
        "https://api.vendor.example/v1?user=Sam",
        "https://api.vendor.example/v1?user=%53am",
        "https://sam@api.vendor.example/v1",
        "https://api.vendor.example/v1#4155550173",
    ],
)
async def test_the_url_is_read(url: str) -> None:
    checked = await prompt()
    assert refusal(outbound(checked, url=url), checked).facts["places"] == ["url"]


@pytest.mark.parametrize("header", [{"x-user": "Sam"}, {"x-Sam": "1"}, {"x-title": "c=%53am"}])
async def test_the_headers_are_read(header: dict[str, str]) -> None:
    checked = await prompt()
    assert refusal(outbound(checked, headers={"accept": "*/*", **header}), checked).facts["places"] == ["headers[1]"]


async def test_a_removed_value_is_refused_although_nobody_is_known_by_it() -> None:
    checked = await prompt("ask Bo Stone, 10 Elm St", literals={"Bo Stone": "PERSON", "10 Elm St": "ADDRESS"})
    for leak in ("Bo Stone", "bo  stone", "10 Elm St"):
        refusal(outbound(checked, body={"content": leak}), checked)


@pytest.mark.parametrize("text", ["samba leeway", "Samantha", "Brightwaters", "415-555-0199", "danabuilds2 danabuild"])
async def test_words_that_only_contain_an_identifier_pass(text: str) -> None:
    checked = await prompt()
    clear(outbound(checked, body={"content": text}), checked)


@pytest.mark.parametrize("name", ["Draft", "Proposal", "Will Draft"])
async def test_a_person_whose_name_is_a_word_of_the_template_can_be_written_about(name: str) -> None:
    checked = await prompt(f"{name} needs a page", people=(DANA, person(name)))
    assert "<CLIENT_1>" in checked.messages[1].content
    clear(outbound(checked), checked)


async def test_the_templates_words_excuse_nothing_that_a_person_wrote() -> None:
    checked = await prompt("a page", people=(DANA, person("Draft")))
    leaking = replace(checked, items=(replace(checked.items[0], text="Draft a proposal. Draft"),))
    refusal(outbound(leaking), leaking)


async def test_a_literal_excuses_only_the_places_where_it_stands_whole() -> None:
    checked = await prompt("a page", people=(DANA, person("Draft")))
    body = {"messages": [{"role": "user", "content": "Draft a proposal. For Draft"}]}
    refusal(outbound(checked, body=body), checked)


async def test_a_parameters_value_is_the_prompt_authors_word() -> None:
    checked = await prompt("a page", people=(DANA, person("Warm")), fixed=("Write in a ", "warm", " tone"))
    clear(outbound(checked, body={"content": "Write in a warm tone"}), checked)


@pytest.mark.parametrize("name", ["Max", "Claude", "Model", "User", "Content", "Client", "Chat Completions", "Vendor"])
async def test_people_named_like_parts_of_the_protocol_can_be_written_about(name: str) -> None:
    checked = await prompt(f"{name} needs a page", people=(DANA, person(name)))
    request = outbound(checked, model="claude-haiku-4-5", url="https://api.vendor.example/v1/x")
    clear(request, checked)


@pytest.mark.parametrize("handle", ["redacted", "government", "link"])
async def test_markers_that_treatment_wrote_are_the_gateways_own_words(handle: str) -> None:
    checked = await prompt("x", people=(DANA, person("Sam", handles=(handle,))))
    entities = {EntityType("GOVERNMENT_ID"): 1, EntityType("URL"): 1}
    marked = replace(checked, treated=replace(checked.treated, entities=entities))
    clear(outbound(marked, body={"content": "[redacted: government id] [redacted: link]"}), marked)


@pytest.mark.parametrize("text", ["[redacted: Sam]", "<SAM_1>", "[redacted: sam lee]", "<LEE_3>"])
async def test_a_name_in_the_dress_of_a_marker_or_pseudonym_is_refused(text: str) -> None:
    checked = await prompt()
    refusal(outbound(checked, body={"content": text}), checked)


async def test_a_handle_that_needs_its_sign_is_found_only_with_it() -> None:
    checked = await prompt()
    signed = replace(checked, treated=replace(checked.treated, identifiers=frozenset({"@will"})))
    clear(outbound(signed, body={"content": "I will do it, will@ you"}), signed)
    refusal(outbound(signed, body={"content": "ask @will"}), signed)


async def test_a_refusal_tells_places_and_counts_and_nothing_personal() -> None:
    checked = await prompt()
    body = {"Sam Lee": ["Okafor"] * 30, "messages": [{"content": "danabuilds"}]}
    refused = refusal(outbound(checked, body=body), checked)
    told = f"{refused!r} {refused} {refused.facts}".lower()
    assert not any(word in told for word in ("sam", "lee", "okafor", "dana"))
    assert refused.facts["count"] == 32
    assert len(list(refused.facts["places"])) == 10  # type: ignore[arg-type]


async def test_the_check_of_a_usual_body_reads_its_exact_bytes() -> None:
    checked = await prompt("x" * 50)
    raw = json.dumps({"messages": [{"content": "ünï " * 10}]}, ensure_ascii=False).encode()
    assert clear(outbound(checked, raw=raw), checked).outbound.body == raw
