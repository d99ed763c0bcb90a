"""The door to Alembic: bring a database to the schema of this release, however many processes start at once."""

import asyncio
import threading
from importlib.resources import as_file, files

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from ai_gateway.adapters.sql_engine import parse_url
from ai_gateway.adapters.sqlite_file import make_sqlite_file, sqlite_engine
from ai_gateway.errors import StoreUnavailable

_PROCESS = threading.Lock()  # Alembic's operations act on whatever this process configured last
_ADVISORY_LOCK = 0x61695F67_61746577  # any number that is ours: PostgreSQL lets one session at a time hold it


async def migrate(url: str) -> None:
    """Run every migration that is missing, in one transaction. Waits for another process that does the same.

    Raises ``ConfigurationError`` for a URL of another kind and ``StoreUnavailable`` when the database cannot be brought
    there, which includes one that a newer release has already been at.
    """
    await asyncio.to_thread(migrate_now, url)


def migrate_now(url: str) -> None:
    """``migrate``, for whoever has no event loop. Must not run in a thread that has one."""
    parsed = parse_url(url)
    with _PROCESS:
        try:
            if parsed.get_backend_name() == "sqlite":
                _migrate_sqlite(parsed)
            else:
                asyncio.run(_migrate_postgres(parsed))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            kind = type(getattr(error, "orig", None) or error).__name__
            raise StoreUnavailable(
                f"The database cannot be opened and migrated ({kind}); check AI_GATEWAY_DATABASE_URL", cause=kind
            ) from None


def _migrate_sqlite(url: URL) -> None:
    make_sqlite_file(url)
    engine = sqlite_engine(url, begin="BEGIN EXCLUSIVE", connections=1)
    try:
        with engine.begin() as connection:
            _upgrade(connection)
    finally:
        engine.dispose()


async def _migrate_postgres(url: URL) -> None:
    engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": 10, "command_timeout": 120})
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def head() -> str:
    """The last migration's name: they are numbered, in one line."""
    names = (file.name for file in (files("ai_gateway") / "migrations" / "versions").iterdir())
    return max(name.removesuffix(".py") for name in names if name[:4].isdecimal() and name.endswith(".py"))


def _is_up_to_date(connection: Connection) -> bool:
    """By Alembic's own table."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars()) == [head()]


def _upgrade(connection: Connection) -> None:
    if _is_up_to_date(connection):
        return
    # Imported here: half a second and 10 MB that whoever finds nothing to do need not spend.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    with as_file(files("ai_gateway") / "migrations") as scripts:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise StoreUnavailable("The database is of a newer release than this one; upgrade the gateway") from None
