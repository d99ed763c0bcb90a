"""A feature run that is answered as the vendor writes: the same answer, in pieces, on the same record."""

import json
from typing import Any

import pytest

from ai_gateway.model import Right
from ai_gateway.protocols.sse import Event, Reader
from ai_gateway.standin import Step
from api_gateway import DRAFT, Running, run_of

pytestmark = pytest.mark.anyio

RUNS = f"{DRAFT}/runs"
STREAMED: dict[str, Any] = {**run_of(), "stream": True}


def read(raw: bytes) -> list[tuple[str | None, dict[str, Any]]]:
    return [(event.name, json.loads(event.data)) for event in Reader().feed(raw) if not event.comment]


async def streamed(gateway: Running, **more: Any) -> list[tuple[str | None, dict[str, Any]]]:
    response = await gateway.client.post(RUNS, json=STREAMED, **more)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    return read(response.content)


def joined(told: list[tuple[str | None, dict[str, Any]]]) -> str:
    return "".join(body["text"] for name, body in told if name == "delta")


async def test_the_pieces_joined_are_the_unstreamed_answer(gateway: Running) -> None:
    whole = (await gateway.client.post(RUNS, json=run_of())).json()
    told = await streamed(gateway)
    names = [name for name, _ in told]
    assert (names[0], names[-1], set(names[1:-1])) == ("started", "completed", {"delta"})
    assert joined(told) == whole["output"]
    assert len(whole["output"]) > 100
    last = told[-1][1]
    own = ("id", "shares")
    assert {n: v for n, v in last.items() if n not in own} == {
        n: v for n, v in whole.items() if n not in (*own, "output")
    }
    started = told[0][1]
    assert (started["id"], [started["share"]]) == (last["id"], last["shares"])


async def test_the_vendor_is_asked_to_stream_and_the_share_is_on_record_before_the_first_piece(
    gateway: Running,
) -> None:
    response = await gateway.client.post(RUNS, json=STREAMED)
    sent = json.loads(gateway.standin.captured[-1].body)
    assert (sent["stream"], sent["stream_options"]) == (True, {"include_usage": True})
    share = (await gateway.client.get(f"/v1/shares/{response.headers['x-ai-gateway-share-id']}")).json()
    assert share["body"].encode() == gateway.standin.captured[-1].body
    assert (share["outcome"]["status"], share["outcome"]["finish_reason"]) == ("released", "stop")
    assert read(response.content)[0][1]["share"]["id"] == share["id"]
    assert float(response.headers["x-ai-gateway-overhead-ms"]) >= 0
    assert "vendor;dur=" in response.headers["server-timing"]


async def test_personal_data_that_nobody_sent_in_is_taken_out_of_a_stream_too(gateway: Running) -> None:
    text = "Write to marlo.finch@elsewhere.example now."
    gateway.standin.script.add([Step(text=text), Step(text=text)])
    whole = (await gateway.client.post(RUNS, json=run_of())).json()
    told = await streamed(gateway)
    assert joined(told) == whole["output"] == "Write to [removed: email address] now."
    assert told[-1][1]["removed_from_reply"] == {"EMAIL_ADDRESS": 1}


async def test_a_vendor_that_dies_in_mid_stream_is_an_error_event_and_the_share_says_so(gateway: Running) -> None:
    begun = Event(data='{"id": "c_1", "choices": [{"index": 0, "delta": {"content": "Dear"}}]}').encode()
    headers = {"content-type": "text/event-stream"}
    gateway.standin.script.add([Step(body=begun + b"x" * 100, headers=headers, cut="middle")])
    response = await gateway.client.post(RUNS, json=STREAMED)
    told = read(response.content)
    assert [name for name, _ in told] == ["started", "error"]
    problem = told[-1][1]
    assert (problem["code"], problem["status"]) == ("vendor-unreachable", 502)
    assert problem["request_id"] == response.headers["x-request-id"]
    share = (await gateway.client.get(f"/v1/shares/{told[0][1]['share']['id']}")).json()
    assert share["outcome"]["status"] == "vendor-unreachable"


async def test_what_goes_wrong_before_the_vendor_writes_is_an_ordinary_error(gateway: Running) -> None:
    gateway.standin.script.add([Step(status=429, headers={"retry-after": "3"})])
    limited = await gateway.client.post(RUNS, json=STREAMED)
    assert (limited.status_code, limited.json()["code"], limited.headers["retry-after"]) == (
        429,
        "vendor-rate-limited",
        "3",
    )
    headers = await gateway.key(Right.FEATURES, caller="newsletter")
    refused = await gateway.client.post(RUNS, json=STREAMED, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "caller-not-allowed")


async def test_a_streamed_run_cannot_be_repeated_by_a_key(gateway: Running) -> None:
    sent = len(gateway.standin.captured)
    response = await gateway.client.post(RUNS, json=STREAMED, headers={"idempotency-key": "once"})
    assert (response.status_code, response.json()["code"]) == (422, "request-invalid")
    assert len(gateway.standin.captured) == sent


async def test_a_preview_shows_the_request_that_a_streamed_run_would_send(gateway: Running) -> None:
    shown = (await gateway.client.post(f"{DRAFT}/preview", json=STREAMED)).json()
    await gateway.client.post(RUNS, json=STREAMED)
    assert shown["body"].encode() == gateway.standin.captured[-1].body
