import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

import canaries
from ai_gateway.model import CallerId, Right
from ai_gateway.model.ids import ShareId
from ai_gateway.sharelog.reads import Reading, Why
from api_gateway import DRAFT as API_DRAFT
from api_gateway import Running, run_of
from console_browser import WORKBENCH, Browser, author, fields_of

pytestmark = pytest.mark.anyio
XSS = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{ 7*7 }}</textarea><b>"
DRAFT = f"{WORKBENCH}?feature=proposal_draft"


async def facts_of(gateway: Running, share: str) -> dict[str, Any]:
    read = await gateway.services.shares.share(Reading(CallerId("auditor"), Why.NOT_STATED), ShareId(share))
    return {"facts": read.facts, "people": [person.subject for person in read.people], "outcome": read.outcome}


def share_in(page: str) -> str:
    found = re.search(r"shr_[0-9a-f]{32}", page)
    assert found is not None
    return found[0]


async def count(gateway: Running) -> int:
    return len((await gateway.client.get("/v1/shares", params={"limit": 200})).json()["shares"])


async def opened(gateway: Running, path: str = DRAFT, *rights: Right) -> Browser:
    one = await author(gateway, *rights)
    assert (await one.get(path)).status_code == 200
    return one


async def test_opening_a_feature_shows_at_once_what_a_vendor_would_receive_and_sends_nothing(gateway: Running) -> None:
    shares, sent = await count(gateway), gateway.standin.captured.total
    one = await opened(gateway)
    assert one.page is not None
    text = unescape(re.sub(r"<[^>]+>", "", one.page.text))
    assert "<CLIENT_1>" in text
    assert "Zephyrine Quillfeather" in text  # what goes in stands beside it
    assert "message-consent-withdrawn" in text
    assert "features/proposal_draft.yaml#/inputs/messages/consent" in text
    assert "policy L49" in text
    assert (await count(gateway), gateway.standin.captured.total) == (shares, sent)


async def test_the_body_shown_is_the_body_the_gateway_previews_of_the_same_case(gateway: Running) -> None:
    one = await opened(gateway)
    assert one.page is not None
    shown = re.search(r'aria-label="Body of the request"><code>(.*?)</code>', one.page.text, re.DOTALL)
    assert shown is not None
    asked = await gateway.client.post(f"{API_DRAFT}/preview", json=run_of())
    assert json.loads(unescape(shown[1])) == {**json.loads(asked.json()["body"])}


async def test_a_run_on_the_standin_is_on_record_as_a_trial_and_touches_no_real_person(gateway: Running) -> None:
    one = await opened(gateway)
    page = await one.send("run:standin")
    assert page.status_code == 200
    assert "Run on the stand-in" in page.text
    told = await facts_of(gateway, share_in(page.text))
    assert told["facts"]["trial"] is True
    assert told["facts"]["caller"] == "prompt-authors"
    assert told["facts"]["vendor"] == "standin"
    assert told["outcome"].status == "released"
    assert set(told["people"]) == {"trial@pro_17", "trial@cli_9", "trial@cli_12"}
    mine = (await gateway.client.get("/v1/shares", params={"subject": "pro_17"})).json()["shares"]
    assert share_in(page.text) not in [share["id"] for share in mine]


async def test_the_same_form_sent_twice_shares_once(gateway: Running) -> None:
    one = await opened(gateway)
    assert one.page is not None
    fields = [*fields_of(one.page.text), ("do", "run:standin")]
    assert (await one.post(WORKBENCH, fields)).status_code == 200
    shares = await count(gateway)
    again = await one.post(WORKBENCH, fields)
    assert (again.status_code, "idempotency-outcome-unknown" in again.text) == (409, True)
    assert await count(gateway) == shares


async def test_the_reply_is_shown_as_it_came_and_as_the_actor_reads_it(gateway: Running) -> None:
    one = await opened(gateway)
    page = unescape(re.sub(r"<[^>]+>", "", (await one.send("run:standin")).text))
    before, after = page.split("As the vendor wrote it")[1].split("As the actor reads it")[:2]
    assert "<PROFESSIONAL_1>" in before
    assert "Dana Okafor" not in before
    assert "Dana Okafor" in after.partition("tokens in")[0]


async def test_sending_to_a_real_vendor_needs_a_right_of_its_own(gateway: Running) -> None:
    """In this gateway the environment names the stand-in, so no other vendor is ready; the form asks for one."""
    one = await opened(gateway)
    assert one.page is not None
    assert "run:vendor" not in one.page.text


async def test_a_person_who_did_not_opt_in_is_refused_and_the_page_says_by_which_rule(gateway: Running) -> None:
    one = await opened(gateway)
    assert one.page is not None
    fields = [pair for pair in fields_of(one.page.text) if pair[0] != "person-0-opted-in"]
    page = await one.post(WORKBENCH, [*fields, ("do", "preview")])
    assert "actor-not-opted-in" in page.text
    assert "features/proposal_draft.yaml#/opt_in" in page.text
    refused = await one.send("run:standin")
    assert refused.status_code == 403


async def test_consent_given_in_the_form_lets_the_message_through(gateway: Running) -> None:
    one = await opened(gateway)
    page = await one.send("preview", person_2_consent="given")
    assert "message-consent-withdrawn" not in page.text
    assert "&lt;PHONE_3&gt;" in page.text


