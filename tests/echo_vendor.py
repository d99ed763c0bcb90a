"""A vendor that says back everything it was sent, in the protocol it was asked in, whole or in small pieces."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

PIECE = 7


class EchoVendor:
    """``bodies`` are those received; ``cut`` ends a stream after so many events without a word, ``pause`` is in seconds
    between events. ``running`` counts requests under way."""

    def __init__(self) -> None:
        self.url = ""
        self.running = 0
        self.forget()

    def forget(self) -> None:
        """What was received, and how to misbehave."""
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.cut: int | None = None
        self.pause = 0.0
        self.fail: int | None = None

    @property
    def last(self) -> dict[str, Any]:
        return dict(json.loads(self.bodies[-1]))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.paths.append(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if self.fail is not None:
            return web.json_response({"error": {"message": "no"}}, status=self.fail, headers={"retry-after": "7"})
        asked, said = self.last, self.bodies[-1].decode()
        self.running += 1
        try:
            if asked.get("stream"):
                return await self._stream(request, STREAMS[request.path](said))
            return web.json_response(WHOLES[request.path](said))
        finally:
            self.running -= 1

    async def _stream(self, request: web.Request, events: Iterator[bytes]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for number, event in enumerate(events):
            if number == self.cut:
                assert request.transport is not None
                request.transport.abort()
                return response
            await response.write(event)
            if self.pause:
                await asyncio.sleep(self.pause)
        await response.write_eof()
        return response


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + PIECE] for at in range(0, len(text), PIECE))


def _event(body: dict[str, Any], name: str | None = None) -> bytes:
    return (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(body).encode() + b"\n\n"


def _chat(said: str) -> dict[str, Any]:
    call = {"id": "call_1", "type": "function", "function": {"name": "send", "arguments": json.dumps({"all": said})}}
    message = {"role": "assistant", "content": said, "refusal": None, "tool_calls": [call]}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "echo-1",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    }


def _chat_stream(said: str) -> Iterator[bytes]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "echo-1", "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(said):
        yield chunk({"content": piece})
    head = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "send", "arguments": ""}}
    yield chunk({"tool_calls": [head]})
    for piece in _pieces(json.dumps({"all": said})):
        yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    yield chunk({}, "tool_calls")
    yield b"data: [DONE]\n\n"


def _message(said: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "echo-1",
        "content": [
            {"type": "text", "text": said},
            {"type": "tool_use", "id": "toolu_1", "name": "send", "input": {"all": said}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }


def _message_stream(said: str) -> Iterator[bytes]:
    head = {**_message(""), "content": [], "stop_reason": None}
    yield _event({"type": "message_start", "message": head}, "message_start")
    start = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield _event(start, "content_block_start")
    for piece in _pieces(said):
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        yield _event(delta, "content_block_delta")
    yield _event({"type": "content_block_stop", "index": 0}, "content_block_stop")
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}}
    yield _event(end, "message_delta")
    yield _event({"type": "message_stop"}, "message_stop")


def _response(said: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": said, "annotations": []}]
    call = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "send", "arguments": json.dumps({"a": said})}
    message = {"type": "message", "id": "m_1", "role": "assistant", "status": "completed", "content": content}
    return {
        "id": "resp_1",
        "object": "response",
        "model": "echo-1",
        "status": "completed",
        "output": [message, call],
        "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
    }


def _response_stream(said: str) -> Iterator[bytes]:
    number = iter(range(1_000_000))

    def event(kind: str, **facts: Any) -> bytes:
        return _event({"type": kind, "sequence_number": next(number), **facts}, kind)

    place = {"item_id": "m_1", "output_index": 0, "content_index": 0}
    yield event("response.created", response={**_response(""), "output": [], "status": "in_progress", "usage": None})
    for piece in _pieces(said):
        yield event("response.output_text.delta", delta=piece, **place)
    yield event("response.output_text.done", text=said, **place)
    yield event("response.completed", response=_response(said))


def _vectors(_said: str) -> dict[str, Any]:
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}],
        "model": "echo-1",
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }


WHOLES = {
    "/v1/chat/completions": _chat,
    "/v1/messages": _message,
    "/v1/messages/count_tokens": lambda _said: {"input_tokens": 3},
    "/v1/responses": _response,
    "/v1/embeddings": _vectors,
}
STREAMS = {
    "/v1/chat/completions": _chat_stream,
    "/v1/messages": _message_stream,
    "/v1/responses": _response_stream,
}


@asynccontextmanager
async def serve_echo() -> AsyncGenerator[EchoVendor]:
    vendor = EchoVendor()
    app = web.Application(client_max_size=64 << 20)
    app.router.add_post("/{path:.*}", vendor.answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        vendor.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield vendor
    finally:
        await runner.cleanup()
