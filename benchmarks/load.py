"""A closed-loop load: N keep-alive connections, each sends its next request when the last one is answered."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send, and how the n-th body is made (bodies that differ defeat caches)."""

    name: str
    host: str
    port: int
    path: str
    headers: tuple[tuple[str, str], ...]
    body: Callable[[int], bytes]

    def request(self, number: int) -> bytes:
        body = self.body(number)
        head = f"POST {self.path} HTTP/1.1\r\nhost: {self.host}\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\n" + "".join(f"{key}: {value}\r\n" for key, value in self.headers)
        return head.encode() + b"\r\n" + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Latencies in milliseconds. ``failures`` were answered with another status than 200: refused, past a deadline."""

    target: str
    connections: int
    requests: int
    seconds: float
    p50: float
    p99: float
    failures: int

    @property
    def rate(self) -> float:
        """Answers per second, those of status 200."""
        return (self.requests - self.failures) / self.seconds


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    match = _LENGTH.search(head)
    if match:
        await reader.readexactly(int(match[1]))
    else:  # chunked
        while (size := int(await reader.readline(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(head[9:12])


async def run(target: Target, *, connections: int, seconds: float, warm_up: float = 0.5) -> Result:
    """Load ``target`` for ``warm_up + seconds``; what completes in the last ``seconds`` counts."""
    latencies: list[float] = []
    failures = 0
    number = 0
    start = time.perf_counter() + warm_up
    stop = start + seconds

    async def connection() -> None:
        nonlocal failures, number
        reader, writer = await asyncio.open_connection(target.host, target.port, limit=1 << 22)
        while time.perf_counter() < stop:
            number += 1
            began = time.perf_counter()
            status = await _exchange(reader, writer, target.request(number))
            ended = time.perf_counter()
            if began >= start:
                latencies.append((ended - began) * 1000)
                failures += status != 200
        writer.close()

    await asyncio.gather(*(connection() for _ in range(connections)))
    latencies.sort()
    count = len(latencies)
    return Result(
        target=target.name,
        connections=connections,
        requests=count,
        seconds=time.perf_counter() - start,
        p50=latencies[count // 2] if count else float("nan"),
        p99=latencies[min(count - 1, count * 99 // 100)] if count else float("nan"),
        failures=failures,
    )
