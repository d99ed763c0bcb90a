"""Somebody puts last week's database back. It does not know what was withdrawn since, so nothing is shared until the
marketplace has said it again and somebody goes on from there, on record and under a new signing key."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import httpx
import pytest
from asgi_lifespan import LifespanManager

from ai_gateway.app.restored import accept_database
from ai_gateway.app.serving import build
from ai_gateway.app.stores import open_stores
from ai_gateway.config import Settings
from ai_gateway.model import Right
from ai_gateway.standin import Standin, serve_standin
from api_gateway import DRAFT, Running, run_of

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _served(settings: Settings, standin: Standin) -> AsyncGenerator[httpx.AsyncClient]:
    app = build(settings, {"AI_GATEWAY_STANDIN_URL": standin.openai_base})
    async with (
        LifespanManager(app, startup_timeout=60, shutdown_timeout=30),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        _, text = await app.state.services.callers.create("marketplace", frozenset(Right))
        client.headers["authorization"] = f"Bearer {text}"
        yield client


async def _say(client: httpx.AsyncClient) -> None:
    """What the marketplace knows: its people, their choices, their consents."""
    await Running(app=None, client=client, standin=None, log=StringIO()).register()  # type: ignore[arg-type]


async def test_a_withdrawal_that_a_backup_forgot_is_not_overruled_by_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    backup = tmp_path / "backup"
    async with serve_standin() as standin:
        async with _served(settings, standin) as client:
            await _say(client)
            assert (await client.post(f"{DRAFT}/runs", json=run_of())).status_code == 200
        shutil.copytree(settings.data_folder, backup)

        async with _served(settings, standin) as client:
            out = {"opted_in": ["profile_summary"]}
            assert (await client.put("/v1/subjects/pro_17/choices", json=out)).status_code == 200
            refused = await client.post(f"{DRAFT}/runs", json=run_of())
            assert refused.json()["code"] == "share-refused"
        async with open_stores(settings) as stores:
            assert stores.publisher is not None
            signed = (await stores.publisher.publish()).partition("\n")[0]
        shutil.rmtree(settings.data_folder)
        shutil.copytree(backup, settings.data_folder)

        received = len(standin.captured)
        async with _served(settings, standin) as client:
            ready = await client.get("/readyz")
            assert ready.status_code == 200, "the registry must be reached"
            assert ready.json()["parts"]["database"]["status"] == "database-restored"
            refused = await client.post(f"{DRAFT}/runs", json=run_of())
            assert refused.status_code == 503
            assert refused.json()["code"] == "database-restored"
            assert refused.json()["entries"] < refused.json()["seen"]
            assert (await client.put("/v1/subjects/pro_17/choices", json=out)).status_code == 200
        assert len(standin.captured) == received, "the older database would have allowed it"

        async with open_stores(settings) as stores:
            accepted = await accept_database(stores, settings)
            assert accepted["accepted"] is True
            assert "-2+" in str(accepted["key"])
        async with open_stores(settings) as stores:
            assert await accept_database(stores, settings) == {"accepted": False}

        async with _served(settings, standin) as client:
            assert (await client.get("/readyz")).json()["parts"]["database"]["status"] == "ready"
            refused = await client.post(f"{DRAFT}/runs", json=run_of())
            assert refused.json()["code"] == "share-refused", "said again, so it holds again"
            assert (await client.get("/v1/checkpoint")).text.startswith(f"{signed}-2\n")
