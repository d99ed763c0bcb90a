"""A response in pieces: each as it arrives, none asked for before the last is gone; stopped when its reader goes."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Protocol

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


class EventStream(Response):
    """Sends ``pieces`` as server-sent events.

    One task reads and sends them, so that it can be cancelled when the reader goes away: the vendor's call ends with
    it. An error before ``Opened`` is raised, as of any route.
    """

    media_type = "text/event-stream"

    def __init__(
        self, pieces: AsyncGenerator[Piece], visit: Visit, telling: Telling, extra: Mapping[str, str] = _NOTHING
    ) -> None:
        super().__init__(headers={"x-accel-buffering": "no", **extra})
        del self.headers["content-length"]
        self._pieces, self._visit, self._telling = pieces, visit, telling
        self._opened = False
        self._silent_since: float | None = None
        """Since when nothing is being sent of an open stream."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        sending = asyncio.create_task(self._send(send))
        gone = asyncio.create_task(_gone(receive))
        try:
            await self._keep_alive(sending, gone, send)
            if sending.done():
                await sending
            else:
                self._visit.code = ABANDONED
        finally:
            sending.cancel()
            gone.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)

    async def _keep_alive(self, sending: "asyncio.Task[None]", gone: "asyncio.Task[None]", send: Send) -> None:
        """Until either is done, signs of life where nothing else is said."""
        now = asyncio.get_running_loop().time
        while not (sending.done() or gone.done()):
            silent = 0.0 if self._silent_since is None else now() - self._silent_since
            if silent >= KEEP_ALIVE_SECONDS:
                await send({"type": "http.response.body", "body": KEEP_ALIVE, "more_body": True})
                self._silent_since, silent = now(), 0.0
            patience = KEEP_ALIVE_SECONDS - silent
            await asyncio.wait({sending, gone}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)

    async def _send(self, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            try:
                async for said in pieces:
                    await self._say(said, send)
            except GatewayError as error:
                if not self._opened:
                    raise
                await self._say(error, send)
        self._silent_since = None
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _say(self, said: Piece | GatewayError, send: Send) -> None:
        self._silent_since = None
        if isinstance(said, Opened):
            self._opened = True
            self._visit.opened(said)
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        piece = self._written(said)
        if piece:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        self._silent_since = asyncio.get_running_loop().time()

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


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