async def test_another_version_keeps_the_case(gateway: Running) -> None:
    one = await opened(gateway)
    page = await one.send("preview", version="2", piece_1_text="I build booking pages. Robin")
    assert "v2" in page.text
    assert "I build booking pages. Robin" in page.text
    told = await facts_of(gateway, share_in((await one.send("run:standin")).text))
    assert told["facts"]["feature_version"] == "proposal_draft@2"


async def test_people_and_texts_can_be_added_and_removed_without_losing_the_case(gateway: Running) -> None:
    one = await opened(gateway)
    page = await one.send("add-person")
    assert "person_4" in page.text
    page = await one.send("add-piece:messages")
    assert "piece-5-text" in page.text
    page = await one.send("drop-piece:0", piece_1_text="Kept as it was typed")
    assert "Kept as it was typed" in page.text
    page = await one.send("drop-person:1")
    assert ("cli_9" in page.text, "cli_12" in page.text) == (False, True)


@pytest.mark.parametrize("start", ["sample", "example-1", "example-2", "test-1", "empty", "99", "<b>"])
async def test_every_start_opens(gateway: Running, start: str) -> None:
    one = await author(gateway)
    for feature in ("proposal_draft", "profile_summary"):
        assert (await one.get(f"{WORKBENCH}?feature={feature}&start={start}")).status_code == 200


async def test_mistakes_are_told_beside_their_fields(gateway: Running) -> None:
    one = await opened(gateway)
    page = await one.send(
        "preview", piece_0_text=" ", person_1_name="not an id!", person_2_region="nowhere", parameter_words="many"
    )
    assert page.status_code == 422
    for words in ("job_post needs a text", "Person 2 needs an id", "words must be a whole number from 60 to 400"):
        assert page.text.count(words) == 2
    page = await one.send("preview", piece_0_text="A page.", person_1_name="cli_9", parameter_words="90")
    assert (page.status_code, "Person 3, region" in page.text) == (422, True)
    assert "nowhere" not in page.text.replace('value="nowhere"', "")


async def test_mistakes_are_told_in_the_words_of_the_api(gateway: Running) -> None:
    one = await opened(gateway)
    assert one.page is not None
    page = await one.send("preview", person_0_region="nowhere", person_0_known_emails="x" * 301)
    assert page.status_code == 422
    assert "Person 1, region must be a country of ISO 3166" in page.text
    assert "Person 1, known.emails[0] must have at most 300 characters" in page.text
    for words in ("Input should", "String should", "Value error"):
        assert words not in page.text


async def test_who_opts_in_and_out_at_once_is_told_beside_the_boxes(gateway: Running) -> None:
    one = await opened(gateway)
    assert one.page is not None
    ticked = [*fields_of(one.page.text), ("person-0-opted-in", "on"), ("person-0-opted-out", "on"), ("do", "preview")]
    page = await one.post(WORKBENCH, list(dict.fromkeys(ticked)))
    assert page.status_code == 422
    assert page.text.count("Person 1 opts in or out, not both") == 2
    assert 'id="person-0-opted-out"' in page.text


@pytest.mark.parametrize("do", ["preview", "run:standin", "add-person"])
async def test_nothing_typed_into_any_field_becomes_markup_or_a_template(gateway: Running, do: str) -> None:
    one = await opened(gateway)
    assert one.page is not None
    for name in {name for name, _ in fields_of(one.page.text)} - {"token", "feature"}:
        given = {**dict(fields_of(one.page.text)), "nonce": name, name: XSS}
        fields = [(field, given[field]) for field, _ in fields_of(one.page.text)]
        page = await one.http.post(
            WORKBENCH,
            content=urlencode([*fields, ("do", do)]),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert page.status_code in (200, 403, 422), name
        assert "<img" not in page.text, name
        assert "<script" not in page.text, name
        assert "<b>\n" not in page.text, name
        assert ">49<" not in page.text, name
    for query in ("feature", "version", "start", "vendor"):
        page = await one.get(f"{WORKBENCH}?{urlencode([(query, XSS)])}")
        assert "<img" not in page.text


async def test_what_is_typed_reaches_no_log_no_address_and_no_metric(gateway: Running) -> None:
    one = await opened(gateway)
    page = await one.send(
        "preview", piece_0_text="Zephyrine Quillfeather, 415-555-0173, asks.", person_0_name="Sam Lee"
    )
    assert page.status_code == 422
    await one.send("run:standin", person_0_name="danabuilds")
    assert canaries.traces([gateway.log.getvalue(), str(one.page.url if one.page else "")]) == []
    assert canaries.traces([(await gateway.client.get("/metrics")).content]) == []


async def test_a_trial_asks_no_registry_about_anybody(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> Any:
        raise AssertionError("a trial looked somebody up")

    one = await opened(gateway)
    monkeypatch.setattr(gateway.services.gateway.subjects.store, "get", refuse)
    monkeypatch.setattr(gateway.services.gateway.consents, "standing", refuse)
    assert (await one.send("run:standin")).status_code == 200


async def test_an_unknown_feature_is_a_page_that_says_so(gateway: Running) -> None:
    one = await author(gateway)
    page = await one.get(f"{WORKBENCH}?feature=nothing")
    assert (page.status_code, "feature-unknown" in page.text) == (404, True)
