"""A server is killed at random moments under load, again and again; then its vendor and its log are compared."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from benchmarks.register import register

from ai_gateway import samples
from ai_gateway.app.stores import Stores, open_stores
from ai_gateway.config import Settings
from ai_gateway.model import ShareId
from ai_gateway.sharelog import merkle
from ai_gateway.sharelog.view import ShareView
from vendor_server import VendorServer

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(400)]

KILLS = 50
CLIENTS = 6
FORKER = Path(__file__).with_name("serve_forked.py")


@dataclass(slots=True)
class Server:
    """A gateway that can be killed and started again, on the same stores."""

    forker: subprocess.Popen[str]
    port: int
    pid: int = 0

    async def start(self) -> None:
        assert self.forker.stdin is not None
        assert self.forker.stdout is not None
        self.forker.stdin.write(f"serve {self.port}\n")
        self.forker.stdin.flush()
        self.pid = int(await asyncio.to_thread(self.forker.stdout.readline))

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


@dataclass(slots=True)
class Seen:
    """What callers were told: the share ids of answers."""

    shares: list[str] = field(default_factory=list)


def environment(settings: Settings, vendor: VendorServer) -> dict[str, str]:
    names = {
        "AI_GATEWAY_HOME": str(settings.home),
        "AI_GATEWAY_DATABASE_URL": settings.database,
        "AI_GATEWAY_DETECTION": "patterns",
        "AI_GATEWAY_STANDIN_URL": vendor.openai_base,
        "AI_GATEWAY_LOG_LEVEL": "warning",
        "PYTHONPATH": str(Path(__file__).parent.parent / "no_network"),
    }
    ours = {"PATH", "HOME", "LANG", "XDG_RUNTIME_DIR"}
    return {name: value for name, value in os.environ.items() if name in ours} | names


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path / "home", database_url=database_url)


@pytest.fixture
def server(settings: Settings, vendor_server: VendorServer) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    forker = subprocess.Popen(
        [sys.executable, str(FORKER)],
        env=environment(settings, vendor_server),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert forker.stdout is not None
    assert forker.stdin is not None
    assert forker.stdout.readline() == "warm\n"
    server = Server(forker, port)
    yield server
    with suppress(ProcessLookupError):
        if server.pid:
            server.kill()
    forker.stdin.close()
    forker.stdout.close()
    forker.wait(20)


@asynccontextmanager
async def registered(settings: Settings) -> AsyncIterator[str]:
    """The sample people are registered; yields an API key's text."""
    async with open_stores(settings) as stores:
        key = await register(stores)
    yield key


async def client(url: str, key: str, seen: Seen, over: asyncio.Event) -> None:
    """Asks without pause; a server that went away is asked again."""
    asked = samples.read("proposal_draft")
    # A third person's name takes the model to be found; these processes live too briefly to load it.
    del asked["inputs"]["messages"][0]
    body = json.dumps(asked)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    async with aiohttp.ClientSession() as session:
        while not over.is_set():
            try:
                async with session.post(url, data=body, headers=headers) as response:
                    answer = await response.json()
            except (aiohttp.ClientError, ConnectionError, TimeoutError):
                await asyncio.sleep(0.02)
                continue
            assert response.status == 200, answer
            seen.shares.append(answer["shares"][-1]["id"])


async def answered_again(vendor: VendorServer, before: int, limit: float = 30) -> None:
    """The server that was just started has shared something."""
    async with asyncio.timeout(limit):
        while len(vendor.standin.captured) <= before:  # noqa: ASYNC110 - it fills in another thread
            await asyncio.sleep(0.01)


async def test_whatever_a_vendor_received_is_on_record_however_often_the_server_is_killed(
    server: Server, settings: Settings, vendor_server: VendorServer
) -> None:
    chance = random.Random(20)
    seen, over = Seen(), asyncio.Event()
    async with registered(settings) as key:
        url = f"http://127.0.0.1:{server.port}/v1/features/proposal_draft/runs"
        clients = [asyncio.create_task(client(url, key, seen, over)) for _ in range(CLIENTS)]
        for _ in range(KILLS):
            before = len(vendor_server.standin.captured)
            await server.start()
            await answered_again(vendor_server, before)
            await asyncio.sleep(chance.uniform(0, 0.15))
            server.kill()
        over.set()
        for task in clients:
            task.cancel()
        ended = await asyncio.gather(*clients, return_exceptions=True)
    assert not [error for error in ended if isinstance(error, AssertionError)]

    received = [body for body in vendor_server.bodies if body]
    assert len(received) >= KILLS
    async with open_stores(settings) as stores:
        recorded = [share.body async for share in shares(stores)]
        assert set(received) <= set(recorded), "a vendor received what is not on record"
        assert len(recorded) >= len(received), "a vendor received one body more often than it is on record"
        for share_id in seen.shares:
            assert (await stores.reader.share(ShareId(share_id))).state in {"settled", "in_doubt"}
        await whole_tree(stores)


async def shares(stores: Stores) -> AsyncIterator[ShareView]:
    after: ShareId | None = None
    while True:
        page = await stores.reader.shares(after=after, limit=200)
        for share in page.shares:
            yield await stores.reader.share(share.id)
        if page.next is None:
            return
        after = page.next


async def whole_tree(stores: Stores) -> None:
    """Every leaf is there, in order, and the tree that was grown is the tree that they make."""
    store = stores.log._store
    state = await store.tree()
    size, frontier, at = 0, b"", 0
    while leaves := await store.leaves(at, 1000):
        assert [leaf.index for leaf in leaves] == list(range(at, at + len(leaves)))
        assert all(leaf.leaf_hash == merkle.leaf_hash(leaf.leaf) for leaf in leaves)
        size, frontier = merkle.extend(size, frontier, [leaf.leaf_hash for leaf in leaves])
        at += len(leaves)
    assert (size, frontier) == (state.size, state.frontier)
