"""A gateway that serves audit alone: ready without a vendor, and no feature is run."""

from collections.abc import AsyncIterator

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from ai_gateway.app.serving import build
from ai_gateway.config import Detection, Serves, Settings
from ai_gateway.model import CallerId, Right
from ai_gateway.standin import serve_standin
from api_gateway import DRAFT, run_of
from console_browser import WORKBENCH, Browser, words_of

pytestmark = pytest.mark.anyio

Gateway = tuple[FastAPI, str]


@pytest.fixture(scope="module", params=["no vendor", "a vendor"])
async def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Gateway]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, detection=Detection.PATTERNS, serves=Serves.AUDIT)
    async with serve_standin() as standin:
        app = build(settings, {} if request.param == "no vendor" else {"AI_GATEWAY_STANDIN_URL": standin.openai_base})
        async with LifespanManager(app, startup_timeout=60, shutdown_timeout=30):
            _, key = await app.state.services.callers.create(CallerId("marketplace"), frozenset(Right))
            yield app, key
        assert not standin.captured


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    app, key = gateway
    headers, transport = {"authorization": f"Bearer {key}"}, httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as client:
        yield client


async def test_it_is_ready_and_says_what_it_does_without(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    vendors = answer.json()["parts"]["vendors"]
    assert vendors == {"status": "absent", "detail": "AI_GATEWAY_SERVES=audit: no feature is run and no vendor asked"}


@pytest.mark.parametrize(
    "path",
    [f"{DRAFT}/runs", f"{DRAFT}/preview", "/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/messages"],
)
async def test_features_and_vendors_protocols_are_refused(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, json=run_of())
    assert answer.status_code == 403
    assert "features-not-served" in answer.text
    assert "AI_GATEWAY_SERVES=audit" in answer.text


async def test_audit_and_the_registry_are_served(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/shares")).json()["shares"] == []
    assert (await client.put("/v1/subjects/pro_1", json={"role": "client", "region": "US-CA"})).status_code in {
        200,
        201,
    }
    assert (await client.get("/v1/models")).status_code == 403


async def test_the_workbench_previews_and_neither_offers_nor_runs_nor_records_a_trial(gateway: Gateway) -> None:
    app, key = gateway
    one = Browser(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://gateway"))
    await one.sign_in(key)
    entries = (await app.state.console.log.tree()).size
    page = await one.get(f"{WORKBENCH}?feature=proposal_draft")
    assert "This gateway serves audit, and runs no trials." in words_of(page)
    assert 'value="run:' not in page.text
    assert "Nothing was sent." in words_of(await one.send("preview"))
    for do in ("run:standin", "run:vendor", "run"):
        refused = await one.send(do)
        assert (refused.status_code, "features-not-served" in refused.text) == (403, True), do
        assert "Nothing was sent." in words_of(refused), "what would leave is shown all the same"
    assert (await app.state.console.log.tree()).size == entries


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/{model}", "/v1/messages", "/v1/features/{feature}/runs"])
async def test_the_description_says_of_what_is_refused_that_it_may_be(gateway: Gateway, path: str) -> None:
    (operation,) = gateway[0].openapi()["paths"][path].values()
    assert "`features-not-served`" in operation["responses"]["403"]["description"]


async def test_without_the_setting_a_gateway_without_a_vendor_is_not_ready(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    app = build(Settings(home=tmp_path_factory.mktemp("home"), detection=Detection.PATTERNS), {})
    async with (
        LifespanManager(app, startup_timeout=60, shutdown_timeout=30),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["vendors"]["status"]) == (503, "vendor-unconfigured")
