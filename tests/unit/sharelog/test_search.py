"""Looking for shares by what their leaves say, over a real SQLite file."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import share_samples as samples
from ai_gateway.adapters.sql_engine import open_database
from ai_gateway.adapters.sql_retention_store import SqlRetentionStore
from ai_gateway.model import FeatureName, ShareId, SubjectId, VendorName, new_run_id
from ai_gateway.model.entries import EntryKind, StoredShare
from ai_gateway.sharelog import search as searching
from ai_gateway.sharelog.record import record
from ai_gateway.sharelog.search import ANY, Wanted
from ai_gateway.sharelog.view import ShareState

pytestmark = pytest.mark.anyio

DAY = 86_400_000
START = 1_790_000_000_000


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[samples.Parts]:
    async with samples.share_log(url(tmp_path), tmp_path) as parts:
        yield parts


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'data' / 'gateway.db'}"


async def shared(parts: samples.Parts, vendor: str = "openai", *, settled: bool = True) -> ShareId:
    made = samples.intent()
    outbound = replace(made.cleared.outbound, vendor=VendorName(vendor))
    recording = await parts.log.begin(replace(made, cleared=replace(made.cleared, outbound=outbound)))
    if settled:
        async with recording:
            recording.answered(samples.completion())
    return recording.id


async def refused(parts: samples.Parts, feature: str = "proposal_draft") -> ShareId:
    refusal = replace(samples.refusal(), feature=FeatureName(feature))
    return await parts.log.refuse(new_run_id(), samples.CALLER, refusal)


async def daily(parts: samples.Parts, days: int) -> Sequence[ShareId]:
    """A share a day, each followed by a record that is no share."""
    ids: list[ShareId] = []
    for day in range(days):
        parts.clock.at = START + day * DAY
        ids.append(await shared(parts))
        await parts.log.put(record(EntryKind.READ, parts.clock.now(), {"caller": "auditors"}))
    return ids


async def ids(parts: samples.Parts, wanted: Wanted, subject: SubjectId | None = None) -> list[ShareId]:
    return [share.id for share in (await parts.reader.shares(subject, wanted=wanted)).shares]


async def test_each_field_narrows_and_all_together_do(parts: samples.Parts) -> None:
    settled, doubtful = await shared(parts), await shared(parts, settled=False)
    other, denied = await shared(parts, vendor="mistral"), await refused(parts, "profile_summary")
    assert await ids(parts, ANY) == [denied, other, doubtful, settled]
    assert await ids(parts, Wanted(vendor="mistral")) == [other]
    assert await ids(parts, Wanted(feature="profile_summary")) == [denied]
    assert await ids(parts, Wanted(state=ShareState.IN_DOUBT)) == [doubtful]
    assert await ids(parts, Wanted(state=ShareState.DENIED)) == [denied]
    assert await ids(parts, Wanted(state=ShareState.SETTLED)) == [other, settled]
    assert await ids(parts, Wanted(state=ShareState.SETTLED, vendor="openai")) == [settled]
    assert await ids(parts, Wanted(state=ShareState.DENIED, vendor="mistral")) == []


async def test_a_time_begins_with_its_first_millisecond_and_ends_before_its_last(parts: samples.Parts) -> None:
    made = await daily(parts, 5)
    seen = [(await parts.reader.share(share)).at for share in made]
    assert await ids(parts, Wanted(since=seen[1], until=seen[3])) == [made[2], made[1]]
    assert await ids(parts, Wanted(since=seen[1] + 1)) == [made[4], made[3], made[2]]
    assert await ids(parts, Wanted(until=seen[1])) == [made[0]]
    assert await ids(parts, Wanted(until=START)) == []
    assert await ids(parts, Wanted(until=START + 99 * DAY)) == list(reversed(made))


async def test_one_persons_side_is_narrowed_alike(parts: samples.Parts) -> None:
    made = await daily(parts, 3)
    until = (await parts.reader.share(made[1])).at
    assert await ids(parts, Wanted(until=until), samples.CLIENT) == [made[0]]
    assert await ids(parts, Wanted(until=until), SubjectId("nobody")) == []


async def test_what_is_later_than_the_time_is_not_looked_through(
    parts: samples.Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await daily(parts, 40)
    first = (await parts.reader.share(made[0])).at
    page = await parts.reader.shares(wanted=Wanted(until=first + 1))
    assert [share.id for share in page.shares] == [made[0]]
    assert page.looked == 1
    monkeypatch.setattr(searching, "_STRETCH", 4)
    last = (await parts.reader.share(made[-1])).at
    page = await parts.reader.shares(wanted=Wanted(since=last))
    assert [share.id for share in page.shares] == [made[-1]]
    assert (page.looked, page.next) == (4, None)


async def test_clocks_that_differ_hide_nothing(parts: samples.Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log's order is that of indices: a replica whose clock is behind writes earlier times later."""
    monkeypatch.setattr(searching, "_STRETCH", 1)
    early = [await shared(parts) for _ in range(3)]
    first = (await parts.reader.share(early[0])).at
    parts.clock.at = first - 30 * 60_000
    behind = await shared(parts)
    parts.clock.at = first + 30 * 60_000
    newest = await shared(parts)
    assert await ids(parts, Wanted(until=first)) == [behind]
    assert await ids(parts, Wanted(since=first)) == [newest, *reversed(early)]


