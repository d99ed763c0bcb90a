"""One person as auditors see them: whether they are there, and everything that was shared about them."""

import asyncio
import json
import re
from html import unescape
from typing import Any

import pytest

import audited_shares as audited
from ai_gateway.console import report_told
from ai_gateway.console.services import AT_ONCE
from ai_gateway.sharelog.disclose import Discloser
from ai_gateway.sharelog.proving import PROVEN_AT_ONCE
from api_gateway import Running, run_of
from console_browser import Browser, auditor, fields_of, words_of

pytestmark = pytest.mark.anyio
PEOPLE = "/console/people"
XSS = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{ 1234567*7 }}"


@pytest.fixture
async def one(gateway: Running) -> Browser:
    return await auditor(gateway)


async def report(one: Browser, subject: str, do: str = "page", **changed: str) -> Any:
    """The form of the page, filled in and sent."""
    page = await one.get(PEOPLE)
    said = {**dict(fields_of(page.text)), "subject": subject, "why": "privacy_request", "do": do, **changed}
    return await one.post(PEOPLE, list(said.items()))


async def disclosed(gateway: Running, subject: str) -> dict[str, Any]:
    """What the API answers."""
    answer = await gateway.client.post("/v1/disclosures", json={"subject": subject})
    said: dict[str, Any] = answer.json()
    return said


async def test_a_report_says_to_whom_what_why_and_under_which_rules(gateway: Running, one: Browser) -> None:
    share = await audited.shared(gateway, "_r")
    page = await report(one, "cli_9_r")
    told, said = words_of(page), await disclosed(gateway, "cli_9_r")
    assert "What was shared about cli_9_r" in told
    assert "Shared with vendors of generative AI Yes Shares 1 Items withheld 1 Calls refused 0" in told
    [recipient] = said["recipients"]
    assert recipient["legal_name"] in told
    for category in said["categories"]:
        assert f"{category['name']} {category['items']} {'; '.join(category['sources'])}" in told
    assert "Purposes Providing the Service 1" in told
    assert "message.content 2" in told
    for item in said["shares"][0]["items"]:
        assert " ".join(item["text"].split()) in told
    assert share in told
    assert "message-consent-withdrawn features/proposal_draft.yaml#/inputs/messages/consent" in told
    assert "pro_17_r" not in page.text, "nobody else is named"
    assert "cli_12_r" not in page.text


async def test_a_report_is_on_record_and_the_next_one_tells_of_it(gateway: Running, one: Browser) -> None:
    await audited.shared(gateway, "_o")
    await report(one, "cli_9_o", why="legal_process")
    entry = await audited.newest_entry(gateway)
    assert (entry["type"], entry["caller"], entry["why"]) == ("disclosure.made", "auditors", "legal_process")
    again = words_of(await report(one, "cli_9_o"))
    assert "A disclosure was made auditors legal process" in again


async def test_the_file_is_the_disclosure_that_the_api_makes(gateway: Running, one: Browser) -> None:
    await audited.shared(gateway, "_f")
    file = await report(one, "cli_9_f", do="file", prove="on")
    said, asked = json.loads(file.text), await disclosed(gateway, "cli_9_f")
    assert file.headers["content-disposition"] == f'attachment; filename="{said["id"]}.json"'
    assert file.headers["content-type"] == "application/json"
    assert said.keys() == asked.keys()
    assert said["shares"] == asked["shares"]
    assert said["completeness"]["tag_key"] == asked["completeness"]["tag_key"]
    assert said["completeness"]["leaves_scanned"] > 0


