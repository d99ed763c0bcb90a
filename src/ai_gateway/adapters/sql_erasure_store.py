"""Erasures in SQL: every step one transaction, with its entry in the log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, delete, exists, func, insert, literal_column, select, update
from sqlalchemy.sql.elements import ColumnElement

from ai_gateway.adapters.erasure_rows import (
    directive_of,
    directive_row,
    erasure_of,
    erasure_row,
    facts_text,
    hold_of,
)
from ai_gateway.adapters.erasure_schema import erasure as table
from ai_gateway.adapters.erasure_schema import key_state, legal_hold, suppression, vendor_directive
from ai_gateway.adapters.registry_schema import subject as registered
from ai_gateway.adapters.schema import segment, share, subject_index, subject_key, subject_map, tree_state
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.adapters.sql_ledger import append_one, raise_fence
from ai_gateway.adapters.sql_purge import Purge
from ai_gateway.errors import NotFound, StoreUnavailable
from ai_gateway.model.entries import Entry
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.erasure import Directive, DirectiveState, Erasure, Hold, Shredded, Step

T = TypeVar("T")
_ROWS_AT_ONCE = 500


class SqlErasureStore:
    """``sharelog.erasure.ErasureStore``. ``purge`` reaches the files below the tables."""

    def __init__(self, database: Database, purge: Purge) -> None:
        self._database = database
        self._purge = purge

    async def erasure(self, mark: bytes) -> Erasure | None:
        return await self._database.read(lambda connection: _one(connection, mark))

    async def erasures(self) -> Sequence[Erasure]:
        query = select(table).order_by(table.c.requested_at, table.c.id)
        return [
            erasure_of(row) for row in await self._database.read(lambda connection: connection.execute(query).all())
        ]

    async def begin(self, erasure: Erasure, entry: Entry) -> Erasure:
        def work(connection: Connection) -> Erasure:
            _lock_keys(connection)
            if (present := _one(connection, erasure.mark)) is not None:
                return present
            begun = _with(erasure, {"entries": {Step.REQUESTED: append_one(connection, entry)}})
            connection.execute(insert(table), erasure_row(begun))
            return begun

        return await self._database.write(work)

    async def suppress(self, erasure: Erasure, entry: Entry, at: int) -> Erasure:
        def work(connection: Connection) -> Erasure:
            _suppress(connection, erasure, at)
            return _step(connection, erasure, Step.SUPPRESSED, append_one(connection, entry), at)

        return await self._database.write(work)

    async def running(self, ref: bytes, since: int) -> int:
        theirs = select(subject_index.c.idx).where(subject_index.c.subject_ref == ref)
        unsettled = (share.c.outcome_idx.is_(None), share.c.sent == 1, share.c.at >= since)
        query = select(func.count()).select_from(share).where(*unsettled, share.c.opened_idx.in_(theirs))
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def direct(self, erasure: Erasure, directives: Sequence[Directive], entry: Entry, at: int) -> Erasure:
        def work(connection: Connection) -> Erasure:
            for start in range(0, len(directives), _ROWS_AT_ONCE):
                rows = [directive_row(directive) for directive in directives[start : start + _ROWS_AT_ONCE]]
                connection.execute(insert(vendor_directive), rows)
            return _step(connection, erasure, Step.DIRECTED, append_one(connection, entry), at)

        return await self._database.write(work)

    async def note(self, erasure: Erasure, entry: Entry, facts: Mapping[str, Json], at: int) -> Erasure:
        def work(connection: Connection) -> Erasure:
            append_one(connection, entry)
            return _change(connection, erasure, _with(erasure, facts), at)

        return await self._database.write(work)

    async def shred(
        self, erasure: Erasure, entry: Callable[[Shredded], Entry], at: int, *, whatever_holds: bool = False
    ) -> Erasure | None:
        def work(connection: Connection) -> Erasure | None:
            _lock_keys(connection)
            if not whatever_holds and connection.execute(_standing(erasure.mark)).first() is not None:
                return None
            _suppress(connection, erasure, at)
            done = _shred(connection, erasure)
            counts: dict[str, Json] = {
                "ciphertexts": done.segments,
                "shared_ciphertexts": done.shared,
                "index_rows": done.index,
            }
            facts: dict[str, Json] = {"deleted": counts, "epoch": done.epoch, "shredded_at": at}
            shredded = replace(_with(erasure, facts), ref=None)
            return _step(connection, shredded, Step.SHREDDED, append_one(connection, entry(done)), at)

        return await self._database.write(work)

    async def complete(self, erasure: Erasure, facts: Mapping[str, Json], at: int) -> Erasure:
        def work(connection: Connection) -> Erasure:
            return _change(connection, erasure, replace(_with(erasure, facts), step=Step.COMPLETED), at)

        return await self._database.write(work)

    async def holds(self, mark: bytes) -> Sequence[Hold]:
        query = _standing(mark)
        return [hold_of(row) for row in await self._database.read(lambda connection: connection.execute(query).all())]

    async def place_hold(self, mark: bytes, hold: Hold, entry: Entry) -> None:
        row = {
            "id": hold.id,
            "mark": mark,
            "reason": hold.reason.value,
            "authority": hold.authority,
            "placed_at": hold.placed_at,
        }

        def work(connection: Connection) -> None:
            _lock_keys(connection)  # not while somebody is being shredded
            connection.execute(insert(legal_hold), row)
            append_one(connection, entry)

        await self._database.write(work)

    async def lift_hold(self, hold: str, entry: Entry, at: int) -> None:
        change = update(legal_hold).where(legal_hold.c.id == hold, legal_hold.c.lifted_at.is_(None))

        def work(connection: Connection) -> None:
            if not connection.execute(change.values(lifted_at=at)).rowcount:
                raise NotFound("No standing hold has this id", hold=hold)
            append_one(connection, entry)

        await self._database.write(work)

    async def directives(self, erasure: str | None) -> Sequence[Directive]:
        query = select(vendor_directive).order_by(vendor_directive.c.due, vendor_directive.c.id)
        if erasure is not None:
            query = query.where(vendor_directive.c.erasure_id == erasure)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [directive_of(row) for row in rows]

    async def close_due(self, at: int, entry: Callable[[int], Entry]) -> int:
        due = (vendor_directive.c.state == DirectiveState.PLANNED, vendor_directive.c.due <= at)
        closed = {"state": DirectiveState.EXPIRED_BY_RETENTION.value, "object_id_ct": None, "changed_at": at}

        def work(connection: Connection) -> int:
            count = connection.execute(update(vendor_directive).where(*due).values(**closed)).rowcount
            if count:
                append_one(connection, entry(count))
            return count

        return await self._database.write(work)

    async def fence(self) -> int:
        query = select(tree_state.c.fence)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def purge(self) -> Mapping[str, Json]:
        return await self._purge()


def _one(connection: Connection, mark: bytes) -> Erasure | None:
    row = connection.execute(select(table).where(table.c.mark == mark)).one_or_none()
    return None if row is None else erasure_of(row)


def _standing(mark: bytes) -> Select[Any]:
    return select(legal_hold).where(legal_hold.c.mark == mark, legal_hold.c.lifted_at.is_(None))


def _lock_keys(connection: Connection) -> None:
    """Nobody adds a person's key meanwhile (PostgreSQL; SQLite has one writer anyway)."""
    connection.execute(select(key_state.c.epoch).with_for_update())


