"""CPU per vendor call: bare aiohttp, our door, and litellm's own call; in one run, against one local vendor.

``python -m benchmarks.vendor_call [--seconds 3] [--with-litellm]``. Microseconds of this process's CPU; ratios
hold, the figures are the machine's. ``--with-litellm`` also measures ``litellm.acompletion`` and how litellm reads a
reply.
"""

import argparse
import asyncio
import gc
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import aiohttp
import orjson

from ai_gateway.adapters.litellm_translation import load
from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.model import (
    BudgetedPrompt,
    Call,
    ClearedOutbound,
    FeatureName,
    Message,
    Permission,
    Purpose,
    RecordedShare,
    ShareId,
    SubjectId,
    TreatedPrompt,
    VendorName,
)
from ai_gateway.policies.policy import RuleRef, VendorModel, VendorProfile, VendorRole

ROOT = Path(__file__).parents[1]
MODELS = {
    "openai": "gpt-4.1-mini",
    "anthropic": "claude-sonnet-4-5",
    "mistral": "mistral-small-latest",
    "gemini": "gemini-2.5-flash",
}
LOCAL = "local"
TURNS = (
    Message(role="system", content="You draft proposals. Copy placeholders as they are. " * 4),
    Message(role="user", content="<CLIENT_1> of <ORG_1> needs a booking page by May; ask <EMAIL_1>. " * 30),
)


def profile(name: str, provider: str, model: str, base: str | None) -> VendorProfile:
    return VendorProfile(
        name=VendorName(name),
        legal_name=name,
        role=VendorRole.SERVICE_PROVIDER,
        country="local",
        region="local",
        transfers={},
        dpa="none",
        retention_days=0,
        trains_on_data=False,
        provider=provider,
        api_base=base,
        api_base_env=None,
        credential_env="KEY",
        no_store={"store": False} if provider == "openai" else {},
        models={model: VendorModel(name=model, context_tokens=100_000, encoding="o200k_base")},
        timeout_seconds=30,
        ref=RuleRef(rule="benchmark", source="benchmark"),
    )


def prompt(vendor: str, model: str) -> BudgetedPrompt:
    feature = FeatureName("proposal_draft")
    permission = Permission(
        feature=feature,
        purpose=Purpose.PROVIDE,
        vendor=VendorName(vendor),
        model=model,
        call=Call(feature=feature, actor=SubjectId("pro_17"), items=()),
        subjects={},
        items=(),
        consents=(),
        policy_digest="0" * 64,
        taxonomy_digest="0" * 64,
    )
    treated = TreatedPrompt(permission=permission, items=(), pseudonyms=(), identifiers=frozenset(), entities={})
    return BudgetedPrompt(
        treated=treated,
        prompt_name="proposal_draft",
        prompt_version=1,
        prompt_digest="0" * 64,
        messages=TURNS,
        items=(),
        decisions=(),
        input_tokens=500,
        max_output_tokens=400,
        config={"temperature": 0.3},
        fixed_text=(),
    )


async def measure(once: Callable[[], Awaitable[object]], seconds: float) -> float:
    """Microseconds of CPU per call, one after another: the best of three rounds, for the machine may be busy."""
    for _ in range(20):
        await once()
    gc.collect()
    gc.freeze()
    return min([await _round(once, seconds / 3) for _ in range(3)])


async def _round(once: Callable[[], Awaitable[object]], seconds: float) -> float:
    calls, stop, started = 0, time.perf_counter() + seconds, time.process_time()
    while time.perf_counter() < stop:
        await once()
        calls += 1
    return (time.process_time() - started) / calls * 1e6


async def _prepared(vendor: LitellmVendor, name: str, model: str) -> Callable[[], Awaitable[object]]:
    budgeted = prompt(name, model)

    async def once() -> object:
        return vendor.prepare(budgeted, VendorName(name))

    return once


async def run(base: str, seconds: float, *, with_litellm: bool) -> None:
    began = time.perf_counter()
    load()
    print(f"litellm imported in {time.perf_counter() - began:.1f} s\n")
    profiles = {name: profile(name, name, model, None) for name, model in MODELS.items()}
    profiles[LOCAL] = profile(LOCAL, "openai", MODELS["openai"], base)
    transport = VendorTransport()
    vendor = LitellmVendor({VendorName(name): made for name, made in profiles.items()}, transport, {"KEY": "benchmark"})
    vendor.load()
    budgeted = prompt(LOCAL, MODELS["openai"])
    outbound = vendor.prepare(budgeted, VendorName(LOCAL))
    share = RecordedShare(id=ShareId("shr_1"), cleared=ClearedOutbound(outbound=outbound, prompt=budgeted))
    results: dict[str, float] = {}

    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def bare() -> object:
            async with session.post(outbound.url, data=outbound.body, headers=outbound.headers) as response:
                return orjson.loads(await response.read())

        results["aiohttp, bare"] = await measure(bare, seconds)

    async def sent() -> object:
        return await vendor.send(share)

    async def both() -> object:
        vendor.prepare(budgeted, VendorName(LOCAL))
        return await vendor.send(share)

    results["our send"] = await measure(sent, seconds)
    results["our prepare + send"] = await measure(both, seconds)
    for name, model in MODELS.items():
        results[f"our prepare, {name}"] = await measure(await _prepared(vendor, name, model), seconds / 3)
    await vendor.close()
    if with_litellm:
        results["litellm reads a reply"] = await measure(_litellm_reads(), seconds / 3)
        results["litellm.acompletion"] = await measure(_acompletion(base), seconds)
    one = results["aiohttp, bare"]
    for name, spent in results.items():
        print(f"{name:24} {spent:9.0f} µs {spent / one:7.2f} x")


def _litellm_reads() -> Callable[[], Awaitable[object]]:
    import httpx
    from litellm.types.utils import LlmProviders, ModelResponse
    from litellm.utils import ProviderConfigManager

    from benchmarks.local_vendor import answer

    config = cast("Any", ProviderConfigManager.get_provider_chat_config(MODELS["openai"], LlmProviders.OPENAI))
    body = answer(b"<CLIENT_1>")

    class NoLog:
        def post_call(self, **_: object) -> None: ...

    async def once() -> object:
        return config.transform_response(
            model=MODELS["openai"],
            raw_response=httpx.Response(200, content=body),
            model_response=ModelResponse(),
            logging_obj=NoLog(),
            request_data={},
            messages=[],
            optional_params={},
            litellm_params={},
            encoding=None,
        )

    return once


def _acompletion(base: str) -> Callable[[], Awaitable[object]]:
    import litellm

    turns = [{"role": turn.role, "content": turn.content} for turn in TURNS]

    async def once() -> object:
        return await litellm.acompletion(
            model=f"openai/{MODELS['openai']}", messages=turns, api_base=base, api_key="benchmark", max_tokens=400
        )

    return once


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU per vendor call.")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--with-litellm", action="store_true")
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.local_vendor", str(port), "0"], cwd=ROOT)
    try:
        _wait_for(port)
        asyncio.run(run(f"http://127.0.0.1:{port}/v1", options.seconds, with_litellm=options.with_litellm))
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    stop = time.monotonic() + 10
    while time.monotonic() < stop:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit("the local vendor did not start")


if __name__ == "__main__":
    main()
