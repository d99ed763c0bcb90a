"""A share's life on record, over a real SQLite file."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import share_samples as samples
from ai_gateway.errors import IdempotencyOutcomeUnknown, NotFound, VendorTimeout
from ai_gateway.model import RecordedShare, ShareId, SubjectId, new_run_id
from ai_gateway.sharelog.read import ShareReader
from ai_gateway.sharelog.view import ShareState

pytestmark = pytest.mark.anyio


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[samples.Parts]:
    async with samples.share_log(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}", tmp_path) as parts:
        yield parts


async def released(parts: samples.Parts, **sample: bytes) -> ShareId:
    recording = await parts.log.begin(samples.intent(**sample))
    async with recording as share:
        recording.answered(samples.completion())
    return share.id


async def test_the_intent_is_durable_before_the_share_is_lent(parts: samples.Parts) -> None:
    recording = await parts.log.begin(samples.intent())
    async with recording as share:
        assert isinstance(share, RecordedShare)
        seen = await parts.reader.share(share.id)
        assert seen.state is ShareState.IN_DOUBT
        assert seen.body == samples.BODY == share.cleared.outbound.body
    assert (await parts.reader.share(share.id)).state is ShareState.SETTLED


async def test_a_released_share_tells_the_auditor_everything(parts: samples.Parts) -> None:
    seen = await parts.reader.share(await released(parts))
    assert seen.fact("vendor") == "openai"
    assert seen.fact("model") == "gpt-4.1-mini"
    assert seen.fact("region") == "us"
    assert seen.fact("purpose") == "provide"
    assert {person.subject: person.actor for person in seen.people} == {samples.PRO: True, samples.CLIENT: False}
    (item,) = seen.items
    assert (item.path, item.text, item.about) == ("job_post", samples.SHARED_TEXT, (samples.CLIENT,))
    assert item.entities == {"ORGANIZATION": 1}
    assert seen.outcome is not None
    assert (seen.outcome.status, seen.outcome.answered, seen.outcome.attempts) == ("released", True, 2)
    assert seen.outcome.response_id == "chatcmpl-marble-77"
    assert (seen.outcome.input_tokens, seen.outcome.output_tokens) == (812, 240)
    assert seen.unreadable == 0


async def test_both_people_find_the_withheld_message_in_their_shares(parts: samples.Parts) -> None:
    share = await released(parts)
    for person, wrote_it in ((samples.PRO, False), (samples.CLIENT, True)):
        (seen,) = (await parts.reader.shares(person)).shares
        assert seen.id == share
        (fate,) = seen.withheld
        assert (fate.path, fate.code, fate.author) == ("messages[0]", "message-consent-missing", wrote_it)
        assert {other.subject for other in seen.people} == {person}
        assert {mine.subject for mine in seen.fates} == {person}


async def test_a_person_sees_only_the_items_that_are_about_them(parts: samples.Parts) -> None:
    await released(parts)
    (mine,) = (await parts.reader.shares(samples.CLIENT)).shares
    (theirs,) = (await parts.reader.shares(samples.PRO)).shares
    assert [item.path for item in mine.items] == ["job_post"]
    assert theirs.items == ()
    assert mine.body is None
    assert theirs.body is None


async def test_a_stranger_has_no_shares(parts: samples.Parts) -> None:
    await released(parts)
    page = await parts.reader.shares(SubjectId("nobody"))
    assert (page.shares, page.next) == ((), None)


async def test_pages_run_from_the_newest_to_the_oldest_without_overlap(parts: samples.Parts) -> None:
    made = [await released(parts) for _ in range(5)]
    seen: list[ShareId] = []
    after: ShareId | None = None
    while True:
        page = await parts.reader.shares(samples.PRO, after, limit=2)
        seen.extend(share.id for share in page.shares)
        if (after := page.next) is None:
            break
    assert seen == made[::-1]


async def test_a_page_is_bounded_whatever_is_asked(parts: samples.Parts) -> None:
    made = [await released(parts) for _ in range(2)]
    assert [share.id for share in (await parts.reader.shares(limit=0)).shares] == made[:0:-1]
    assert len((await parts.reader.shares(limit=10**9)).shares) == 2


async def test_an_unknown_share_is_not_found(parts: samples.Parts) -> None:
    with pytest.raises(NotFound):
        await parts.reader.share(ShareId("shr_none"))


@pytest.mark.parametrize(
    ("error", "status"), [(VendorTimeout(), "vendor-timeout"), (RuntimeError("a mistake"), "internal-error")]
)
async def test_a_share_that_fails_is_settled_with_the_errors_code(
    parts: samples.Parts, error: Exception, status: str
) -> None:
    async def fail() -> None:
        async with await parts.log.begin(samples.intent()):
            raise error

    with pytest.raises(type(error)):
        await fail()
    (seen,) = (await parts.reader.shares()).shares
    assert seen.outcome is not None
    assert (seen.outcome.status, seen.outcome.answered) == (status, False)


@pytest.mark.parametrize(("answered", "status"), [(False, "abandoned"), (True, "answered")])
async def test_a_cancelled_call_is_settled_behind_its_caller(
    parts: samples.Parts, *, answered: bool, status: str
) -> None:
    lent = asyncio.Event()

    async def call() -> None:
        recording = await parts.log.begin(samples.intent())
        async with recording:
            if answered:
                recording.answered(samples.completion())
            lent.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(call())
    await lent.wait()
    task.cancel()
    await asyncio.wait({task})
    await parts.log.aclose()
    (seen,) = (await parts.reader.shares()).shares
    assert seen.outcome is not None
    assert (seen.outcome.status, seen.outcome.answered) == (status, answered)


async def test_an_intent_whose_caller_left_while_it_was_written_is_settled_as_not_sent(parts: samples.Parts) -> None:
    await parts.keys.of((samples.PRO, samples.CLIENT))
    writing, go_on = asyncio.Event(), asyncio.Event()
    append = parts.store.append

    async def gated(entries: object) -> object:
        writing.set()
        await go_on.wait()
        return await append(entries)  # type: ignore[arg-type]

    parts.store.append = gated  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(parts.log.begin(samples.intent()))
    await writing.wait()
    task.cancel()
    await asyncio.wait({task})
    go_on.set()
    await parts.log.aclose()
    (seen,) = (await parts.reader.shares()).shares
    assert seen.outcome is not None
    assert seen.outcome.status == "not-sent"


async def test_an_idempotency_key_is_shared_once_ever(parts: samples.Parts) -> None:
    once = samples.new_once()
    first = await released(parts, once=once)
    with pytest.raises(IdempotencyOutcomeUnknown) as repeated:
        await parts.log.begin(samples.intent(once))
    assert repeated.value.facts["share"] == first
    fallback = await parts.log.begin(replace(samples.intent(once), previous=first))
    assert (await parts.reader.share(fallback.id)).fact("previous") == first
    async with fallback:
        pass


async def test_a_refusal_is_on_record_for_everybody_concerned(parts: samples.Parts) -> None:
    share = await parts.log.refuse(new_run_id(), samples.CALLER, samples.refusal())
    for person in (samples.PRO, samples.CLIENT):
        (seen,) = (await parts.reader.shares(person)).shares
        assert (seen.id, seen.state, seen.outcome) == (share, ShareState.DENIED, None)
        assert seen.facts["reasons"][0]["code"] == "actor-not-opted-in"
        assert "messages[0]" in {fate.path for fate in seen.withheld}
    assert await parts.reader.in_doubt(2**52) == []


async def test_a_share_in_doubt_is_found_and_presumed_shared(parts: samples.Parts) -> None:
    recording = await parts.log.begin(samples.intent())
    opened = (await parts.reader.share(recording.id)).at
    assert await parts.reader.in_doubt(opened) == []
    (doubt,) = await parts.reader.in_doubt(opened + 1)
    assert (doubt.id, doubt.at) == (recording.id, opened)
    assert await parts.log.settle_in_doubt(opened + 1) == 1
    seen = await parts.reader.share(recording.id)
    assert seen.outcome is not None
    assert seen.outcome.status == "presumed-shared"
    assert await parts.log.settle_in_doubt(opened + 1) == 0


async def test_a_share_is_settled_once(parts: samples.Parts) -> None:
    recording = await parts.log.begin(samples.intent())
    async with recording:
        await parts.log.settle_in_doubt(2**52)
    seen = await parts.reader.share(recording.id)
    assert seen.outcome is not None
    assert seen.outcome.status == "presumed-shared"
    assert (await parts.store.tree()).size == 2


async def test_without_a_persons_key_their_part_is_unreadable_and_the_others_stays(parts: samples.Parts) -> None:
    share = await released(parts)
    key = await parts.keys.known(samples.CLIENT)
    assert key is not None
    await _destroy_key(parts, key.ref)
    seen = await parts.reader.share(share)
    assert [person.subject for person in seen.people] == [samples.PRO]
    assert (seen.items, seen.body) == ((), None)
    assert seen.unreadable == 3
    assert seen.outcome is not None
    assert seen.outcome.response_id == "chatcmpl-marble-77"


async def _destroy_key(parts: samples.Parts, ref: bytes) -> None:
    from sqlalchemy import delete

    from ai_gateway.adapters.schema import subject_key
    from ai_gateway.adapters.sql_share_store import SqlShareStore

    assert isinstance(parts.store, SqlShareStore)
    await parts.store._database.write(lambda c: c.execute(delete(subject_key).where(subject_key.c.subject_ref == ref)))


async def test_the_reader_says_how_many_entries_there_are(parts: samples.Parts) -> None:
    await released(parts)
    assert await ShareReader(parts.store, parts.keys).check() == "2 entries"
