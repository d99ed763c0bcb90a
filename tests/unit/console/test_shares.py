"""The share log as auditors read it: many shares, one, its proof, and the log itself."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape

import pytest

import audited_shares as audited
from ai_gateway import verifier
from ai_gateway.adapters.sql_erasure_store import SqlErasureStore
from ai_gateway.console import shares, words
from ai_gateway.model import Right
from ai_gateway.sharelog import search
from ai_gateway.sharelog.erasure import Erasure
from ai_gateway.sharelog.proofs import Proofs
from api_gateway import Running, run_of
from console_browser import Browser, auditor, words_of

pytestmark = pytest.mark.anyio
SHARES, LOG = "/console/shares", "/console/log"
READ = f"{SHARES}?why=audit"
XSS = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{ 1234567*7 }}"
NOBODY = f"shr_{'0' * 32}"


@pytest.fixture
async def one(gateway: Running) -> Browser:
    return await auditor(gateway)


def listed(page: str) -> list[str]:
    """The ids in the list, in its order."""
    return re.findall(r'<small class="id">(shr_[0-9a-f]{32})</small>', page)


async def all_ids(gateway: Running) -> list[str]:
    answer = await gateway.client.get("/v1/shares", params={"limit": 200})
    return [share["id"] for share in answer.json()["shares"]]


async def test_nothing_is_read_before_a_reason_is_chosen(gateway: Running, one: Browser) -> None:
    share = await audited.shared(gateway)
    entries = await audited.entries(gateway)
    for path in (
        SHARES,
        f"{SHARES}?why=not_stated",
        f"{SHARES}?why=<b>",
        f"{SHARES}/{share}",
        f"{SHARES}/{share}?why=",
    ):
        page = await one.get(path)
        assert page.status_code == 200
        assert "Choose a reason" in page.text
        assert listed(page.text) == []
        assert "proposal_draft@" not in page.text
    assert await audited.entries(gateway) == entries


async def test_who_read_what_and_why_is_on_record_before_it_is_shown(gateway: Running, one: Browser) -> None:
    share = await audited.shared(gateway)
    page = await one.get(f"{SHARES}?why=incident")
    read = await audited.newest_entry(gateway)
    assert (read["type"], read["caller"], read["why"]) == ("share.read", "auditors", "incident")
    assert len(read["entries"]) == len(listed(page.text)) > 0
    await one.get(f"{SHARES}/{share}?why=legal_process")
    read = await audited.newest_entry(gateway)
    assert (read["asked"], read["why"], len(read["entries"])) == ("share", "legal_process", 1)


async def test_pages_go_from_new_to_old_without_gaps(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "PAGE", 2)
    for _ in range(4):
        await audited.shared(gateway)
    whole = await all_ids(gateway)
    page = await one.get(READ)
    walked = listed(page.text)
    assert len(walked) == 2
    while link := re.search(r'href="([^"]+)" rel="next">Older<', page.text):
        page = await one.get(unescape(link[1]))
        walked += listed(page.text)
    assert walked == whole
    assert "These are the oldest." in page.text


async def test_a_row_says_when_what_with_whom_how_it_ended_and_about_whom(gateway: Running, one: Browser) -> None:
    share = await audited.shared(gateway)
    page = await one.get(READ)
    row = page.text.split(f"{share}</small>")[1].split("</tr>")[0]
    told = " ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split())
    assert told == "proposal_draft standin standin-1 Settled released pro_17 cli_9 cli_12 1"
    at = re.search(rf'href="{SHARES}/{share}\?why=audit">(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d)<', page.text)
    assert at is not None


async def test_each_field_narrows_the_list(gateway: Running, one: Browser) -> None:
    share = await audited.shared(gateway, "_n")
    await audited.refused(gateway)
    doubtful = await audited.in_doubt(gateway)
    whole = await all_ids(gateway)
    denied = (await one.get(f"{READ}&state=denied")).text
    assert listed(denied)
    assert set(re.findall(r'class="badge (\w+)">', denied)) == {"no"}
    assert listed((await one.get(f"{READ}&state=in_doubt")).text) == [doubtful]
    assert listed((await one.get(f"{READ}&vendor=openai")).text) == [doubtful]
    assert listed((await one.get(f"{READ}&feature=profile_summary")).text) == []
    theirs = await one.get(f"{READ}&subject=cli_9_n")
    assert listed(theirs.text) == [share]
    assert "pro_17_n" not in theirs.text, "one person's side names nobody else"
    day = re.search(r"\d{4}-\d\d-\d\d", theirs.text)
    assert day is not None
    assert listed((await one.get(f"{READ}&since={day[0]}&until={day[0]}&feature=proposal_draft")).text) == whole[:25]
    assert listed((await one.get(f"{READ}&until=2020-01-01")).text) == []


async def test_what_was_asked_stays_in_the_form_and_in_the_way_to_older_ones(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "PAGE", 1)
    for _ in range(2):
        await audited.shared(gateway)
    page = await one.get(f"{READ}&feature=proposal_draft&state=settled")
    assert 'name="feature" type="text" value="proposal_draft"' in page.text
    assert '<option value="settled" selected>' in page.text
    assert '<option value="audit" selected>' in page.text
    link = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert link is not None
    assert "why=audit&feature=proposal_draft&state=settled&after=shr_" in unescape(link[1])


async def test_an_empty_list_says_why_it_is_empty(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await audited.shared(gateway)
    assert "No share is like that." in (await one.get(f"{READ}&vendor=nobody")).text
    stranger = words_of(await one.get(f"{READ}&subject=cli_404"))
    told = (await gateway.client.get("/v1/shares?subject=cli_404")).json()["notice"]
    assert f"Not known. cli_404 : {told}." in stranger
    assert "Nothing that can still be read is about this person." in stranger
    monkeypatch.setattr(search, "LOOKED_AT_MOST", 1)
    monkeypatch.setattr(search, "_STRETCH", 1)
    further = await one.get(f"{READ}&vendor=nobody")
    assert "None among the 1 shares looked through." in further.text
    assert "Look further" in further.text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("subject=Dana+Okafor", "An id is the marketplace's own"),
        ("since=yesterday", "A date is written as"),
        ("until=2026-02-30", "A date is written as"),
        ("since=2026-05-02&until=2026-05-01", "The last day is before the first"),
        ("until=9999-12-31", "A date is written as"),
        ("state=lost", "There is no such state"),
        ("after=shr_1", "The address is not whole"),
        (f"after={NOBODY}", "The address is not whole"),
        (f"after={NOBODY}&vendor=standin", "The address is not whole"),
    ],
)
async def test_a_mistake_is_told_and_nothing_is_read(gateway: Running, one: Browser, asked: str, says: str) -> None:
    await audited.shared(gateway)
    entries = await audited.entries(gateway)
    page = await one.get(f"{READ}&{asked}")
    assert (page.status_code, listed(page.text)) == (422, [])
    assert says in unescape(page.text)
    assert await audited.entries(gateway) == entries


@pytest.mark.parametrize("field", ["why", "subject", "feature", "vendor", "state", "since", "until", "after"])
async def test_nothing_in_an_address_becomes_markup_or_a_template(one: Browser, field: str) -> None:
    page = await one.http.get(SHARES, params={"why": "audit", field: XSS})
    assert page.status_code in (200, 422)
    assert "<img" not in page.text
    assert "<script" not in page.text
    assert "8641969" not in page.text


async def test_nothing_that_people_wrote_becomes_markup(gateway: Running, one: Browser) -> None:
    inputs = run_of()["inputs"]
    inputs["profile"]["text"] = f"I build pages. {XSS} {{{{ 7*7 }}}}"
    share = await audited.shared(gateway, inputs=inputs)
    page = await one.get(f"{SHARES}/{share}?why=audit")
    assert "<img src=x" in unescape(page.text)
    assert "<img" not in page.text
    assert "<script" not in page.text
    assert "8641969" not in page.text
    assert "{{ 7*7 }}" in page.text


async def test_one_share_says_what_was_decided_item_by_item_by_which_rule(gateway: Running, one: Browser) -> None:
    share = await audited.shared(gateway)
    page = await one.get(f"{SHARES}/{share}?why=audit")
    told, whole = words_of(page), (await gateway.client.get(f"/v1/shares/{share}")).json()
    assert "Bundled stand-in (no company; runs on this machine)" in told
    assert "Transfer mechanism none was needed" in told
    for name in ("feature_version", "prompt", "policy", "taxonomy", "detector"):
        assert whole["facts"][name] in told
    for item in whole["items"]:
        assert " ".join(item["text"].split()) in told
        assert item["rule"] in told
    assert "Withheld messages[1] Platform Communications, from message.content, written by cli_12" in told
    assert "message-consent-withdrawn features/proposal_draft.yaml#/inputs/messages/consent policy L49" in told
    assert told.count("Its author withdrew consent to this purpose.") == 1, "once, however many people it concerns"
    body = re.search(r'aria-label="Body of the request"><code>(.*?)</code>', page.text, re.DOTALL)
    assert body is not None
    assert unescape(body[1]).encode() == gateway.standin.captured[-1].body


async def test_a_vendor_abroad_is_shown_with_its_mechanism_as_it_was_recorded(gateway: Running, one: Browser) -> None:
    told = words_of(await one.get(f"{SHARES}/{await audited.in_doubt(gateway)}?why=audit"))
    assert "OpenAI OpCo, LLC openai" in told
    assert "Country, region US Transfer" in told
    assert "mechanism EEA: scc Vendor keeps it 30 days" in told, "the policy in force has another name for it"
    assert "No outcome is on record" in told
    assert "It counts as shared." in told


async def test_a_refused_share_says_that_nothing_was_sent_and_what_it_was_refused_for(
    gateway: Running, one: Browser
) -> None:
    await audited.refused(gateway)
    [share, *_] = listed((await one.get(f"{READ}&state=denied")).text)
    page = await one.get(f"{SHARES}/{share}?why=audit")
    told = words_of(page)
    assert "Refused: nothing was sent to anybody." in told
    assert "actor-not-opted-in features/proposal_draft.yaml#/opt_in policy L87" in told
    assert "Body of the request" not in page.text
    assert 'class="badge yes">Shared' not in page.text


async def test_the_proof_can_be_followed_from_the_leaf_to_the_signed_root_and_checked_offline(
    gateway: Running, one: Browser
) -> None:
    share = await audited.shared(gateway)
    key = verifier.parse_key(await audited.signed(gateway))
    page = await one.get(f"{SHARES}/{share}?why=audit")
    assert "The proof holds." in page.text
    file = await one.get(f"{SHARES}/{share}/proof")
    assert file.headers["content-disposition"] == f'attachment; filename="{share}.tlog-proof"'
    proof = verifier.read_proof(file.text)
    checkpoint, leaf = verifier.check_proof(proof, key)
    shown = [unescape(code) for code in re.findall(r"<td[^>]*><code>([^<]+=)</code></td>", page.text)]
    assert shown[::2] == [verifier.encode(sibling) for sibling in proof.hashes]
    assert shown[-1] == verifier.encode(checkpoint.root)
    assert verifier.encode(verifier.leaf_hash(leaf)) in unescape(page.text)
    assert share.encode() in leaf
    path = re.findall(r"entr(?:y|ies) ([\d,]+)(?: to ([\d,]+))?, on the (left|right)", words_of(page))
    covered = {proof.entry}
    for first, last, _ in path:
        covered |= set(range(int(first), int(last or first) + 1))
    assert covered == set(range(checkpoint.size)), "the path names every entry once"
    outcome = verifier.read_proof((await one.get(f"{SHARES}/{share}/proof?outcome")).text)
    assert outcome.entry > proof.entry
    assert verifier.check_proof(outcome, key)[0].size == checkpoint.size


async def test_a_proof_that_does_not_lead_to_the_root_is_not_called_good(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = await audited.shared(gateway)
    await audited.signed(gateway)
    made = await gateway.services.proofs.of_share(share)
    proof = verifier.read_proof(made)

    async def swapped(*_: object, **__: object) -> str:
        return verifier.write_proof(proof._replace(hashes=[bytes(32), *proof.hashes[1:]]))

    monkeypatch.setattr(Proofs, "of_share", swapped)
    page = await one.get(f"{SHARES}/{share}?why=audit")
    assert "The proof does not hold." in page.text
    assert "The proof holds." not in page.text


async def test_a_share_that_no_checkpoint_covers_yet_is_shown_without_a_proof(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await audited.signed(gateway)
    note = await gateway.services.proofs.checkpoint()

    async def older(_: Proofs) -> str:
        return note

    monkeypatch.setattr(Proofs, "checkpoint", older)
    share = await audited.shared(gateway)
    page = await one.get(f"{SHARES}/{share}?why=audit")
    assert (page.status_code, "No signed checkpoint covers this entry yet." in page.text) == (200, True)
    assert (await one.get(f"{SHARES}/{share}/proof")).status_code == 404


@pytest.mark.parametrize("share", [NOBODY, "shr_1", "run_" + "0" * 32, "%3Cscript%3E", f"{NOBODY}%0A"])
async def test_a_share_that_never_was_is_a_page_that_says_so(one: Browser, share: str) -> None:
    for path in (f"{SHARES}/{share}?why=audit", f"{SHARES}/{share}/proof"):
        page = await one.get(path)
        assert (page.status_code, "No share has this id" in page.text) == (404, True)
        assert page.headers["content-type"].startswith("text/html")
        assert "<script" not in page.text
        assert SHARES in page.text, "the way to other pages stays"


async def test_of_somebody_erased_the_entry_and_its_proof_stay_and_no_text(gateway: Running, one: Browser) -> None:
    share = await audited.shared(gateway, "_e")
    await audited.erased(gateway, "cli_9_e")
    await audited.signed(gateway)
    page = await one.get(f"{SHARES}/{share}?why=audit")
    told = words_of(page)
    assert "Not readable any more: 3 of the texts, what was told to 1 of the people, the body." in told
    assert re.search(r"1 erasure has ended since this share, on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", told)
    assert "cli_9_e" not in told
    assert "kayaks" not in page.text
    assert "I have built booking and payment pages" in told, "what is about the other one alone stays theirs"
    assert "The proof holds." in told
    row = (await one.get(READ)).text.split(f"{share}</small>")[1].split("</tr>")[0]
    assert "1 not readable any more" in row
    assert "cli_9_e" not in row


async def test_of_a_share_whose_people_are_all_erased_the_entry_says_what_it_says_of_nobody(
    gateway: Running, one: Browser
) -> None:
    share = await audited.shared(gateway, "_all")
    await audited.erased(gateway, *(f"{id_}_all" for id_ in audited.SAMPLE))
    page = await one.get(f"{SHARES}/{share}?why=audit")
    told = words_of(page)
    assert "Nobody whose key still exists." in told
    assert "messages message.content private Withheld Its author withdrew consent to this purpose." in told
    assert "messages message.content private Shared" in told
    assert not any(f"{id_}_all" in page.text for id_ in audited.SAMPLE)


async def test_of_a_share_whose_retention_has_run_the_hash_and_its_proof_stay(gateway: Running, one: Browser) -> None:
    share = await audited.pruned(gateway)
    await audited.signed(gateway)
    told = words_of(await one.get(f"{SHARES}/{share}?why=audit"))
    assert "The time that its entry is kept has passed" in told
    assert "The proof holds." in told
    assert "only its hash is kept" in told
    assert "1970" not in told
    assert "In doubt" not in told
    assert "It failed" not in told
    row = (await one.get(READ)).text.split(f"{share}</small>")[1].split("</tr>")[0]
    assert row.count("o longer kept") == 5, "that nothing was withheld would be an answer, too"
    assert "unknown" not in row


async def test_the_log_page_says_what_is_signed_and_what_is_in_doubt(gateway: Running, one: Browser) -> None:
    doubtful = await audited.in_doubt(gateway)
    await audited.signed(gateway)
    page = await one.get(LOG)
    told, note = words_of(page), (await gateway.client.get("/v1/checkpoint")).text
    checkpoint = verifier.read_checkpoint(note)[0]
    assert f"Size {checkpoint.size:,} entries Root {verifier.encode(checkpoint.root)}" in told
    assert f"Signed by {checkpoint.origin}" in told
    assert "none cosigned it" in told
    assert f"{SHARES}/{doubtful}" in page.text
    assert re.search(r"In doubt [1-9]", told)
    assert (await one.get(f"{LOG}/checkpoint")).text == note


async def test_a_checkpoint_of_an_empty_log_covers_no_entry_yet(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await audited.signed(gateway)
    note = await gateway.services.proofs.checkpoint()
    size = str(verifier.read_checkpoint(note)[0].size)

    async def empty(_: Proofs) -> str:
        return note.replace(f"\n{size}\n", "\n0\n", 1)

    monkeypatch.setattr(Proofs, "checkpoint", empty)
    assert "Last entry it covers none yet" in words_of(await one.get(LOG))


async def test_erasures_are_asked_for_only_where_something_is_gone(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = await audited.shared(gateway, "_g"), await audited.shared(gateway, "_h")
    await audited.erased(gateway, "cli_9_h")
    asked: list[None] = []
    real = SqlErasureStore.erasures

    async def counted(store: SqlErasureStore) -> Sequence[Erasure]:
        asked.append(None)
        return await real(store)

    monkeypatch.setattr(SqlErasureStore, "erasures", counted)
    await one.get(f"{SHARES}/{whole}?why=audit")
    assert asked == []
    page = words_of(await one.get(f"{SHARES}/{broken}?why=audit"))
    assert (len(asked), "1 erasure has ended since this share" in page) == (1, True)


async def test_the_first_of_several_erasures_is_the_first_to_have_ended(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = await audited.shared(gateway, "_i")
    await audited.erased(gateway, "cli_9_i")
    real = SqlErasureStore.erasures

    async def late(store: SqlErasureStore) -> Sequence[Erasure]:
        """One that was asked for first, and held for long."""
        newest = (await real(store))[-1]
        later = newest.changed_at + 86_400_000
        waited = replace(newest, changed_at=later, facts={"shredded_at": later})
        return [waited, replace(newest, facts={"shredded_at": newest.changed_at})]

    monkeypatch.setattr(SqlErasureStore, "erasures", late)
    told = words_of(await one.get(f"{SHARES}/{share}?why=audit"))
    async with audited.stores_of(gateway) as stores:
        ended = (await real(SqlErasureStore(stores.database, None)))[-1].changed_at  # type: ignore[arg-type]
    assert f"2 erasures have ended since this share, the first on {words.when(ended)} UTC" in told


async def test_a_share_that_may_still_run_is_not_listed_as_in_doubt(gateway: Running, one: Browser) -> None:
    running = await audited.in_doubt(gateway, hours_ago=0)
    assert running not in (await one.get(LOG)).text


async def test_a_witness_is_named_with_the_time_at_which_it_saw_the_checkpoint(
    gateway: Running, one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await audited.signed(gateway)
    at = 1_790_000_000
    line = verifier.encode(bytes(4) + at.to_bytes(8, "big") + bytes(64))
    note = await gateway.services.proofs.checkpoint() + f"\N{EM DASH} witness.example/w1 {line}\n"

    async def cosigned(_: Proofs) -> str:
        return note

    monkeypatch.setattr(Proofs, "checkpoint", cosigned)
    assert "witness.example/w1 saw it 2026-09-21 14:13:20 UTC" in words_of(await one.get(LOG))


async def test_before_the_first_checkpoint_the_page_says_what_to_do(
    one: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(_: object) -> None:
        return None

    monkeypatch.setattr("ai_gateway.adapters.sql_tree_store.SqlTreeStore.newest_checkpoint", none)
    page = await one.get(LOG)
    assert (page.status_code, "Nothing was signed yet." in page.text) == (200, True)
    assert (await one.get(f"{LOG}/checkpoint")).status_code == 404


async def test_what_was_read_is_in_no_log_line_and_no_header(gateway: Running) -> None:
    one = await auditor(gateway, Right.AUTHOR)
    share = await audited.shared(gateway, "_quiet")
    before = len(gateway.log.getvalue())
    page = await one.get(f"{SHARES}?why=audit&subject=cli_9_quiet")
    assert share in page.text
    assert "cli_9_quiet" not in str(page.headers)
    assert "cli_9_quiet" not in gateway.log.getvalue()[before:]
