"""The door to SQLAlchemy: one database, SQLite or PostgreSQL, behind two verbs.

A unit of work is a plain function of a SQLAlchemy ``Connection``. ``write`` runs it in one durable transaction,
``read`` in one that sees every write that returned. Statements are written once, in SQLAlchemy Core; only this module
knows which database runs them.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import asyncpg
from sqlalchemy import URL, Connection, Engine, MetaData, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ai_gateway.adapters.sqlite_file import LogKeeper, make_sqlite_file, sqlite_engine
from ai_gateway.errors import ConfigurationError, StoreUnavailable

T = TypeVar("T")
Work = Callable[[Connection], T]
Row = Sequence[Any]
"""Columns by position, whatever the driver."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the gateway; ``migrations/`` makes exactly these."""

_READERS = 2
_PG_CONNECT: dict[str, Any] = {
    "timeout": 5,
    "command_timeout": 15,
    "server_settings": {
        "application_name": "ai_gateway",
        "synchronous_commit": "on",
        "lock_timeout": "5s",
        "statement_timeout": "15s",
        # A replica that hangs inside a transaction would hold the log's lock for everybody.
        "idle_in_transaction_session_timeout": "5s",
        "timezone": "UTC",
    },
}
_RAW_WRITERS = 2
# One plan for good, through the indexes: planning it anew would cost more than running it, and while tables are young
# their statistics speak for reading them whole.
_RAW_PLANS = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}


class Database(Protocol):
    """One database. Whatever it raises on its own account is ``StoreUnavailable`` and quotes no statement and no
    value."""

    async def write(self, work: Work[T]) -> T:
        """Run in one transaction, durable on return. An exception rolls back; a cancellation may or may not."""
        ...

    async def read(self, work: Work[T]) -> T: ...

    async def fetch(self, select: str, among: Sequence[bytes | str]) -> Sequence[Row]:
        """``read``, past SQLAlchemy: for what every call asks. ``select`` says ``{among}`` for ``IN`` these values."""
        ...

    async def fetch_page(self, select: str, start: int, limit: int) -> Sequence[Row]:
        """``read``, past SQLAlchemy: for what reads a whole log. ``select`` says ``{start}`` and ``{limit}``."""
        ...

    async def close(self) -> None: ...


def parse_url(url: str) -> URL:
    """``sqlite:///file`` or ``postgresql://…``; raises ``ConfigurationError`` for everything else, without quoting
    it."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError("database URL: not a URL; use sqlite:///path/to/file.db or postgresql://…") from None
    backend = parsed.drivername.partition("+")[0]
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+asyncpg")
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return URL.create("sqlite+pysqlite", database=str(Path(parsed.database).expanduser().absolute()))
    raise ConfigurationError("database URL: use sqlite:///path/to/file.db or postgresql://…")


def open_database(url: str) -> Database:
    """Open, without connecting. SQLite's file is made when missing, readable by its owner alone."""
    parsed = parse_url(url)
    return SqliteDatabase(parsed) if parsed.get_backend_name() == "sqlite" else PostgresDatabase(parsed)


