"""Carries exactly the bytes it is given to a vendor, once, and brings back a bounded reply.

No redirect is followed, no cookie kept, no proxy taken from the environment, TLS is verified, and nothing is sent a
second time: only a connection that was never made is tried again.
"""

import asyncio
import io
import zlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from aiohttp import ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from ai_gateway.errors import VendorError, VendorReplyUnreadable, VendorTimeout, VendorUnreachable
from ai_gateway.model import Outbound

_WARNED_ABOUT_ABOVE = 1 << 20  # aiohttp wants larger bodies as a stream
_KEPT_HEADERS = ("content-type", "retry-after", "retry-after-ms")
_TLS = (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, aiohttp.ServerFingerprintMismatch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes and counts. ``connect_attempts`` counts the first one; ``linger_seconds`` is how long the end of a
    stream may take after its last event, for its connection to be used again."""

    connect_seconds: float = 5.0
    connect_attempts: int = 3
    connect_pause_seconds: float = 0.05
    reply_bytes: int = 64 << 20
    stream_bytes: int = 4 << 30
    connections: int = 256
    linger_seconds: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole reply. ``attempts`` counts connections tried; ``headers`` are those the gateway reads, lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    attempts: int


class OpenAnswer:
    """A reply whose head has arrived; its body is read in pieces, decoded and bounded.

    With a ``clock`` of so many seconds, only each wait for the vendor counts: a stream may take as long as its reader
    does.
    """

    def __init__(
        self,
        response: ClientResponse,
        attempts: int,
        reply_bytes: int,
        clock: asyncio.Timeout | None = None,
        seconds: float = 0,
    ) -> None:
        self._response = response
        self._reply_bytes = reply_bytes
        self._clock = clock
        self._seconds = seconds
        self.status = response.status
        self.attempts = attempts
        self.headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}

    async def whole(self) -> Answer:
        """Read to the end. Raises as ``chunks``."""
        body = b"".join([chunk async for chunk in self.chunks()])
        return Answer(status=self.status, headers=self.headers, body=body, attempts=self.attempts)

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Raises ``VendorReplyUnreadable`` for a body that is too large or coded in a way that was not asked for."""
        inflate = _inflater(self._response.headers.get("content-encoding", "identity").strip().lower())
        left = self._reply_bytes
        self._wait()
        async for chunk in self._response.content.iter_any():
            self._rest()
            piece = inflate.decompress(chunk, left + 1) if inflate is not None else chunk
            left -= len(piece)
            if left < 0:
                raise VendorReplyUnreadable(
                    f"The vendor's reply is larger than {self._reply_bytes} bytes.", limit=self._reply_bytes
                )
            if piece:
                yield piece
            self._wait()
        if inflate is not None and not inflate.eof:
            raise VendorReplyUnreadable("The vendor's compressed reply ended early.")

    def _wait(self) -> None:
        if self._clock is not None:
            self._clock.reschedule(asyncio.get_running_loop().time() + self._seconds)

    def _rest(self) -> None:
        if self._clock is not None:
            self._clock.reschedule(None)


class VendorTransport:
    """One pool of connections, for the event loop it is first used on."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._session: ClientSession | None = None

    async def post(self, outbound: Outbound, seconds: float) -> Answer:
        """Send and read to the end within ``seconds``. Raises a ``VendorError`` that quotes neither side."""
        async with self.open(outbound, seconds) as answer:
            return await answer.whole()

    @asynccontextmanager
    async def open(self, outbound: Outbound, seconds: float, *, stream: bool = False) -> AsyncGenerator[OpenAnswer]:
        """Send, and lend the reply while it arrives. ``seconds`` bound everything up to the block's end; of a stream,
        each wait for the vendor."""
        name = outbound.vendor
        try:
            async with asyncio.timeout(seconds) as clock:
                response, attempts = await self._connect_and_send(outbound)
                try:
                    if stream:
                        yield OpenAnswer(response, attempts, self.limits.stream_bytes, clock, seconds)
                        await _read_out(response, self.limits.linger_seconds)
                    else:
                        yield OpenAnswer(response, attempts, self.limits.reply_bytes)
                except BaseException:
                    response.close()  # what is left of the reply must not meet the connection's next user
                    raise
                response.release()
        except TimeoutError:
            raise VendorTimeout(f"The vendor did not answer within {seconds:g} s.", vendor=name) from None
        except aiohttp.ClientResponseError:
            raise VendorReplyUnreadable("The vendor's reply is not HTTP.", vendor=name) from None
        except zlib.error:
            raise VendorReplyUnreadable("The vendor's reply cannot be decompressed.", vendor=name) from None
        except (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError):
            raise VendorUnreachable(
                "The connection to the vendor broke before its reply was complete.", vendor=name
            ) from None
        except aiohttp.ClientError:
            raise VendorError("The request could not be sent to the vendor.", vendor=name) from None

    async def _connect_and_send(self, outbound: Outbound) -> tuple[ClientResponse, int]:
        """Tries again only while no connection was made, that is, while no byte can have left."""
        attempt = 1
        while True:
            try:
                return await self._send(outbound), attempt
            except _TLS:
                raise VendorUnreachable(
                    "The vendor's TLS certificate was not accepted. Check api_base and the machine's certificates.",
                    vendor=outbound.vendor,
                ) from None
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                if attempt >= self.limits.connect_attempts:
                    raise VendorUnreachable(
                        f"No connection to the vendor after {attempt} attempts; nothing was sent.",
                        vendor=outbound.vendor,
                        attempts=attempt,
                    ) from None
            await asyncio.sleep(self.limits.connect_pause_seconds * attempt)
            attempt += 1

    async def _send(self, outbound: Outbound) -> ClientResponse:
        body = outbound.body
        return await self._pool().request(
            outbound.method,
            URL(outbound.url, encoded=True),
            data=body if len(body) <= _WARNED_ABOUT_ABOVE else io.BytesIO(body),
            headers=outbound.headers,
            allow_redirects=False,
        )

    def _pool(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=aiohttp.TCPConnector(limit=self.limits.connections, ttl_dns_cache=60),
                timeout=ClientTimeout(total=None, sock_connect=self.limits.connect_seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                skip_auto_headers=("User-Agent",),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()


async def _read_out(response: ClientResponse, seconds: float) -> None:
    """Its reader stopped at the last event; what comes after it says nothing, whatever becomes of it."""
    with suppress(aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(seconds):
            while await response.content.readany():
                pass


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _inflater(coding: str) -> _Inflater | None:
    if coding in ("", "identity"):
        return None
    if coding in ("gzip", "deflate"):
        return zlib.decompressobj(wbits=47)  # either header, told apart by zlib
    raise VendorReplyUnreadable("The vendor's reply is coded in a way that was not asked for.")
