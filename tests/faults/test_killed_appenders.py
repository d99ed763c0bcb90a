"""Processes that append to one PostgreSQL are killed at random moments; others go on."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ai_gateway.adapters.signing_key_file import create_signing_key
from ai_gateway.adapters.sql_engine import open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_tree_store import SqlTreeStore
from ai_gateway.sharelog.fsck import fsck

FORKER = Path(__file__).with_name("append_forked.py")
TESTS = Path(__file__).parents[1]
pytestmark = pytest.mark.timeout(300)


class Appenders:
    """Processes that append until they are killed, and what they were told is on record."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.acknowledged: list[str] = []

    def start(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, str(FORKER)],
            env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent / 'src'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(f"append {self._url}\n".encode())
        process.stdin.flush()
        return process

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """The process that this test started, and the child it forked: their own process group."""
        os.killpg(process.pid, signal.SIGKILL)
        out, _ = process.communicate(timeout=20)
        whole = out.split(b"\n")[1:-1]  # the last line may be cut
        self.acknowledged += [line.decode() for line in whole]


@pytest.mark.parametrize("writers", [2, 8])
def test_appenders_that_are_killed_leave_one_line_of_entries(writers: int, postgres_url: str, tmp_path: Path) -> None:
    asyncio.run(migrate(postgres_url))
    random_ = random.Random(writers)
    appenders = Appenders(postgres_url)
    running = [appenders.start() for _ in range(writers)]
    wait_for(postgres_url, writers * 20)
    for process in running:
        appenders.kill(process)
        time.sleep(random_.uniform(0, 0.05))  # those left go on meanwhile
    leaves = asyncio.run(whole(postgres_url, tmp_path))
    assert len(appenders.acknowledged) > writers
    assert set(appenders.acknowledged) <= set(leaves)
    assert len(leaves) == len(set(leaves))


def wait_for(url: str, size: int) -> None:
    async def reached() -> None:
        database = open_database(url)
        tree = SqlTreeStore(database)
        async with asyncio.timeout(120):
            while (await tree.tree()).size < size:  # noqa: ASYNC110  (polls a database)
                await asyncio.sleep(0.02)
        await database.close()

    asyncio.run(reached())


async def whole(url: str, tmp_path: Path) -> list[str]:
    """Every share in the log, which is in order and can be signed."""
    from ai_gateway.adapters.memory_coordination import MemoryCoordination
    from ai_gateway.sharelog.checkpoint import Publisher
    from share_samples import TickingClock

    database = open_database(url)
    tree = SqlTreeStore(database)
    signer = create_signing_key(tmp_path / "signing", "market.example", 2026)
    await Publisher(tree, signer, coordination=MemoryCoordination(), clock=TickingClock()).publish()
    assert (await fsck(tree, told=lambda _size: None)).faults == []
    size = (await tree.tree()).size
    leaves = await tree.leaves(0, size + 1)
    await database.close()
    assert [leaf.index for leaf in leaves] == list(range(size))
    return [json.loads(leaf.leaf or b"{}")["eid"] for leaf in leaves]
