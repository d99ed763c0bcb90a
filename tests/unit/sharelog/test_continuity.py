"""A database that was put back from a backup is noticed, and nothing is shared until somebody goes on from it."""

import json
import logging
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import update

import share_samples as samples
from ai_gateway.adapters.seen_file import NAME, SeenFile
from ai_gateway.adapters.sql_beat_store import SqlBeatStore, table
from ai_gateway.adapters.sql_engine import Database, open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.errors import ConfigurationError, DatabaseRestored, ShareLogUnavailable, StoreUnavailable
from ai_gateway.model.entries import EntryKind
from ai_gateway.sharelog.continuity import Beat, Continuity
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.log import ShareLog

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Installation:
    """A database, and the folder of keys beside which is remembered what was seen of it."""

    database: Database
    keys: Path
    clock: samples.TickingClock

    def process(self, *, every: float = 60.0) -> Continuity:
        return Continuity(SqlBeatStore(self.database), SeenFile(self.keys), self.clock, every=every)

    async def set_back(self, by: int) -> None:
        """What a backup made ``by`` beats ago says."""
        number = (await SqlBeatStore(self.database).newest()).number - by
        await self.database.write(lambda connection: connection.execute(update(table).values(number=number)).rowcount)


@asynccontextmanager
async def _installation(url: str, folder: Path) -> AsyncGenerator[Installation]:
    await migrate(url)
    folder.mkdir()  # noqa: ASYNC240  (a test's own folder)
    database = open_database(url)
    yield Installation(database, folder, samples.TickingClock())
    await database.close()


@pytest.fixture
async def installation(database_url: str, tmp_path: Path, anyio_backend: str) -> AsyncGenerator[Installation]:
    async with _installation(database_url, tmp_path / "keys") as made:
        yield made


async def _beaten(installation: Installation, times: int) -> Continuity:
    process = installation.process()
    for _ in range(times):
        await process.beat()
    return process


async def test_a_new_database_goes_on(installation: Installation) -> None:
    process = await _beaten(installation, 3)
    assert await process.look() is None
    process.check()
    assert (await SqlBeatStore(installation.database).newest()).number == 3
    assert json.loads((installation.keys / NAME).read_text())["beat"] == 3


async def test_a_process_that_starts_on_an_older_database_notices(installation: Installation) -> None:
    await _beaten(installation, 5)
    await installation.set_back(1)
    process = installation.process()
    found = await process.look()
    assert found is not None
    assert (found.found.number, found.seen.number) == (4, 5)
    with pytest.raises(DatabaseRestored):
        process.check()


async def test_a_process_that_runs_notices_and_does_not_count_on(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    process = await _beaten(installation, 5)
    await installation.set_back(3)
    with caplog.at_level(logging.ERROR):
        await process.beat()
        await process.beat()
    assert len(caplog.records) == 1, "told once"
    with pytest.raises(DatabaseRestored):
        process.check()
    assert (await SqlBeatStore(installation.database).newest()).number == 2, "else it would soon pass for the newer one"


async def test_without_its_file_a_running_process_still_knows(installation: Installation) -> None:
    process = await _beaten(installation, 5)
    (installation.keys / NAME).unlink()
    await installation.set_back(2)
    assert await process.look() is not None


async def test_the_newer_database_put_back_ends_it(installation: Installation) -> None:
    process = await _beaten(installation, 5)
    await installation.set_back(2)
    assert await process.look() is not None
    await installation.set_back(-2)
    assert await process.look() is None
    process.check()


async def test_replicas_that_count_by_turns_accuse_nobody(installation: Installation, tmp_path: Path) -> None:
    """Each with a folder of its own: what one has seen is never ahead of what the database counts."""
    (tmp_path / "other").mkdir()
    one = installation.process()
    other = Continuity(SqlBeatStore(installation.database), SeenFile(tmp_path / "other"), installation.clock)
    for process in (one, other, other, one, other, one, one):
        await process.beat()
        assert one.restored is None
        assert other.restored is None


async def test_going_on_is_an_entry_and_every_replica_follows(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one = await _beaten(installation, 5)
    other = Continuity(SqlBeatStore(installation.database), SeenFile(tmp_path / "other"), installation.clock)
    await other.beat()
    await installation.set_back(3)
    assert await one.look() is not None
    assert await other.look() is not None
    await one.accept("a note")
    assert await other.look() is None
    for process in (one, other, installation.process()):
        await process.beat()
        process.check()
    leaves = await SqlShareStore(installation.database).leaves(0, 10)
    said = [json.loads(leaf.leaf or b"{}") for leaf in leaves]
    assert [entry["type"] for entry in said] == [EntryKind.LOG_RESTORED]
    assert said[0]["lost_checkpoint"] == "a note"
    assert (await SqlShareStore(installation.database).tree()).size == 1


async def test_shares_are_refused_and_nothing_is_written(installation: Installation) -> None:
    process = await _beaten(installation, 2)
    store = SqlShareStore(installation.database)
    wrapper = samples.key_file(installation.keys.parent / "wrapping")
    await wrapper.refresh()
    async with ShareLog(
        store=store, keys=PersonKeys(store, wrapper), clock=installation.clock, continuity=process
    ) as log:
        await installation.set_back(1)
        await process.beat()
        with pytest.raises(DatabaseRestored) as refused:
            await log.begin(samples.intent())
        assert isinstance(refused.value, ShareLogUnavailable)
        assert (await store.tree()).size == 0
        await process.accept(None)
        recording = await log.begin(samples.intent())
        async with recording:
            recording.answered(samples.completion())
    assert (await store.tree()).size == 3


async def test_a_database_that_is_away_accuses_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with _installation(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "keys") as made:
        process = await _beaten(made, 2)
        with sqlite3.connect(tmp_path / "gateway.db") as connection:
            connection.execute("ALTER TABLE beat RENAME TO gone")
        with pytest.raises(StoreUnavailable):
            await process.beat()
        process.check()


async def test_a_memory_that_cannot_be_kept_is_told_once_and_shares_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Full(SeenFile):
        def keep(self, beat: Beat) -> None:
            raise ConfigurationError("share-log.seen: No space left on device")

    async with _installation(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "keys") as made:
        process = Continuity(SqlBeatStore(made.database), Full(made.keys), made.clock)
        with caplog.at_level(logging.WARNING):
            await process.beat()
            await process.beat()
        assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
            "a restored database will not be noticed after a restart: share-log.seen: No space left on device"
        ]
        process.check()


class TestTheFile:
    def test_it_holds_the_furthest_and_is_nobody_elses(self, tmp_path: Path) -> None:
        file = SeenFile(tmp_path)
        assert file.newest() is None
        file.keep(Beat(number=7, size=3, at=1_790_000_000_000))
        file.keep(Beat(number=6, size=9, at=1_790_000_000_001))
        assert file.newest() == Beat(number=7, size=3, at=1_790_000_000_000)
        assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
        assert [path.name for path in tmp_path.iterdir()] == [NAME]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"format":"other/1","beat":1,"size":1,"at":1}',
            b'{"format":"ai-gateway-seen/1"}',
        ],
    )
    def test_one_that_cannot_be_read_is_not_taken_for_none(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / NAME).write_bytes(content)
        with pytest.raises(ConfigurationError, match="does not say what was seen of the database"):
            SeenFile(tmp_path).newest()

    def test_one_that_cannot_be_written_says_why(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="No such file or directory"):
            SeenFile(tmp_path / "missing").keep(Beat(number=1, size=0, at=0))
