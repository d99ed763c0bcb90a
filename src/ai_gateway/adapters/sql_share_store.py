"""The share log's store in SQL: one implementation for SQLite and PostgreSQL."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Select, Table, any_, insert, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from ai_gateway.adapters.schema import leaf, segment, share, subject_index, subject_key, subject_map, tree_state
from ai_gateway.adapters.share_append import append_to
from ai_gateway.adapters.share_leaves import leaves
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.model import ShareId
from ai_gateway.model.entries import (
    Appended,
    Entry,
    InDoubt,
    Segment,
    StoredEntry,
    StoredKey,
    StoredLeaf,
    StoredShare,
    TreeState,
)


class SqlShareStore:
    """Implements ``ports.ShareStore``. The lock on ``tree_state`` puts all appenders, of all replicas, in one line."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._append = append_to(database)

    async def append(self, entries: Sequence[Entry]) -> Sequence[Appended]:
        return await self._append(entries)

    async def tree(self) -> TreeState:
        def work(connection: Connection) -> TreeState:
            row = connection.execute(select(tree_state.c.size, tree_state.c.frontier)).one()
            return TreeState(row.size, row.frontier or b"")  # SQLite's first is an empty text

        return await self._database.read(work)

    async def leaves(self, start: int, limit: int) -> Sequence[StoredLeaf]:
        return await leaves(self._database, start, limit)

    async def share(self, share_id: ShareId) -> StoredShare | None:
        query = select(share).where(share.c.eid == share_id)
        found = await self._database.read(lambda connection: _stored(connection, connection.execute(query).all()))
        return found[0] if found else None

    async def shares(self, owner: bytes | None, after: ShareId | None, limit: int) -> Sequence[StoredShare]:
        def work(connection: Connection) -> Sequence[StoredShare]:
            below = _MOST if after is None else connection.execute(_opened_at(after)).scalar()
            if below is None:
                return []
            rows = _newest(connection, below, limit) if owner is None else _theirs(connection, owner, below, limit)
            return _stored(connection, rows, bodies=False)

        return await self._database.read(work)

    async def in_doubt(self, older_than: int, limit: int) -> Sequence[InDoubt]:
        unsettled = (share.c.outcome_idx.is_(None), share.c.sent == 1, share.c.at < older_than)
        query = select(share.c.eid, share.c.at).where(*unsettled).order_by(share.c.at, share.c.opened_idx).limit(limit)

        def work(connection: Connection) -> Sequence[InDoubt]:
            return [InDoubt(id=ShareId(row.eid), at=row.at) for row in connection.execute(query)]

        return await self._database.read(work)

    async def keys_by_mark(self, marks: Sequence[bytes]) -> Mapping[bytes, StoredKey]:
        query = (
            select(subject_map.c.user_id_hmac, subject_key)
            .join_from(subject_map, subject_key, subject_map.c.subject_ref == subject_key.c.subject_ref)
            .where(subject_map.c.user_id_hmac.in_(marks))
        )

        def work(connection: Connection) -> Mapping[bytes, StoredKey]:
            return {row.user_id_hmac: _key(row) for row in connection.execute(query)}

        return await self._database.read(work)

    async def keys_by_ref(self, refs: Sequence[bytes]) -> Mapping[bytes, StoredKey]:
        query = select(subject_key).where(subject_key.c.subject_ref.in_(refs))

        def work(connection: Connection) -> Mapping[bytes, StoredKey]:
            return {row.subject_ref: _key(row) for row in connection.execute(query)}

        return await self._database.read(work)

    async def add_keys(self, keys: Mapping[bytes, StoredKey]) -> None:
        def work(connection: Connection) -> None:
            for mark in sorted(keys):  # in one order everywhere, so that two replicas cannot wait for each other
                key = keys[mark]
                mapped = {"user_id_hmac": mark, "subject_ref": key.ref}
                if connection.execute(_insert_new(connection, subject_map), mapped).rowcount:
                    row = {"subject_ref": key.ref, "kek_epoch": key.epoch, "wrapped": key.wrapped}
                    connection.execute(insert(subject_key), row)

        await self._database.write(work)


