"""A proof and a checkpoint as a person can follow them: every hash it takes, what it stands for, what it makes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ai_gateway.model import ShareId
from ai_gateway.sharelog.merkle import HASH_LENGTH, leaf_hash, node_hash
from ai_gateway.sharelog.proof import Range, inclusion
from ai_gateway.verifier import Checkpoint, encode, read_checkpoint, read_proof

_COSIGNATURE = 4 + 8 + 64
"""Bytes of a witness' signature: key id, time, Ed25519 (C2SP tlog-cosignature). A log's own has no time."""


@dataclass(frozen=True, slots=True)
class Signature:
    """``at``: when a witness saw the checkpoint, in ms; None for the log's own signature."""

    name: str
    at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A checkpoint. Hashes are in base64, as in its note; signatures are named, and checked offline."""

    origin: str
    size: int
    root: str
    note: str = field(repr=False)
    own: Sequence[Signature]
    witnesses: Sequence[Signature]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One step up the tree: what was made so far, joined with the hash of entries ``first`` to ``last``, which lie to
    the ``left`` of it or to the right."""

    sibling: str
    left: bool
    first: int
    last: int
    makes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """``leaf`` is the entry's leaf, byte for byte; None when its retention has passed, and only its hash is kept.
    ``holds``: the last link makes the checkpoint's root."""

    share: ShareId
    index: int
    leaf: str | None = field(repr=False)
    leaf_hash: str
    links: Sequence[Link]
    signed: Signed
    holds: bool


def signed_of(note: str) -> Signed:
    checkpoint, signatures = read_checkpoint(note)
    told = [_signature(name, signature) for name, signature in signatures]
    return Signed(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=encode(checkpoint.root),
        note=note,
        own=[one for one in told if one.at is None],
        witnesses=[one for one in told if one.at is not None],
    )


def proof_of(share: ShareId, text: str) -> Proof:
    """Of a ``.tlog-proof`` that was made here."""
    proof = read_proof(text)
    checkpoint = read_checkpoint(proof.note)[0]
    kept = proof.extra is not None and len(proof.extra) != HASH_LENGTH
    leaf = proof.extra or b""
    hashed = leaf_hash(leaf) if kept else leaf
    links, top = _links(proof.entry, checkpoint, hashed, proof.hashes)
    return Proof(
        share=share,
        index=proof.entry,
        leaf=leaf.decode() if kept else None,
        leaf_hash=encode(hashed),
        links=links,
        signed=signed_of(proof.note),
        holds=top == checkpoint.root,
    )


def _links(
    entry: int, checkpoint: Checkpoint, hashed: bytes, siblings: Sequence[bytes]
) -> tuple[Sequence[Link], bytes]:
    links: list[Link] = []
    top, so_far = hashed, Range(entry, entry + 1)
    for sibling, beside in zip(siblings, inclusion(entry, checkpoint.size), strict=True):
        left = beside.start < so_far.start
        top = node_hash(sibling, top) if left else node_hash(top, sibling)
        so_far = Range(min(so_far.start, beside.start), max(so_far.end, beside.end))
        links.append(
            Link(sibling=encode(sibling), left=left, first=beside.start, last=beside.end - 1, makes=encode(top))
        )
    return links, top


def _signature(name: str, signature: bytes) -> Signature:
    if len(signature) != _COSIGNATURE:
        return Signature(name, None)
    return Signature(name, int.from_bytes(signature[4:12], "big") * 1000)
