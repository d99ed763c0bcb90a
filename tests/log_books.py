"""Share logs for tests of proofs: a real database with signed checkpoints, and what an outsider keeps of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import share_samples as samples
from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.signing_key_file import SigningKeyFile, create_signing_key
from ai_gateway.adapters.sql_engine import Database, open_database
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.adapters.sql_tree_store import SqlTreeStore
from ai_gateway.model import ShareId, new_share_id
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.sharelog.bundle import export
from ai_gateway.sharelog.checkpoint import Publisher, Sink
from ai_gateway.sharelog.proofs import Proofs
from ai_gateway.verifier import Checkpoint, read_checkpoint

YEAR = 2026


@dataclass
class Book:
    """A log, its signer and its publisher; ``shares`` in order, each with two entries."""

    database: Database
    parts: samples.Parts
    tree: SqlTreeStore
    signer: SigningKeyFile
    publisher: Publisher
    proofs: Proofs
    shares: list[ShareId] = field(default_factory=list)

    async def share(self, count: int = 1) -> None:
        for _ in range(count):
            recording = await self.parts.log.begin(samples.intent())
            async with recording:
                recording.answered(samples.completion())
            self.shares.append(recording.id)

    async def checkpoint(self) -> Checkpoint:
        return read_checkpoint(await self.publisher.publish())[0]

    async def export(self, folder: Path, *, ciphertexts: bool = True) -> Path:
        def write(name: str, data: bytes) -> None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

        note = await self.publisher.publish()
        await export(self.tree, note, write, ciphertexts=ciphertexts, told=lambda _size: None)
        return folder


@asynccontextmanager
async def log_book(url: str, folder: Path, sinks: tuple[Sink, ...] = ()) -> AsyncIterator[Book]:
    async with samples.share_log(url, folder) as parts:
        database = open_database(url)
        tree = SqlTreeStore(database)
        signing = folder / "signing"
        path = signing / f"checkpoint-{YEAR}.key"
        signer = SigningKeyFile(path) if path.exists() else create_signing_key(signing, "market.example", YEAR)
        publisher = Publisher(
            tree, signer, coordination=MemoryCoordination(), clock=parts.clock, sinks=sinks, every=0.01
        )
        try:
            yield Book(database, parts, tree, signer, publisher, Proofs(tree))
        finally:
            await database.close()


def small_entry(number: int) -> Entry:
    """A leaf as small as leaves get, for logs of many."""
    share = new_share_id()
    leaf = {"eid": share, "n": number, "segments": [], "t": number, "type": "share.denied", "v": 1}
    data = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    return Entry(share=share, kind=EntryKind.DENIED, at=number, leaf=data)


async def fill(store: SqlShareStore, count: int) -> None:
    for start in range(0, count, 512):
        await store.append([small_entry(number) for number in range(start, min(start + 512, count))])
