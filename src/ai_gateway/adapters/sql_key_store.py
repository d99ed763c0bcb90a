"""People's wrapped keys across epochs, in SQL."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select, update

from ai_gateway.adapters.erasure_schema import key_state, suppression
from ai_gateway.adapters.schema import subject_key
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.adapters.sql_ledger import append_one, raise_fence
from ai_gateway.model.entries import Entry, StoredKey


class SqlKeyStore:
    """``sharelog.rotation.KeyStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def raise_epoch(self, epoch: int, settled_before: int) -> None:
        gone = (suppression.c.shredded == 1, suppression.c.at < settled_before, suppression.c.subject_ref.is_not(None))

        def work(connection: Connection) -> None:
            connection.execute(select(key_state.c.epoch).with_for_update())
            connection.execute(update(key_state).values(epoch=epoch))
            if connection.execute(update(suppression).where(*gone).values(subject_ref=None)).rowcount:
                raise_fence(connection)

        await self._database.write(work)

    async def older_keys(self, epoch: int, limit: int) -> Sequence[StoredKey]:
        query = select(subject_key).where(subject_key.c.kek_epoch < epoch).limit(limit)

        def work(connection: Connection) -> Sequence[StoredKey]:
            rows = connection.execute(query)
            return [StoredKey(ref=row.subject_ref, epoch=row.kek_epoch, wrapped=row.wrapped) for row in rows]

        return await self._database.read(work)

    async def rewrap(self, keys: Sequence[tuple[StoredKey, StoredKey]]) -> int:
        def work(connection: Connection) -> int:
            done = 0
            for was, now in keys:
                same = (subject_key.c.subject_ref == was.ref, subject_key.c.wrapped == was.wrapped)
                change = update(subject_key).where(*same).values(kek_epoch=now.epoch, wrapped=now.wrapped)
                done += connection.execute(change).rowcount
            return done

        return await self._database.write(work)

    async def record(self, entry: Entry) -> int:
        return await self._database.write(lambda connection: append_one(connection, entry))

    async def keys_by_epoch(self) -> Mapping[int, int]:
        query = select(subject_key.c.kek_epoch, func.count().label("keys")).group_by(subject_key.c.kek_epoch)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.kek_epoch: row.keys for row in rows}
