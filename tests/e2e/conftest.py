"""One scripted vendor and one real gateway for all end-to-end tests, and the vendors' own clients."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import anthropic
import openai
import pytest

import canaries
from e2e.gateway_process import KEY, GatewayProcess, serving
from e2e.people import HEADERS, PEOPLE
from e2e.scripted_vendor import ScriptedVendor

for _client in ("openai", "anthropic", "httpx", "httpcore", "httpx2", "httpcore2"):
    logging.getLogger(_client).setLevel(logging.WARNING)  # clients log what they send: their affair


@pytest.fixture(scope="session")
def vendor() -> Iterator[ScriptedVendor]:
    with ScriptedVendor() as running:
        yield running
        assert canaries.traces(running.everything()) == []


@pytest.fixture(scope="session")
def gateway(vendor: ScriptedVendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    with serving(vendor.url, tmp_path_factory.mktemp("gateway")) as running:
        for subject, described in PEOPLE.items():
            running.http.put(f"/v1/subjects/{subject}", json=described).raise_for_status()
            chosen = {"opted_in": ["assistant"]}
            running.http.put(f"/v1/subjects/{subject}/choices", json=chosen).raise_for_status()
        yield running
        assert running.traces() == []


@pytest.fixture(autouse=True)
def nothing_planted_reaches_the_vendor(vendor: ScriptedVendor) -> Iterator[None]:
    before = len(vendor.received)
    yield
    assert canaries.traces([part for r in vendor.received[before:] for part in (r.head, r.body)]) == []


@pytest.fixture
def openai_client(gateway: GatewayProcess) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=gateway.openai_base, api_key=KEY, default_headers=HEADERS, max_retries=0) as client:
        yield client


@pytest.fixture
async def openai_async(gateway: GatewayProcess) -> AsyncIterator[openai.AsyncOpenAI]:
    base = gateway.openai_base
    async with openai.AsyncOpenAI(base_url=base, api_key=KEY, default_headers=HEADERS, max_retries=0) as client:
        yield client
    await asyncio.sleep(0)  # connections close in the loop's next turn


@pytest.fixture
def anthropic_client(gateway: GatewayProcess) -> Iterator[anthropic.Anthropic]:
    base = gateway.base
    with anthropic.Anthropic(base_url=base, api_key=KEY, default_headers=HEADERS, max_retries=0) as client:
        yield client


@pytest.fixture
async def anthropic_async(gateway: GatewayProcess) -> AsyncIterator[anthropic.AsyncAnthropic]:
    base = gateway.base
    async with anthropic.AsyncAnthropic(base_url=base, api_key=KEY, default_headers=HEADERS, max_retries=0) as client:
        yield client
    await asyncio.sleep(0)
