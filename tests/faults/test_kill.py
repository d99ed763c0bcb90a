"""A server is killed at random moments under load, again and again; then its vendor and its log are compared."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
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
from forked_servers import Server, environment, forked
from vendor_server import VendorServer

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(400)]

KILLS = 50
CLIENTS = 6


@dataclass(slots=True)
class Seen:
    """What callers were told: the share ids of answers."""

    shares: list[str] = field(default_factory=list)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path / "home", database_url=database_url)


@pytest.fixture
def server(settings: Settings, vendor_server: VendorServer) -> Iterator[Server]:
    with forked(environment(settings, vendor_server)) as server:
        yield server


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
        assert all(leaf.leaf_hash == merkle.leaf_hash(leaf.leaf or b"") for leaf in leaves)
        size, frontier = merkle.extend(size, frontier, [leaf.leaf_hash for leaf in leaves])
        at += len(leaves)
    assert (size, frontier) == (state.size, state.frontier)
