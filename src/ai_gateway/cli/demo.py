"""``ai-gateway demo``: the whole gateway on this machine, over real HTTP, on invented people."""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer

from ai_gateway import samples
from ai_gateway.cli import demo_report
from ai_gateway.cli.terminal import run
from ai_gateway.config import LogLevel, Settings, read
from ai_gateway.errors import GatewayError, VendorError
from ai_gateway.model import CallerId, Right
from ai_gateway.standin import Standin, serve_standin

app = typer.Typer(add_completion=False, rich_markup_mode=None)
VENDOR_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "GEMINI_API_KEY")
_CALLER = CallerId("demo")
_OK = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One run, as the report prints it.

    ``received`` are the messages that reached the vendor; ``captured``: read at the stand-in, not at our own door.
    """

    feature: str
    asked: Mapping[str, Any] = field(repr=False)
    preview: Mapping[str, Any] = field(repr=False)
    received: Sequence[Mapping[str, Any]] = field(repr=False)
    captured: bool
    reply: Mapping[str, Any] = field(repr=False)
    share: Mapping[str, Any] = field(repr=False)


@app.command()
def demo(
    *,
    home: Annotated[
        Path | None, typer.Option(help="Keep records here. Left out: a folder that goes when it ends.")
    ] = None,
    standin: Annotated[
        bool, typer.Option("--standin", help="Use the bundled stand-in, whatever keys are set.")
    ] = False,
) -> None:
    """Run both features on sample data: what went in, what the vendor received, what came back, what is on record.

    Without a vendor's key in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, MISTRAL_API_KEY, GEMINI_API_KEY) a
    stand-in on this machine answers, and nothing leaves it.
    """

    async def work() -> None:
        with tempfile.TemporaryDirectory(prefix="ai-gateway-demo-") as passing:
            settings = replace(
                read(),
                home=home or Path(passing),
                database_url=None,
                redis_url=None,
                keys=None,
                workers=1,
                replicas=1,
                host="127.0.0.1",
                port=0,
                log_level=LogLevel.ERROR,
            )
            await _demonstrate(settings, standin=standin or not any(os.environ.get(name) for name in VENDOR_KEYS))

    run(work)


async def _demonstrate(settings: Settings, *, standin: bool) -> None:
    """1. a vendor, 2. an API key, 3. the gateway, 4. the people, 5. each feature, 6. what to try next."""
    async with AsyncExitStack() as open_things:
        vendor = await open_things.enter_async_context(serve_standin()) if standin else None
        key = await _api_key(settings)
        demo_report.welcome(vendor.url if vendor else None)
        url = await open_things.enter_async_context(_gateway(settings, _environ(vendor)))
        client = await open_things.enter_async_context(
            aiohttp.ClientSession(url, headers={"authorization": f"Bearer {key}"})
        )
        await _register(client)
        for feature in samples.FEATURES:
            demo_report.tell(await _one_run(client, feature, vendor))
        demo_report.farewell()


def _environ(vendor: Standin | None) -> Mapping[str, str]:
    if vendor is None:
        return os.environ
    kept = {name: value for name, value in os.environ.items() if name not in VENDOR_KEYS}
    return {**kept, "AI_GATEWAY_STANDIN_URL": vendor.openai_base}


async def _api_key(settings: Settings) -> str:
    from ai_gateway.app.stores import open_stores

    async with open_stores(settings) as stores:
        return (await stores.callers.create(_CALLER, frozenset(Right)))[1]


@asynccontextmanager
async def _gateway(settings: Settings, environ: Mapping[str, str]) -> AsyncGenerator[str]:
    """A real server on a free port of this machine; its URL."""
    import uvicorn

    from ai_gateway.adapters.logging import configure
    from ai_gateway.app.serving import build

    configure(settings.log_level)
    config = uvicorn.Config(
        build(settings, environ),
        host=settings.host,
        port=0,
        access_log=False,
        log_config=None,
        lifespan="on",
        ws="none",
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if serving.done():
                raise GatewayError("The gateway did not start; see what `ai-gateway doctor` says")
            await asyncio.sleep(0.02)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await serving


async def _register(client: aiohttp.ClientSession) -> None:
    registry = samples.read("registry")
    for subject, said in registry["subjects"].items():
        await _call(client, "PUT", f"/v1/subjects/{subject}", said)
    for subject, chosen in registry["choices"].items():
        await _call(client, "PUT", f"/v1/subjects/{subject}/choices", chosen)
    for consent in registry["consents"]:
        said = {name: value for name, value in consent.items() if name != "subject"}
        await _call(client, "POST", f"/v1/subjects/{consent['subject']}/consents", said)
    demo_report.registered(registry)


async def _one_run(client: aiohttp.ClientSession, feature: str, vendor: Standin | None) -> Shown:
    asked = samples.read(feature)
    preview = await _call(client, "POST", f"/v1/features/{feature}/preview", asked)
    reply = await _call(client, "POST", f"/v1/features/{feature}/runs", asked)
    share = await _call(client, "GET", f"/v1/shares/{reply['shares'][-1]['id']}")
    received: Any = vendor.captured[len(vendor.captured) - 1].json()["messages"] if vendor else preview["messages"]
    return Shown(
        feature=feature,
        asked=asked,
        preview=preview,
        received=received,
        captured=vendor is not None,
        reply=reply,
        share=share,
    )


async def _call(client: aiohttp.ClientSession, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    async with client.request(method, path, json=body) as response:
        answer = await response.json(content_type=None)
    if response.status >= _OK:
        kind = VendorError if answer["code"].startswith("vendor-") else GatewayError
        raise kind(f"{method} {path}: {answer['code']}: {answer['detail']}")
    return answer
