"""A service that speaks a vendor's own protocol: what the vendor saw, what came back, how errors and streams end."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import CoroutineType
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from starlette.types import ASGIApp, Message

import canaries
from ai_gateway.app.development import development_settings, entrance, vendor_environment
from ai_gateway.app.serving import build
from echo_vendor import EchoVendor, serve_echo

pytestmark = pytest.mark.anyio

PEOPLE = {
    "pro_1": {
        "role": "independent_professional",
        "known": {
            "names": ["Zephyrine Quillfeather", "Dana Okafor"],
            "emails": ["zephyrine@quillfeather.example", "dana@okafor.example"],
            "phones": ["415-555-0173"],
            "handles": ["zephquill", "danabuilds"],
        },
    },
    "cli_1": {
        "role": "client",
        "known": {
            "names": ["Sam Lee"],
            "emails": ["sam.lee@brightwater.example"],
            "organizations": ["Brightwater"],
        },
    },
}
METADATA = {"subjects": json.dumps(PEOPLE)}
ALL = "; ".join(canaries.PLANTED)
ARGUMENTS = {"to": ["Dana Okafor", {"phone": 4155550173}], "note": f'"{ALL}"\n', "when": None, "count": 3}

TOOL_SCHEMA = {
    "type": "object",
    "description": "Zephyrine Quillfeather's",
    "properties": {
        "to": {"type": "string", "default": "dana@okafor.example", "enum": ["danabuilds", "Sam Lee"]},
        "many": {"type": ["array", "null"], "items": {"type": "integer"}, "examples": [["Brightwater"]]},
    },
}
CHAT: dict[str, Any] = {
    "model": "any-model",
    "metadata": METADATA,
    "user": "zephquill",
    "messages": [
        {"role": "system", "content": f"You serve {ALL}"},
        {"role": "developer", "content": [{"type": "text", "text": "Call Sam Lee"}]},
        {"role": "user", "name": "zephquill", "content": [{"type": "text", "text": f"Hello, {ALL}"}]},
        {
            "role": "assistant",
            "content": None,
            "refusal": "Not for Okafor",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "send", "arguments": json.dumps(ARGUMENTS)}},
                {"id": "c2", "type": "function", "function": {"name": "send", "arguments": '{"broken": "Dana Okafor'}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"sent": ALL})},
        {"role": "tool", "tool_call_id": "c2", "content": "zephyrine@quillfeather.example is away"},
    ],
    "tools": [
        {"type": "function", "function": {"name": "send", "description": "To Sam Lee", "parameters": TOOL_SCHEMA}}
    ],
    "stop": ["Brightwater"],
    "prediction": {"type": "content", "content": "Dear Dana Okafor"},
    "temperature": 0.5,
}
SHORT: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "user", "content": "Hello, Sam Lee"}],
    "metadata": METADATA,
}
MESSAGES: dict[str, Any] = {
    "model": "any-model",
    "max_tokens": 50,
    "metadata": {"user_id": "zephquill", **METADATA},
    "system": [{"type": "text", "text": f"You serve {ALL}", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": f"Hello, {ALL}"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Is it Dana Okafor?", "signature": "Ab+/" * 99},
                {"type": "tool_use", "id": "toolu_0", "name": "send", "input": ARGUMENTS},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_0", "content": [{"type": "text", "text": ALL}]},
                {"type": "text", "text": "Go on, Sam Lee"},
            ],
        },
    ],
    "tools": [{"name": "send", "description": "To Sam Lee", "input_schema": TOOL_SCHEMA}],
    "stop_sequences": ["Brightwater"],
}
RESPONSES: dict[str, Any] = {
    "model": "any-model",
    "metadata": METADATA,
    "instructions": f"You serve {ALL}",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": f"Hello, {ALL}"}]},
        {"type": "function_call", "call_id": "c", "name": "send", "arguments": json.dumps(ARGUMENTS)},
        {"type": "function_call_output", "call_id": "c", "output": json.dumps({"sent": ALL})},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "It is Dana Okafor"}]},
    ],
    "tools": [{"type": "function", "name": "send", "description": "To Sam Lee", "parameters": TOOL_SCHEMA}],
    "text": {"format": {"type": "text"}},
}
ROUTES = {"/v1/chat/completions": CHAT, "/v1/messages": MESSAGES, "/v1/responses": RESPONSES}


@dataclass(frozen=True)
class Development:
    app: ASGIApp
    client: httpx.AsyncClient
    vendor: EchoVendor

    async def share(self, response: httpx.Response) -> Any:
        return (await self.client.get(f"/v1/shares/{response.headers['x-ai-gateway-share-id']}")).json()

    async def latest(self) -> Any:
        return (await self.client.get("/v1/shares", params={"limit": 1})).json()["shares"][0]


@pytest.fixture(scope="module")
async def development(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Development]:
    async with serve_echo() as vendor:
        settings = development_settings(tmp_path_factory.mktemp("dev"), host="127.0.0.1", port=0)
        app = build(settings, vendor_environment(vendor.url), entrance(None))
        async with LifespanManager(app, startup_timeout=60, shutdown_timeout=30):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                yield Development(app, client, vendor)


@pytest.fixture
def dev(development: Development) -> Development:
    development.vendor.forget()
    return development


def events(text: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


@pytest.mark.parametrize("path", ROUTES)
async def test_no_planted_person_reaches_the_vendor_and_all_of_them_come_back(dev: Development, path: str) -> None:
    response = await dev.client.post(path, json=ROUTES[path])

    assert response.status_code == 200, response.text
    assert canaries.traces(dev.vendor.bodies) == []
    assert "metadata" not in dev.vendor.last
    said = json.dumps(response.json(), ensure_ascii=False)
    assert [planted for planted in canaries.PLANTED if planted not in said] == []
    assert not [token for token in ("<PROFESSIONAL_", "<CLIENT_", "<EMAIL_", "<PHONE_", "<HANDLE_") if token in said]


async def test_arguments_stay_valid_json_in_both_directions(dev: Development) -> None:
    response = await dev.client.post("/v1/chat/completions", json=CHAT)

    sent = json.loads(dev.vendor.last["messages"][3]["tool_calls"][0]["function"]["arguments"])
    assert (sent["count"], sent["when"]) == (3, None)
    assert sent["to"][1]["phone"].startswith("<PHONE_")
    came = response.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    inner = json.loads(json.loads(came)["all"])
    assert json.loads(inner["messages"][3]["tool_calls"][0]["function"]["arguments"])["to"][0] == "Dana Okafor"


async def test_a_participants_name_is_written_as_the_protocol_allows_it(dev: Development) -> None:
    await dev.client.post("/v1/chat/completions", json=CHAT)
    assert dev.vendor.last["messages"][2]["name"].startswith("HANDLE_")


async def test_ids_models_reasons_and_usage_are_the_vendors(dev: Development) -> None:
    reply = (await dev.client.post("/v1/chat/completions", json=CHAT)).json()
    assert (reply["id"], reply["model"], reply["choices"][0]["finish_reason"]) == ("chatcmpl-1", "echo-1", "tool_calls")
    assert reply["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


async def test_the_vendor_is_told_not_to_keep_and_gets_none_of_the_clients_headers(dev: Development) -> None:
    await dev.client.post("/v1/chat/completions", json=CHAT, headers={"x-stainless-os": "any", "openai-beta": "x=1"})
    assert dev.vendor.last["store"] is False
    assert dev.vendor.last["model"] == "any-model"
    assert not {"authorization", "x-stainless-os", "openai-beta"} & set(dev.vendor.headers[-1])


async def test_the_body_on_record_is_the_one_that_was_sent(dev: Development) -> None:
    response = await dev.client.post("/v1/responses", json=RESPONSES)
    share = await dev.share(response)
    assert share["body"] == dev.vendor.bodies[-1].decode()
    assert share["outcome"]["status"] == "released"
    assert (share["outcome"]["input_tokens"], share["outcome"]["output_tokens"]) == (3, 4)


async def test_vectors_come_back_as_the_vendor_made_them(dev: Development) -> None:
    body = {"model": "any", "input": ["Dana Okafor", "Sam Lee"], "metadata": METADATA}
    refused = await dev.client.post("/v1/embeddings", json=body)
    assert refused.status_code == 400  # OpenAI's embeddings have no metadata
    del body["metadata"]
    response = await dev.client.post("/v1/embeddings", json=body)
    assert response.json()["data"][0]["embedding"] == [0.5, -0.25]
    assert dev.vendor.paths == ["/v1/embeddings"]
    assert "store" not in dev.vendor.last
    assert "Okafor" not in json.dumps(dev.vendor.last)


async def test_tokens_are_counted_by_the_vendor_of_what_it_would_see(dev: Development) -> None:
    body = {name: MESSAGES[name] for name in ("model", "messages", "system", "tools")}
    response = await dev.client.post("/v1/messages/count_tokens", json=body)
    assert response.json() == {"input_tokens": 3}
    assert dev.vendor.paths == ["/v1/messages/count_tokens"]


def _chat_text(text: str) -> str:
    return "".join(e["choices"][0]["delta"].get("content") or "" for e in events(text) if e["choices"])


def _message_text(text: str) -> str:
    return "".join(e["delta"]["text"] for e in events(text) if e["type"] == "content_block_delta")


def _response_text(text: str) -> str:
    return "".join(e["delta"] for e in events(text) if e["type"] == "response.output_text.delta")


STREAMED: dict[str, tuple[Callable[[str], str], Callable[[Any], str]]] = {
    "/v1/chat/completions": (_chat_text, lambda r: r["choices"][0]["message"]["content"]),
    "/v1/messages": (_message_text, lambda r: r["content"][0]["text"]),
    "/v1/responses": (_response_text, lambda r: r["output"][0]["content"][0]["text"]),
}


@pytest.mark.parametrize("path", STREAMED)
async def test_a_stream_joined_is_the_whole_reply(dev: Development, path: str) -> None:
    joined, whole = STREAMED[path]
    response = await dev.client.post(path, json={**ROUTES[path], "stream": True})

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert canaries.traces(dev.vendor.bodies) == []
    reply = (await dev.client.post(path, json=ROUTES[path])).json()
    said = joined(response.text).replace('"stream": true', '"stream": false').replace(',"stream":true', "")
    assert said == whole(reply)
    share = await dev.share(response)
    assert share["outcome"]["status"] == "released"


@pytest.mark.parametrize("path", STREAMED)
async def test_a_vendor_that_dies_in_mid_stream_is_told_in_the_protocols_own_way(dev: Development, path: str) -> None:
    dev.vendor.cut = 20
    response = await dev.client.post(path, json={**ROUTES[path], "stream": True})

    assert response.status_code == 200
    assert "vendor-unreachable" in response.text.splitlines()[-2]
    share = await dev.share(response)
    assert share["outcome"]["status"] == "vendor-unreachable"


@pytest.mark.parametrize("more", [{}, {"stream": True}], ids=["whole", "streamed"])
async def test_a_vendors_error_before_its_first_byte_is_an_error_of_the_protocol(
    dev: Development, more: dict[str, Any]
) -> None:
    dev.vendor.fail = 429
    openai = await dev.client.post("/v1/chat/completions", json={**CHAT, **more})
    assert (openai.status_code, openai.headers["retry-after"]) == (429, "7")
    assert openai.json()["error"]["type"] == "rate_limit_error"
    assert openai.json()["error"]["code"] == "vendor-rate-limited"
    anthropic = await dev.client.post("/v1/messages", json={**MESSAGES, **more})
    assert anthropic.status_code == 429
    assert anthropic.json()["type"] == "error"
    assert anthropic.json()["error"]["type"] == "rate_limit_error"
    assert anthropic.json()["request_id"] == anthropic.headers["request-id"] == anthropic.headers["x-request-id"]


async def test_a_vendors_complaint_about_the_request_keeps_its_status_and_is_not_tried_again(dev: Development) -> None:
    dev.vendor.fail = 400
    response = await dev.client.post("/v1/chat/completions", json=CHAT)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "vendor-rejected")
    assert len(dev.vendor.bodies) == 1


async def hang_up_after(
    app: ASGIApp, path: str, body: dict[str, object], pieces: int, last: bytes = b"\0"
) -> list[Message]:
    """What a client received that left after so many pieces, or as soon as it had ``last``."""
    sent: list[Message] = []
    enough = asyncio.Event()
    request = iter([{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}])

    async def receive() -> Message:
        for message in request:
            return message
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if sum(one["type"] == "http.response.body" for one in sent) >= pieces or last in message.get("body", b""):
            enough.set()

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "app": app}
    await app({**scope, "headers": headers, "http_version": "1.1", "scheme": "http", "root_path": ""}, receive, send)
    return sent


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process's terms
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", STREAMED)
async def test_a_client_that_goes_away_ends_the_vendors_call_and_the_share_is_settled(
    dev: Development, path: str
) -> None:
    dev.vendor.pause = 0.01
    sent = await hang_up_after(dev.app, path, {**ROUTES[path], "stream": True}, pieces=3)

    assert 3 <= sum(message["type"] == "http.response.body" for message in sent) < 10

    async def settled() -> bool:
        share = await dev.latest()
        return dev.vendor.running == 0 and (share["outcome"] or {}).get("status") == "abandoned"

    await until(settled)


def working() -> Counter[str]:
    """The gateway's tasks that are under way, by what they do."""
    coroutines = (task.get_coro() for task in asyncio.all_tasks())
    places = ((one.cr_code.co_filename, one.__qualname__) for one in coroutines if isinstance(one, CoroutineType))
    return Counter(name for file, name in places if "ai_gateway" in file or file.endswith("queues.py"))


