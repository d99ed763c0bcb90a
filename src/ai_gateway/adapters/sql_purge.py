"""Below the tables: making a database let go of the bytes of rows that were deleted.

What each database keeps, and until when, was looked up in its files (``tests/faults/test_bytes_left.py``):
``docs/erasure.md`` says what these steps reach and what only the end of a key epoch reaches.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import URL

from ai_gateway.adapters.sql_engine import parse_url
from ai_gateway.errors import StoreUnavailable
from ai_gateway.sharelog.canonical import Json

Purge = Callable[[], Awaitable[Mapping[str, Json]]]

_WAIT_SECONDS = 30
_AGAIN_SECONDS = 0.02
_TABLES = ("subject_key", "subject_map", "subject_index", "segment", "subject", "suppression", "erasure")
_MAINTAIN = 17
"""The version of PostgreSQL that lets a role vacuum what it does not own."""
_FILLING = 1 << 20
_MOST_LOG = 16 << 30


def purge_of(url: str, *, rewrite: bool = False) -> Purge:
    """How this database is purged; may be repeated at any time, while it is in use. To ``rewrite`` it takes longer and
    keeps others waiting, and leaves nothing."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":

        async def purge_sqlite() -> Mapping[str, Json]:
            return await asyncio.to_thread(_purge_sqlite, str(parsed.database))

        return purge_sqlite

    async def purge_postgres() -> Mapping[str, Json]:
        return await (_rewrite_postgres if rewrite else _purge_postgres)(parsed)

    return purge_postgres


def _purge_sqlite(path: str) -> Mapping[str, Json]:
    """1. Everything in the write-ahead log goes to the file, and the log to zero length. 2. VACUUM writes the file
    anew, without free pages. 3. What VACUUM wrote to the log goes to the file, too. Temporary pages stay in memory."""
    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        for pragma in ("secure_delete = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}").close()
        _truncate(connection)
        connection.execute("VACUUM").close()
        _truncate(connection)
    except sqlite3.Error as error:
        kind = type(error).__name__
        raise StoreUnavailable(f"The database file could not be purged ({kind}); run the command again") from None
    finally:
        connection.close()
    return {"database": "sqlite", "checkpoint": "truncate", "vacuum": True}


def _truncate(connection: sqlite3.Connection) -> None:
    """Waits for readers as SQLite does, and for whoever is copying the log, as SQLite does not: there it says at once
    that it is busy (sqlite.org/c3ref/wal_checkpoint_v2.html), and ``LogKeeper`` copies behind every commit."""
    until = time.monotonic() + _WAIT_SECONDS
    while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > until:
            raise StoreUnavailable(
                "Somebody is reading the database; its log could not be emptied. Run the command again"
            )
        time.sleep(_AGAIN_SECONDS)


async def _purge_postgres(url: URL) -> Mapping[str, Json]:
    """VACUUM frees the space of deleted rows and CHECKPOINT writes the pages. Within a page the freed bytes stay until
    new rows take their place, and the write-ahead log keeps what it logged: ``_rewrite_postgres`` ends both."""
    async with _connected(url) as connection:
        await _check_rights(connection)
        for table in _TABLES:
            await connection.execute(f"VACUUM (INDEX_CLEANUP ON) {table}")
        checkpointed = await _checkpoint(connection)
    return {"database": "postgresql", "vacuum": list(_TABLES), "checkpoint": checkpointed}


async def _rewrite_postgres(url: URL) -> Mapping[str, Json]:
    """1. Every table of people's data is written anew, under a lock that keeps everybody else out of it meanwhile.
    2. The write-ahead log goes on in a new file, and a checkpoint frees the old ones; the server keeps some of them for
    later use, bytes and all. 3. So many bytes of nothing are logged that each of those was written over. 4. A last
    checkpoint. Archives of the log, replicas and backups are not reached; the end of a key epoch is what reaches them.
    """
    async with _connected(url) as connection:
        await _check_rights(connection)
        for table in _TABLES:
            await connection.execute(f"VACUUM (FULL) {table}")
        log = await _overwrite_log(connection)
    return {"database": "postgresql", "rewritten": list(_TABLES), "log_bytes_overwritten": log}


async def _check_rights(connection: asyncpg.Connection) -> None:
    """PostgreSQL leaves out, with a warning and no error, what a role may not vacuum."""
    maintains = (
        "has_table_privilege(oid, 'MAINTAIN')" if connection.get_server_version().major >= _MAINTAIN else "false"
    )
    refused = await connection.fetchval(
        f"SELECT min(relname) FROM pg_class WHERE oid = ANY($1::text[]::regclass[])"  # noqa: S608  (ours)
        f" AND NOT pg_has_role(relowner, 'USAGE') AND NOT {maintains}",
        list(_TABLES),
    )
    if refused is not None:
        raise StoreUnavailable(
            f"This database role may not VACUUM {refused}; use the keeper's or the owner's (`doctor --print-grants`)"
        )


async def _overwrite_log(connection: asyncpg.Connection) -> int | None:
    """How many bytes; None where the role may not (``pg_monitor``, ``pg_switch_wal``, ``pg_checkpoint``)."""
    try:
        await connection.execute("SELECT pg_switch_wal()")
        await connection.execute("CHECKPOINT")
        kept = int(await connection.fetchval("SELECT sum(size)::bigint FROM pg_ls_waldir()") or 0)
        if kept > _MOST_LOG:
            raise StoreUnavailable(f"The write-ahead log has {kept} bytes: something keeps it, as a slot or an archive")
        for _ in range(kept // _FILLING + 1):
            await connection.execute("SELECT pg_logical_emit_message(false, 'ai-gateway', repeat('0', $1))", _FILLING)
        await connection.execute("CHECKPOINT")
    except asyncpg.InsufficientPrivilegeError:
        return None
    return kept


@asynccontextmanager
async def _connected(url: URL) -> AsyncGenerator[asyncpg.Connection]:
    try:
        connection = await asyncpg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), timeout=_WAIT_SECONDS
        )
        try:
            await connection.execute("SET statement_timeout = 0")
            await connection.execute(f"SET lock_timeout = '{_WAIT_SECONDS}s'")
            yield connection
        finally:
            await connection.close()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        kind = type(error).__name__
        raise StoreUnavailable(f"The database could not be purged ({kind}); run the command again") from None


async def _checkpoint(connection: asyncpg.Connection) -> bool:
    """False where the role may not (``pg_checkpoint``): the server's own comes within ``checkpoint_timeout``."""
    try:
        await connection.execute("CHECKPOINT")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True
