"""What the index says of a person, in SQL."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, select

from ai_gateway.adapters.erasure_schema import record
from ai_gateway.adapters.schema import leaf, segment, subject_index
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.model.entries import Segment, StoredEntry


class SqlPersonStore:
    """``sharelog.disclose.PersonStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def indexed(self, ref: bytes, below: int) -> Sequence[tuple[int, int]]:
        query = (
            select(subject_index.c.idx, subject_index.c.n)
            .where(subject_index.c.subject_ref == ref, subject_index.c.idx < below)
            .order_by(subject_index.c.idx, subject_index.c.n)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [(row.idx, row.n) for row in rows]

    async def records(self, ref: bytes, after: int, limit: int) -> Sequence[StoredEntry]:
        mine = (subject_index.c.subject_ref == ref, subject_index.c.idx > after)
        query = (
            select(record.c.idx, leaf.c.data)
            .join(leaf, leaf.c.idx == record.c.idx)
            .where(record.c.idx.in_(select(subject_index.c.idx).where(*mine)))
            .order_by(record.c.idx)
            .limit(limit)
        )

        def work(connection: Connection) -> Sequence[StoredEntry]:
            rows = connection.execute(query).all()
            segments = _segments(connection, ref, [row.idx for row in rows])
            return [StoredEntry(index=row.idx, leaf=row.data, segments=tuple(segments[row.idx])) for row in rows]

        return await self._database.read(work)


def _segments(connection: Connection, ref: bytes, indices: Sequence[int]) -> defaultdict[int, list[Segment]]:
    found: defaultdict[int, list[Segment]] = defaultdict(list)
    on = (segment.c.idx == subject_index.c.idx) & (segment.c.n == subject_index.c.n)
    query = (
        select(segment)
        .join(subject_index, on)
        .where(subject_index.c.subject_ref == ref, segment.c.idx.in_(indices))
        .order_by(segment.c.idx, segment.c.n)
    )
    for row in connection.execute(query):
        found[row.idx].append(Segment(n=row.n, owners=(ref,), ciphertext=row.ct))
    return found
