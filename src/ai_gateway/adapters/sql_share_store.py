"""The share log's store in SQL: one implementation for SQLite and PostgreSQL."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ai_gateway.adapters.schema import leaf, segment, share, subject_index, subject_key, subject_map, tree_state
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model import ShareId
from ai_gateway.model.entries import (
    Appended,
    Entry,
    EntryKind,
    InDoubt,
    Placed,
    Repeated,
    Segment,
    StoredEntry,
    StoredKey,
    StoredLeaf,
    StoredShare,
    TreeState,
    Unopened,
)
from ai_gateway.sharelog.merkle import extend, leaf_hash

_LOCK_TREE = select(tree_state.c.size, tree_state.c.frontier).where(tree_state.c.id == 1).with_for_update()
_GROW_TREE = update(tree_state).where(tree_state.c.id == 1)
_CLOSE = update(share).where(share.c.eid == bindparam("closed")).values(outcome_idx=bindparam("at_idx"))
_ONCE = select(share.c.once, share.c.eid).where(share.c.once.in_(bindparam("onces", expanding=True)))
_OPENED = select(share.c.eid, share.c.outcome_idx, share.c.sent).where(
    share.c.eid.in_(bindparam("eids", expanding=True))
)


class SqlShareStore:
    """Implements ``ports.ShareStore``. The lock on ``tree_state`` puts all appenders, of all replicas, in one line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entries: Sequence[Entry]) -> Sequence[Appended]:
        return await self._database.write(lambda connection: _append(connection, entries))

    async def tree(self) -> TreeState:
        def work(connection: Connection) -> TreeState:
            row = connection.execute(select(tree_state.c.size, tree_state.c.frontier)).one()
            return TreeState(row.size, row.frontier)

        return await self._database.read(work)

    async def leaves(self, start: int, limit: int) -> Sequence[StoredLeaf]:
        query = select(leaf).where(leaf.c.idx >= start).order_by(leaf.c.idx).limit(limit)

        def work(connection: Connection) -> Sequence[StoredLeaf]:
            rows = connection.execute(query)
            return [StoredLeaf(index=row.idx, leaf_hash=row.leaf_hash, leaf=row.data) for row in rows]

        return await self._database.read(work)

    async def share(self, share_id: ShareId) -> StoredShare | None:
        query = select(share).where(share.c.eid == share_id)
        found = await self._database.read(lambda connection: _stored(connection, connection.execute(query).all()))
        return found[0] if found else None

    async def shares(self, owner: bytes | None, after: ShareId | None, limit: int) -> Sequence[StoredShare]:
        query = select(share).order_by(share.c.opened_idx.desc()).limit(limit)
        if after is not None:
            last = select(share.c.opened_idx).where(share.c.eid == after).scalar_subquery()
            query = query.where(share.c.opened_idx < last)
        if owner is not None:
            theirs = select(subject_index.c.idx).where(subject_index.c.subject_ref == owner)
            query = query.where(share.c.opened_idx.in_(theirs))

        def work(connection: Connection) -> Sequence[StoredShare]:
            return _stored(connection, connection.execute(query).all(), bodies=False)

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


def _append(connection: Connection, entries: Sequence[Entry]) -> Sequence[Appended]:
    state = connection.execute(_LOCK_TREE).one_or_none()
    if state is None:
        raise StoreUnavailable("The share log's tree has no state; run the migrations")
    answers = _place(connection, entries, state.size)
    placed = [
        (answer.index, entry) for answer, entry in zip(answers, entries, strict=True) if isinstance(answer, Placed)
    ]
    if not placed:
        return answers
    hashes = [leaf_hash(entry.leaf) for _, entry in placed]
    leaves = [
        {"idx": index, "leaf_hash": digest, "data": entry.leaf}
        for (index, entry), digest in zip(placed, hashes, strict=True)
    ]
    _insert(connection, leaf, leaves)
    _insert(connection, segment, [{"idx": i, "n": s.n, "ct": s.ciphertext} for i, e in placed for s in e.segments])
    owned = [{"subject_ref": o, "idx": i, "n": s.n} for i, e in placed for s in e.segments for o in s.owners]
    _insert(connection, subject_index, owned)
    _insert(connection, share, [_opening(index, entry) for index, entry in placed if _opens(entry)])
    if closing := [{"closed": e.share, "at_idx": i} for i, e in placed if not _opens(e)]:
        connection.execute(_CLOSE, closing)
    size, frontier = extend(state.size, state.frontier, hashes)
    connection.execute(_GROW_TREE, {"size": size, "frontier": frontier})
    return answers


