"""Pruning in SQL. The database's triggers let a leaf lose its data and refuse every other change of it."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from ai_gateway.adapters.erasure_schema import legal_hold, record
from ai_gateway.adapters.schema import leaf, segment, share, subject_index, subject_map
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.adapters.sql_ledger import append_one, lock_tree
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.sharelog.retention import Batch, Count

Work = Callable[[Connection], Batch | None]


class SqlRetentionStore:
    """``sharelog.retention.RetentionStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_content(self, before: int) -> Count:
        shares = _shares(before, -1, _has_segments()).subquery()
        inside = or_(segment.c.idx == shares.c.opened_idx, segment.c.idx == shares.c.outcome_idx)
        return await self._count(shares, select(func.count()).select_from(segment).join(shares, inside))

    async def count_entries(self, before: int) -> Count:
        shares = _shares(before, -1, _has_data()).subquery()
        return await self._count(shares, None)

    async def count_records(self, before: int, kinds: Sequence[EntryKind]) -> Count:
        return await self._count(_records(before, kinds, -1).subquery(), None)

    async def _count(self, rows: Any, segments: Select[int] | None) -> Count:  # noqa: ANN401  (a subquery)
        def work(connection: Connection) -> Count:
            entries = connection.execute(select(func.count()).select_from(rows)).scalar_one()
            return Count(entries, 0 if segments is None else connection.execute(segments).scalar_one())

        return await self._database.read(work)

    async def prune_content(self, before: int, last: int, limit: int, entry: Callable[[Count], Entry]) -> Batch | None:
        def work(connection: Connection) -> Batch | None:
            rows = connection.execute(_shares(before, last, _has_segments()).limit(limit)).all()
            if not rows:
                return None
            gone = connection.execute(delete(segment).where(segment.c.idx.in_(_indices(rows)))).rowcount
            count = Count(len(rows), gone)
            append_one(connection, entry(count))
            return Batch(count, rows[-1].opened_idx)

        return await self._prune(work)

    async def prune_entries(self, before: int, last: int, limit: int, entry: Callable[[Count], Entry]) -> Batch | None:
        def work(connection: Connection) -> Batch | None:
            rows = connection.execute(_shares(before, last, _has_data()).limit(limit)).all()
            return _prune_leaves(connection, _indices(rows), rows[-1].opened_idx, entry) if rows else None

        return await self._prune(work)

    async def prune_records(
        self, before: int, kinds: Sequence[EntryKind], last: int, limit: int, entry: Callable[[Count], Entry]
    ) -> Batch | None:
        def work(connection: Connection) -> Batch | None:
            rows = connection.execute(_records(before, kinds, last).limit(limit)).all()
            return _prune_leaves(connection, [row.idx for row in rows], rows[-1].idx, entry) if rows else None

        return await self._prune(work)

    async def _prune(self, work: Work) -> Batch | None:
        def whole(connection: Connection) -> Batch | None:
            before = lock_tree(connection)
            batch = work(connection)
            after = lock_tree(connection)
            if after.size != before.size + (batch is not None):
                raise StoreUnavailable("Pruning would have changed the tree; nothing was pruned")
            return batch

        return await self._database.write(whole)


def _prune_leaves(connection: Connection, indices: Sequence[int], last: int, entry: Callable[[Count], Entry]) -> Batch:
    segments = connection.execute(delete(segment).where(segment.c.idx.in_(indices))).rowcount
    connection.execute(delete(subject_index).where(subject_index.c.idx.in_(indices)))
    pruned = update(leaf).where(leaf.c.idx.in_(indices), leaf.c.data.is_not(None)).values(data=None)
    count = Count(connection.execute(pruned).rowcount, segments)
    append_one(connection, entry(count))
    return Batch(count, last)


def _shares(before: int, last: int, having: ColumnElement[bool]) -> Select[Any, Any]:
    """Oldest first: settled or refused, and about nobody under a hold."""
    over = or_(share.c.sent == 0, share.c.outcome_idx.is_not(None))
    return (
        select(share.c.opened_idx, share.c.outcome_idx)
        .where(share.c.at < before, share.c.opened_idx > last, over, having, ~_held(share.c.opened_idx))
        .order_by(share.c.opened_idx)
    )


def _records(before: int, kinds: Sequence[EntryKind], last: int) -> Select[Any]:
    kept = exists().where(leaf.c.idx == record.c.idx, leaf.c.data.is_not(None))
    return (
        select(record.c.idx)
        .where(record.c.at < before, record.c.kind.in_(kinds), record.c.idx > last, kept, ~_held(record.c.idx))
        .order_by(record.c.idx)
    )


def _has_segments() -> ColumnElement[bool]:
    return exists().where(or_(segment.c.idx == share.c.opened_idx, segment.c.idx == share.c.outcome_idx))


def _has_data() -> ColumnElement[bool]:
    return exists().where(leaf.c.idx == share.c.opened_idx, leaf.c.data.is_not(None))


def _held(index: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the entry has a segment of somebody under a legal hold."""
    held = (
        select(subject_map.c.subject_ref)
        .join(legal_hold, legal_hold.c.mark == subject_map.c.user_id_hmac)
        .where(legal_hold.c.lifted_at.is_(None))
    )
    return exists().where(subject_index.c.idx == index, subject_index.c.subject_ref.in_(held))


def _indices(rows: Sequence[Any]) -> list[int]:
    return [index for row in rows for index in (row.opened_idx, row.outcome_idx) if index is not None]
