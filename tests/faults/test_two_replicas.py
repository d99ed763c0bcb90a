"""Two server processes on one PostgreSQL and one Valkey: what one was told, the other knows at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from benchmarks.register import register

from ai_gateway import samples
from ai_gateway.app.stores import open_stores
from ai_gateway.config import Settings
from forked_servers import environment, forked
from vendor_server import VendorServer

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

TURNS = 20
MESSAGE = "Could you start in the second week of April?"


@pytest.fixture
def settings(tmp_path: Path, postgres_url: str, valkey_url: str) -> Settings:
    return Settings(home=tmp_path / "home", database_url=postgres_url, redis_url=valkey_url)


@pytest.fixture
async def replicas(settings: Settings, vendor_server: VendorServer) -> AsyncIterator[tuple[str, str]]:
    from ai_gateway.adapters.key_file import create_key_file
    from ai_gateway.app.keys import key_file

    create_key_file(key_file(settings))
    assert settings.redis_url is not None
    environ = environment(settings, vendor_server) | {"AI_GATEWAY_REDIS_URL": settings.redis_url}
    with ExitStack() as stack:
        servers = [stack.enter_context(forked(environ)) for _ in range(2)]
        for server in servers:
            await server.start()
            await ready(server.port)
        yield f"http://127.0.0.1:{servers[0].port}", f"http://127.0.0.1:{servers[1].port}"


async def ready(port: int) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.02)


def run_of() -> dict[str, Any]:
    asked = samples.read("proposal_draft")
    first = asked["inputs"]["messages"][0] | {"text": MESSAGE}
    asked["inputs"]["messages"] = [first]
    return dict(asked)


async def test_a_withdrawal_that_one_replica_confirmed_holds_at_once_on_the_other(
    replicas: tuple[str, str], settings: Settings, vendor_server: VendorServer
) -> None:
    async with open_stores(settings) as stores:
        key = await register(stores)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    author = run_of()["inputs"]["messages"][0]["author"]
    async with aiohttp.ClientSession(headers=headers) as session:

        async def say(base: str, state: str) -> None:
            said = {"purpose": "provide", "state": state, "notice_version": "2025-06", "channel": "settings"}
            async with session.post(f"{base}/v1/subjects/{author}/consents", json=said) as response:
                assert response.status == 201, await response.text()

        async def drafted_with_message(base: str) -> bool:
            before = len(vendor_server.bodies)
            async with session.post(f"{base}/v1/features/proposal_draft/runs", data=json.dumps(run_of())) as response:
                assert response.status == 200, await response.text()
                answer = await response.json()
            (body,) = vendor_server.bodies[before:]
            codes = {decision["input"]: decision["action"] for decision in answer["decisions"]}
            assert (MESSAGE.encode() in body) == (codes["messages[0]"] == "shared")
            return MESSAGE.encode() in body

        for turn in range(TURNS):
            told, other = replicas if turn % 2 else replicas[::-1]
            await say(told, "given")
            assert await drafted_with_message(other)
            assert await drafted_with_message(told)
            await say(told, "withdrawn")
            assert not await drafted_with_message(other)
            assert not await drafted_with_message(told)


async def test_one_idempotency_key_shares_once_whichever_replica_is_asked(
    replicas: tuple[str, str], settings: Settings, vendor_server: VendorServer
) -> None:
    async with open_stores(settings) as stores:
        key = await register(stores)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json", "idempotency-key": "one"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def ask(base: str) -> tuple[int, str]:
            async with session.post(f"{base}/v1/features/proposal_draft/runs", data=json.dumps(run_of())) as response:
                return response.status, await response.text()

        answers = await asyncio.gather(*(ask(base) for base in replicas * 4))
        answers.append(await ask(replicas[0]))
    assert {status for status, _ in answers} <= {200, 409}
    assert len({text for status, text in answers if status == 200}) == 1
    assert answers[-1][0] == 200
    assert len(vendor_server.bodies) == 1