async def test_the_report_offers_its_own_file_of_the_same_person_time_and_reason(
    gateway: Running, one: Browser
) -> None:
    await audited.shared(gateway, "_s")
    page = await report(one, "cli_9_s", why="audit", since="2020-01-01", until="2031-12-31", prove="on")
    assert "of the log's first" in words_of(page)
    assert "was looked at, and the index agrees" in words_of(page)
    file = await one.post(PEOPLE, [*fields_of(page.text), ("do", "file")])
    said = json.loads(file.text)
    assert (said["subject"], said["window"]["since"]) == ("cli_9_s", "2020-01-01T00:00:00Z")
    assert said["window"]["until"] == "2032-01-01T00:00:00Z"
    assert said["completeness"]["leaves_scanned"] > 0
    assert (await audited.newest_entry(gateway))["why"] == "audit"


async def test_a_list_without_a_share_that_tells_how_somebody_stands_is_told_to_them(
    gateway: Running, one: Browser
) -> None:
    await audited.shared(gateway, "_e")
    before = words_of(await report(one, "cli_9_e"))
    assert "incident" not in before
    page = await one.get("/console/shares?why=incident&subject=cli_9_e&vendor=nobody")
    assert "cli_9_e" in words_of(page)
    assert "auditors incident" in words_of(await report(one, "cli_9_e"))


async def test_a_time_without_shares_says_that_there_are_others(gateway: Running, one: Browser) -> None:
    await audited.shared(gateway, "_t")
    told = words_of(await report(one, "cli_9_t", since="2020-01-01", until="2020-12-31"))
    assert "Shared with vendors of generative AI No Shares 0" in told
    assert "Outside this time 1" in told
    assert "Nobody received anything in this time." in told


async def test_a_person_who_is_not_registered_is_told_as_such(gateway: Running, one: Browser) -> None:
    page = await one.get(f"{PEOPLE}?subject=cli_404&why=audit")
    notice = (await disclosed(gateway, "cli_404"))["standing"]["notice"]
    assert f"Not known. cli_404 : {notice}." in words_of(page), "in the API's words"
    told = words_of(await report(one, "cli_404"))
    assert f"Not known. cli_404 : {notice}." in told
    assert "The log holds no key of this person" in told


async def test_a_person_who_is_registered_is_told_as_that_and_nothing_else_of_the_registry(
    gateway: Running, one: Browser
) -> None:
    page = await one.get(f"{PEOPLE}?subject=cli_9&why=support")
    assert "cli_9 is registered." in words_of(page)
    assert "US-NY" not in page.text
    assert "Sam" not in page.text
    assert '<option value="support" selected>' in page.text
    assert "/console/shares?subject=cli_9&amp;why=support" in page.text


async def test_a_person_who_was_erased_is_told_as_such_and_since_when(gateway: Running, one: Browser) -> None:
    share = await audited.shared(gateway, "_x")
    await audited.erased(gateway, "cli_9_x")
    gateway.services.disclosures._keys.forget()  # what every process does within seconds
    told = words_of(await one.get(f"{PEOPLE}?subject=cli_9_x&why=support"))
    at = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.search(rf"Erased\. cli_9_x : The person was erased \(done {at} UTC\): .* Asked for on {at} UTC;", told)
    page = await report(one, "cli_9_x")
    after = words_of(page)
    assert "Erased." in after
    assert "Shared with vendors of generative AI Yes" in after, "vendors were told to delete, which is kept"
    assert "Items withheld" not in after, "nought would be an answer"
    assert "does not mean that nothing was shared" in after
    assert "The person's key was destroyed when they were erased" in after
    assert share not in after
    assert "kayaks" not in page.text


async def test_a_report_about_an_erased_person_says_what_is_kept_and_nothing_that_is_none(
    gateway: Running, one: Browser
) -> None:
    await audited.shared(gateway, "_k")
    await audited.erased(gateway, "cli_9_k")
    told, said = words_of(await report(one, "cli_9_k")), await disclosed(gateway, "cli_9_k")
    [vendor] = said["standing"]["erasure"]["vendors"]
    assert f"{vendor['vendor']} {vendor['state'].replace('_', ' ')} {vendor['objects']}" in told
    for kept in said["standing"]["erasure"]["kept"]:
        assert f"{kept['what']} {kept['why']} {kept['source']}" in told
    for noughts in ("Purposes", "Held and never shown", "Categories of personal", "Who looked", "Nobody", "None."):
        assert noughts not in told


