"""What is left of a request: its log line, and nothing of what it said."""

import json
from typing import Any
from unittest import mock

import pytest

from ai_gateway.api.edge import where
from api_gateway import DRAFT, Running, run_of
from canaries import traces

pytestmark = pytest.mark.anyio
PLANTED = "Ottoline Brackenridge"


def lines(gateway: Running) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gateway.log.getvalue().splitlines()]


async def test_a_request_leaves_one_line_with_ids_and_counts(gateway: Running) -> None:
    response = await gateway.client.post(f"{DRAFT}/runs?note={PLANTED}", json=run_of())
    line = next(one for one in lines(gateway) if one.get("request_id") == response.headers["x-request-id"])
    assert line["route"] == f"{DRAFT}/runs".replace("proposal_draft", "{feature}")
    assert (line["status"], line["code"], line["caller"]) == (200, "ok", "marketplace")
    assert line["share"] == response.headers["x-ai-gateway-share-id"]
    assert PLANTED not in gateway.log.getvalue()


async def test_an_unknown_error_tells_its_kind_and_place_and_no_more(gateway: Running) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError(PLANTED)

    with mock.patch.object(gateway.services.gateway, "answer", fail):
        response = await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    assert (response.status_code, response.json()["code"]) == (500, "internal-error")
    assert PLANTED not in response.text
    line = next(one for one in lines(gateway) if one["message"] == "unknown error")
    assert line["kind"] == "RuntimeError"
    assert any("test_edge.py" in place for place in line["at"])
    assert PLANTED not in gateway.log.getvalue()


async def test_every_answer_forbids_keeping_and_sniffing(gateway: Running) -> None:
    for path in ("/healthz", "/v1/nothing", "/docs"):
        headers = (await gateway.client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/healthz", "/v1/models", "/openapi.json", "/v1/nothing"])
async def test_head_says_what_get_would_without_the_body(gateway: Running, path: str) -> None:
    got, headed = await gateway.client.get(path), await gateway.client.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    for name in ("content-type", "content-length", "cache-control"):
        assert headed.headers[name] == got.headers[name]


async def test_head_of_what_takes_no_get_is_told_so(gateway: Running) -> None:
    assert (await gateway.client.head("/v1/messages")).headers["allow"] == "POST"


async def test_a_whole_run_leaves_nothing_personal_in_the_log_at_debug_level(gateway: Running) -> None:
    await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    assert traces([gateway.log.getvalue()]) == []


def test_places_are_files_and_lines_without_values() -> None:
    def fail(name: str) -> None:
        raise ValueError(name)

    with pytest.raises(ValueError, match=PLANTED) as caught:
        fail(PLANTED)
    places = list(where(caught.value))
    assert places[-1].startswith("test_edge.py:")
    assert PLANTED not in " ".join(places)
