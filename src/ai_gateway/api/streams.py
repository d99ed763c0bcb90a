"""A response in pieces: each as it arrives, none asked for before the last is gone; stopped when its reader goes."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Final, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ai_gateway.api.visit import Visit
from ai_gateway.errors import GatewayError
from ai_gateway.model import Opened, Reply

KEEP_ALIVE_SECONDS = 15.0
KEEP_ALIVE = b": keep-alive\n\n"
ABANDONED = "abandoned"
_NOTHING: Mapping[str, str] = MappingProxyType({})

Piece = Opened | bytes | Reply


class Telling(Protocol):
    """What a route says around the pieces; an empty one is not sent. ``failed`` is for errors after ``Opened``."""

    def opened(self, opened: Opened) -> bytes: ...

    def answered(self, reply: Reply) -> bytes: ...

    def failed(self, error: GatewayError) -> bytes: ...


class _End:
    """Nothing more comes."""


_END: Final = _End()
_Queued = Piece | Exception | _End


class EventStream(Response):
    """Sends ``pieces`` as server-sent events.

    One task reads them, so that it alone can be cancelled when the reader goes away: the vendor's call ends with it. An
    error before ``Opened`` is raised, as of any route.
    """

    media_type = "text/event-stream"

    def __init__(
        self, pieces: AsyncGenerator[Piece], visit: Visit, telling: Telling, extra: Mapping[str, str] = _NOTHING
    ) -> None:
        super().__init__(headers={"x-accel-buffering": "no", **extra})
        del self.headers["content-length"]
        self._pieces, self._visit, self._telling = pieces, visit, telling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        queue: asyncio.Queue[_Queued] = asyncio.Queue(maxsize=1)
        reading = asyncio.create_task(self._read(queue))
        gone = asyncio.create_task(_gone(receive))
        try:
            await self._send(queue, gone, send)
        finally:
            reading.cancel()
            gone.cancel()
            await asyncio.gather(reading, gone, return_exceptions=True)

    async def _read(self, queue: "asyncio.Queue[_Queued]") -> None:
        try:
            async with aclosing(self._pieces) as pieces:
                async for piece in pieces:
                    await queue.put(piece)
        except Exception as error:  # noqa: BLE001 - handed over to whoever sends
            await queue.put(error)
        else:
            await queue.put(_END)

    async def _send(self, queue: "asyncio.Queue[_Queued]", gone: "asyncio.Task[None]", send: Send) -> None:
        opened = False
        while (said := await _next(queue, gone, KEEP_ALIVE_SECONDS if opened else None)) is not None:
            if isinstance(said, _End):
                break
            if isinstance(said, Exception) and not (opened and isinstance(said, GatewayError)):
                raise said
            if isinstance(said, Opened):
                opened = True
                self._visit.opened(said)
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            piece = self._written(said)
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if isinstance(said, Exception):
                break
        else:
            self._visit.code = ABANDONED
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _written(self, said: Piece | GatewayError) -> bytes:
        match said:
            case Opened():
                return self._telling.opened(said)
            case Reply():
                self._visit.answered(said)
                return self._telling.answered(said)
            case GatewayError():
                self._visit.failed(said)
                return self._telling.failed(said)
            case _:
                return said


async def _next(
    queue: "asyncio.Queue[_Queued]", gone: "asyncio.Task[None]", patience: float | None
) -> "_Queued | None":
    """What comes next: a sign of life when nothing does, None when the reader has gone."""
    if gone.done():
        return None
    if not queue.empty():
        return queue.get_nowait()
    coming = asyncio.create_task(queue.get())
    try:
        await asyncio.wait({coming, gone}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if coming.done():
            return coming.result()
        return None if gone.done() else KEEP_ALIVE
    finally:
        coming.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
