"""The fault table of the share log: every write lost, every write persisted but unacknowledged, the store hanging, the
disk full, the server gone. Whatever happens: nothing is lent that is not durable, and nothing durable is forgotten.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text

import share_samples as samples
from ai_gateway.adapters.sql_engine import SqliteDatabase, open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.errors import IdempotencyOutcomeUnknown, ShareLogUnavailable, StoreUnavailable
from ai_gateway.model import ShareId, new_run_id
from ai_gateway.model.entries import Appended, Entry, InDoubt, StoredKey, StoredLeaf, StoredShare, TreeState
from ai_gateway.ports import ShareStore
from ai_gateway.sharelog.appender import AppendLimits
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.sharelog.merkle import extend, leaf_hash
from ai_gateway.sharelog.read import ShareReader
from ai_gateway.sharelog.view import ShareState, ShareView

pytestmark = pytest.mark.anyio

T = TypeVar("T")


class Fault(StrEnum):
    LOST = "lost"
    UNACKNOWLEDGED = "unacknowledged"
    HANGS = "hangs"
    HANGS_AFTER = "hangs after"


class FaultyStore:
    """A real store whose n-th write (from 0) goes wrong in one way."""

    def __init__(self, real: ShareStore, at: int, fault: Fault) -> None:
        self._real = real
        self._at = at
        self._fault = fault
        self.writes = 0

    async def append(self, entries: Sequence[Entry]) -> Sequence[Appended]:
        return await self._write(lambda: self._real.append(entries))

    async def add_keys(self, keys: Mapping[bytes, StoredKey]) -> None:
        await self._write(lambda: self._real.add_keys(keys))

    async def _write(self, write: Callable[[], Awaitable[T]]) -> T:
        number, self.writes = self.writes, self.writes + 1
        if number != self._at:
            return await write()
        if self._fault in (Fault.UNACKNOWLEDGED, Fault.HANGS_AFTER):
            await write()
        if self._fault in (Fault.HANGS, Fault.HANGS_AFTER):
            await asyncio.Event().wait()
        raise StoreUnavailable("injected")

    async def tree(self) -> TreeState:
        return await self._real.tree()

    async def leaves(self, start: int, limit: int) -> Sequence[StoredLeaf]:
        return await self._real.leaves(start, limit)

    async def share(self, share_id: ShareId) -> StoredShare | None:
        return await self._real.share(share_id)

    async def shares(self, owner: bytes | None, after: ShareId | None, limit: int) -> Sequence[StoredShare]:
        return await self._real.shares(owner, after, limit)

    async def in_doubt(self, older_than: int, limit: int) -> Sequence[InDoubt]:
        return await self._real.in_doubt(older_than, limit)

    async def keys_by_mark(self, marks: Sequence[bytes]) -> Mapping[bytes, StoredKey]:
        return await self._real.keys_by_mark(marks)

    async def keys_by_ref(self, refs: Sequence[bytes]) -> Mapping[bytes, StoredKey]:
        return await self._real.keys_by_ref(refs)


CASES = [("sqlite_url", fault) for fault in Fault] + [
    ("postgres_url", Fault.LOST),
    ("postgres_url", Fault.UNACKNOWLEDGED),
]
"""How a store hangs does not depend on the database behind it."""
PERSISTED = (Fault.UNACKNOWLEDGED, Fault.HANGS_AFTER)
KEYS, INTENT, OUTCOME = range(3)
"""The writes of a first call, in order."""


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def limits(fault: Fault) -> AppendLimits:
    """Short where the test waits for a deadline, long where it must not pass."""
    seconds = 0.4 if fault in (Fault.HANGS, Fault.HANGS_AFTER) else 20.0
    return AppendLimits(append_deadline=seconds, batch_deadline=seconds)


async def call(log: ShareLog, sent: list[ShareId], once: bytes | None = None) -> ShareId:
    """What the pipeline does; ``sent`` stands for the vendor."""
    recording = await log.begin(samples.intent(once))
    async with recording as share:
        sent.append(share.id)
        recording.answered(samples.completion())
    return share.id


async def assert_whole(store: ShareStore) -> None:
    leaves = await store.leaves(0, 1_000)
    tree = await store.tree()
    assert (tree.size, tree.frontier) == extend(0, b"", [leaf_hash(leaf.leaf or b"") for leaf in leaves])
    assert [leaf.index for leaf in leaves] == list(range(tree.size))


async def states(reader: ShareReader) -> list[ShareState]:
    return [share.state for share in (await reader.shares()).shares]


@pytest.mark.parametrize(("url", "fault"), CASES, indirect=["url"])
@pytest.mark.parametrize("at", [KEYS, INTENT])
async def test_a_write_that_fails_before_sending_sends_nothing(url: str, tmp_path: Path, at: int, fault: Fault) -> None:
    sent: list[ShareId] = []
    async with samples.share_log(
        url,
        tmp_path,
        limits=limits(fault),
        wrap=lambda store: FaultyStore(store, at, fault),
    ) as parts:
        with pytest.raises(ShareLogUnavailable):
            await call(parts.log, sent)
        assert sent == []
        in_doubt = [ShareState.IN_DOUBT] if at == INTENT and fault in PERSISTED else []
        assert await states(parts.reader) == in_doubt
        assert len(await parts.reader.in_doubt(2**52)) == len(in_doubt)
        await call(parts.log, sent)
        assert await states(parts.reader) == [ShareState.SETTLED, *in_doubt]
        await assert_whole(parts.store)


@pytest.mark.parametrize(("url", "fault"), CASES, indirect=["url"])
async def test_an_outcome_that_fails_leaves_the_share_in_doubt_and_the_answer_given(
    url: str, tmp_path: Path, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[ShareId] = []
    async with samples.share_log(
        url,
        tmp_path,
        limits=limits(fault),
        wrap=lambda store: FaultyStore(store, OUTCOME, fault),
    ) as parts:
        share = await call(parts.log, sent)
        assert sent == [share]
        expected = ShareState.SETTLED if fault in PERSISTED else ShareState.IN_DOUBT
        assert await states(parts.reader) == [expected]
        assert f"share {share} stays in doubt" in caplog.text
        assert await parts.log.settle_in_doubt(2**52) == int(expected is ShareState.IN_DOUBT)
        assert await states(parts.reader) == [ShareState.SETTLED]
        await assert_whole(parts.store)


@pytest.mark.parametrize(("url", "fault"), CASES, indirect=["url"])
async def test_a_repeat_after_any_fault_is_shared_at_most_once(url: str, tmp_path: Path, fault: Fault) -> None:
    sent: list[ShareId] = []
    once = samples.new_once()
    async with samples.share_log(
        url,
        tmp_path,
        limits=limits(fault),
        wrap=lambda store: FaultyStore(store, INTENT, fault),
    ) as parts:
        with pytest.raises(ShareLogUnavailable):
            await call(parts.log, sent, once)
        if fault in PERSISTED:
            (doubt,) = await parts.reader.in_doubt(2**52)
            with pytest.raises(IdempotencyOutcomeUnknown) as repeated:
                await call(parts.log, sent, once)
            assert repeated.value.facts["share"] == doubt.id
            assert sent == []
        else:
            await call(parts.log, sent, once)
            with pytest.raises(IdempotencyOutcomeUnknown):
                await call(parts.log, sent, once)
            assert len(sent) == 1


@pytest.mark.parametrize(("url", "fault"), CASES, indirect=["url"])
@pytest.mark.parametrize("at", [KEYS, INTENT])
async def test_a_denial_that_cannot_be_put_on_record_is_told(url: str, tmp_path: Path, at: int, fault: Fault) -> None:
    async with samples.share_log(
        url,
        tmp_path,
        limits=limits(fault),
        wrap=lambda store: FaultyStore(store, at, fault),
    ) as parts:
        with pytest.raises(ShareLogUnavailable):
            await parts.log.refuse(new_run_id(), samples.CALLER, samples.refusal())
        denied = [ShareState.DENIED] if at == INTENT and fault in PERSISTED else []
        assert await states(parts.reader) == denied


@pytest.mark.parametrize(("url", "fault"), CASES, indirect=["url"])
async def test_one_failing_batch_among_many_callers_takes_nobody_else_down(
    url: str, tmp_path: Path, fault: Fault
) -> None:
    sent: list[ShareId] = []
    async with samples.share_log(
        url,
        tmp_path,
        limits=limits(fault),
        wrap=lambda store: FaultyStore(store, 3, fault),
    ) as parts:
        await parts.keys.of((samples.PRO, samples.CLIENT))
        results = await asyncio.gather(*(call(parts.log, sent) for _ in range(12)), return_exceptions=True)
        failed = [result for result in results if isinstance(result, BaseException)]
        assert all(isinstance(failure, ShareLogUnavailable) for failure in failed)
        on_record = {share.id for share in (await parts.reader.shares()).shares}
        assert set(sent) <= on_record
        assert {result for result in results if isinstance(result, str)} == set(sent)
        await assert_whole(parts.store)


async def test_a_full_disk_refuses_and_recovers(tmp_path: Path, sqlite_url: str) -> None:
    await migrate(sqlite_url)
    database = open_database(sqlite_url)
    assert isinstance(database, SqliteDatabase)
    store = SqlShareStore(database)
    log = ShareLog(store=store, keys=PersonKeys(store, samples.key_file(tmp_path)), clock=samples.TickingClock())
    pages = await database.write(lambda connection: connection.execute(text("PRAGMA page_count")).scalar_one())
    await _limit_pages(database, int(pages) + 20)
    sent: list[ShareId] = []
    with pytest.raises(ShareLogUnavailable):
        await _call_many(log, sent)
    assert 0 < len(sent) < 200
    await assert_whole(store)
    await _limit_pages(database, 2**30)
    await call(log, sent)
    await assert_whole(store)
    reader = ShareReader(store, PersonKeys(store, samples.key_file(tmp_path)))
    assert set(sent) <= {share.id for share in (await reader.shares(limit=200)).shares}
    await log.aclose()
    await database.close()


async def _call_many(log: ShareLog, sent: list[ShareId]) -> None:
    for _ in range(200):
        await call(log, sent)


async def _limit_pages(database: SqliteDatabase, pages: int) -> None:
    await database.write(lambda connection: connection.execute(text(f"PRAGMA max_page_count = {pages}")).scalar_one())


async def test_a_file_that_another_process_keeps_locked_is_given_up_in_time(tmp_path: Path, sqlite_url: str) -> None:
    sent: list[ShareId] = []
    async with samples.share_log(sqlite_url, tmp_path, limits=AppendLimits(append_deadline=0.1)) as parts:
        await call(parts.log, sent)
        rival = sqlite3.connect(tmp_path / "data" / "gateway.db", isolation_level=None)
        rival.execute("BEGIN IMMEDIATE")
        with pytest.raises(ShareLogUnavailable, match="in time"):
            await call(parts.log, sent)
        rival.execute("ROLLBACK")
        rival.close()
        await parts.log.aclose()
        outcomes = [share.outcome.status for share in (await parts.reader.shares()).shares if share.outcome]
        assert outcomes == ["not-sent", "released"]
        assert len(sent) == 1


async def test_broken_connections_to_postgresql_refuse_at_most_once_each(tmp_path: Path, postgres_url: str) -> None:
    sent: list[ShareId] = []
    async with samples.share_log(postgres_url, tmp_path) as parts:
        await call(parts.log, sent)
        killer = open_database(postgres_url)
        end_all = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await killer.write(lambda connection: connection.execute(end_all).scalar_one())
        await killer.close()
        refused = 0
        while len(sent) < 2:
            try:
                await call(parts.log, sent)
            except ShareLogUnavailable:
                refused += 1
        assert refused <= 4
        assert set(sent) <= {share.id for share in (await _pages(parts.reader))}
        await assert_whole(parts.store)


async def _pages(reader: ShareReader) -> Sequence[ShareView]:
    while True:
        try:
            return (await reader.shares()).shares
        except StoreUnavailable:
            continue
