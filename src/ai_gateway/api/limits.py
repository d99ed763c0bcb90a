"""What a request may be before anything looks at what it says: its size, nesting and time, and how many run at once."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ai_gateway.api.dialects import answer, dialect_of
from ai_gateway.api.visit import current
from ai_gateway.errors import (
    GatewayBusy,
    GatewayError,
    MediaTypeUnsupported,
    RequestInvalid,
    RequestTooLarge,
    RequestUnreadable,
)
from ai_gateway.protocols.objects import unrepeated

_BODY = "ai_gateway.body"
_JSON = "ai_gateway.json"
_MAX_HEADER_BYTES = 16_384
_MAX_HEADERS = 64
_NAMES = json.JSONDecoder(object_pairs_hook=unrepeated, parse_int=str, parse_float=str)
"""Made once: ``json.loads`` makes one each time, which takes longer than to read a short body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """``body_seconds`` is how long a body may take to arrive, ``running`` how many requests a process runs at once."""

    body_bytes: int = 1 << 20
    body_seconds: float = 15.0
    json_depth: int = 12
    json_values: int = 10_000
    running: int = 512


class Limits:
    """Reads the body within its bounds and parses it once, for everybody behind. Conversations and tools' schemas are
    longer and deeper than the gateway's own requests: ``exchanges`` bounds those."""

    def __init__(self, app: ASGIApp, *, bounds: Bounds, exchanges: Bounds) -> None:
        self._app = app
        self._bounds = bounds
        self._exchanges = exchanges
        self._running = 0

    def _of(self, scope: Scope) -> Bounds:
        return self._bounds if dialect_of(scope) is None else self._exchanges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        try:
            self._admit(scope)
        except GatewayError as error:
            await _refuse(error, scope, receive, send)
            return
        self._running += 1
        try:
            scope[_BODY] = body = await self._read(scope, receive)
            if body:
                scope[_JSON] = self._parse(scope, body)
            await self._app(scope, _replay(body, receive), send)
        except GatewayError as error:
            await _refuse(error, scope, receive, send)
        finally:
            self._running -= 1

    def _admit(self, scope: Scope) -> None:
        if self._running >= self._bounds.running:
            raise GatewayBusy("Repeat the request after retry_after seconds", retry_after=1)
        headers = scope["headers"]
        if len(headers) > _MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > _MAX_HEADER_BYTES:
            raise RequestTooLarge(f"At most {_MAX_HEADERS} headers of {_MAX_HEADER_BYTES} bytes together")

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        """A declared length is believed when it is too large, never when it is small."""
        bounds, declared = self._of(scope), _header(scope, b"content-length")
        if declared is not None and declared.isdigit() and int(declared[:12]) > bounds.body_bytes:
            raise _too_large(bounds)
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(bounds.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise RequestUnreadable("The body ended before it was complete")
                    pieces.append(message.get("body", b""))
                    size += len(pieces[-1])
                    if size > bounds.body_bytes:
                        raise _too_large(bounds)
                    if not message.get("more_body", False):
                        return b"".join(pieces)
        except TimeoutError:
            raise RequestUnreadable("The body did not arrive in time", seconds=bounds.body_seconds) from None

    def _parse(self, scope: Scope, body: bytes) -> Any:  # noqa: ANN401 - what JSON holds
        media_type = (_header(scope, b"content-type") or b"").partition(b";")[0].strip().lower()
        if media_type != b"application/json":
            raise MediaTypeUnsupported("Send the body as application/json")
        if (_header(scope, b"content-encoding") or b"identity").strip().lower() != b"identity":
            raise MediaTypeUnsupported("Send the body as it is, not compressed: without Content-Encoding")
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:  # its message quotes the text
            raise RequestUnreadable("The body is not JSON (RFC 8259) in UTF-8") from None
        _measure(value, self._of(scope))
        _refuse_repeated(body)
        return value


class ParsedRoute(APIRoute):
    """Its requests hand out the JSON that ``Limits`` parsed, instead of parsing it again."""

    def get_route_handler(self) -> Any:  # noqa: ANN401 - the framework's own alias is not exported
        handle = super().get_route_handler()

        async def handle_parsed(request: Request) -> Any:  # noqa: ANN401
            return await handle(_Parsed(request.scope, request.receive))

        return handle_parsed


class _Parsed(Request):
    async def json(self) -> Any:  # noqa: ANN401
        return self.scope[_JSON]


def body_of(scope: Scope) -> bytes:
    """The bytes of the body, as they came."""
    body: bytes = scope[_BODY]
    return body


def is_parsed(scope: Scope) -> bool:
    """Whether there was a body."""
    return _JSON in scope


def json_of(scope: Scope) -> Any:  # noqa: ANN401 - what JSON holds
    """The body's JSON, parsed once. Raises ``RequestUnreadable`` for an empty body."""
    if _JSON not in scope:
        raise RequestUnreadable("The body is empty; send JSON")
    return scope[_JSON]


def _too_large(bounds: Bounds) -> RequestTooLarge:
    return RequestTooLarge(f"A body may have at most {bounds.body_bytes} bytes", limit=bounds.body_bytes)


def _measure(value: object, bounds: Bounds) -> None:
    values, level = 0, [value]
    for _ in range(bounds.json_depth):
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        values += len(inner)
        if values > bounds.json_values:
            raise RequestInvalid(f"The body may hold at most {bounds.json_values} values")
        if not inner:
            return
        level = inner
    raise RequestInvalid(f"The body may be nested at most {bounds.json_depth} deep")


def _header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _refuse(error: GatewayError, scope: Scope, receive: Receive, send: Send) -> None:
    visit = current(scope)
    visit.failed(error)
    await answer(scope, error, visit.request_id)(scope, receive, send)


def _refuse_repeated(body: bytes) -> None:
    try:
        _NAMES.decode(body.decode())
    except ValueError:
        raise RequestUnreadable("A name stands twice in one object of the body, and which is meant is unsaid") from None