async def test_pages_go_on_where_the_page_before_ended(parts: samples.Parts) -> None:
    made = [await shared(parts, vendor) for vendor in ("openai", "mistral") * 4]
    walked: list[ShareId] = []
    after: ShareId | None = None
    sizes: list[int] = []
    while True:
        page = await parts.reader.shares(None, after, 3, Wanted(vendor="mistral"))
        walked += [share.id for share in page.shares]
        sizes.append(len(page.shares))
        after = page.next
        if after is None:
            break
    assert walked == list(reversed(made[1::2]))
    assert sizes == [3, 1]


async def test_looking_ends_somewhere_and_says_where_to_go_on(
    parts: samples.Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "LOOKED_AT_MOST", 4)
    monkeypatch.setattr(searching, "_STRETCH", 2)
    rare = await shared(parts, "mistral")
    for _ in range(5):
        await shared(parts)
    first = await parts.reader.shares(wanted=Wanted(vendor="mistral"))
    assert (first.shares, first.looked) == ((), 4)
    second = await parts.reader.shares(after=first.next, wanted=Wanted(vendor="mistral"))
    assert [share.id for share in second.shares] == [rare]
    assert second.next is None


async def test_a_share_whose_leaf_is_no_longer_kept_is_only_among_all(parts: samples.Parts, tmp_path: Path) -> None:
    old = await shared(parts)
    parts.clock.at = START + 9 * DAY
    new = await shared(parts)
    database = open_database(url(tmp_path))
    await SqlRetentionStore(database).prune_entries(
        START + DAY, -1, 10, lambda count: record(EntryKind.RETENTION_PRUNE, parts.clock.now(), {"n": count.entries})
    )
    await database.close()
    assert await ids(parts, ANY) == [new, old]
    assert await ids(parts, Wanted(vendor="openai")) == [new]
    assert await ids(parts, Wanted(until=START + 5 * DAY)) == []


async def test_a_stretch_of_pruned_shares_hides_no_older_one_that_was_left_out_of_pruning(
    parts: samples.Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_STRETCH", 2)
    doubtful = await shared(parts, settled=False)
    for _ in range(3):
        await shared(parts)
    parts.clock.at = START + 9 * DAY
    await shared(parts)
    database = open_database(url(tmp_path))
    await SqlRetentionStore(database).prune_entries(
        START + DAY, -1, 10, lambda count: record(EntryKind.RETENTION_PRUNE, parts.clock.now(), {"n": count.entries})
    )
    await database.close()
    assert await ids(parts, Wanted(state=ShareState.IN_DOUBT, since=START - DAY)) == [doubtful]
    page = await parts.reader.shares(wanted=Wanted(state=ShareState.IN_DOUBT, since=START + 5 * DAY))
    assert (page.shares, page.next, page.looked) == ((), None, 2), "a pruned share's time still ends the search"


async def test_nothing_is_decrypted_that_is_not_shown(parts: samples.Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    for vendor in ("openai", "mistral", "openai"):
        await shared(parts, vendor)
    asked: list[int] = []
    views = type(parts.reader)._views

    async def counted(reader: object, stored: Sequence[StoredShare], owner: bytes | None) -> object:
        asked.append(len(stored))
        return await views(parts.reader, stored, owner)

    monkeypatch.setattr(type(parts.reader), "_views", counted)
    await ids(parts, Wanted(vendor="mistral"))
    assert asked == [1]
