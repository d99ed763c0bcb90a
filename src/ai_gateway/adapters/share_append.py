"""The hot path of the share log: one batch in one transaction, straight through each database's driver.

Everything else is SQLAlchemy Core. Here its cost per statement would be most of an append's: measured, a single append
takes 0.4 ms of this process' time where Core takes 1.4 (SQLite) and 2.0 ms (PostgreSQL).
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ai_gateway.adapters.share_rows import Fence, KnownShare, arrange, fence_of, questions
from ai_gateway.adapters.sql_engine import Database, PostgresDatabase, SqliteDatabase
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model.entries import Appended, Entry, TreeState

Append = Callable[[Sequence[Entry]], Awaitable[Sequence[Appended]]]


def append_to(database: Database) -> Append:
    """How this database appends."""
    held = _Held()
    if isinstance(database, SqliteDatabase):

        async def append_sqlite(entries: Sequence[Entry]) -> Sequence[Appended]:
            return await database.write_raw(lambda connection: _append_sqlite(connection, entries, held))

        return append_sqlite
    if isinstance(database, PostgresDatabase):

        async def append_postgres(entries: Sequence[Entry]) -> Sequence[Appended]:
            return await database.write_raw(lambda connection: _append_postgres(connection, entries, held))

        return append_postgres
    raise TypeError(f"no way to append to a {type(database).__name__}")


@dataclass(slots=True)
class _Held:
    """The fence as it was when ``tree_state`` had this number. Every change of the fence counts the number up under the
    tree's lock, so that whoever holds the lock knows without another query whether what it holds is the fence."""

    number: int = 0
    fence: Fence = field(default_factory=Fence)

    def take(self, number: int, rows: Sequence[Any]) -> None:
        self.fence = fence_of((row[0], row[1]) for row in rows)
        self.number = number


_KNOWN = "SELECT eid, outcome_idx, sent, once FROM share WHERE "
_FENCED = "SELECT subject_ref, shredded FROM suppression WHERE subject_ref IS NOT NULL"


def _append_sqlite(connection: sqlite3.Connection, entries: Sequence[Entry], held: _Held) -> Sequence[Appended]:
    """Within BEGIN IMMEDIATE: nobody else can write."""
    state = connection.execute("SELECT size, frontier, fence FROM tree_state WHERE id = 1").fetchone()
    tree = _tree(state)
    if state[2] != held.number:
        held.take(state[2], connection.execute(_FENCED).fetchall())
    known: list[KnownShare] = []
    closing, onces = questions(entries)
    for column, values in (("eid", closing), ("once", onces)):
        for value in values:
            found = connection.execute(f"{_KNOWN}{column} = ?", (value,)).fetchone()
            if found is not None:
                known.append(KnownShare(*found))
    batch = arrange(entries, tree, known, held.fence)
    _insert(connection, "leaf (idx, leaf_hash, data)", batch.leaves)
    _insert(connection, "segment (idx, n, ct)", batch.segments)
    _insert(connection, "subject_index (subject_ref, idx, n)", batch.owners)
    _insert(connection, "share (eid, opened_idx, outcome_idx, at, sent, once)", batch.openings)
    _insert(connection, "record (idx, eid, kind, at)", batch.records)
    connection.executemany("UPDATE share SET outcome_idx = ? WHERE eid = ?", batch.closings)
    grown = (batch.tree.size, batch.tree.frontier)
    connection.execute("UPDATE tree_state SET size = ?, frontier = ? WHERE id = 1", grown)
    return batch.answers


def _insert(connection: sqlite3.Connection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Many rows per statement: at every one the driver lets go of the interpreter's lock, and under load waits for its
    return. Powers of two keep the statements few enough for the driver's cache.
    """
    done = 0
    while done < len(rows):
        many = min(_ROWS_AT_ONCE, 1 << (len(rows) - done).bit_length() - 1)
        places = ",".join((f"({','.join('?' * len(rows[0]))})",) * many)
        values = [value for row in rows[done : done + many] for value in row]
        connection.execute(f"INSERT INTO {into} VALUES {places}", values)  # noqa: S608  (table and columns are ours)
        done += many


_ROWS_AT_ONCE = 128
_LOCK_TREE = "SELECT size, frontier, fence FROM tree_state WHERE id = 1 FOR UPDATE"
_KNOWN_OF = _KNOWN + "eid = ANY($1::text[]) OR once = ANY($2::bytea[])"
# One statement, and so one round trip. Its parts do not see each other's rows: that is why ``arrange`` puts the outcome
# of a share that the same batch opens into the opening row.
_WRITE = """
WITH
  l AS (INSERT INTO leaf (idx, leaf_hash, data) SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])),
  s AS (INSERT INTO segment (idx, n, ct) SELECT * FROM unnest($4::bigint[], $5::smallint[], $6::bytea[])),
  i AS (INSERT INTO subject_index (subject_ref, idx, n)
        SELECT * FROM unnest($7::bytea[], $8::bigint[], $9::smallint[])),
  o AS (INSERT INTO share (eid, opened_idx, outcome_idx, at, sent, once) SELECT * FROM
        unnest($10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::smallint[], $15::bytea[])),
  c AS (UPDATE share SET outcome_idx = closed.idx FROM unnest($16::bigint[], $17::text[]) AS closed (idx, eid)
        WHERE share.eid = closed.eid),
  r AS (INSERT INTO record (idx, eid, kind, at)
        SELECT * FROM unnest($18::bigint[], $19::text[], $20::text[], $21::bigint[]))
UPDATE tree_state SET size = $22, frontier = $23 WHERE id = 1
"""


async def _append_postgres(
    connection: Any,  # noqa: ANN401  (asyncpg's)
    entries: Sequence[Entry],
    held: _Held,
) -> Sequence[Appended]:
    state = await connection.fetchrow(_LOCK_TREE)
    tree = _tree(state)
    if state[2] != held.number:
        held.take(state[2], await connection.fetch(_FENCED))
    closing, onces = questions(entries)
    # Looked up after the lock is held: each statement sees what was committed before it began.
    found = await connection.fetch(_KNOWN_OF, closing, onces) if closing or onces else []
    batch = arrange(entries, tree, [KnownShare(*row) for row in found], held.fence)
    columns = (
        *_columns(batch.leaves, 3),
        *_columns(batch.segments, 3),
        *_columns(batch.owners, 3),
        *_columns(batch.openings, 6),
        *_columns(batch.closings, 2),
        *_columns(batch.records, 4),
    )
    await connection.execute(_WRITE, *columns, batch.tree.size, batch.tree.frontier)
    return batch.answers


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[at] for row in rows] for at in range(width)]


def _tree(state: Any) -> TreeState:  # noqa: ANN401  (either driver's row)
    if state is None:
        raise StoreUnavailable("The share log's tree has no state; run the migrations")
    return TreeState(state[0], state[1])
