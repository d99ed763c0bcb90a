"""The tree's hashes and checkpoints in SQL."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, func, literal, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ai_gateway.adapters.checkpoint_schema import checkpoint, tile
from ai_gateway.adapters.schema import leaf, segment, share, subject_index, tree_state
from ai_gateway.adapters.share_leaves import leaves
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.errors import LogInconsistent, NotFound
from ai_gateway.model import ShareId
from ai_gateway.model.entries import StoredLeaf, TreeState
from ai_gateway.sharelog.tree import Indexed, Place, Tile


class SqlTreeStore:
    """Implements ``sharelog.tree.TreeStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tree(self) -> TreeState:
        def work(connection: Connection) -> TreeState:
            row = connection.execute(select(tree_state.c.size, tree_state.c.frontier)).one()
            return TreeState(row.size, row.frontier or b"")  # SQLite's first is an empty text

        return await self._database.read(work)

    async def leaf(self, index: int) -> tuple[bytes, bytes | None]:
        query = select(leaf.c.leaf_hash, leaf.c.data).where(leaf.c.idx == index)
        row = await self._database.read(lambda connection: connection.execute(query).one_or_none())
        if row is None:
            raise NotFound("The log has no such entry", entry=index)
        return row.leaf_hash, row.data

    async def leaves(self, start: int, limit: int) -> Sequence[StoredLeaf]:
        return await leaves(self._database, start, limit)

    async def ciphertexts(self, start: int, end: int) -> Sequence[tuple[int, int, bytes]]:
        query = select(segment).where(segment.c.idx >= start, segment.c.idx < end).order_by(segment.c.idx, segment.c.n)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [(row.idx, row.n, row.ct) for row in rows]

    async def leaf_hashes(self, start: int, limit: int) -> bytes:
        return await self._database.read(lambda connection: _leaf_hashes(connection, start, limit))

    async def tiles(self, wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
        if not wanted:
            return {}
        query = select(tile).where(tuple_(tile.c.level, tile.c.number).in_(wanted))

        def work(connection: Connection) -> Mapping[Tile, bytes]:
            return {(row.level, row.number): row.hashes for row in connection.execute(query)}

        return await self._database.read(work)

    async def tiled(self) -> int:
        query = select(func.max(tile.c.number)).where(tile.c.level == 0)
        newest = await self._database.read(lambda connection: connection.execute(query).scalar())
        return 0 if newest is None else int(newest) + 1

    async def put_tiles(self, tiles: Mapping[Tile, bytes]) -> None:
        rows = [{"level": level, "number": number, "hashes": hashes} for (level, number), hashes in tiles.items()]

        def work(connection: Connection) -> None:
            new: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(tile)
            longer = func.length(tile.c.hashes) < func.length(new.excluded.hashes)
            grown = new.on_conflict_do_update(
                index_elements=[tile.c.level, tile.c.number], set_={"hashes": new.excluded.hashes}, where=longer
            )
            for row in rows:
                connection.execute(grown, row)

        await self._database.write(work)

    async def drop_tiles(self) -> None:
        await self._database.write(lambda connection: connection.execute(delete(tile)))

    async def put_checkpoint(self, size: int, at: int, note: str) -> None:
        def work(connection: Connection) -> None:
            new = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(checkpoint)
            connection.execute(new.on_conflict_do_nothing(), {"size": size, "at": at, "note": note})

        await self._database.write(work)

    async def newest_checkpoint(self) -> str | None:
        query = select(checkpoint.c.note).order_by(checkpoint.c.size.desc()).limit(1)
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def checkpoints(self, start: int, end: int) -> Sequence[str]:
        query = select(checkpoint.c.note).where(checkpoint.c.size.between(start, end)).order_by(checkpoint.c.size)
        return await self._database.read(lambda connection: list(connection.execute(query).scalars()))

    async def place(self, share: ShareId) -> Place | None:
        query = _place_of(share)
        row = await self._database.read(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else Place(opened=row.opened_idx, outcome=row.outcome_idx)

    async def closings(self, size: int) -> int:
        query = select(func.count()).where(share.c.outcome_idx < size)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def indexed(self, start: int, end: int, closing: Sequence[str]) -> Indexed:
        def within(column: Any) -> Any:  # noqa: ANN401  (a column, and a condition on it)
            return (column >= start) & (column < end)

        def work(connection: Connection) -> Indexed:
            opened = connection.execute(select(share.c.opened_idx, share.c.eid).where(within(share.c.opened_idx)))
            closed = connection.execute(select(share.c.outcome_idx, share.c.eid).where(share.c.eid.in_(closing)))
            owned: defaultdict[int, set[int]] = defaultdict(set)
            theirs = select(subject_index.c.idx, subject_index.c.n).where(within(subject_index.c.idx))
            for row in connection.execute(theirs):
                owned[row.idx].add(row.n)
            return Indexed(
                opened={row.opened_idx: row.eid for row in opened},
                closed={row.outcome_idx: row.eid for row in closed},
                owned={index: frozenset(numbers) for index, numbers in owned.items()},
            )

        return await self._database.read(work)


def _leaf_hashes(connection: Connection, start: int, limit: int) -> bytes:
    asked = (leaf.c.idx >= start, leaf.c.idx < start + limit)
    if connection.dialect.name != "sqlite":  # one row instead of thousands
        joined = func.string_agg(leaf.c.leaf_hash, aggregate_order_by(literal(b""), leaf.c.idx))
        found = connection.execute(select(func.count(), func.max(leaf.c.idx), joined).where(*asked)).one()
        if found[0] and found[1] == start + found[0] - 1:
            hashes: bytes = found[2]
            return hashes
    rows = connection.execute(select(leaf.c.idx, leaf.c.leaf_hash).where(*asked).order_by(leaf.c.idx)).all()
    if rows and rows[-1].idx != start + len(rows) - 1:
        missing = next(at for at, row in enumerate(rows, start) if row.idx != at)
        raise LogInconsistent(f"Entry {missing} is missing; run `ai-gateway log fsck`", entry=missing)
    return b"".join([row.leaf_hash for row in rows])


def _place_of(eid: ShareId) -> Select[Any, Any]:
    return select(share.c.opened_idx, share.c.outcome_idx).where(share.c.eid == eid)
