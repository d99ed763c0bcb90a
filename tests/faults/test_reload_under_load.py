"""Policies change under load, from one version to another and to a broken one and back, while ten thousand runs go
through."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from ai_gateway.adapters.folder_snapshot import write_out
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.app.stores import Stores, open_stores
from ai_gateway.config import Settings
from ai_gateway.model import CallerId, FeatureName, Right
from builders_policies import POLICIES_FOLDER
from forked_servers import Server, environment, forked
from vendor_server import VendorServer

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

REQUESTS, CLIENTS, BETWEEN = 10_000, 32, 500
ASSISTANT = FeatureName("assistant")
FEATURE = "features/assistant.yaml"
_USER = "sources: [chat.user]\n    treatment: "
BODY = {"model": "assistant", "messages": [{"role": "user", "content": "Write to sonde@crestline.example about it."}]}


def shipped(*names: str) -> dict[str, bytes]:
    return {name: (POLICIES_FOLDER / name).read_bytes() for name in names}


PSEUDONYMIZES = shipped("taxonomy.yaml", "vendors.yaml", "callers.yaml", FEATURE)
REDACTS = {
    **PSEUDONYMIZES,
    FEATURE: PSEUDONYMIZES[FEATURE].replace(
        f"{_USER}pseudonymize".encode(),
        b"sources: [chat.user]\n    entities: [{types: [EMAIL_ADDRESS], action: redact, source: policy L86}]\n"
        b"    treatment: redact",
    ),
    "vendors.yaml": PSEUDONYMIZES["vendors.yaml"].replace(b"region: local", b"region: here"),
}
BROKEN = {**REDACTS, FEATURE: REDACTS[FEATURE].replace(b"purpose: provide", b"purpose: provde")}


@dataclass(slots=True)
class Seen:
    statuses: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    unready: int = 0


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    policies, prompts = tmp_path / "policies", tmp_path / "prompts"
    write_out(PSEUDONYMIZES, policies)
    prompts.mkdir()
    return Settings(home=tmp_path / "home", database_url=sqlite_url, policies=policies, prompts=prompts)


@pytest.fixture
def server(settings: Settings, vendor_server: VendorServer) -> Iterator[Server]:
    environ = environment(settings, vendor_server) | {
        "AI_GATEWAY_POLICIES": str(settings.policies),
        "AI_GATEWAY_PROMPTS": str(settings.prompts),
        "AI_GATEWAY_RELOAD_MS": "30",
        "AI_GATEWAY_RELOAD_SETTLE_MS": "30",
        "AI_GATEWAY_LOG_LEVEL": "error",
    }
    with forked(environ) as server:
        yield server


async def ready(session: aiohttp.ClientSession, base: str) -> dict[str, str]:
    async with session.get(f"{base}/readyz") as response:
        told = await response.json()
    return {"http": str(response.status), **told["parts"]["catalogue"]}


async def until_ready(session: aiohttp.ClientSession, base: str, status: str = "ready") -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await ready(session, base))["status"] == status:
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)


async def ask(session: aiohttp.ClientSession, base: str, numbers: Iterator[int], seen: Seen) -> None:
    for _ in numbers:
        async with session.post(f"{base}/v1/chat/completions", json=BODY) as response:
            await response.read()
            seen.statuses[response.status] += 1


async def flip(session: aiohttp.ClientSession, base: str, folder: Path, seen: Seen) -> None:
    """File by file, as an editor or a copy does it; each version stays until the server has looked at it, and for some
    hundred requests more."""
    for files in itertools.cycle((REDACTS, BROKEN, PSEUDONYMIZES, BROKEN)):
        for name, content in files.items():
            (folder / name).write_bytes(content)
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while True:
                told = await ready(session, base)
                seen.unready += told["http"] != "200"
                if (told["status"] == "change-refused") is (files is BROKEN):
                    break
                await asyncio.sleep(0.02)
        seen.refused += files is BROKEN
        enough = seen.statuses.total() + BETWEEN
        while seen.statuses.total() < enough:  # noqa: ASYNC110 - the clients fill it
            await asyncio.sleep(0.05)


async def intents(stores: Stores) -> AsyncIterator[dict[str, object]]:
    start = 0
    while leaves := await stores.shares.leaves(start, 2_000):
        start += len(leaves)
        for leaf in leaves:
            said = json.loads(leaf.leaf or b"{}")
            if said["type"] == "share.intent":
                yield said


async def test_every_share_of_ten_thousand_ran_under_one_valid_version_and_none_failed(
    server: Server, settings: Settings, vendor_server: VendorServer, tmp_path: Path
) -> None:
    async with open_stores(settings) as stores:
        _, key = await stores.callers.create(CallerId("demo"), frozenset({Right.FEATURES}))
    await server.start()
    base, seen = f"http://127.0.0.1:{server.port}", Seen()
    numbers = iter(range(REQUESTS))
    assert settings.policies is not None
    async with aiohttp.ClientSession(headers={"authorization": f"Bearer {key}"}) as session:
        await until_ready(session, base)
        flipping = asyncio.create_task(flip(session, base, settings.policies, seen))
        await asyncio.gather(*(ask(session, base, numbers, seen) for _ in range(CLIENTS)))
        assert not flipping.done() or flipping.exception() is None
        flipping.cancel()
        await asyncio.wait([flipping])
        write_out(PSEUDONYMIZES, settings.policies)
        await until_ready(session, base)
    assert seen.statuses == {200: REQUESTS}
    assert seen.refused >= 2
    assert seen.unready == 0, "a refused change must not take the gateway out of service"

    treatments = {}
    for name, files in {"pseudonymize": PSEUDONYMIZES, "redact": REDACTS}.items():
        write_out(files, tmp_path / name)
        treatments[load_policies(tmp_path / name).features[ASSISTANT].digest] = name
    async with open_stores(settings) as stores:
        found: Counter[tuple[str, str, str]] = Counter()
        async for leaf in intents(stores):
            item = next(one for one in leaf["segments"] if one["kind"] == "item")  # type: ignore[attr-defined]
            found[treatments[str(leaf["policy"])], item["treatment"], str(leaf["region"])] += 1
        assert sum(found.values()) == REQUESTS
        assert set(found) == {("pseudonymize", "pseudonymize", "local"), ("redact", "redact", "here")}
        for digest, name in treatments.items():
            (kept,) = await stores.versions.find(digest)
            write_out(kept.files, tmp_path / "found" / name)
            assert load_policies(tmp_path / "found" / name).features[ASSISTANT].digest == digest
            assert kept.of == "policy of assistant"
    redacted = sum(b"[redacted" in body for body in vendor_server.bodies if body)
    assert redacted == found["redact", "redact", "here"], "what a vendor received is what the share's policy decides"
