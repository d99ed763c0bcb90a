"""Disclosures: complete, one person's alone, on record, and provable without the index."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import person_samples
import share_samples as samples
from ai_gateway.errors import DisclosureIncomplete, ShareLogUnavailable
from ai_gateway.model import CallerId, SubjectId, new_run_id
from ai_gateway.model.entries import EntryKind
from ai_gateway.sharelog.account import moment
from ai_gateway.sharelog.disclose import Window, look_back
from ai_gateway.sharelog.erasure import Hold, HoldReason
from ai_gateway.sharelog.keys import PersonKey
from ai_gateway.sharelog.reads import Reading, Why
from ai_gateway.sharelog.record import record
from ai_gateway.sharelog.scan import tagged
from person_samples import House

pytestmark = pytest.mark.anyio

ASKED = Reading(CallerId("privacy-desk"), Why.PRIVACY_REQUEST)


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with person_samples.house(database_url, tmp_path) as opened:
        yield opened


async def disclose(
    house: House, subject: Any = samples.CLIENT, window: Window = person_samples.ALWAYS, **how: bool
) -> dict[str, Any]:
    return dict(await house.discloser.disclose(subject, window, ASKED, **how))


async def test_a_disclosure_says_what_who_when_why_and_what_was_withheld(house: House) -> None:
    (share,) = await house.share()
    told = await disclose(house)
    assert told["confirmation"] == {
        "shared_with_generative_ai_vendors": True,
        "shares": 1,
        "of_which_in_doubt": 0,
        "items_withheld": 1,
        "refused": 0,
    }
    (one,) = told["shares"]
    assert (one["share"], one["state"], one["contents"]) == (share, "settled", "readable")
    assert (
        one["purpose_in_words"]
        == house.policies.taxonomy.purposes[samples.intent().cleared.prompt.treated.permission.purpose]
    )
    assert one["recipient"]["legal_name"] == "OpenAI OpCo, LLC"
    assert (one["recipient"]["role"], one["recipient"]["transfers"]) == ("service_provider", {"EEA": "scc"})
    assert one["items"][0]["text"] == samples.SHARED_TEXT
    assert one["items"][0]["removed_or_replaced"] == {"ORGANIZATION": 1}
    assert one["items"][0]["category_name"] == "Platform Communications"
    assert [(d["decision"], d["code"]) for d in one["decisions"]] == [
        ("shared", "public-data"),
        ("withheld", "message-consent-missing"),
    ]
    assert one["you"] == {"role": "client", "started_it": False, "consents": ["cns_1"]}
    assert one["outcome"]["recipients_id"] == "chatcmpl-marble-77"
    assert told["recipients"][0]["shares"] == 1
    assert json.loads(json.dumps(told)) == told


async def test_nobody_else_is_in_it(house: House) -> None:
    await house.share()
    assert samples.PRO not in json.dumps(await disclose(house))
    assert samples.CLIENT not in json.dumps(await disclose(house, samples.PRO))
    theirs = await disclose(house, samples.PRO)
    assert theirs["shares"][0]["items"] == [], "the item is about the other person alone"


async def test_a_share_in_doubt_counts_as_shared_and_a_refusal_does_not(house: House) -> None:
    await house.log.begin(samples.intent())
    await house.log.refuse(new_run_id(), samples.CALLER, samples.refusal())
    told = await disclose(house)
    assert (told["confirmation"]["of_which_in_doubt"], told["confirmation"]["refused"]) == (1, 1)
    assert told["shares"][0]["counts_as_shared"]
    assert told["shares"][0]["outcome"] is None
    assert told["refused"][0]["refused_for"][0]["code"] == "actor-not-opted-in"


async def test_the_window_bounds_what_is_told_and_says_what_is_outside(house: House) -> None:
    await house.share(2)
    at = house.clock.at
    told = await disclose(house, window=Window(since=at + 1, until=at + 10))
    assert (told["shares"], told["window"]["shares_outside"]) == ([], 2)
    assert look_back(1_790_000_000_000, None, None).since == 1_758_464_000_001


async def test_the_tag_key_finds_every_segment_in_the_leaves_alone(house: House) -> None:
    await house.share(3)
    told = await disclose(house, prove=True)
    evidence = told["completeness"]
    leaves = await house.store.leaves(0, 100)
    found = sorted(tagged(leaves[: evidence["tree_size"]], bytes.fromhex(evidence["tag_key"])))
    assert [list(place) for place in found] == evidence["segments"]
    assert evidence["leaves_scanned"] == evidence["tree_size"]
    assert len(found) == 3 * 4, "body, item, own account, reply"


async def test_an_index_that_lost_or_gained_a_row_is_found_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.share(2)
    real = house.people.indexed

    async def short(ref: bytes, below: int) -> Sequence[tuple[int, int]]:
        return (await real(ref, below))[:-1]

    async def long(ref: bytes, below: int) -> Sequence[tuple[int, int]]:
        return [*(await real(ref, below)), (below - 1, 99)]

    for broken in (short, long):
        monkeypatch.setattr(house.people, "indexed", broken)
        size = (await house.store.tree()).size
        with pytest.raises(DisclosureIncomplete):
            await disclose(house, prove=True)
        assert (await house.store.tree()).size == size, "nothing was disclosed, so nothing is on record"


async def test_a_disclosure_is_on_record_before_it_is_made_and_the_person_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.share()
    told = await disclose(house)
    leaf = json.loads((await samples.all_leaves(house.store))[told["on_record"]["entry"]])
    assert (leaf["type"], leaf["caller"], leaf["why"]) == ("disclosure.made", "privacy-desk", "privacy_request")
    again = await disclose(house)
    (looked,) = again["looked_at"]
    assert (looked["what"], looked["why"], looked["shares"]) == ("disclosure.made", "privacy_request", 1)

    async def away(_entry: object) -> None:
        raise ShareLogUnavailable

    monkeypatch.setattr(house.log, "put", away)
    with pytest.raises(ShareLogUnavailable):
        await disclose(house)


async def test_somebody_the_log_knows_nothing_of_is_told_so(house: House) -> None:
    told = await disclose(house, "nobody_1")
    assert told["confirmation"]["shared_with_generative_ai_vendors"] is False
    assert told["completeness"]["tag_key"] is None
    assert await house.keys.known(SubjectId("nobody_1")) is None, "asking makes no key"


async def test_account_numbers_are_named_and_not_shown(house: House) -> None:
    text = "Pay into GB29NWBK60161331926819 for the lanterns"
    (shown,) = await house.discloser._conceal((text,))
    assert "GB29" not in shown
    assert "[IBAN: held, not shown]" in shown
    assert house.discloser._conceal.of({"IBAN": 2, "PERSON": 1}) == {"IBAN": 2}


async def test_reading_is_on_record_and_each_person_is_told(house: House) -> None:
    (share,) = await house.share()
    reader = Reading(CallerId("auditors"), Why.AUDIT)
    await house.on_record.share(reader, share)
    await house.on_record.shares(reader)
    await house.on_record.shares(reader, samples.CLIENT)
    leaves = [json.loads(leaf) for leaf in await samples.all_leaves(house.store)]
    reads = [leaf for leaf in leaves if leaf["type"] == EntryKind.READ]
    assert [(leaf["asked"], leaf["entries"], leaf["why"]) for leaf in reads] == [
        ("share", [0], "audit"),
        ("page", [0], "audit"),
        ("person", [0], "audit"),
    ]
    assert not any(samples.CLIENT in json.dumps(leaf) for leaf in reads)
    assert len((await disclose(house))["looked_at"]) == 3
    assert len((await disclose(house, samples.PRO))["looked_at"]) == 2


async def test_no_record_no_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    (share,) = await house.share()

    async def away(_entry: object) -> None:
        raise ShareLogUnavailable

    monkeypatch.setattr(house.log, "put", away)
    reader = Reading(CallerId("auditors"))
    with pytest.raises(ShareLogUnavailable):
        await house.on_record.share(reader, share)
    with pytest.raises(ShareLogUnavailable):
        await house.on_record.shares(reader)


async def test_reads_join_the_group_commit(house: House) -> None:
    (share,) = await house.share()
    reader = Reading(CallerId("auditors"))
    views = await asyncio.gather(*(house.on_record.share(reader, share) for _ in range(20)))
    assert len({view.id for view in views}) == 1
    assert (await house.store.tree()).size == 22


async def test_an_auditor_may_read_a_share_of_somebody_who_is_being_erased(house: House) -> None:
    (share,) = await house.share()
    await house.log.begin(samples.intent())
    waiting = await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
    assert waiting.waits_for == "running-shares"
    assert (await house.on_record.share(Reading(CallerId("auditors")), share)).id == share
    leaf = json.loads((await samples.all_leaves(house.store))[-1])
    assert (leaf["type"], leaf["segments"]) == ("share.read", [])


async def erased(house: House) -> None:
    house.clock.at += 16 * 60 * 1000  # running shares have ended
    progress = await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
    assert progress.waits_for is None


async def test_a_disclosure_of_an_erased_person_says_so_and_counts_nothing(house: House) -> None:
    await house.share(2)
    await erased(house)
    told = await disclose(house)
    standing = told["standing"]
    assert standing["state"] == "erased"
    assert "does not mean that nothing was shared" in standing["notice"]
    erasure = await house.eraser.status(samples.CLIENT)
    assert erasure is not None
    assert standing["erased_since"] == moment(erasure.shredded_at or 0)
    assert (erasure.shredded_at or 0) < erasure.changed_at, "the last step came after it"
    assert standing["erasure"]["deleted"]["ciphertexts"] == 9, "four a share, and the request's own note"
    assert any("keyed hash" in one["what"] for one in standing["erasure"]["kept"])
    assert [(one["vendor"], one["objects"]) for one in standing["erasure"]["vendors"]] == [("openai", 2)]
    assert told["confirmation"] == {
        "shared_with_generative_ai_vendors": True,  # a directive per share is kept
        "shares": None,
        "of_which_in_doubt": None,
        "items_withheld": None,
        "refused": None,
    }
    assert told["window"]["shares_outside"] is None
    assert "destroyed" in told["completeness"]["why"]
    assert json.loads(json.dumps(told)) == told


async def test_of_an_erased_person_without_a_directive_it_cannot_be_told_whether_anything_was_shared(
    house: House,
) -> None:
    await house.keys.of((samples.CLIENT,))
    await erased(house)
    told = await disclose(house)
    assert told["confirmation"]["shared_with_generative_ai_vendors"] is None
    assert told["standing"]["erasure"]["vendors"] == []


async def test_a_key_that_is_still_in_memory_does_not_make_an_erased_person_one_without_shares(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.share()
    held = await house.keys.known(samples.CLIENT)
    await erased(house)

    async def known(_subject: SubjectId) -> PersonKey | None:
        return held  # as another replica may, for a minute

    monkeypatch.setattr(house.keys, "known", known)
    for prove in (False, True):
        told = await disclose(house, prove=prove)
        assert (told["standing"]["state"], told["confirmation"]["shares"]) == ("erased", None)


@pytest.mark.parametrize("read", ["shares", "records", "indexed"])
async def test_somebody_who_is_shredded_while_their_shares_are_read_is_told_as_erased(
    house: House, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    await house.share(2)
    store: Any = house.store if read == "shares" else house.people
    real = getattr(store, read)

    async def late(*asked: Any) -> Any:
        monkeypatch.setattr(store, read, real)
        await erased(house)
        return await real(*asked)

    monkeypatch.setattr(store, read, late)
    told = await disclose(house, prove=True)
    assert (told["standing"]["state"], told["confirmation"]["shares"]) == ("erased", None)
    assert (told["shares"], told["looked_at"]) == ([], [])
    assert (told["completeness"]["tag_key"], told["completeness"]["segments"]) == (None, [])
    assert "destroyed" in told["completeness"]["why"]


async def test_an_erasure_that_waits_is_told_beside_what_is_still_there(house: House) -> None:
    await house.share()
    hold = Hold(id="hld_1", reason=HoldReason.LITIGATION, authority="Case 4711", placed_at=1)
    mark = house.wrapper.blind(samples.CLIENT.encode())
    await house.erasures.place_hold(mark, hold, record(EntryKind.HOLD, 1, {"hold": hold.id}))
    progress = await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
    assert progress.waits_for == "legal-hold"
    told = await disclose(house)
    assert (told["standing"]["state"], told["standing"]["erased_since"]) == ("being_erased", None)
    assert told["standing"]["erasure"]["step"] == "directed"
    assert [one["hold"] for one in told["standing"]["erasure"]["held"]] == ["hld_1"]
    assert "Everything" in told["standing"]["erasure"]["kept"][0]["what"]
    assert told["confirmation"]["shares"] == 1


async def test_who_is_not_registered_is_told_apart_from_an_id_that_nothing_knows(house: House) -> None:
    await house.share()
    known = (await disclose(house))["standing"]
    assert (known["state"], known["erasure"], known["erased_since"]) == ("not_registered", None, None)
    nobody = await disclose(house, SubjectId("cli_l"))
    assert nobody["standing"]["state"] == "unknown"
    assert "mistyped" in nobody["standing"]["notice"]
    await house.subjects.put(samples.SUBJECTS[samples.CLIENT])
    registered = (await disclose(house))["standing"]
    assert (registered["state"], registered["notice"]) == ("registered", None)