async def test_no_task_is_left_of_streams_that_were_read_or_left(dev: Development) -> None:
    before = working()
    dev.vendor.pause = 0.001
    readers = (
        hang_up_after(dev.app, path, {**ROUTES[path], "stream": True}, pieces=pieces)
        for path in STREAMED
        for pieces in (0, 1, 2, 5, 10_000)
    )
    await asyncio.gather(*readers)

    async def over() -> bool:
        return dev.vendor.running == 0 and working() == before

    await until(over)


async def test_a_client_that_leaves_with_the_last_event_had_the_whole_reply(dev: Development) -> None:
    dev.vendor.pause = 0.005  # after the last event, too
    await hang_up_after(dev.app, "/v1/chat/completions", {**SHORT, "stream": True}, pieces=10_000, last=b"[DONE]")
    assert (await dev.latest())["outcome"]["status"] == "released"


async def test_another_replica_goes_on_with_the_same_pseudonyms(dev: Development, tmp_path: Path) -> None:
    first: list[dict[str, Any]] = [{"role": "user", "content": "Dana Okafor asks Sam Lee about it"}]
    await dev.client.post("/v1/chat/completions", json={**SHORT, "messages": first})
    before = dev.vendor.last["messages"]
    settings = development_settings(tmp_path, host="127.0.0.1", port=0)
    app = build(settings, vendor_environment(dev.vendor.url), entrance(None))
    async with (
        LifespanManager(app, startup_timeout=60, shutdown_timeout=30),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        turns = [
            *first,
            {"role": "assistant", "content": "Sam Lee is away"},
            {"role": "user", "content": "And Okafor?"},
        ]
        answer = await client.post("/v1/chat/completions", json={**SHORT, "messages": turns})
    assert dev.vendor.last["messages"][:1] == before
    known = before[0]["content"].partition(" asks ")[2].removesuffix(" about it")
    assert dev.vendor.last["messages"][1]["content"] == f"{known} is away"
    assert "Sam Lee is away" in answer.json()["choices"][0]["message"]["content"]


async def test_an_image_passes_where_the_policy_says_so_and_the_last_check_still_reads_it(tmp_path: Path) -> None:
    def asking(url: str) -> dict[str, Any]:
        image = {"type": "image_url", "image_url": {"url": url}}
        content = [{"type": "text", "text": "Is this Dana Okafor?"}, image]
        return {"model": "m", "messages": [{"role": "user", "content": content}], "metadata": METADATA}

    settings = development_settings(tmp_path, host="127.0.0.1", port=0)
    assert settings.policies is not None
    policy = settings.policies / "features" / "assistant.yaml"
    with policy.open("a", encoding="utf-8") as writing:
        writing.write("\nuninspected: {shapes: [images], source: policy L86}\n")
    async with serve_echo() as vendor:
        app = build(settings, vendor_environment(vendor.url), entrance(None))
        async with (
            LifespanManager(app, startup_timeout=60, shutdown_timeout=30),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
        ):
            passed = await client.post("/v1/chat/completions", json=asking("data:image/png;base64,iVBORw0KGgo="))
            named = await client.post("/v1/chat/completions", json=asking("https://danabuilds.example/okafor.png"))
    assert passed.status_code == 200, passed.text
    assert (named.status_code, named.json()["error"]["code"]) == (400, "egress-refused")
    (body,) = vendor.bodies
    assert canaries.traces([body]) == []
    assert json.loads(body)["messages"][0]["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="


async def test_a_longer_conversation_only_adds_pseudonyms(dev: Development) -> None:
    def asked(*turns: str) -> dict[str, object]:
        roles = ("user", "assistant")
        messages = [{"role": roles[number % 2], "content": text} for number, text in enumerate(turns)]
        return {"model": "m", "messages": messages, "metadata": METADATA, "tools": CHAT["tools"]}

    turns = ["Who is Dana Okafor?", "Dana Okafor writes at dana@okafor.example", "And Sam Lee, and zephquill?"]
    await dev.client.post("/v1/chat/completions", json=asked(*turns[:1]))
    first = dev.vendor.last["messages"]
    await dev.client.post("/v1/chat/completions", json=asked(*turns))
    assert dev.vendor.last["messages"][:1] == first
    assert "Okafor" not in json.dumps(dev.vendor.last)


async def test_what_cannot_be_inspected_is_refused_in_the_protocols_shape_and_nothing_is_sent(dev: Development) -> None:
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.example/dana.png"}}]}
    response = await dev.client.post("/v1/chat/completions", json={**CHAT, "messages": [image]})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "content-not-inspectable"
    assert response.json()["error"]["param"] == "messages.0.content.0"
    state = await dev.client.post("/v1/responses", json={**RESPONSES, "previous_response_id": "resp_1"})
    assert state.json()["error"]["code"] == "server-state-refused"
    routing = await dev.client.post("/v1/messages", json={**MESSAGES, "api_base": "http://elsewhere.example"})
    assert routing.json()["error"] | {"message": ""} == {
        "type": "invalid_request_error",
        "code": "routing-refused",
        "message": "",
    }
    assert dev.vendor.bodies == []


async def test_models_are_listed_in_the_shape_of_whoever_asks(dev: Development) -> None:
    openai = (await dev.client.get("/v1/models")).json()
    assert openai["data"] == [{"id": "assistant", "object": "model", "created": 0, "owned_by": "ai-gateway"}]
    response = await dev.client.get("/v1/models", headers={"anthropic-version": "2023-06-01"})
    assert response.headers["request-id"] == response.headers["x-request-id"]
    anthropic = response.json()
    assert (anthropic["first_id"], anthropic["has_more"]) == ("assistant", False)
    assert (await dev.client.get("/v1/models/any/other")).json()["id"] == "any/other"


async def test_an_answer_is_repeated_by_its_idempotency_key_and_never_shared_twice(dev: Development) -> None:
    headers = {"idempotency-key": "order-1"}
    first = await dev.client.post("/v1/chat/completions", json=CHAT, headers=headers)
    again = await dev.client.post("/v1/chat/completions", json=CHAT, headers=headers)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-ai-gateway-share-id"] == first.headers["x-ai-gateway-share-id"]
    assert len(dev.vendor.bodies) == 1
    streamed = await dev.client.post("/v1/chat/completions", json={**CHAT, "stream": True}, headers=headers)
    assert streamed.json()["error"]["code"] == "request-invalid"


async def test_headers_say_how_long_each_step_took(dev: Development) -> None:
    response = await dev.client.post("/v1/chat/completions", json={**CHAT, "stream": True})
    assert float(response.headers["x-ai-gateway-overhead-ms"]) > 0
    assert {step.partition(";")[0] for step in response.headers["server-timing"].split(", ")} >= {"treat", "vendor"}


async def test_two_conversations_at_once_do_not_mix(dev: Development) -> None:
    dev.vendor.pause = 0.001

    async def ask(number: int) -> None:
        name = f"person{number}@quillfeather.example"
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": f"Write to {name}."}]}
        text = _chat_text((await dev.client.post("/v1/chat/completions", json=body)).text)
        assert name in text
        assert text.count("@quillfeather.example") == 1

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert "person1" not in json.dumps([body.decode() for body in dev.vendor.bodies])
