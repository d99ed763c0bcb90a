"""The stand-in as an HTTP server on loopback."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import cast

import orjson
from aiohttp import web

from ai_gateway.standin import replies
from ai_gateway.standin.captured import Capture, Captured
from ai_gateway.standin.replies import Json, NotUnderstood, Written
from ai_gateway.standin.script import Script, Step

LOOPBACK = "127.0.0.1"
_LARGEST_REQUEST = 16 << 20
_OK, _BAD_REQUEST, _NOT_FOUND = 200, 400, 404


class _Protocol:
    """How one route speaks."""

    def __init__(
        self,
        whole: Callable[[Written, str | None], Json],
        stream: Callable[[Written, Json], Iterator[bytes]],
        error: Callable[[int, str], Json],
    ) -> None:
        self.whole, self.stream, self.error = whole, stream, error


def _chat_stream(reply: Written, request: Json) -> Iterator[bytes]:
    options = request.get("stream_options")
    return replies.chat_chunks(reply, with_usage=isinstance(options, dict) and options.get("include_usage") is True)


_CHAT = _Protocol(replies.chat_completion, _chat_stream, replies.chat_error)
_MESSAGES = _Protocol(replies.message, lambda reply, _request: replies.message_events(reply), replies.message_error)


class Standin:
    """A running stand-in. ``captured`` holds what it received, ``url`` is its base without a path."""

    def __init__(self, *, keep: int = 1000, script: Iterable[Step] = ()) -> None:
        self.captured = Capture(keep)
        self.script = Script(script)
        self.url = ""

    @property
    def openai_base(self) -> str:
        """What to set as ``api_base`` of a vendor that speaks OpenAI's protocol."""
        return f"{self.url}/v1"

    def application(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_get("/captured", self._show)
        app.router.add_delete("/captured", self._forget)
        app.router.add_post("/script", self._take_script)
        app.router.add_route("*", "/{path:.*}", self._anything_else)
        return app

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._play(request, _CHAT)

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        return await self._play(request, _MESSAGES)

    async def _anything_else(self, request: web.Request) -> web.StreamResponse:
        """Captured all the same: a request that went to the wrong place is still one that left."""
        await self._capture(request)
        step = self.script.next()
        await asyncio.sleep(step.delay)
        if step.body is None:
            missing = replies.chat_error(_NOT_FOUND, "there is nothing here")
            return await self._deliver_json(request, Step(status=_NOT_FOUND), missing)
        return await self._deliver(request, step, step.body, "application/json")

    async def _play(self, request: web.Request, protocol: _Protocol) -> web.StreamResponse:
        raw = await self._capture(request)
        step = self.script.next()
        await asyncio.sleep(step.delay)
        if step.body is None and step.status == _OK:
            try:
                asked = _read(raw)
                written = replies.answer(asked, step.text)
            except NotUnderstood as fault:
                return await self._deliver_json(
                    request, Step(status=_BAD_REQUEST), protocol.error(_BAD_REQUEST, str(fault))
                )
            if asked.get("stream") is True and step.cut is None:
                return await self._stream(request, protocol.stream(written, asked))
            return await self._deliver_json(request, step, protocol.whole(written, step.finish))
        if step.body is None:
            return await self._deliver_json(request, step, protocol.error(step.status, "as the script says"))
        return await self._deliver(request, step, step.body, "application/json")

    async def _capture(self, request: web.Request) -> bytes:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.captured.add(Captured(method=request.method, target=request.path_qs, headers=headers, body=body))
        return body

    async def _deliver_json(self, request: web.Request, step: Step, value: Json) -> web.StreamResponse:
        return await self._deliver(request, step, orjson.dumps(value), "application/json")

    async def _deliver(self, request: web.Request, step: Step, body: bytes, kind: str) -> web.StreamResponse:
        if step.cut == "before":
            _hang_up(request)
        headers = {"content-type": kind, **step.headers}
        if step.gzip:
            body, headers["content-encoding"] = gzip.compress(body, mtime=0), "gzip"
        response = web.StreamResponse(status=step.status, headers=headers)
        response.content_length = len(body)
        await response.prepare(request)
        if step.cut == "middle":
            await response.write(body[: len(body) // 2])
            _hang_up(request)
            return response
        await response.write(body)
        await response.write_eof()
        return response

    async def _stream(self, request: web.Request, events: Iterator[bytes]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream", "cache-control": "no-cache"})
        await response.prepare(request)
        for event in events:
            await response.write(event)
        await response.write_eof()
        return response

    async def _models(self, _request: web.Request) -> web.Response:
        return _json(replies.models())

    async def _show(self, _request: web.Request) -> web.Response:
        kept = [
            {
                "method": c.method,
                "target": c.target,
                "headers": dict(c.headers),
                "body": c.body.decode("utf-8", "replace"),
            }
            for c in self.captured
        ]
        return _json({"total": self.captured.total, "requests": kept})

    async def _forget(self, _request: web.Request) -> web.Response:
        self.captured.clear()
        self.script.clear()
        return web.Response(status=204)

    async def _take_script(self, request: web.Request) -> web.Response:
        """``{"steps": [{"status": 429, "headers": {"retry-after": "2"}}, {"cut": "middle"}, …]}``; bodies are text."""
        try:
            self.script.add([_step(entry) for entry in cast("list[Json]", _read(await request.read())["steps"])])
        except (KeyError, TypeError, AttributeError, NotUnderstood):
            return web.Response(status=_BAD_REQUEST, text='a script is {"steps": [{…}]}')
        return web.Response(status=204)


def _step(entry: Json) -> Step:
    values = dict(entry)
    if isinstance(values.get("body"), str):
        values["body"] = cast("str", values["body"]).encode()
    return Step(**values)  # type: ignore[arg-type]


def _read(raw: bytes) -> Json:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise NotUnderstood("the body is not JSON") from None
    if not isinstance(value, dict):
        raise NotUnderstood("the body is not an object")
    return cast("Json", value)


def _json(value: Json) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


@asynccontextmanager
async def serve_standin(port: int = 0, *, keep: int = 1000, script: Iterable[Step] = ()) -> AsyncGenerator[Standin]:
    """Serve on loopback while the block runs; port 0 takes a free one. ``keep`` bounds what is captured."""
    standin = Standin(keep=keep, script=script)
    runner = web.AppRunner(standin.application(), access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, port)
        await site.start()
        bound: int = runner.addresses[0][1]
        standin.url = f"http://{LOOPBACK}:{bound}"
        yield standin
    finally:
        await runner.cleanup()