_MOST = 2**62


def _opened_at(share_id: ShareId) -> Select[int]:
    return select(share.c.opened_idx).where(share.c.eid == share_id)


def _newest(connection: Connection, below: int, limit: int) -> Sequence[Any]:
    query = select(share).where(share.c.opened_idx < below).order_by(share.c.opened_idx.desc()).limit(limit)
    return connection.execute(query).all()


def _theirs(connection: Connection, owner: bytes, below: int, limit: int) -> list[Any]:
    """By the person's own index rows, a stretch at a time. In one query PostgreSQL walks through everybody's shares, in
    the hope to meet theirs soon."""
    found: list[Any] = []
    mine = subject_index.c.idx
    while len(found) < limit:
        place = (subject_index.c.subject_ref == owner, mine < below)
        stretch = select(mine).where(*place).distinct().order_by(mine.desc()).limit(2 * limit)
        indices = list(connection.execute(stretch).scalars())
        if not indices:
            break
        below = indices[-1]
        opened = (
            select(share).where(_among(connection, share.c.opened_idx, indices)).order_by(share.c.opened_idx.desc())
        )
        found += connection.execute(opened).all()
    return found[:limit]


def _insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def _key(row: Any) -> StoredKey:  # noqa: ANN401  (a row of subject_key)
    return StoredKey(ref=row.subject_ref, epoch=row.kek_epoch, wrapped=row.wrapped)


def _among(connection: Connection, column: Column[int], values: Sequence[int]) -> ColumnElement[bool]:
    """``IN``; on PostgreSQL as one array, which takes neither driver nor planner a parameter per value."""
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    return column == any_(literal(values, postgresql.ARRAY(BigInteger)))


def _stored(connection: Connection, rows: Sequence[Any], *, bodies: bool = True) -> list[StoredShare]:
    indices = [index for row in rows for index in (row.opened_idx, row.outcome_idx) if index is not None]
    bodiless = [] if bodies else [row.opened_idx for row in rows if row.sent]
    segments = _segments(connection, indices, bodiless)
    leaves = select(leaf.c.idx, leaf.c.data).where(_among(connection, leaf.c.idx, indices))
    kept = {row.idx: row.data for row in connection.execute(leaves)}

    def entry(index: int) -> StoredEntry:
        return StoredEntry(index=index, leaf=kept.get(index), segments=tuple(segments.get(index, ())))

    return [
        StoredShare(
            id=ShareId(row.eid),
            at=row.at,
            opened=entry(row.opened_idx),
            outcome=None if row.outcome_idx is None else entry(row.outcome_idx),
        )
        for row in rows
    ]


def _segments(
    connection: Connection, indices: Sequence[int], bodiless: Sequence[int]
) -> Mapping[int, Sequence[Segment]]:
    """Per entry, in order. Of the ``bodiless`` ones, all but segment 0."""
    owners: defaultdict[tuple[int, int], list[bytes]] = defaultdict(list)
    theirs = select(subject_index).where(_among(connection, subject_index.c.idx, indices))
    for row in connection.execute(theirs):
        owners[row.idx, row.n].append(row.subject_ref)
    bodies = ~_among(connection, segment.c.idx, bodiless)
    wanted = _among(connection, segment.c.idx, indices) & or_(segment.c.n > 0, bodies)
    found: defaultdict[int, list[Segment]] = defaultdict(list)
    for row in connection.execute(select(segment).where(wanted).order_by(segment.c.idx, segment.c.n)):
        refs = tuple(sorted(owners[row.idx, row.n]))
        found[row.idx].append(Segment(n=row.n, owners=refs, ciphertext=row.ct))
    return found
