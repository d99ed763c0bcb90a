"""A closed-loop load: N keep-alive connections, each sends its next request when the last one is answered."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)  # and no header that ends like it
_CONTENT = b'"content":'


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send, and how the n-th body is made (bodies that differ defeat caches). ``pids`` are the server's
    processes, whose CPU time and memory are read."""

    name: str
    port: int
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Callable[[int], bytes]
    pids: Sequence[int] = ()
    host: str = "127.0.0.1"

    def request(self, number: int) -> bytes:
        body = self.body(number)
        head = f"POST {self.path} HTTP/1.1\r\nhost: {self.host}\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\n" + "".join(f"{key}: {value}\r\n" for key, value in self.headers)
        return head.encode() + b"\r\n" + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Latencies in milliseconds: ``p50`` and ``p99`` until the whole answer, ``first`` (median) until its first content
    of a stream. ``failures`` were answered with another status than 200: refused, past a deadline."""

    connections: int
    requests: int
    seconds: float
    p50: float
    p99: float
    first: float
    failures: int

    @property
    def rate(self) -> float:
        """Answers per second, those of status 200."""
        return (self.requests - self.failures) / self.seconds if self.seconds else 0.0


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def exchange(self, request: bytes) -> tuple[int, float]:
        """The status, and when the first content of a stream was here (0.0: no stream)."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        first = 0.0
        match = _LENGTH.search(head)
        if match:
            left = int(match[1])
            streamed = b"event-stream" in head
            while left:
                piece = await self.reader.read(left)
                if not piece:
                    raise ConnectionError("the server closed the connection")
                left -= len(piece)
                if streamed and not first and _CONTENT in piece:
                    first = time.perf_counter()
        else:  # chunked
            while (size := int(await self.reader.readline(), 16)) > 0:
                piece = await self.reader.readexactly(size + 2)
                if not first and _CONTENT in piece:
                    first = time.perf_counter()
            await self.reader.readline()
        return int(head[9:12]), first


async def load(target: Target, *, connections: int, seconds: float, warm_up: float) -> Result:
    """Load ``target`` for ``warm_up + seconds``; what begins in the last ``seconds`` counts."""
    latencies: list[float] = []
    firsts: list[float] = []
    failures = number = 0
    start = time.perf_counter() + warm_up
    stop = start + seconds

    async def connection() -> None:
        nonlocal failures, number
        reader, writer = await asyncio.open_connection(target.host, target.port, limit=1 << 22)
        one = _Connection(reader, writer)
        while time.perf_counter() < stop:
            number += 1
            request = target.request(number)
            began = time.perf_counter()
            status, first = await one.exchange(request)
            ended = time.perf_counter()
            if began >= start:
                latencies.append((ended - began) * 1000)
                failures += status != 200
                if first:
                    firsts.append((first - began) * 1000)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(connections)))
    return Result(
        connections=connections,
        requests=len(latencies),
        seconds=time.perf_counter() - start,
        p50=_quantile(latencies, 0.50),
        p99=_quantile(latencies, 0.99),
        first=_quantile(firsts, 0.50),
        failures=failures,
    )


def run(target: Target, *, connections: int, seconds: float, warm_up: float = 0.5) -> Result:
    return uvloop.run(load(target, connections=connections, seconds=seconds, warm_up=warm_up))


def _quantile(values: list[float], of: float) -> float:
    values.sort()
    return values[min(len(values) - 1, int(len(values) * of))] if values else float("nan")
