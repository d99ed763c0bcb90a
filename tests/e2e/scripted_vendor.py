"""A vendor on loopback that speaks OpenAI's and Anthropic's protocols in full, and misbehaves as the model's name says.

``error.<status>``: that status. ``malformed``: a reply that is no JSON. ``cut``: hangs up in the middle. ``gate1``: an
event only when that gate lets one pass. ``held``: a few events, and then none until the other side hangs up. ``huge``:
50 million characters. ``endless``: a hundred times that. It keeps every byte that it received.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web

from e2e import said_in_chat, said_in_messages, said_in_responses
from e2e.said import Body, Said, say, script

HUGE_CHARACTERS = 50_000_000
ENDLESS_CHARACTERS = 100 * HUGE_CHARACTERS
_HUGE_PIECE = "All work and no play. " * 3_000
_CUT_AFTER = 6
HELD_AFTER = 30


@dataclass(frozen=True)
class Speech:
    whole: Callable[[Body, Said, int], Body]
    stream: Callable[[Body, Said, int], Iterator[bytes]]
    error: Callable[[int, str], Body]


SPEECHES = {
    "/v1/chat/completions": Speech(said_in_chat.whole, said_in_chat.stream, said_in_chat.error),
    "/v1/responses": Speech(said_in_responses.whole, said_in_responses.stream, said_in_chat.error),
    "/v1/messages": Speech(said_in_messages.whole, said_in_messages.stream, said_in_messages.error),
}


@dataclass
class Received:
    """One request. ``sent`` counts the events of a streamed reply that have left."""

    path: str
    head: bytes
    body: bytes
    sent: int = 0
    ended: str = ""

    @property
    def json(self) -> Body:
        return dict(json.loads(self.body))


@dataclass(frozen=True)
class Gate:
    """Lets one event pass each time that it is ``let``. ``name`` goes into the model's name."""

    name: str
    _open: Callable[[str], None] = field(repr=False)

    def let(self, events: int = 1) -> None:
        for _ in range(events):
            self._open(self.name)


class ScriptedVendor:
    """Runs in a thread of its own while the block does."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.running = 0
        self.base = ""
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="scripted vendor", daemon=True)

    @property
    def url(self) -> str:
        return f"{self.base}/v1"

    @property
    def last(self) -> Body:
        return self.received[-1].json

    def gate(self) -> "Gate":
        """A new one, closed."""
        name = f"gate{len(self._gates)}"
        self._gates[name] = asyncio.Semaphore(0)
        return Gate(name, self._open)

    def _open(self, gate: str) -> None:
        self._loop.call_soon_threadsafe(self._gates[gate].release)

    def everything(self) -> list[bytes]:
        return [part for request in self.received for part in (request.head, request.body)]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the vendor did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=0.5, handler_cancellation=True
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        head = f"{request.method} {request.path_qs}\n" + "\n".join(f"{n}: {v}" for n, v in request.headers.items())
        received = Received(request.path, head.encode(), await request.read())
        self.received.append(received)
        self.running += 1
        try:
            return await self._reply(request, received)
        except (ConnectionError, asyncio.CancelledError):
            received.ended = "cut"
            raise
        finally:
            self.running -= 1

    async def _reply(self, request: web.Request, received: Received) -> web.StreamResponse:
        asked, number = received.json, len(self.received)
        words, speech = script(asked), SPEECHES.get(request.path)
        if "error" in words:
            return _failed(int(words[words.index("error") + 1]), speech)
        if "malformed" in words:
            return web.Response(body=b'{"id": "half a rep', content_type="application/json")
        if speech is None:
            return _numbers(received)
        if not asked.get("stream"):
            return await _whole(request, speech.whole(asked, say(asked), number), cut="cut" in words)
        events = speech.stream(asked, say(asked), number)
        if "huge" in words:
            events = said_in_chat.endless(asked, number, HUGE_CHARACTERS, _HUGE_PIECE)
        if "endless" in words:
            events = said_in_chat.endless(asked, number, ENDLESS_CHARACTERS, _HUGE_PIECE)
        return await self._stream(request, received, events, words)

    async def _stream(
        self, request: web.Request, received: Received, events: Iterator[bytes], words: list[str]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        gate = next((self._gates[word] for word in words if word in self._gates), None)
        for event in events:
            if "cut" in words and received.sent == _CUT_AFTER:
                return _hang_up(request, response)
            if gate is not None:
                await gate.acquire()
            if "held" in words and received.sent == HELD_AFTER:
                await asyncio.Event().wait()  # until whoever asked hangs up
            await response.write(event)
            received.sent += 1
        await response.write_eof()
        received.ended = "whole"
        return response


def _numbers(received: Received) -> web.Response:
    match received.path:
        case "/v1/embeddings":
            return web.json_response(said_in_chat.vectors(received.json))
        case "/v1/messages/count_tokens":
            return web.json_response({"input_tokens": len(received.body)})
        case _:
            return web.json_response(said_in_chat.error(404, "there is nothing here"), status=404)


def _failed(status: int, speech: Speech | None) -> web.Response:
    error = (speech.error if speech else said_in_chat.error)(status, "Dana Okafor's request failed")
    return web.json_response(error, status=status, headers={"retry-after": "7"} if status in (429, 503, 529) else {})


async def _whole(request: web.Request, reply: Body, *, cut: bool) -> web.StreamResponse:
    raw = json.dumps(reply).encode()
    response = web.StreamResponse(headers={"content-type": "application/json", "content-length": str(len(raw))})
    await response.prepare(request)
    await response.write(raw[: len(raw) // 2] if cut else raw)
    if cut:
        return _hang_up(request, response)
    await response.write_eof()
    return response


def _hang_up(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return response
