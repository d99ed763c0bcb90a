"""``ports.ShareStore``, on SQLite and PostgreSQL."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from sqlalchemy import Connection, func, insert, select, text

import share_samples as samples
from ai_gateway.adapters.schema import subject_map
from ai_gateway.adapters.sql_engine import Database, open_database, parse_url
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.errors import ConfigurationError, StoreUnavailable
from ai_gateway.model import ShareId, new_share_id
from ai_gateway.model.entries import Entry, EntryKind, Placed, Repeated, Segment, StoredKey, Unopened
from ai_gateway.sharelog.merkle import extend, leaf_hash

pytestmark = pytest.mark.anyio

ANN, BEN = b"a" * 16, b"b" * 16


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url)
    database = open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def store(database: Database) -> SqlShareStore:
    return SqlShareStore(database)


def intent(*, owners: Sequence[bytes] = (ANN,), at: int = 1_000, once: bytes | None = None) -> Entry:
    share = new_share_id()
    body = Segment(n=0, owners=tuple(owners), ciphertext=b"body " + os.urandom(20))
    segments = (body, *(Segment(n=n, owners=(owner,), ciphertext=os.urandom(20)) for n, owner in enumerate(owners, 1)))
    return Entry(share=share, kind=EntryKind.INTENT, at=at, leaf=share.encode(), segments=segments, once=once)


def outcome(share: ShareId, owner: bytes = ANN) -> Entry:
    segments = (Segment(n=0, owners=(owner,), ciphertext=os.urandom(20)),)
    return Entry(share=share, kind=EntryKind.OUTCOME, at=2_000, leaf=b"closes " + share.encode(), segments=segments)


def denial() -> Entry:
    share = new_share_id()
    return Entry(share=share, kind=EntryKind.DENIED, at=1_000, leaf=share.encode())


async def assert_whole(store: SqlShareStore, size: int) -> None:
    """Indices without gaps, every hash that of its leaf, and the frontier that of exactly these leaves."""
    leaves = await store.leaves(0, size + 10)
    assert [leaf.index for leaf in leaves] == list(range(size))
    assert all(leaf.leaf is not None and leaf.leaf_hash == leaf_hash(leaf.leaf) for leaf in leaves)
    tree = await store.tree()
    assert (tree.size, tree.frontier) == extend(0, b"", [leaf.leaf_hash for leaf in leaves])


# --- appending ---


async def test_entries_get_indices_from_zero_in_order(store: SqlShareStore) -> None:
    assert await store.append([intent(), denial()]) == [Placed(0), Placed(1)]
    assert await store.append([]) == []
    assert await store.append([intent()]) == [Placed(2)]
    await assert_whole(store, 3)


async def test_what_was_appended_is_read_back_byte_for_byte(store: SqlShareStore) -> None:
    opened = intent(owners=(ANN, BEN))
    closed = outcome(opened.share)
    await store.append([opened])
    await store.append([closed])
    stored = await store.share(opened.share)
    assert stored is not None
    assert stored.outcome is not None
    assert (stored.opened.leaf, stored.opened.segments) == (opened.leaf, opened.segments)
    assert (stored.outcome.leaf, stored.outcome.segments) == (closed.leaf, closed.segments)
    assert await store.share(new_share_id()) is None


@pytest.mark.parametrize("count", [1, 2, 127, 128, 129, 300])
async def test_a_batch_of_any_length_is_appended_whole(store: SqlShareStore, count: int) -> None:
    entries = [intent(owners=(ANN, BEN)) for _ in range(count)]
    assert await store.append(entries) == [Placed(index) for index in range(count)]
    await assert_whole(store, count)
    last = await store.share(entries[-1].share)
    assert last is not None
    assert last.opened.segments == entries[-1].segments


async def test_an_outcome_may_come_in_the_batch_of_its_intent(store: SqlShareStore) -> None:
    opened = intent()
    assert await store.append([opened, outcome(opened.share)]) == [Placed(0), Placed(1)]
    stored = await store.share(opened.share)
    assert stored is not None
    assert stored.outcome is not None
    assert stored.outcome.index == 1


async def test_a_share_is_closed_once(store: SqlShareStore) -> None:
    opened = intent()
    await store.append([opened])
    closing = [outcome(opened.share), outcome(opened.share)]
    assert await store.append(closing) == [Placed(1), Repeated(opened.share)]
    assert await store.append([outcome(opened.share), intent()]) == [Repeated(opened.share), Placed(2)]
    await assert_whole(store, 3)


async def test_only_an_intent_can_be_closed(store: SqlShareStore) -> None:
    denied = denial()
    await store.append([denied])
    assert await store.append([outcome(denied.share), outcome(new_share_id())]) == [Unopened(), Unopened()]
    await assert_whole(store, 1)


async def test_a_once_value_is_taken_once_ever(store: SqlShareStore) -> None:
    once = samples.new_once()
    first = intent(once=once)
    answers = await store.append([first, intent(once=once), intent(once=samples.new_once())])
    assert answers == [Placed(0), Repeated(first.share), Placed(1)]
    assert await store.append([intent(once=once)]) == [Repeated(first.share)]
    await assert_whole(store, 2)


async def test_a_batch_that_fails_leaves_nothing(store: SqlShareStore) -> None:
    first = intent()
    await store.append([first])
    with pytest.raises(StoreUnavailable):
        await store.append([intent(), first])
    await assert_whole(store, 1)
    assert await store.append([intent()]) == [Placed(1)]


async def test_a_failure_quotes_nothing_of_what_was_written(store: SqlShareStore) -> None:
    first = intent()
    await store.append([first])
    with pytest.raises(StoreUnavailable) as failed:
        await store.append([first])
    assert first.share not in f"{failed.value!r} {failed.value} {failed.value.facts} {failed.value.__cause__}"
    assert failed.value.__suppress_context__


async def test_two_replicas_that_append_at_once_make_one_tree(database_url: str, database: Database) -> None:
    other_database = open_database(database_url)
    one, other = SqlShareStore(database), SqlShareStore(other_database)
    once = samples.new_once()
    batches = [[intent(), intent(once=once), intent()] for _ in range(20)]
    answers = await asyncio.gather(*((one, other)[at % 2].append(batch) for at, batch in enumerate(batches)))
    placed = sorted(answer.index for batch in answers for answer in batch if isinstance(answer, Placed))
    assert placed == list(range(41))
    await assert_whole(one, 41)
    await assert_whole(other, 41)
    await other_database.close()


async def test_an_append_that_returned_is_seen_by_every_replica(database_url: str, store: SqlShareStore) -> None:
    replica_database = open_database(database_url)
    replica = SqlShareStore(replica_database)
    for _ in range(5):
        opened = intent()
        await store.append([opened])
        assert await replica.share(opened.share) is not None
    await replica_database.close()


async def test_what_was_appended_is_there_after_a_restart(database_url: str) -> None:
    await migrate(database_url)
    opened = intent()
    for _ in range(2):
        database = open_database(database_url)
        if await SqlShareStore(database).share(opened.share) is None:
            await SqlShareStore(database).append([opened])
        await database.close()
    database = open_database(database_url)
    await assert_whole(SqlShareStore(database), 1)
    await database.close()


async def test_a_unit_of_work_that_raises_is_rolled_back_whatever_ran_before(database: Database) -> None:
    def insert_and_fail(connection: Connection) -> None:
        connection.execute(insert(subject_map), {"user_id_hmac": b"mark", "subject_ref": ANN})
        raise LookupError

    def count(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(subject_map)).scalar_one()

    for _ in range(3):
        assert await asyncio.gather(*(database.read(count) for _ in range(4))) == [0] * 4
        with pytest.raises(LookupError):
            await database.write(insert_and_fail)
    assert await database.write(count) == 0


# --- append only ---


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaf SET data = leaf_hash",
        "UPDATE leaf SET idx = idx + 1, data = NULL",
        "UPDATE segment SET ct = ''",
        "UPDATE leaf SET leaf_hash = data",
        "DELETE FROM leaf",
        "UPDATE tree_state SET size = 0",
        "DELETE FROM tree_state",
    ],
)
async def test_the_database_itself_refuses_to_change_history(
    database: Database, store: SqlShareStore, statement: str
) -> None:
    await store.append([intent(), intent()])
    with pytest.raises(StoreUnavailable):
        await database.write(lambda connection: connection.execute(text(statement)))
    await assert_whole(store, 2)


@pytest.mark.parametrize("table", ["leaf", "tree_state"])
async def test_postgresql_refuses_to_empty_the_tree(postgres_url: str, table: str) -> None:
    await migrate(postgres_url)
    database = open_database(postgres_url)
    with pytest.raises(StoreUnavailable):
        await database.write(lambda connection: connection.execute(text(f"TRUNCATE {table}")))
    await database.close()


# --- reading ---


async def test_pages_are_newest_first_and_leave_out_bodies(store: SqlShareStore) -> None:
    entries = [intent(owners=(ANN, BEN)) for _ in range(5)]
    await store.append(entries)
    first = await store.shares(None, None, 3)
    assert [share.id for share in first] == [entry.share for entry in entries[:1:-1]]
    rest = await store.shares(None, first[-1].id, 3)
    assert [share.id for share in rest] == [entries[1].share, entries[0].share]
    assert [segment.n for segment in first[0].opened.segments] == [1, 2]


async def test_a_page_after_an_unknown_share_is_empty(store: SqlShareStore) -> None:
    await store.append([intent()])
    assert await store.shares(None, new_share_id(), 3) == []


async def test_an_owners_page_holds_their_shares_alone(store: SqlShareStore) -> None:
    anns, bens, both = intent(owners=(ANN,)), intent(owners=(BEN,)), intent(owners=(ANN, BEN))
    await store.append([anns, bens, both])
    await store.append([outcome(anns.share), outcome(bens.share, BEN)])
    assert [share.id for share in await store.shares(ANN, None, 9)] == [both.share, anns.share]
    assert [share.id for share in await store.shares(BEN, None, 9)] == [both.share, bens.share]
    assert await store.shares(b"c" * 16, None, 9) == []


async def test_only_open_intents_are_in_doubt_oldest_first(store: SqlShareStore) -> None:
    late, early, closed = intent(at=300), intent(at=100), intent(at=50)
    await store.append([late, early, closed, denial()])
    await store.append([outcome(closed.share)])
    assert [(doubt.id, doubt.at) for doubt in await store.in_doubt(301, 9)] == [(early.share, 100), (late.share, 300)]
    assert [doubt.id for doubt in await store.in_doubt(300, 9)] == [early.share]
    assert [doubt.id for doubt in await store.in_doubt(301, 1)] == [early.share]


async def test_leaves_are_read_in_ranges(store: SqlShareStore) -> None:
    await store.append([intent() for _ in range(5)])
    assert [leaf.index for leaf in await store.leaves(1, 3)] == [1, 2, 3]
    assert await store.leaves(5, 3) == []


# --- keys ---


async def test_the_first_key_for_a_person_stays(store: SqlShareStore) -> None:
    first = StoredKey(ref=ANN, epoch=1, wrapped=b"first")
    await store.add_keys({b"mark": first})
    await store.add_keys({b"mark": StoredKey(ref=BEN, epoch=1, wrapped=b"second"), b"other": first_of(b"c" * 16)})
    assert await store.keys_by_mark([b"mark", b"nobody"]) == {b"mark": first}
    assert await store.keys_by_ref([ANN, BEN]) == {ANN: first}
    assert set(await store.keys_by_mark([b"mark", b"other"])) == {b"mark", b"other"}


def first_of(ref: bytes) -> StoredKey:
    return StoredKey(ref=ref, epoch=1, wrapped=b"only")


async def test_keys_added_by_two_replicas_at_once_are_one_per_person(
    database_url: str, database: Database, store: SqlShareStore
) -> None:
    other_database = open_database(database_url)
    other = SqlShareStore(other_database)
    marks = [bytes([number]) * 32 for number in range(6)]

    async def add(through: SqlShareStore, start: int) -> None:
        await through.add_keys({m: first_of(bytes([start + at]) * 16) for at, m in enumerate(marks)})

    await asyncio.gather(*(add((store, other)[at % 2], 10 * at) for at in range(6)))
    found = await store.keys_by_mark(marks)
    assert len({key.ref for key in found.values()}) == len(marks)
    assert await other.keys_by_ref([key.ref for key in found.values()]) == {key.ref: key for key in found.values()}
    await other_database.close()


# --- the database ---


async def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    program = "import sys; from ai_gateway.adapters.sql_migrate import migrate_now; migrate_now(sys.argv[1])"
    starts = [await asyncio.create_subprocess_exec(sys.executable, "-c", program, database_url) for _ in range(2)]
    assert [await start.wait() for start in starts] == [0, 0]
    database = open_database(database_url)
    assert (await SqlShareStore(database).tree()).size == 0
    await database.close()


async def test_migrating_again_keeps_what_is_there(database_url: str, store: SqlShareStore) -> None:
    await store.append([intent()])
    await migrate(database_url)
    await assert_whole(store, 1)


async def test_the_migrations_make_exactly_the_tables_that_are_declared(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from ai_gateway.adapters import (  # noqa: F401  (they declare the tables)
        checkpoint_schema,
        erasure_schema,
        registry_schema,
        schema,
        version_schema,
    )
    from ai_gateway.adapters.sql_engine import metadata

    def differences(connection: object) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))  # type: ignore[arg-type]

    assert await database.read(differences) == []


async def test_a_database_of_a_newer_release_is_refused(database_url: str, database: Database) -> None:
    await database.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999_later'")))
    with pytest.raises(StoreUnavailable, match="newer release"):
        await migrate(database_url)


async def test_a_postgresql_server_that_is_away_is_told_without_its_address(tmp_path: Path) -> None:
    database = open_database(f"postgresql://keeper:hunter2@/none?host={tmp_path}")
    with pytest.raises(StoreUnavailable) as away:
        await SqlShareStore(database).append([intent()])
    with pytest.raises(StoreUnavailable) as unread:
        await SqlShareStore(database).tree()
    assert "hunter2" not in f"{away.value!r} {away.value.facts} {unread.value!r} {unread.value.facts}"
    await database.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sqlite:///path/to/file\.db"):
        parse_url(url)


async def test_the_sqlite_files_are_their_owners_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'gateway.db'}"
    await migrate(url)
    database = open_database(url)
    await SqlShareStore(database).append([intent()])
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == {"gateway.db": 0o600, "gateway.db-wal": 0o600, "gateway.db-shm": 0o600}
    await database.close()


# --- nothing personal is readable ---


async def test_no_personal_byte_is_readable_in_the_databases_files(database_url: str, tmp_path: Path) -> None:
    planted = [
        samples.SHARED_TEXT,
        samples.WITHHELD_TEXT,
        "garden-lantern",
        "chatcmpl-marble",
        samples.PRO,
        samples.CLIENT,
    ]
    async with samples.share_log(database_url, tmp_path) as parts:
        recording = await parts.log.begin(samples.intent())
        async with recording:
            recording.answered(samples.completion())
        leaves = b"".join(await samples.all_leaves(parts.store))
        raw = [path.read_bytes() for path in await _files_of(database_url)]
    assert any(recording.id.encode() in data for data in raw)
    assert [text for text in planted for data in (leaves, *raw) if text.encode() in data] == []


async def _files_of(url: str) -> list[Path]:
    """What the database has written: SQLite's file and its log, or PostgreSQL's folder of the database and its log."""
    parsed = urlsplit(url)
    if not parsed.query:
        file = Path(parsed.path)
        return _files(file.parent, f"{file.name}*")
    connection = await asyncpg.connect(url)
    await connection.execute("CHECKPOINT")
    oid = await connection.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
    await connection.close()
    data = Path(parse_qs(parsed.query)["host"][0])
    return _files(data / "base" / str(oid), "*") + _files(data / "pg_wal", "*")


def _files(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.rglob(pattern) if path.is_file()]
