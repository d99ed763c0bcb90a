"""The number that tells a database from an older copy of itself, in SQLite or PostgreSQL."""

from sqlalchemy import CheckConstraint, Column, Connection, Integer, Table, select, update

from ai_gateway.adapters.schema import Long, tree_state
from ai_gateway.adapters.sql_engine import Database, metadata
from ai_gateway.adapters.sql_ledger import append_one
from ai_gateway.model.entries import Entry
from ai_gateway.sharelog.continuity import Beat

table = Table(
    "beat",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_beat"), primary_key=True, autoincrement=False),
    Column("number", Long, nullable=False),
    Column("at", Long, nullable=False),  # ms since the epoch
)


class SqlBeatStore:
    """``sharelog.continuity.BeatStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self) -> Beat:
        return await self._database.read(_newest)

    async def beat(self, at: int) -> Beat:
        def work(connection: Connection) -> Beat:
            connection.execute(update(table).values(number=table.c.number + 1, at=at))
            return _newest(connection)

        return await self._database.write(work)

    async def accept(self, number: int, at: int, entry: Entry) -> Beat:
        def work(connection: Connection) -> Beat:
            append_one(connection, entry)
            connection.execute(update(table).values(number=number, at=at))
            return _newest(connection)

        return await self._database.write(work)


def _newest(connection: Connection) -> Beat:
    both = select(table.c.number, table.c.at, tree_state.c.size).where(table.c.id == tree_state.c.id)
    row = connection.execute(both).one()
    return Beat(number=row.number, at=row.at, size=row.size)
