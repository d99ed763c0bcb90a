from dataclasses import replace

import pytest

from ai_gateway.errors import CoordinationUnavailable
from api_gateway import DRAFT, Running, run_of
from canaries import traces

pytestmark = pytest.mark.anyio


async def test_the_process_says_that_it_lives(gateway: Running) -> None:
    assert (await gateway.client.get("/healthz")).json() == {"status": "alive"}


async def test_every_part_says_what_it_is(gateway: Running) -> None:
    response = await gateway.client.get("/readyz")
    assert response.status_code == 200
    parts = response.json()["parts"]
    assert set(parts) == {"share_log", "database", "coordination", "keys", "detector", "vendors", "catalogue"}
    assert parts["vendors"] == {"status": "ready", "detail": "standin"}
    assert "marketplace-4" in parts["detector"]["detail"]


async def test_one_part_away_is_not_ready_and_named(gateway: Running) -> None:
    async def away() -> str:
        raise CoordinationUnavailable

    async def broken() -> str:
        raise ValueError("a password")

    services = gateway.services
    gateway.app.state.services = replace(services, checks={**services.checks, "coordination": away, "keys": broken})
    try:
        response = await gateway.client.get("/readyz")
    finally:
        gateway.app.state.services = services
    assert response.status_code == 503
    assert response.json()["parts"]["coordination"]["status"] == "coordination-unavailable"
    assert response.json()["parts"]["keys"] == {"status": "internal-error", "detail": "ValueError"}


async def test_metrics_count_runs_decisions_and_entities_without_saying_whose(gateway: Running) -> None:
    await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    await gateway.client.post(f"{DRAFT}/runs", json={**run_of(), "actor": "cli_12"})
    await gateway.client.post("/v1/features/dana_okafor/runs", json=run_of())
    text = (await gateway.client.get("/metrics")).text
    assert 'ai_gateway_runs_total{code="ok",feature="proposal_draft"}' in text
    assert 'ai_gateway_runs_total{code="share-refused",feature="proposal_draft"}' in text
    assert 'ai_gateway_shares_total{code="ok",vendor="standin"}' in text
    assert 'code="message-consent-withdrawn",feature="proposal_draft"' in text
    assert 'ai_gateway_entities_total{entity="PERSON",feature="proposal_draft"}' in text
    assert 'ai_gateway_step_seconds_count{step="vendor"}' in text
    assert 'route="/v1/features/{feature}/runs"' in text
    assert traces([text]) == []
    assert "pro_17" not in text


async def test_nothing_that_callers_write_becomes_a_label(gateway: Running) -> None:
    await gateway.client.get("/v1/made/up/ottoline")
    await gateway.client.request("OTTOLINE", "/healthz")
    assert "ottoline" not in (await gateway.client.get("/metrics")).text.lower()
