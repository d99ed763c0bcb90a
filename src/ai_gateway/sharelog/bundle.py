"""Exports: the log as files that an outsider checks with ``verifier.py`` alone. ``docs/log-format.md`` has the layout.

A page of entries is in memory at a time, whatever the log's size.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

from ai_gateway.model.entries import StoredLeaf
from ai_gateway.sharelog.tree import TreeStore
from ai_gateway.verifier import (
    Audit,
    Manifest,
    encode,
    manifest_document,
    policies_document,
    read_checkpoint,
    tar_header,
    tar_padding,
)

PAGE = 1_024
Write = Callable[[str, bytes], None]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Entries that should begin with ``start``, the checkpoints that they complete, and their ciphertexts."""

    start: int
    leaves: Sequence[StoredLeaf]
    notes: Sequence[str]
    ciphertexts: Mapping[int, Sequence[tuple[int, bytes]]]


async def pages(store: TreeStore, size: int, *, ciphertexts: bool) -> AsyncIterator[Page]:
    """The first ``size`` entries; ends early where entries are missing."""
    start = 0
    while start < size:
        leaves = await store.leaves(start, min(PAGE, size - start))
        if not leaves:
            return
        end = leaves[-1].index + 1
        held: defaultdict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for index, n, ciphertext in await store.ciphertexts(start, end) if ciphertexts else ():
            held[index].append((n, ciphertext))
        yield Page(start=start, leaves=leaves, notes=await store.checkpoints(start + 1, end), ciphertexts=held)
        start = end


async def export(store: TreeStore, note: str, write: Write, *, ciphertexts: bool, told: Progress) -> Audit:
    """Write everything up to this checkpoint, in the order in which it is read. What the export's reader will find is
    found here, too: the audit that is returned says so."""
    checkpoint = read_checkpoint(note)[0]
    audit = Audit()
    write("manifest.json", manifest_document(Manifest(checkpoint.origin, checkpoint.size, ciphertexts)))
    write("checkpoint.note", note.encode())
    async for page in pages(store, checkpoint.size, ciphertexts=ciphertexts):
        name = f"{audit.size:012}.jsonl"
        ours = [one for one in page.notes if one != note and read_checkpoint(one)[0].origin == checkpoint.origin]
        if ours:
            write(f"checkpoints/{name}", b"".join(_line(one) for one in ours))
        write(f"leaves/{name}", b"".join(map(_leaf, page.leaves)))
        if ciphertexts:
            lines = [_line([i, n, encode(ct)]) for i in sorted(page.ciphertexts) for n, ct in page.ciphertexts[i]]
            write(f"segments/{name}", b"".join(lines))
        tell(audit, page, live=False)
        told(audit.size)
    write("policies.json", policies_document(audit.tally))
    audit.end()
    return audit


def tell(audit: Audit, page: Page, *, live: bool = True) -> None:
    """A page of the database to an audit. ``live``: hold leaves against the hashes recorded beside them."""
    audit.turn()
    for note in page.notes:
        audit.note(note)
    for expected, leaf in zip((page.start, *(leaf.index + 1 for leaf in page.leaves)), page.leaves, strict=False):
        if live and leaf.index != expected:
            audit.find(expected, f"it is missing: entry {leaf.index} comes next")
        if leaf.leaf is None:
            audit.pruned(leaf.leaf_hash)
        else:
            audit.leaf(leaf.leaf, leaf.leaf_hash if live else None)
    for index in sorted(page.ciphertexts):
        for n, ciphertext in page.ciphertexts[index]:
            audit.segment(index, n, ciphertext)


async def audit_live(store: TreeStore, audit: Audit, *, ciphertexts: bool, told: Progress) -> None:
    """Tell an audit the whole database: the code that outsiders run on an export."""
    state = await store.tree()
    async for page in pages(store, state.size, ciphertexts=ciphertexts):
        ours = [note for note in page.notes if note.partition("\n")[0] in {key.name for key in audit.keys}]
        tell(audit, Page(start=page.start, leaves=page.leaves, notes=ours, ciphertexts=page.ciphertexts))
        told(audit.size)
    if audit.size < state.size:
        audit.find(audit.size, f"it is missing, and all after it: the tree says it has {state.size} entries")
    audit.end()
    if not ciphertexts:
        audit.counts.segments_gone = 0


class Tar:
    """Members of a tar file of the one form that exports have."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def __call__(self, name: str, data: bytes) -> None:
        self._write(tar_header(name, len(data)))
        self._write(data)
        self._write(tar_padding(len(data)))


def _leaf(leaf: StoredLeaf) -> bytes:
    return _line(leaf.leaf_hash.hex()) if leaf.leaf is None else leaf.leaf + b"\n"


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
