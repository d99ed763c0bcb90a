"""Below the tables: making a database let go of the bytes of rows that were deleted.

What each database keeps, and until when, was looked up in its files (``tests/faults/test_bytes_left.py``):
``docs/erasure.md`` says what these steps reach and what only the end of a key epoch reaches.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping

import asyncpg
from sqlalchemy import URL

from ai_gateway.adapters.sql_engine import parse_url
from ai_gateway.errors import StoreUnavailable
from ai_gateway.sharelog.canonical import Json

Purge = Callable[[], Awaitable[Mapping[str, Json]]]

_WAIT_SECONDS = 30
_REWRITTEN = ("subject_key", "subject_map", "subject", "suppression", "erasure")
"""Tables that hold keys, or who is who: small, and written anew for each purge."""
_VACUUMED = ("subject_index", "segment", "leaf")
"""Tables that grow with every share: what was deleted leaves their rows. A page keeps the bytes of its former rows
until it is used again; they are ciphertext, and no key is left that opens it."""


def purge_of(url: str) -> Purge:
    """How this database is purged; may be repeated at any time, while it is in use."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":

        async def purge_sqlite() -> Mapping[str, Json]:
            return await asyncio.to_thread(_purge_sqlite, str(parsed.database))

        return purge_sqlite

    async def purge_postgres() -> Mapping[str, Json]:
        return await _purge_postgres(parsed)

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
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreUnavailable("Somebody is reading the database; its log could not be emptied. Run the command again")


async def _purge_postgres(url: URL) -> Mapping[str, Json]:
    """VACUUM takes deleted rows out of their pages, VACUUM FULL writes a table's file anew, so that nothing is left in
    what its pages do not use; CHECKPOINT writes those pages. The write-ahead log keeps older ones until its segments
    are used again, and an archive of it keeps them for good."""
    try:
        connection = await asyncpg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), timeout=_WAIT_SECONDS
        )
        try:
            await connection.execute("SET statement_timeout = 0")
            for table in _REWRITTEN:
                await connection.execute(f"VACUUM (FULL) {table}")
            for table in _VACUUMED:
                await connection.execute(f"VACUUM (INDEX_CLEANUP ON) {table}")
            checkpointed = await _checkpoint(connection)
        finally:
            await connection.close()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        kind = type(error).__name__
        raise StoreUnavailable(f"The database could not be purged ({kind}); run the command again") from None
    done: dict[str, Json] = {"rewritten": list(_REWRITTEN), "vacuum": list(_VACUUMED), "checkpoint": checkpointed}
    return {"database": "postgresql", **done}


async def _checkpoint(connection: asyncpg.Connection) -> bool:
    """False where the role may not (``pg_checkpoint``): the server's own comes within ``checkpoint_timeout``."""
    try:
        await connection.execute("CHECKPOINT")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True
