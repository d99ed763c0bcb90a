import re
from urllib.parse import urlencode

import httpx
import pytest

from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.api import sessions
from ai_gateway.console.gate import COOKIE
from ai_gateway.model import Caller, CallerId, Right
from api_gateway import Running
from console_browser import WORKBENCH, auditor, author, browser, fields_of, token_of

pytestmark = pytest.mark.anyio
PAGES = ["/console", WORKBENCH]
SHARES, PEOPLE, LOG = "/console/shares", "/console/people", "/console/log"
AUDITED = [SHARES, PEOPLE, LOG]


def of_form(page: httpx.Response) -> list[tuple[str, str]]:
    """What the sign-in's form holds by itself."""
    return [(name, value) for name, value in fields_of(page.text) if name in {"token", "to"}]


async def text_of(gateway: Running, *rights: Right) -> str:
    return (await gateway.key(*rights))["authorization"].removeprefix("Bearer ")


@pytest.mark.parametrize("path", [*PAGES, *AUDITED, f"{SHARES}/shr_{'0' * 32}", f"{LOG}/checkpoint"])
async def test_without_a_session_every_page_leads_to_the_sign_in(gateway: Running, path: str) -> None:
    answer = await browser(gateway).get(path)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/console/sign-in")


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/console", "/console"),
        (WORKBENCH, WORKBENCH),
        (f"{SHARES}?feature=proposal_draft&since=2026-01-01", None),
        (f"{SHARES}?subject=a%26b%3Dc&next=%2F%2Fevil.example", None),
        (f"{SHARES}/shr_{'0' * 32}", None),
        (f"{SHARES}?a=/proof", None),
        (f"{LOG}?a=b/checkpoint", None),
        (f"{SHARES}/shr_{'0' * 32}/proof?outcome", f"{SHARES}/shr_{'0' * 32}"),
        (f"{LOG}/checkpoint", LOG),
        (f"{SHARES}?subject={'x' * 2_000}", "/console"),
    ],
)
async def test_a_sign_in_leads_to_the_page_that_was_asked_for(gateway: Running, asked: str, lands: str | None) -> None:
    one = browser(gateway)
    page = await one.get((await one.get(asked)).headers["location"])
    key = await text_of(gateway, Right.AUTHOR, Right.AUDIT)
    refused = await one.post("/console/sign-in", [*of_form(page), ("key", "nonsense")])
    assert refused.status_code == 401
    answer = await one.post("/console/sign-in", [*of_form(refused), ("key", key)])
    assert (answer.status_code, answer.headers["location"]) == (303, lands or asked)
    assert (await one.get(answer.headers["location"])).status_code in (200, 404, 422)