async def test_a_report_about_an_erased_person_without_a_directive_says_that_it_cannot_be_told(
    gateway: Running, one: Browser
) -> None:
    await audited.erased(gateway, "cli_9_never")
    told = words_of(await report(one, "cli_9_never"))
    assert "Shared with vendors of generative AI Cannot be told" in told
    assert "Whether anybody received anything cannot be told any more." in told


async def test_the_report_tells_the_standing_of_its_own_disclosure(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await audited.shared(gateway, "_d")
    real = Discloser.disclose

    async def overtaken(*asked: Any, **how: Any) -> Any:
        disclosure = await real(*asked, **how)
        await audited.erased(gateway, "cli_9_d")
        return disclosure

    monkeypatch.setattr(Discloser, "disclose", overtaken)
    told = words_of(await report(one, "cli_9_d"))
    assert "cli_9_d is registered." in told
    assert "Shares 1" in told


async def test_no_reason_is_supposed_and_none_goes_along(gateway: Running, one: Browser) -> None:
    for path in (PEOPLE, f"{PEOPLE}?subject=cli_9", f"{PEOPLE}?why=not_stated"):
        page = await one.get(path)
        assert '<option value="" selected>Choose a reason</option>' in page.text
        assert "why=" not in page.text
    assert "why=support" in (await one.get(f"{PEOPLE}?why=support")).text


async def test_how_a_person_stands_is_told_for_a_reason_and_on_record(gateway: Running, one: Browser) -> None:
    await audited.shared(gateway, "_q")
    entries = await audited.entries(gateway)
    page = await one.get(f"{PEOPLE}?subject=cli_9_q")
    assert "is registered" not in page.text
    assert await audited.entries(gateway) == entries
    for look in (
        lambda: one.get(f"{PEOPLE}?subject=cli_9_q&why=incident"),
        lambda: report(one, "cli_9_q", "look", why="incident"),
    ):
        assert "cli_9_q is registered." in words_of(await look())
        entry = await audited.newest_entry(gateway)
        assert (entry["type"], entry["caller"], entry["why"]) == ("share.read", "auditors", "incident")
        assert (entry["asked"], entry["entries"]) == ("standing", [])
        assert "cli_9_q" not in json.dumps(entry)
    assert "It was looked up how they stand auditors incident" in words_of(await report(one, "cli_9_q"))


async def test_to_look_up_an_id_makes_nobody_known_to_the_log(gateway: Running, one: Browser) -> None:
    for _ in range(2):
        assert "Not known." in words_of(await one.get(f"{PEOPLE}?subject=cli_405&why=audit"))


async def test_reports_that_are_proven_take_no_room_from_forms_and_few_are_made_at_once(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await audited.shared(gateway, "_b")
    real, console = Discloser._read, gateway.app.state.console
    both, go = asyncio.Event(), asyncio.Event()

    async def slow(discloser: Discloser, *asked: Any, prove: bool, **how: Any) -> Any:
        if prove:
            if discloser._proving.is_full:
                both.set()
            await go.wait()
        return await real(discloser, *asked, prove=prove, **how)

    monkeypatch.setattr(Discloser, "_read", slow)
    proven = [asyncio.create_task(report(one, "cli_9_b", prove="on")) for _ in range(PROVEN_AT_ONCE)]
    async with asyncio.timeout(10):
        await both.wait()
    refused = await report(one, "cli_9_b", prove="on")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")
    assert "Other disclosures are being proven" in refused.text
    overall = await gateway.client.post("/v1/disclosures", json={"subject": "cli_9_b", "prove": True})
    assert (overall.status_code, overall.json()["code"], overall.headers["retry-after"]) == (503, "gateway-busy", "60")
    assert console.room._value == AT_ONCE, "no form waits for them"
    assert (await report(one, "cli_9_b")).status_code == 200
    go.set()
    assert [page.status_code for page in await asyncio.gather(*proven)] == [200] * PROVEN_AT_ONCE
    assert (await report(one, "cli_9_b", prove="on")).status_code == 200


async def test_an_erasure_that_waits_is_told_by_its_last_step(gateway: Running, one: Browser) -> None:
    await audited.shared(gateway, "_w")
    await audited.held(gateway, "cli_9_w")
    told = words_of(await one.get(f"{PEOPLE}?subject=cli_9_w&why=audit"))
    assert "Being erased." in told
    assert "nothing new about them is shared" in told
    assert "the last step that is done is directed" in told
    assert "Shares 1" in words_of(await report(one, "cli_9_w")), "what is held can still be read"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"subject": ""}, "Whom is it about?"),
        ({"subject": "Dana Okafor"}, "An id is the marketplace's own"),
        ({"why": ""}, "Choose why you read"),
        ({"why": "not_stated"}, "Choose why you read"),
        ({"since": "soon"}, "A date is written as"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "The last day is before the first"),
    ],
)
async def test_a_mistake_is_told_and_nothing_is_disclosed(
    gateway: Running, one: Browser, changed: dict[str, str], says: str
) -> None:
    entries = await audited.entries(gateway)
    page = await report(one, **{"subject": "cli_9", **changed})
    assert page.status_code == 422
    assert says in unescape(page.text)
    assert await audited.entries(gateway) == entries


