"""The workbench in real Chromium. Screenshots go to ``artifacts/screenshots``; somebody looks at them."""

import re

import pytest
from playwright.sync_api import Browser, expect

import canaries
from ai_gateway.standin import Standin
from browser.console_process import ConsoleProcess
from browser.seat import PHONE, WIDE, Scheme, Seat

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]
SIZES = {"wide": WIDE, "phone": PHONE}


def test_an_author_signs_in_previews_runs_and_signs_out_without_a_script(seat: Seat) -> None:
    page = seat.sign_in().page
    page.get_by_role("link", name="Workbench").first.click()
    page.get_by_role("link", name="proposal draft").click()
    seat.press("Preview")
    outcome = page.get_by_role("region", name="What a vendor would receive")
    expect(outcome).to_contain_text("Nothing was sent.")
    expect(outcome).to_contain_text("<CLIENT_1>")
    expect(outcome).to_contain_text("Its author withdrew consent to this purpose.")
    seat.press("Run on the stand-in")
    ran = page.get_by_role("region", name="What the vendor received")
    expect(ran.get_by_role("status")).to_contain_text("On record as a test")
    expect(ran.get_by_role("region", name="As the vendor wrote it")).to_contain_text("<PROFESSIONAL_1>")
    expect(ran.get_by_role("region", name="As the actor reads it")).to_contain_text("Dana Okafor")
    seat.press("Sign out")
    page.goto(seat.console.workbench)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not seat.wrong
    assert {url.partition("/console")[0] for url in seat.asked} == {seat.console.base}
    assert [url for url in seat.asked if canaries.traces([url]) or seat.key in url] == []


def test_what_a_real_vendor_receives_is_what_was_shown(seat: Seat, vendor: Standin) -> None:
    before = vendor.captured.total
    page = seat.sign_in().open().page
    expect(page.get_by_role("combobox", name="Vendor")).to_have_value("self_hosted")
    page.get_by_text("The exact body of the request").click()
    shown = page.get_by_label("Body of the request").inner_text()
    assert vendor.captured.total == before
    seat.press("Send to the vendor")
    expect(page.get_by_role("status")).to_contain_text("Sent to")
    assert vendor.captured.total == before + 1
    sent = vendor.captured[len(vendor.captured) - 1]
    assert re.sub(r"\s+", "", shown) == re.sub(r"\s+", "", sent.body.decode())
    assert canaries.traces([sent.raw()]) == []


def test_an_author_without_the_right_is_not_offered_a_real_vendor_and_cannot_force_one(
    chromium: Browser, console: ConsoleProcess, vendor: Standin
) -> None:
    before = vendor.captured.total
    with Seat.taken(chromium, console, console.key("author")[1], scripts=True) as seat:
        page = seat.sign_in().open().page
        expect(page.get_by_role("button", name="Preview", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Send to the vendor")).to_have_count(0)
        page.evaluate("document.querySelector('button[value=\"run:standin\"]').value = 'run:vendor'")
        seat.press("Run on the stand-in")
        expect(page.locator("main")).to_contain_text("author_live")
    assert vendor.captured.total == before


def test_everything_can_be_done_with_a_keyboard(seat: Seat) -> None:
    page = seat.page
    page.goto(f"{seat.console.base}/console/sign-in")
    expect(page.get_by_label("API key")).to_be_focused()
    page.keyboard.type(seat.key)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Console").wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    seat.open()
    seat.tab_to("Edit")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Text").first).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("We need a page. Write to robin@sample.example.")
    seat.tab_to("Preview")
    page.keyboard.press("Enter")
    expect(page.locator(".outbound").last).to_contain_text("We need a page. Write to <EMAIL_1>")
    seat.tab_to("Run on the stand-in")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("On record as a test")


def test_enter_in_a_field_previews(seat: Seat) -> None:
    page = seat.sign_in().open().page
    page.get_by_label("words").fill("90")
    page.get_by_label("words").press("Enter")
    expect(page.locator(".outbound").last).to_contain_text("about 90 words")
    expect(page.locator(".verdict")).to_contain_text("Nothing was sent.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_free_of_barriers_at_every_size_in_both_themes(
    chromium: Browser, console: ConsoleProcess, key: str, size: str, scheme: Scheme
) -> None:
    with Seat.taken(chromium, console, key, size=SIZES[size], scheme=scheme, scripts=True) as seat:
        page, kind = seat.page, f"{size}-{scheme}"
        found: dict[str, list[str]] = {}

        def look(name: str, *, whole: bool = True) -> None:
            seat.keep(f"{name}-{kind}")
            if whole:
                seat.keep(f"{name}-{kind}-whole", whole=True)
            found[name] = seat.barriers()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"

        page.goto(f"{console.base}/console/sign-in")
        look("sign-in", whole=False)
        page.get_by_label("API key").fill("agk_nothing")
        seat.press("Sign in")
        look("sign-in-refused", whole=False)
        seat.sign_in()
        look("home", whole=False)
        seat.open()
        look("workbench")
        folded = page.locator("details:not([open]) > summary")
        while folded.count():
            folded.first.click()
        look("workbench-unfolded")
        seat.open().press("Run on the stand-in")
        look("run")
        seat.open("feature=profile_summary&start=empty").press("Preview")
        look("incomplete")
        seat.open()
        page.locator("#person-0 > summary").click()
        page.get_by_label("opted in to this feature").first.uncheck()
        seat.press("Preview")
        look("refused")
        page.goto(f"{console.workbench}?feature=nothing")
        look("error", whole=False)
        assert {name: barriers for name, barriers in found.items() if barriers} == {}


def test_a_session_that_ended_is_told_and_the_form_did_nothing(seat: Seat, vendor: Standin) -> None:
    page = seat.sign_in().open().page
    before = vendor.captured.total
    page.context.clear_cookies()
    seat.press("Send to the vendor")
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    assert vendor.captured.total == before


def test_what_is_typed_never_becomes_markup(chromium: Browser, console: ConsoleProcess, key: str) -> None:
    planted = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    with Seat.taken(chromium, console, key, scripts=True) as seat:
        page = seat.sign_in().open().page
        page.locator("#piece-0 > details > summary").click()
        page.get_by_label("Text").first.fill(planted)
        seat.press("Run on the stand-in")
        expect(page.get_by_role("status")).to_contain_text("On record")
        assert page.title() == "proposal draft · Workbench · ai-gateway"
        assert page.locator("main img, script").count() == 0
        assert not seat.wrong


def test_marks_say_their_kind_without_colour_and_their_reason_on_hover(seat: Seat) -> None:
    page = seat.sign_in().open().page
    mark = page.locator("#piece-0 mark").first
    expect(mark).to_contain_text("organization")
    said = mark.get_attribute("title")
    assert said is not None
    assert "Replaced by a pseudonym" in said
    assert "features/proposal_draft.yaml#/entities/3" in said
    labels = page.locator("mark.e small")
    assert labels.count() == page.locator("mark.e").count()
    assert all(label.strip() for label in labels.all_text_contents())
