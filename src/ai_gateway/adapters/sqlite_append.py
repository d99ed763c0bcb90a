"""Appending to the share log in SQLite: one batch in one transaction, straight through the driver."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from ai_gateway.adapters.share_rows import HeldFence, KnownShare, arrange, questions
from ai_gateway.adapters.sql_engine import SqliteDatabase
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model.entries import Appended, Entry, TreeState

_KNOWN = "SELECT eid, outcome_idx, sent, once FROM share WHERE "
_FENCED = "SELECT subject_ref, shredded FROM suppression WHERE subject_ref IS NOT NULL"
_ROWS_AT_ONCE = 128


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
        known: list[KnownShare] = []
        closing, onces = questions(entries)
        for column, values in (("eid", closing), ("once", onces)):
            for value in values:
                found = connection.execute(f"{_KNOWN}{column} = ?", (value,)).fetchone()
                if found is not None:
                    known.append(KnownShare(*found))
        batch = arrange(entries, TreeState(state[0], state[1]), known, self._fence.fence)
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