async def test_a_form_without_this_browsers_token_discloses_nothing(gateway: Running, one: Browser) -> None:
    entries = await audited.entries(gateway)
    page = await report(one, "cli_9", token="0" * 64)
    assert (page.status_code, "form-forged" in page.text) == (403, True)
    one.http.headers["sec-fetch-site"] = "cross-site"
    assert (await report(one, "cli_9")).status_code == 403
    assert await audited.entries(gateway) == entries


@pytest.mark.parametrize("field", ["why", "subject", "since", "until", "do", "prove"])
async def test_nothing_typed_becomes_markup_or_a_template(gateway: Running, one: Browser, field: str) -> None:
    for page in (await report(one, **{"subject": "cli_9", field: XSS}), await one.get(f"{PEOPLE}?{field}=%3Cimg%3E")):
        assert page.status_code in (200, 422)
        assert "<img" not in page.text
        assert "<script" not in page.text
        assert "8641969" not in page.text


async def test_nothing_that_people_wrote_becomes_markup(gateway: Running, one: Browser) -> None:
    inputs = audited.among("_m", run_of()["inputs"])
    inputs["job_post"]["text"] = f"We need a page. {XSS}"
    await audited.shared(gateway, "_m", inputs=inputs)
    page = await report(one, "cli_9_m")
    assert "<img src=x" in unescape(page.text)
    assert "<img" not in page.text
    assert "<script" not in page.text


async def test_a_long_report_shows_the_newest_and_says_how_many_there_are(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_told, "SHOWN_AT_MOST", 2)
    shares = [await audited.shared(gateway, "_l") for _ in range(3)]
    page = await report(one, "cli_9_l")
    shown = re.findall(r'href="/console/shares/(shr_[0-9a-f]{32})', page.text)
    assert shown == [shares[2], shares[1]]
    assert "The newest 2 of 3; the file has all of them." in words_of(page)


async def test_refused_calls_are_cut_with_a_word_too(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_told, "SHOWN_AT_MOST", 1)
    for _ in range(2):
        await audited.refused(gateway)
    page = await report(one, "cli_12")
    refused = page.text.split('<h2 id="refused">')[1].split("</section>")[0]
    assert re.search(r"The newest 1 of [2-9]\d*; the file has all of them\.", refused)
