import gzip
import json
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message, Scope

from ai_gateway.api.limits import Bounds, Limits
from ai_gateway.api.visit import begin
from api_gateway import DRAFT, Running, run_of

pytestmark = pytest.mark.anyio


async def refused(gateway: Running, body: bytes, content_type: str = "application/json") -> tuple[int, str]:
    response = await gateway.client.post(f"{DRAFT}/preview", content=body, headers={"content-type": content_type})
    return response.status_code, response.json()["code"]


async def test_a_body_over_the_bound_is_refused_by_its_declared_length(gateway: Running) -> None:
    assert await refused(gateway, b" " * 100_001) == (413, "request-too-large")


async def test_a_body_over_the_bound_is_refused_while_it_arrives(gateway: Running) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b" " * 1000

    response = await gateway.client.post(
        f"{DRAFT}/preview", content=endless(), headers={"content-type": "application/json"}
    )
    assert response.json()["code"] == "request-too-large"


@pytest.mark.parametrize(
    "body",
    [b"{", b"nope", b"\xff\xfe", b'{"a": NaN}', b'{"a": 1}{', b'"\\ud800"', b"[" * 5000 + b"]" * 5000],
    ids=["cut", "word", "not UTF-8", "NaN", "two values", "lone surrogate", "very deep"],
)
async def test_what_is_not_json_is_refused(gateway: Running, body: bytes) -> None:
    assert (await refused(gateway, body))[1] in {"request-unreadable", "request-invalid"}


async def test_nesting_beyond_the_bound_is_refused(gateway: Running) -> None:
    deep = b'{"a":' * 30 + b"1" + b"}" * 30
    assert await refused(gateway, deep) == (422, "request-invalid")


async def test_more_values_than_the_bound_are_refused(gateway: Running) -> None:
    assert await refused(gateway, json.dumps({"inputs": [0] * 20_000}).encode()) == (422, "request-invalid")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
async def test_a_body_of_another_media_type_is_refused(gateway: Running, content_type: str) -> None:
    assert await refused(gateway, b"{}", content_type) == (415, "media-type-unsupported")


async def test_a_compressed_body_is_refused_for_that(gateway: Running) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    body = gzip.compress(json.dumps(run_of()).encode())
    response = await gateway.client.post(f"{DRAFT}/preview", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "media-type-unsupported")
    assert "Content-Encoding" in response.json()["detail"]


async def test_a_missing_body_is_refused(gateway: Running) -> None:
    response = await gateway.client.post(f"{DRAFT}/preview")
    assert response.json()["code"] == "request-invalid"


async def test_too_many_headers_are_refused(gateway: Running) -> None:
    headers = {f"x-{number}": "1" for number in range(80)}
    response = await gateway.client.post(f"{DRAFT}/preview", json=run_of(), headers=headers)
    assert response.json()["code"] == "request-too-large"


@pytest.mark.parametrize(
    ("path", "code", "status"),
    [("/v1/nothing", "route-unknown", 404), ("/", "route-unknown", 404), ("/v1/shares/", "route-unknown", 404)],
)
async def test_an_unknown_path_is_a_problem_too(gateway: Running, path: str, code: str, status: int) -> None:
    response = await gateway.client.get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_wrong_method_is_told_the_right_ones(gateway: Running) -> None:
    response = await gateway.client.delete(f"{DRAFT}/runs")
    assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed")
    assert response.headers["allow"] == "POST"


async def test_a_request_may_bring_an_id_that_cannot_hold_a_name(gateway: Running) -> None:
    own = "0af7651916cd43dd8448eb211c80319c"
    assert (await gateway.client.get("/healthz", headers={"x-request-id": own})).headers["x-request-id"] == own
    response = await gateway.client.get("/healthz", headers={"x-request-id": "for-dana-okafor"})
    assert response.headers["x-request-id"].startswith("req_")


class _Slow:
    """One connection whose body never ends, or whose client has gone."""

    def __init__(self, *, bounds: Bounds, messages: list[Message]) -> None:
        self.sent: list[Message] = []
        self._messages = messages
        self._limits = Limits(_never, bounds=bounds, exchanges=bounds)

    async def play(self) -> str:
        scope: Scope = {"type": "http", "path": "/v1/shares", "method": "POST", "headers": []}
        begin(scope, "req_1")
        await self._limits(scope, self._receive, self._send)
        code: str = json.loads(self.sent[-1]["body"])["code"]
        return code

    async def _receive(self) -> Message:
        import anyio

        if not self._messages:
            await anyio.sleep_forever()
        return self._messages.pop(0)

    async def _send(self, message: Message) -> None:
        self.sent.append(message)


async def _never(*_: object) -> None:
    raise AssertionError("a refused request goes no further")


async def test_a_body_that_does_not_arrive_in_time_is_refused() -> None:
    first: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}]
    assert await _Slow(bounds=Bounds(body_seconds=0.01), messages=first).play() == "request-unreadable"


async def test_a_client_that_hangs_up_is_not_waited_for() -> None:
    assert await _Slow(bounds=Bounds(), messages=[{"type": "http.disconnect"}]).play() == "request-unreadable"


async def test_beyond_the_bound_of_running_requests_clients_are_told_to_come_back() -> None:
    assert await _Slow(bounds=Bounds(running=0), messages=[]).play() == "gateway-busy"


@pytest.mark.parametrize("body", [b'{"actor": "pro_17", "actor": "cli_9"}', b'{"inputs": {"a": [{"b": 1, "b": 2}]}}'])
async def test_a_name_twice_in_one_object_is_refused(gateway: Running, body: bytes) -> None:
    response = await gateway.client.post(f"{DRAFT}/preview", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (400, "request-unreadable")
    assert "twice" in response.json()["detail"]
