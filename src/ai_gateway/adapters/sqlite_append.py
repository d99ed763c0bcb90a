"""Appending to the share log in SQLite: one batch in one transaction, straight through the driver.

The driver's price is per statement and per value, and at every statement it lets go of the interpreter's lock, and
under load waits for its return. So there are many rows per statement, and no value that need not be sent: ``bytes`` go
as ``bytearray``, which the driver takes as it is; of ``bytes`` and None it first looks up, in three places, whether
anybody wants them adapted.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from ai_gateway.adapters.share_rows import Batch, HeldFence, KnownShare, arrange, questions
from ai_gateway.adapters.sql_engine import SqliteDatabase
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model.entries import Appended, Entry, TreeState

_FENCED = "SELECT subject_ref, shredded FROM suppression WHERE subject_ref IS NOT NULL"
_AT_ONCE = 128
_STATEMENTS = 128  # there are eight sizes of each of nine


class SqliteAppend:
    """Appends, for one process."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._fence = HeldFence()

    async def __call__(self, entries: Sequence[Entry]) -> Sequence[Appended]:
        return await self._database.write_raw(lambda connection: self._append(connection, entries))

    def _append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> Sequence[Appended]:
        """Within BEGIN IMMEDIATE: nobody else can write."""
        state = connection.execute("SELECT size, frontier, fence FROM tree_state WHERE id = 1").fetchone()
        if state is None:
            raise StoreUnavailable("The share log's tree has no state; run the migrations")
        if state[2] != self._fence.number:
            self._fence.take(state[2], connection.execute(_FENCED).fetchall())
        closing, onces = questions(entries)
        known = [*_known(connection, "eid", closing), *_known(connection, "once", onces)]
        batch = arrange(entries, TreeState(state[0], state[1]), known, self._fence.fence)
        _write(connection, batch)
        return batch.answers


def _known(connection: sqlite3.Connection, column: str, values: Sequence[str | bytes]) -> Iterator[KnownShare]:
    done = 0
    while done < len(values):
        many = _most(len(values) - done)
        for row in connection.execute(_select(column, many), values[done : done + many]):
            yield KnownShare(*row)
        done += many


def _write(connection: sqlite3.Connection, batch: Batch) -> None:
    refs = {ref: bytearray(ref) for ref, _, _ in batch.owners}
    leaves = [value for idx, digest, data in batch.leaves for value in (idx, bytearray(digest), bytearray(data))]
    segments = [value for idx, n, ciphertext in batch.segments for value in (idx, n, bytearray(ciphertext))]
    owners = [value for ref, idx, n in batch.owners for value in (refs[ref], idx, n)]
    plain: list[Any] = []  # most shares, when they are opened: what is not said is NULL
    other: list[Any] = []
    for eid, opened, outcome, at, sent, once in batch.openings:
        if outcome is None and once is None:
            plain += (eid, opened, at, sent)
        else:
            other += (eid, opened, outcome, at, sent, once)
    _insert(connection, "leaf (idx, leaf_hash, data)", 3, leaves)
    _insert(connection, "segment (idx, n, ct)", 3, segments)
    _insert(connection, "subject_index (subject_ref, idx, n)", 3, owners)
    _insert(connection, "share (eid, opened_idx, at, sent)", 4, plain)
    _insert(connection, "share (eid, opened_idx, outcome_idx, at, sent, once)", 6, other)
    _insert(connection, "record (idx, eid, kind, at)", 4, [value for row in batch.records for value in row])
    connection.executemany("UPDATE share SET outcome_idx = ? WHERE eid = ?", batch.closings)
    grown = (batch.tree.size, batch.tree.frontier)
    connection.execute("UPDATE tree_state SET size = ?, frontier = ? WHERE id = 1", grown)


def _insert(connection: sqlite3.Connection, into: str, width: int, values: Sequence[Any]) -> None:
    """``values``: of all rows, one after the other."""
    done, rows = 0, len(values) // width
    while done < rows:
        many = _most(rows - done)
        connection.execute(_statement(into, width, many), values[done * width : (done + many) * width])
        done += many


def _most(left: int) -> int:
    """Powers of two keep the statements few enough for the driver to hold them prepared."""
    return min(_AT_ONCE, 1 << left.bit_length() - 1)


@lru_cache(_STATEMENTS)
def _statement(into: str, width: int, many: int) -> str:
    row = f"({','.join('?' * width)})"
    return f"INSERT INTO {into} VALUES {','.join((row,) * many)}"  # noqa: S608  (table and columns are ours)


@lru_cache(_STATEMENTS)
def _select(column: str, many: int) -> str:
    return f"SELECT eid, outcome_idx, sent, once FROM share WHERE {column} IN ({','.join('?' * many)})"  # noqa: S608  (ours)
