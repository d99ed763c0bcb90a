"""The auditors' pages in real Chromium. Screenshots go to ``artifacts/screenshots``; somebody looks at them."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

import canaries
from ai_gateway import samples, verifier
from browser.console_process import ConsoleProcess
from browser.seat import PHONE, WIDE, Scheme, Seat

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]
SIZES = {"wide": WIDE, "phone": PHONE}


@pytest.fixture(scope="session")
def shared(console: ConsoleProcess) -> str:
    """The newest of thirty shares, about two people who are registered without an identifier."""
    _, key = console.key("features", "registry", caller="marketplace")
    with httpx.Client(base_url=console.base, headers={"x-api-key": key}, timeout=60) as http:
        for subject, role in (("pro_1", "independent_professional"), ("cli_1", "client")):
            assert http.put(f"/v1/subjects/{subject}", json={"role": role, "region": "US-CA"}).status_code == 200
        chosen = {"opted_in": ["proposal_draft"]}
        assert http.put("/v1/subjects/pro_1/choices", json=chosen).status_code == 200
        job = "We need a booking page for our boats. Write to harbor@boats.example or call 555-0100."
        profile = "I have built booking pages for nine years."
        run = {
            "actor": "pro_1",
            "inputs": {
                "job_post": {**_text(job, "job_post.description"), "about": ["cli_1"]},
                "profile": {**_text(profile, "profile.overview"), "about": ["pro_1"]},
            },
            "parameters": samples.read("proposal_draft").get("parameters", {}),
        }
        answers = [http.post("/v1/features/proposal_draft/runs", json=run) for _ in range(30)]
        assert [answer.status_code for answer in answers] == [200] * 30
    console.command("log", "checkpoint")  # signs one that covers them
    share: str = answers[-1].json()["shares"][-1]["id"]
    return share


def _text(text: str, source: str) -> dict[str, str]:
    return {"text": text, "source": source, "visibility": "public"}


@pytest.fixture(scope="session")
def audit_key(console: ConsoleProcess) -> str:
    return console.key("audit", caller="auditors")[1]


@pytest.fixture
def desk(chromium: Browser, console: ConsoleProcess, audit_key: str) -> Iterator[Seat]:
    """An auditor's seat. Scripts are off."""
    with Seat.taken(chromium, console, audit_key) as seat:
        yield seat


def test_an_auditor_goes_from_the_sign_in_to_a_share_its_proof_and_a_person(
    desk: Seat, shared: str, tmp_path: Path
) -> None:
    page = desk.sign_in().page
    page.get_by_role("navigation").get_by_role("link", name="Shares").click()
    expect(page.locator("main")).to_contain_text("Nothing is shown yet.")
    page.get_by_label("Why you read").select_option("audit")
    desk.press("Show")
    expect(page.get_by_role("row")).to_have_count(26)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    page.get_by_role("link", name="Newest").click()
    row = page.get_by_role("row").filter(has_text=shared)
    expect(row).to_contain_text("pro_1 cli_1")
    row.get_by_role("rowheader").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Share")
    expect(page.get_by_role("region", name="What was decided")).to_contain_text("The feature's policy allows")
    place = page.get_by_role("region", name="Its place in the log")
    expect(place).to_contain_text("The proof holds.")
    with page.expect_download() as coming:
        place.get_by_role("link", name="Proof of the entry").click()
    kept = tmp_path / "kept.tlog-proof"
    coming.value.save_as(kept)
    key = verifier.parse_key(desk.console.command("log", "checkpoint", "--key"))
    assert shared.encode() in verifier.check_proof(verifier.read_proof(kept.read_text()), key)[1]
    page.get_by_role("region", name="People").get_by_role("link", name="cli_1").click()
    expect(page.get_by_role("status")).to_contain_text("cli_1 is registered.")
    desk.press("Make the report")
    expect(page.get_by_role("heading", level=1)).to_have_text("What was shared about cli_1")
    expect(page.get_by_role("region", name="Recipients")).to_contain_text("30")
    with page.expect_download() as coming:
        desk.press("Save it as JSON")
    coming.value.save_as(tmp_path / "disclosure.json")
    assert json.loads((tmp_path / "disclosure.json").read_text())["subject"] == "cli_1"
    page.get_by_role("navigation").get_by_role("link", name="Log").click()
    expect(page.get_by_role("region", name="Newest checkpoint")).to_contain_text("localhost/ai-gateway/sharelog")
    desk.press("Sign out")
    page.goto(f"{desk.console.base}/console/shares")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not desk.wrong
    assert {url.partition("/console")[0] for url in desk.asked} == {desk.console.base}
    assert [url for url in desk.asked if canaries.traces([url]) or desk.key in url] == []


def test_a_name_typed_for_an_id_never_gets_into_an_address(desk: Seat, shared: str) -> None:
    page = desk.sign_in().page
    page.goto(f"{desk.console.base}/console/shares")
    page.get_by_label("Why you read").select_option("audit")
    page.get_by_label("Person").fill("Somebody Else")
    desk.press("Show")
    assert shared
    assert [url for url in desk.asked if "Somebody" in url] == []
    page.get_by_label("Person").fill("cli_1")
    desk.press("Show")
    expect(page.get_by_role("row").filter(has_text=shared)).to_be_visible()


def test_the_way_to_a_report_takes_a_keyboard_alone(desk: Seat, shared: str) -> None:
    page = desk.sign_in().page
    page.goto(f"{desk.console.base}/console/shares/{shared}")
    page.get_by_label("Why you read").focus()
    page.keyboard.press("A")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Share", exact=True).wait_for()
    desk.tab_to("cli_1")
    page.keyboard.press("Enter")
    desk.tab_to("Make the report")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What was shared about cli_1")
    desk.tab_to("proposal_draft")
    page.keyboard.press("Enter")
    expect(page.locator("details[open]")).to_contain_text("Write to <EMAIL_1>")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_free_of_barriers_at_every_size_in_both_themes(
    chromium: Browser, console: ConsoleProcess, audit_key: str, shared: str, size: str, scheme: Scheme
) -> None:
    with Seat.taken(chromium, console, audit_key, size=SIZES[size], scheme=scheme, scripts=True) as seat:
        page, kind = seat.page, f"{size}-{scheme}"
        found: dict[str, list[str]] = {}

        def look(name: str) -> None:
            seat.keep(f"audit-{name}-{kind}", whole=True)
            found[name] = seat.barriers()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
            assert page.locator("h1").count() == 1, f"{name} has one heading of the first level"

        def at(address: str) -> None:
            page.goto(f"{console.base}/console/{address}")

        seat.sign_in()
        look("home")
        at("shares")
        look("shares-unread")
        at("shares?why=audit")
        look("shares")
        at("shares?why=audit&vendor=nobody")
        look("shares-none")
        at("shares?why=audit&since=2026-05-02&until=2026-05-01")
        look("shares-mistaken")
        at(f"shares/{shared}")
        look("reason")
        at(f"shares/{shared}?why=audit")
        folded = page.locator("details:not([open]) > summary")
        while folded.count():
            folded.first.click()
        look("share")
        at("people?subject=cli_404&why=audit")
        look("people")
        page.get_by_label("Person").fill("cli_1")
        seat.press("Make the report")
        page.locator("details > summary").first.click()
        look("report")
        at("log")
        look("log")
        at("shares/shr_1")
        look("absent")
        at("workbench")
        look("refused")
        assert {name: barriers for name, barriers in found.items() if barriers} == {}
