"""A whole gateway behind its HTTP API: SQLite, every tier of the detector, and the stand-in vendor on loopback."""

import io
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import structlog
from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from ai_gateway import samples
from ai_gateway.adapters.logging import configure
from ai_gateway.api.services import Services
from ai_gateway.app.serving import build
from ai_gateway.config import Settings
from ai_gateway.model import CallerId, Right
from ai_gateway.standin import Standin, serve_standin

DRAFT = "/v1/features/proposal_draft"


@dataclass(slots=True)
class Running:
    """``client`` has a key with every right; ``log`` is what the process logged, at debug level."""

    settings: Settings
    app: FastAPI
    client: httpx.AsyncClient
    standin: Standin
    log: io.StringIO = field(repr=False)

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    async def key(self, *rights: Right, caller: str = "marketplace") -> Mapping[str, str]:
        _, text = await self.services.callers.create(CallerId(caller), frozenset(rights))
        return {"authorization": f"Bearer {text}"}

    async def register(self) -> None:
        await register(self.client)


async def register(client: httpx.AsyncClient, others: Callable[[Any], Any] = lambda sample: sample) -> None:
    """The sample people, their choices and consents; or ``others`` like them."""
    registry = others(samples.read("registry"))
    for subject, said in registry["subjects"].items():
        assert (await client.put(f"/v1/subjects/{subject}", json=said)).status_code == 200
    for subject, chosen in registry["choices"].items():
        assert (await client.put(f"/v1/subjects/{subject}/choices", json=chosen)).status_code == 200
    for consent in registry["consents"]:
        said = {name: value for name, value in consent.items() if name != "subject"}
        response = await client.post(f"/v1/subjects/{consent['subject']}/consents", json=said)
        assert response.status_code == 201


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Running]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log = io.StringIO()
    configure("debug", log)
    root.handlers += handlers
    settings = Settings(home=tmp_path_factory.mktemp("home"), max_body_bytes=100_000)
    async with serve_standin() as standin:
        app = build(settings, {"AI_GATEWAY_STANDIN_URL": standin.openai_base})
        async with LifespanManager(app, startup_timeout=60, shutdown_timeout=30):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                running = Running(settings, app, client, standin, log)
                client.headers.update(await running.key(*Right))
                await running.register()
                yield running
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def run_of(feature: str = "proposal_draft") -> dict[str, Any]:
    return dict(samples.read(feature))