@pytest.mark.parametrize("why", ["why=audit", "%77hy=audit", "w%68%79=audit&why=security", "why", "why=a=b"])
@pytest.mark.parametrize(
    ("path", "query"),
    [(SHARES, "feature=proposal_draft"), (PEOPLE, "subject=pro_17"), (f"{SHARES}/shr_{'0' * 32}", "")],
)
async def test_a_sign_in_brings_no_reason_for_reading_along_and_records_no_reading(
    gateway: Running, path: str, query: str, why: str
) -> None:
    key, sent = await text_of(gateway, Right.AUDIT), f"{path}?{why}&{query}"
    entries = (await gateway.app.state.console.log.tree()).size
    for to in (None, sent):  # as the gateway leads there, and as a link to the sign-in has it
        one = browser(gateway)
        page = await one.get(
            "/console/sign-in?" + urlencode({"to": to}) if to else (await one.get(sent)).headers["location"]
        )
        fields = [("token", token_of(page)), ("to", to or dict(of_form(page))["to"]), ("key", key)]
        answer = await one.post("/console/sign-in", fields)
        assert answer.headers["location"].strip("?&") == (f"{path}?{query}" if query else path)
        assert 'name="why"' in (await one.get(answer.headers["location"])).text, "asked for on the page"
    assert (await gateway.app.state.console.log.tree()).size == entries


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/console",
        "//evil.example",
        "//evil.example/console",
        "/\\evil.example",
        "/console/\\evil.example",
        "/console//evil.example",
        "/%2f%2fevil.example",
        "/console/%2f%2fevil.example",
        "/console/..%2f..%2fevil",
        "/console/../v1/shares",
        "/console/./shares",
        "/console/..",
        "/console/%2e%2e/v1/shares",
        "/console@evil.example",
        "/console.evil.example",
        "/consolex",
        "/v1/shares",
        "console",
        "javascript:alert(1)",
        "/console/shares?why=audit\r\nset-cookie: a=b",
        "/console/shares\n",
        "\t//evil.example",
        "/console/shares#fragment",
        "/console/shares?why=\u00e9",
        "/console/\uff0f\uff0fevil.example",
        "/console/sign-in",
        "/console/sign-in?to=/console/shares",
        "/console/sign-out",
        "/console/shares?" + "x" * 1_985,
        "",
    ],
)
async def test_a_sign_in_leads_nowhere_else(gateway: Running, to: str) -> None:
    one = browser(gateway)
    page = await one.get("/console/sign-in?" + urlencode({"to": to}))
    assert ("to", "/console") in of_form(page)
    fields = [("token", token_of(page)), ("to", to), ("key", await text_of(gateway, Right.AUDIT))]
    answer = await one.post("/console/sign-in", fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


async def test_a_session_that_ended_leads_back_and_a_form_that_was_lost_does_not(gateway: Running) -> None:
    one = await auditor(gateway)
    page = await one.get(f"{SHARES}?why=audit")
    key = await text_of(gateway, Right.AUDIT)
    ticket = one.http.cookies[COOKIE]
    await gateway.services.sessions.sign_out(ticket)
    back = (await one.get(f"{SHARES}?why=audit&state=denied")).headers["location"]
    assert back.endswith("?ended=1&to=%2Fconsole%2Fshares%3Fstate%3Ddenied")
    lost = await one.post(PEOPLE, [("token", token_of(await one.get("/console/sign-in"))), ("subject", "pro_17")])
    answer = await one.post("/console/sign-in", [*of_form(lost), ("key", key)])
    assert (lost.status_code, answer.headers["location"]) == (401, "/console")
    assert page.status_code == 200


async def test_a_key_is_exchanged_for_a_cookie_that_no_script_no_other_site_and_no_plain_connection_gets(
    gateway: Running,
) -> None:
    one = browser(gateway)
    before = (await one.get("/console/sign-in")).cookies[COOKIE]
    key = await text_of(gateway, Right.AUTHOR)
    answer = await one.sign_in(key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    [cookie] = answer.headers.get_list("set-cookie")
    name, _, rest = cookie.partition("=")
    assert name.startswith("__Host-")
    assert {part.strip().lower() for part in rest.split(";")[1:]} == {"httponly", "path=/", "samesite=strict", "secure"}
    assert rest.partition(";")[0] not in (before, key)
    assert key not in cookie
    assert [(await one.get(path)).status_code for path in PAGES] == [200, 200]
    assert all(key not in (one.page.text if one.page else "") for _ in PAGES)
    assert key not in gateway.log.getvalue()


@pytest.mark.parametrize(
    "key", ["", "nonsense", "agk_" + "0" * 16 + "_" + "0" * 64, "é" * 300, "<script>alert(1)</script>"]
)
async def test_a_wrong_key_is_refused_without_being_repeated(gateway: Running, key: str) -> None:
    one = browser(gateway)
    answer = await one.sign_in(key)
    assert answer.status_code == 401
    assert "No valid API key" in answer.text
    assert len(key) < 8 or key not in answer.text
    assert (await one.get("/console")).status_code == 303


async def test_nobody_is_signed_out_because_another_process_erased_somebody(gateway: Running) -> None:
    one = await auditor(gateway)
    coordination = gateway.services.idempotency._coordination
    assert isinstance(coordination, MemoryCoordination)
    coordination.forget_everything()  # what a process does that hears of it
    assert (await one.get(LOG)).status_code == 200


async def test_a_key_that_opens_no_page_is_told_which_rights_do(gateway: Running) -> None:
    one = browser(gateway)
    answer = await one.sign_in(await text_of(gateway, *(set(Right) - {Right.AUTHOR, Right.AUDIT})))
    assert answer.status_code == 403
    assert "none of the rights `author`, `audit`" in answer.text
    for right in ("author", "audit"):
        assert f"`ai-gateway keys create NAME --right {right}`" in answer.text
    assert (await one.get("/console")).status_code == 303


@pytest.mark.parametrize(
    ("rights", "offered"),
    [
        ([Right.AUTHOR], {WORKBENCH}),
        ([Right.AUDIT], set(AUDITED)),
        ([Right.AUTHOR, Right.AUDIT], {WORKBENCH, *AUDITED}),
    ],
)
async def test_the_home_page_and_the_way_to_others_fit_whoever_signed_in(
    gateway: Running, rights: list[Right], offered: set[str]
) -> None:
    one = browser(gateway)
    await one.sign_in(await text_of(gateway, *rights))
    home = await one.get("/console")
    links = re.findall(r'<a href="(/console/[a-z]+)"', home.text)
    assert set(links) == offered
    assert all(links.count(link) == 2 for link in offered), "in the navigation, and in what it is for"
    for path in [WORKBENCH, *AUDITED]:
        assert (await one.get(path)).status_code == (200 if path in offered else 403)


@pytest.mark.parametrize(
    "path", [*AUDITED, f"{SHARES}/shr_{'0' * 32}?why=audit", f"{SHARES}/shr_{'0' * 32}/proof", f"{LOG}/checkpoint"]
)
async def test_an_author_is_refused_what_auditors_see_by_the_name_of_the_right(gateway: Running, path: str) -> None:
    one = await author(gateway)
    entries = (await gateway.app.state.console.log.tree()).size
    page = await one.get(path)
    assert (page.status_code, "lacks the right `audit`" in page.text) == (403, True)
    assert WORKBENCH in page.text, "their own way on"
    assert (await gateway.app.state.console.log.tree()).size == entries


async def test_an_auditor_who_lost_the_right_is_refused_at_the_next_request(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await auditor(gateway)
    assert (await one.get(f"{SHARES}?why=audit")).status_code == 200

    async def lesser(_key: str) -> Caller:
        return Caller(id=CallerId("auditors"), rights=frozenset({Right.AUTHOR}))

    monkeypatch.setattr(gateway.services.callers, "in_force", lesser)
    assert (await one.get(f"{SHARES}?why=audit")).status_code == 403


async def test_signing_out_ends_the_session_everywhere(gateway: Running) -> None:
    one = await author(gateway)
    page = await one.get("/console")
    ticket = one.http.cookies[COOKIE]
    await one.post("/console/sign-out", [("token", token_of(page))])
    again = browser(gateway)
    again.http.cookies.set(COOKIE, ticket)
    assert (await again.get("/console")).status_code == 303


async def test_signing_in_again_ends_the_session_before(gateway: Running) -> None:
    one = await author(gateway)
    before = one.http.cookies[COOKIE]
    await one.sign_in(await text_of(gateway, Right.AUTHOR))
    again = browser(gateway)
    again.http.cookies.set(COOKIE, before)
    assert (await again.get("/console")).status_code == 303


async def test_a_revoked_key_ends_its_sessions(gateway: Running) -> None:
    made, text = await gateway.services.callers.create(CallerId("prompt-authors"), frozenset({Right.AUTHOR}))
    one = browser(gateway)
    await one.sign_in(text)
    assert (await one.get(WORKBENCH)).status_code == 200
    await gateway.services.callers.revoke(made.id)
    assert (await one.get(WORKBENCH)).status_code == 303


async def test_an_address_may_not_try_for_ever(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "ATTEMPTS", 2)
    transport = httpx.ASGITransport(gateway.app, client=("203.0.113.7", 1))
    one = browser(gateway)
    one.http = httpx.AsyncClient(transport=transport, base_url="https://gateway")
    assert [(await one.sign_in("nonsense")).status_code for _ in range(3)] == [401, 401, 429]
    assert one.page is not None
    assert one.page.headers["retry-after"] == "60"
    assert (await one.sign_in(await text_of(gateway, Right.AUTHOR))).status_code == 429
    assert "203.0.113.7" not in gateway.log.getvalue()


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/sign-out", WORKBENCH, PEOPLE])
async def test_a_form_without_this_browsers_token_does_nothing(gateway: Running, path: str) -> None:
    one, other = await author(gateway, Right.AUDIT), await author(gateway)
    foreign = token_of(await other.get("/console"))
    key = await text_of(gateway, Right.AUTHOR)
    for token in ("", "0" * 64, foreign):
        answer = await one.post(path, [("token", token), ("key", key), ("do", "run:standin")])
        assert (answer.status_code, "form-forged" in answer.text) == (403, True)
    assert (await one.get("/console")).status_code == 200


async def test_a_form_from_another_site_does_nothing_even_with_the_token(gateway: Running) -> None:
    one = await author(gateway)
    token = token_of(await one.get("/console"))
    one.http.headers["sec-fetch-site"] = "cross-site"
    assert (await one.post("/console/sign-out", [("token", token)])).status_code == 403


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/nothing-here", *PAGES, *AUDITED, f"{SHARES}?why=audit"])
async def test_every_page_keeps_browsers_careful(gateway: Running, path: str) -> None:
    one = await author(gateway, Right.AUDIT)
    headers = (await one.get(path)).headers
    [policy] = headers.get_list("content-security-policy")
    assert set(policy.split("; ")) == {
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert one.page is not None
    assert "<script" not in one.page.text
    assert " style=" not in one.page.text


async def test_only_the_consoles_own_files_are_served_and_browsers_may_keep_them(gateway: Running) -> None:
    one = browser(gateway)
    sheet = await one.get("/console/static/console.css")
    assert sheet.headers["cache-control"].endswith("immutable")
    assert sheet.headers["content-type"].startswith("text/css")
    for name in ("nothing.css", "..%2Fgate.py", "%2e%2e/gate.py"):
        assert (await one.get(f"/console/static/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"token=%ff", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 3_000, "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * (3 << 20), "application/x-www-form-urlencoded", 413),
    ],
)
async def test_a_form_is_bounded_and_readable_or_refused(
    gateway: Running, content: bytes, kind: str, status: int
) -> None:
    one = await author(gateway)
    answer = await one.http.post(WORKBENCH, content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