def _suppress(connection: Connection, erasure: Erasure, at: int) -> None:
    _lock_keys(connection)
    row = {"subject_ref": erasure.ref, "shredded": 0, "at": at}
    if not connection.execute(update(suppression).where(suppression.c.mark == erasure.mark).values(**row)).rowcount:
        connection.execute(insert(suppression), {"mark": erasure.mark, **row})
    raise_fence(connection)


def _shred(connection: Connection, erasure: Erasure) -> Shredded:
    ref = erasure.ref
    epoch: int | None = None
    segments = shared = index = 0
    if ref is not None:
        theirs = subject_index.c.subject_ref == ref
        epoch = connection.execute(
            select(subject_key.c.kek_epoch).where(subject_key.c.subject_ref == ref)
        ).scalar_one_or_none()
        shared = connection.execute(_co_owned(ref)).scalar_one()
        mine = exists().where(theirs, subject_index.c.idx == segment.c.idx, subject_index.c.n == segment.c.n)
        segments = connection.execute(delete(segment).where(segment.c.idx.in_(_indices(theirs)), mine)).rowcount
        index = connection.execute(delete(subject_index).where(theirs)).rowcount
        connection.execute(delete(subject_key).where(subject_key.c.subject_ref == ref))
    connection.execute(delete(subject_map).where(subject_map.c.user_id_hmac == erasure.mark))
    blank = {"subject_ref": None, "document": None, "choices": None, "erased": 1}
    if not connection.execute(update(registered).where(registered.c.tag == erasure.tag).values(**blank)).rowcount:
        connection.execute(insert(registered), {"tag": erasure.tag, **blank})
    connection.execute(update(suppression).where(suppression.c.mark == erasure.mark).values(shredded=1))
    return Shredded(segments, shared, index, epoch)


def _indices(theirs: ColumnElement[bool]) -> Select[int]:
    return select(subject_index.c.idx).where(theirs).distinct()


def _co_owned(ref: bytes) -> Select[int]:
    other = subject_index.alias("other")
    also = exists(literal_column("1")).where(
        other.c.idx == subject_index.c.idx, other.c.n == subject_index.c.n, other.c.subject_ref != ref
    )
    return select(func.count()).select_from(subject_index).where(subject_index.c.subject_ref == ref, also)


def _with(erasure: Erasure, facts: Mapping[str, Json]) -> Erasure:
    return replace(erasure, facts={**erasure.facts, **facts})


def _step(connection: Connection, erasure: Erasure, step: Step, index: int, at: int) -> Erasure:
    entries = erasure.facts.get("entries")
    known = dict(entries) if isinstance(entries, Mapping) else {}
    done = replace(_with(erasure, {"entries": {**known, step.value: index}}), step=step)
    return _change(connection, erasure, done, at)


def _change(connection: Connection, was: Erasure, now: Erasure, at: int) -> Erasure:
    """Only from the step it was at: two processes may have run the same erasure."""
    row = {"step": now.step.value, "subject_ref": now.ref, "facts": facts_text(now.facts), "changed_at": at}
    same = (table.c.id == was.id, table.c.step == was.step.value)
    if not connection.execute(update(table).where(*same).values(**row)).rowcount:
        raise StoreUnavailable("Another process is doing this erasure; look at it with `ai-gateway erase status`")
    return replace(now, changed_at=at)