class SqliteDatabase:
    """SQLite allows one writer: one thread and one connection write, others read.

    Threads rather than an asynchronous driver: a transaction costs one hop, however many statements it has.
    """

    def __init__(self, url: URL) -> None:
        make_sqlite_file(url)
        self._write_engine = sqlite_engine(url, begin="BEGIN IMMEDIATE", connections=1)
        self._read_engine = sqlite_engine(url, begin="BEGIN", connections=_READERS)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-read")
        self._log = LogKeeper(url)

    async def write(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._transact, work)

    async def read(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, _transact, self._read_engine, work)

    async def write_raw(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """``write``, past SQLAlchemy: for work that is done for every share."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._transact_raw, work)

    async def fetch(self, select: str, among: Sequence[bytes | str]) -> Sequence[Row]:
        asked = select.format(among=f"IN ({','.join('?' * len(among))})")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._fetch_raw, asked, among)

    async def fetch_page(self, select: str, start: int, limit: int) -> Sequence[Row]:
        asked = select.format(start="?1", limit="?2")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._fetch_raw, asked, (start, limit))

    def _transact(self, work: Work[T]) -> T:
        done = _transact(self._write_engine, work)
        self._log.grown()
        return done

    def _fetch_raw(self, select: str, given: Sequence[bytes | str | int]) -> Sequence[Row]:
        try:
            pooled = self._read_engine.raw_connection()
            try:
                connection = cast("sqlite3.Connection", pooled.driver_connection)
                return connection.execute(select, given).fetchall()
            finally:
                pooled.close()
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise _unavailable(error) from None

    def _transact_raw(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            pooled = self._write_engine.raw_connection()
            try:
                connection = cast("sqlite3.Connection", pooled.driver_connection)
                connection.execute("BEGIN IMMEDIATE")
                with connection:  # commits, or rolls back
                    done = work(connection)
                self._log.grown()
                return done
            finally:
                pooled.close()
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise _unavailable(error) from None

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        for threads, engine in ((self._readers, self._read_engine), (self._writer, self._write_engine)):
            threads.shutdown(wait=True, cancel_futures=True)
            engine.dispose()
        self._log.close()


class PostgresDatabase:
    def __init__(self, url: URL, *, connections: int = 8) -> None:
        self._engine = create_async_engine(
            url,
            hide_parameters=True,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=5,
            connect_args=_PG_CONNECT,
        )
        # One round trip instead of three; each statement sees every commit before it, which is all that reads promise.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        raw_url = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._raw_writing = _RawPool(raw_url, _RAW_WRITERS, _RAW_PLANS)
        self._raw_reading = _RawPool(raw_url, connections, {})

    async def write(self, work: Work[T]) -> T:
        return await self._run(self._engine, work)

    async def read(self, work: Work[T]) -> T:
        return await self._run(self._reading, work)

    async def _run(self, engine: AsyncEngine, work: Work[T]) -> T:
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _unavailable(error) from None

    async def write_raw(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """``write``, past SQLAlchemy: for work done for every share. ``work`` takes an ``asyncpg.Connection``."""
        try:
            pool = await self._raw_writing.open()
            async with pool.acquire(timeout=5) as connection, connection.transaction():
                return await work(connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise _unavailable(error) from None

    async def write_alone(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """``write_raw``, for work of one statement: it is the transaction, and one round trip does it all."""
        try:
            pool = await self._raw_writing.open()
            async with pool.acquire(timeout=5) as connection:
                return await work(connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise _unavailable(error) from None

    async def fetch(self, select: str, among: Sequence[bytes | str]) -> Sequence[Row]:
        return await self._fetch_raw(select.format(among="= ANY($1)"), among)

    async def fetch_page(self, select: str, start: int, limit: int) -> Sequence[Row]:
        return await self._fetch_raw(select.format(start="$1", limit="$2"), start, limit)

    async def _fetch_raw(self, select: str, *given: object) -> Sequence[Row]:
        try:
            pool = await self._raw_reading.open()
            async with pool.acquire(timeout=5) as connection:
                rows: Sequence[Row] = await connection.fetch(select, *given)
                return rows
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise _unavailable(error) from None

    async def close(self) -> None:
        await self._raw_writing.close()
        await self._raw_reading.close()
        await self._engine.dispose()


class _RawPool:
    """Connections of the driver's own, opened when first needed."""

    def __init__(self, url: str, connections: int, settings: Mapping[str, str]) -> None:
        given = {**_PG_CONNECT, "server_settings": {**_PG_CONNECT["server_settings"], **settings}}
        self._open = partial(asyncpg.create_pool, url, min_size=0, max_size=connections, **given)
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> asyncpg.Pool:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    # No reset between uses: whoever uses these connections leaves nothing behind.
                    self._pool = await self._open(reset=_leave_as_it_is)
        return self._pool

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


async def _leave_as_it_is(_connection: object) -> None:
    pass


def _transact(engine: Engine, work: Work[T]) -> T:
    try:
        with engine.begin() as connection:
            return work(connection)
    except (SQLAlchemyError, OSError) as error:
        raise _unavailable(error) from None


def _unavailable(error: Exception) -> StoreUnavailable:
    """Names the kind of failure alone: a driver's own message may quote what was being written."""
    kind = type(getattr(error, "orig", None) or error).__name__
    return StoreUnavailable(f"The gateway's database failed ({kind}); see that it runs and has room", cause=kind)
