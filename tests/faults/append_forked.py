"""A parent that has imported everything and forks a short-lived process for each line of standard input.

``break FOLDER AT ERRNO``: a copy of the log in FOLDER is appended to and signed, with the AT-th call of ``shim.c``
failing; prints what was acknowledged. ``check FOLDER``: ``fsck`` and an audit. ``append URL``: appends until killed,
each acknowledged share on a line.
"""

import asyncio
import ctypes
import json
import os
import signal
import sys
from pathlib import Path

from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.signing_key_file import SigningKeyFile
from ai_gateway.adapters.sql_engine import open_database
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.adapters.sql_tree_store import SqlTreeStore
from ai_gateway.errors import GatewayError
from ai_gateway.model.entries import Placed
from ai_gateway.sharelog.bundle import audit_live
from ai_gateway.sharelog.checkpoint import Publisher
from ai_gateway.sharelog.fsck import fsck
from ai_gateway.verifier import Audit
from log_books import small_entry
from share_samples import TickingClock

ENTRIES = 4
KEY = "checkpoint-2026.key"


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'data' / 'gateway.db'}"


def shim() -> ctypes.CDLL:
    return ctypes.CDLL(None)


async def broken(folder: Path) -> dict[str, object]:
    """Appends and signs on whatever happens; every acknowledged share and checkpoint counts."""
    acknowledged: list[str] = []
    signed: list[str] = []
    failures = 0
    database = open_database(url_of(folder))
    store, tree = SqlShareStore(database), SqlTreeStore(database)
    for number in range(ENTRIES):
        entry = small_entry(number)
        try:
            if isinstance((await store.append([entry]))[0], Placed):
                acknowledged.append(entry.share)
            signer = SigningKeyFile(folder / "signing" / KEY)
            publisher = Publisher(tree, signer, coordination=MemoryCoordination(), clock=TickingClock())
            signed.append(await publisher.publish())
        except GatewayError:
            failures += 1
    await database.close()
    return {"acknowledged": acknowledged, "signed": signed, "failures": failures}


async def checked(folder: Path) -> dict[str, object]:
    """What holds afterwards, in a process that nothing goes wrong in; the log must also still grow."""
    database = open_database(url_of(folder))
    store, tree = SqlShareStore(database), SqlTreeStore(database)
    signer = SigningKeyFile(folder / "signing" / KEY)
    await store.append([small_entry(ENTRIES)])
    publisher = Publisher(tree, signer, coordination=MemoryCoordination(), clock=TickingClock())
    await publisher.publish()
    audit = Audit([signer.verifier])
    await audit_live(tree, audit, ciphertexts=True, told=lambda _size: None)
    faults = [one.what for one in (await fsck(tree, told=lambda _size: None)).faults]
    leaves = [json.loads(one.leaf or b"{}")["eid"] for one in await tree.leaves(0, 1_000)]
    notes = list(await tree.checkpoints(0, 1_000))
    await database.close()
    return {"faults": faults, "findings": [one.text for one in audit.findings], "leaves": leaves, "notes": notes}


async def append_until_killed(url: str) -> None:
    database = open_database(url)
    store = SqlShareStore(database)
    number = 0
    while True:
        entry = small_entry(number)
        await store.append([entry])
        say(entry.share)
        number += 1


def say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


def work(line: str) -> None:
    command, *given = line.split()
    if command == "break":
        os.environ |= {"SHIM_AT": given[1], "SHIM_ERRNO": given[2], "SHIM_UNDER": given[0]}
        library = shim()
        library.shim_begin()
        told = asyncio.run(broken(Path(given[0])))
        say(json.dumps({**told, "calls": library.shim_calls()}))
    elif command == "check":
        say(json.dumps(asyncio.run(checked(Path(given[0])))))
    else:
        asyncio.run(append_until_killed(given[0]))


def main() -> None:
    say("warm")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                work(line)
            finally:
                os._exit(0)
        if line.startswith("append"):
            os.waitpid(child, 0)
            return
        os.waitpid(child, 0)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