def _place(connection: Connection, entries: Sequence[Entry], size: int) -> list[Appended]:
    """Who gets an index. The tree is locked: what is looked up here cannot change before the commit."""
    onces = [entry.once for entry in entries if entry.once is not None]
    taken: dict[bytes, str] = {}
    if onces:
        taken.update((row.once, row.eid) for row in connection.execute(_ONCE, {"onces": onces}))
    closing = [entry.share for entry in entries if not _opens(entry)]
    closable: dict[str, bool] = {}
    if closing:
        found = connection.execute(_OPENED, {"eids": closing})
        closable.update((row.eid, row.outcome_idx is None) for row in found if row.sent)
    answers: list[Appended] = []
    for entry in entries:
        answer = _answer(entry, size, taken, closable)
        size += isinstance(answer, Placed)
        answers.append(answer)
    return answers


def _answer(entry: Entry, index: int, taken: dict[bytes, str], closable: dict[str, bool]) -> Appended:
    if _opens(entry):
        if entry.once is not None:
            if entry.once in taken:
                return Repeated(ShareId(taken[entry.once]))
            taken[entry.once] = entry.share
        closable.setdefault(entry.share, entry.kind is EntryKind.INTENT)
        return Placed(index)
    if entry.share not in closable:
        return Unopened()
    if not closable[entry.share]:
        return Repeated(entry.share)
    closable[entry.share] = False
    return Placed(index)


def _opens(entry: Entry) -> bool:
    return entry.kind is not EntryKind.OUTCOME


def _opening(index: int, entry: Entry) -> dict[str, Any]:
    sent = int(entry.kind is EntryKind.INTENT)
    return {"eid": entry.share, "opened_idx": index, "at": entry.at, "sent": sent, "once": entry.once}


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def _key(row: Any) -> StoredKey:  # noqa: ANN401  (a row of subject_key)
    return StoredKey(ref=row.subject_ref, epoch=row.kek_epoch, wrapped=row.wrapped)


def _stored(connection: Connection, rows: Sequence[Any], *, bodies: bool = True) -> list[StoredShare]:
    indices = [index for row in rows for index in (row.opened_idx, row.outcome_idx) if index is not None]
    bodiless = [] if bodies else [row.opened_idx for row in rows if row.sent]
    segments = _segments(connection, indices, bodiless)
    leaves = select(leaf.c.idx, leaf.c.data).where(leaf.c.idx.in_(indices))
    kept = {row.idx: row.data for row in connection.execute(leaves)}

    def entry(index: int) -> StoredEntry:
        return StoredEntry(index=index, leaf=kept.get(index), segments=tuple(segments.get(index, ())))

    return [
        StoredShare(
            id=ShareId(row.eid),
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
    for row in connection.execute(select(subject_index).where(subject_index.c.idx.in_(indices))):
        owners[row.idx, row.n].append(row.subject_ref)
    wanted = segment.c.idx.in_(indices) & or_(segment.c.n > 0, segment.c.idx.not_in(bodiless))
    found: defaultdict[int, list[Segment]] = defaultdict(list)
    for row in connection.execute(select(segment).where(wanted).order_by(segment.c.idx, segment.c.n)):
        refs = tuple(sorted(owners[row.idx, row.n]))
        found[row.idx].append(Segment(n=row.n, owners=refs, ciphertext=row.ct))
    return found
