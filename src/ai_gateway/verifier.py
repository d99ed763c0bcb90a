#!/usr/bin/env python3
"""Checks ai-gateway's share log from outside, by files alone: an export, a proof, two checkpoints, a disclosure.

One file; it needs Python 3.9 or newer and the package ``cryptography``, nothing else. ``docs/log-format.md`` says what
is checked and how. Exit codes: 0 it holds; 1 it does not, and the first line says from which entry on; 2 arguments not
understood; 3 what was given cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "ai-gateway-share-log/1"
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
CONSISTENCY_HEADER = "ai-gateway/consistency-proof@v1"
HASH_LENGTH = 32
MEMBER_LIMIT = 256 << 20
NOTE_LIMIT = 64 << 10
FINDINGS_LIMIT = 20
_SIGNATURES_LIMIT = 100
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_EM_DASH = "\u2014 "
_ED25519 = b"\x01"  # signature type, C2SP signed-note
_COSIGNED = b"\x04"  # a witness' signature with its time, C2SP tlog-cosignature
_COSIGNATURE_LENGTH = 4 + 8 + 64
_TALLIED = ("policy", "taxonomy", "prompt")
_TALLY_LIMIT = 100_000
DISCLOSURE_FORMAT = "ai-gateway-disclosure/1"
TAG_LENGTH = 16


class Broken(Exception):
    """It does not hold; the text says what."""


class Unreadable(Exception):
    """It is not what it should be a file of."""


# --- hashes and proofs: RFC 6962 section 2.1, RFC 9162 section 2.1 -----------------------------------------


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows the leaf hash at ``index`` in the tree of ``size`` leaves (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or any(len(one) != HASH_LENGTH for one in (leaf, root, *proof)):
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that a tree of ``new`` leaves begins with one of ``old`` (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old <= new or any(len(one) != HASH_LENGTH for one in (old_root, new_root, *proof)):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:  # every tree begins with the empty one
        return not proof and old_root == hashlib.sha256(b"").digest()
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            found_old, found_new = node_hash(one, found_old), node_hash(one, found_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, one)
        place, last = place >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root


class Tree:
    """The roots of the perfect subtrees of what was added, largest first; grows by leaf hashes."""

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []

    def add(self, added: bytes) -> None:
        size = self.size
        while size & 1:
            added = node_hash(self._roots.pop(), added)
            size >>= 1
        self._roots.append(added)
        self.size += 1

    def root(self) -> bytes:
        if not self._roots:
            return hashlib.sha256(b"").digest()
        top = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            top = node_hash(left, top)
        return top


# --- checkpoints: C2SP signed-note and tlog-checkpoint -----------------------------------------------------


@dataclass(frozen=True)
class Key:
    """``name`` is the log's origin, or a witness' name; ``id`` the first 4 bytes of SHA-256(name, newline, kind, public
    key). ``kind`` is 0x01, or 0x04 for a witness."""

    name: str
    id: bytes
    public: bytes = field(repr=False)
    kind: bytes = _ED25519

    @property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode(self.kind + self.public)}"

    def holds(self, signature: bytes, text: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    note: str = field(repr=False, default="")

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


EMPTY = Checkpoint("", 0, hashlib.sha256(b"").digest())
"""Of a log without entries."""


def key_of(name: str, public: bytes, kind: bytes = _ED25519) -> Key:
    """Raises ``Unreadable`` for a name that a signature line cannot carry."""
    if not name or "+" in name or any(character.isspace() or ord(character) < 33 for character in name):  # noqa: PLR2004
        raise Unreadable("a key's name is not empty and holds neither spaces nor plus signs")
    return Key(name, hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4], public, kind)


def witness_of(name: str, public: bytes) -> Key:
    """A witness' key. Raises ``Unreadable``."""
    return key_of(name, public, _COSIGNED)


def parse_key(text: str) -> Key:
    """A verifier key, ``<name>+<id>+<base64>``. Raises ``Unreadable``."""
    return _parse_key(text, _ED25519, "the key is not a log's Ed25519 verifier key")


def parse_witness(text: str) -> Key:
    """The same, of a witness. Raises ``Unreadable``."""
    return _parse_key(text, _COSIGNED, "the key is not a witness' Ed25519 key (its base64 begins with B)")


def _parse_key(text: str, kind: bytes, wrong: str) -> Key:
    name, _, rest = text.strip().partition("+")
    told, _, coded = rest.partition("+")
    public = decode(coded)
    if len(public) != 1 + HASH_LENGTH or public[:1] != kind:
        raise Unreadable(f"{wrong}; it reads <name>+<8 hex digits>+<base64>")
    key = key_of(name, public[1:], kind)
    if key.id.hex() != told:
        raise Unreadable("the key's name does not belong to its bytes; copy it whole")
    return key


def cosignatures(note: bytes | str, witness: Key) -> list[tuple[int, str]]:
    """When (POSIX seconds) this witness saw the checkpoint, with the note's line that says so. Raises ``Broken`` when a
    line of the witness' does not hold, ``Unreadable``."""
    checkpoint, signatures = read_checkpoint(note)
    body = _split_note(checkpoint.note)[0]
    found = []
    for name, signature in signatures:
        if name != witness.name or signature[:4] != witness.id:
            continue
        at = int.from_bytes(signature[4:12], "big")
        signed = f"cosignature/v1\ntime {at}\n{body}".encode()
        if len(signature) != _COSIGNATURE_LENGTH or at >= 1 << 63 or not witness.holds(signature[12:], signed):
            raise Broken(
                f"the cosignature of {witness.name} does not hold: the note was changed, or somebody else signed"
            )
        found.append((at, f"{_EM_DASH}{name} {encode(signature)}\n"))
    return found


def check_witnesses(note: bytes | str, witnesses: Sequence[Key]) -> list[str]:
    """In plain words when each saw the checkpoint. Raises ``Broken`` unless each of them did."""
    words = []
    for witness in witnesses:
        seen = cosignatures(note, witness)
        if not seen:
            raise Broken(f"the checkpoint has no cosignature of the witness {witness.name}")
        at = _moment(1000 * min(time for time, _ in seen))
        words.append(f"  seen at {at} by {witness.name}, to whom the log has shown no other past")
    return words


def open_checkpoint(note: bytes | str, key: Key) -> Checkpoint:
    """The checkpoint in a note that ``key`` signed. Raises ``Unreadable`` or ``Broken``."""
    checkpoint, signatures = read_checkpoint(note)
    if checkpoint.origin != key.name:
        raise Broken(f"the checkpoint is of the log {checkpoint.origin!r}, the key of {key.name!r}")
    ours = [signature[4:] for name, signature in signatures if name == key.name and signature[:4] == key.id]
    if not ours:
        raise Broken("the checkpoint has no signature by the key")
    signed = _split_note(checkpoint.note)[0].encode()
    if not all(key.holds(signature, signed) for signature in ours):
        raise Broken("the checkpoint's signature is not the key's: the note was changed, or another key signed it")
    return checkpoint


def open_any(note: bytes | str, keys: Sequence[Key]) -> Checkpoint:
    """``open_checkpoint`` with the key of the note's log; with no keys at all, what the note says, unverified."""
    said = read_checkpoint(note)[0]
    if not keys:
        return said
    ours = [key for key in keys if key.name == said.origin]
    if not ours:
        raise Broken(f"the checkpoint is of the log {said.origin!r}, of which no key was given")
    signers = {signature[:4] for name, signature in read_checkpoint(note)[1] if name == said.origin}
    return open_checkpoint(note, next((key for key in ours if key.id in signers), ours[0]))


def read_checkpoint(note: bytes | str) -> tuple[Checkpoint, list[tuple[str, bytes]]]:
    """What a note says, and its signatures by name, unverified. Raises ``Unreadable``."""
    if len(note) > NOTE_LIMIT:
        raise Unreadable(f"a checkpoint has at most {NOTE_LIMIT} bytes")
    try:
        whole = note.decode() if isinstance(note, bytes) else note
    except UnicodeDecodeError:
        raise Unreadable("a checkpoint is UTF-8 text") from None
    text, tail = _split_note(whole)
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines) or not _DECIMAL.fullmatch(lines[1]):  # noqa: PLR2004
        raise Unreadable("a checkpoint begins with three lines: origin, size, root")
    root = decode(lines[2])
    if len(root) != HASH_LENGTH:
        raise Unreadable("a checkpoint's root has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root, whole), [_signature(line) for line in tail]


def _split_note(note: str) -> tuple[str, list[str]]:
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n") or _CONTROL.search(note):
        raise Unreadable("not a signed note: text, an empty line, signatures, each line ended")
    lines = tail.split("\n")[:-1]
    if len(lines) > _SIGNATURES_LIMIT:
        raise Unreadable(f"a note has at most {_SIGNATURES_LIMIT} signatures")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes]:
    name, space, coded = line.removeprefix(_EM_DASH).partition(" ")
    if not line.startswith(_EM_DASH) or not name or not space:
        raise Unreadable("a signature line is an em dash, a name and a signature in base64")
    return name, decode(coded)


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decode(text: str) -> bytes:
    """Base64 in its one right spelling; raises ``Unreadable`` for any other."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("something that should be base64 is not") from None
    if encode(data) != text:
        raise Unreadable("something in base64 is not spelled as it must be")
    return data


# --- proof files ----------------------------------------------------------------------------------------------


class ProofFile(NamedTuple):
    """``extra`` is the leaf, or its hash alone (32 bytes) when the leaf is no longer kept."""

    entry: int
    extra: bytes | None
    hashes: list[bytes]
    note: str


def write_proof(proof: ProofFile) -> str:
    """C2SP tlog-proof@v1."""
    extra = [] if proof.extra is None else [f"extra {encode(proof.extra)}"]
    return "\n".join([PROOF_HEADER, *extra, f"index {proof.entry}", *map(encode, proof.hashes), "", proof.note])


def read_proof(text: str) -> ProofFile:
    head, note = _split_proof(text, PROOF_HEADER)
    extra = decode(head.pop(0).removeprefix("extra ")) if head and head[0].startswith("extra ") else None
    return ProofFile(_numbered(head, "index"), extra, [decode(line) for line in head[1:]], note)


def write_consistency(old: int, hashes: Sequence[bytes], note: str) -> str:
    """The same shape as a proof of inclusion: the older size, the proof, the newer checkpoint."""
    return "\n".join([CONSISTENCY_HEADER, f"old {old}", *map(encode, hashes), "", note])


def read_consistency(text: str) -> tuple[int, list[bytes], str]:
    head, note = _split_proof(text, CONSISTENCY_HEADER)
    return _numbered(head, "old"), [decode(line) for line in head[1:]], note


def check_proof(proof: ProofFile, key: Key, leaf: bytes | None = None) -> tuple[Checkpoint, bytes]:
    """The checkpoint that the entry is proven to be in, and its leaf. Raises ``Broken`` or ``Unreadable``."""
    checkpoint = open_checkpoint(proof.note, key)
    given = leaf if leaf is not None else proof.extra
    if given is None:
        raise Unreadable("the proof does not carry its leaf; give it with --leaf")
    hashed = given if leaf is None and len(given) == HASH_LENGTH else leaf_hash(given)
    if not check_inclusion(proof.entry, checkpoint.size, hashed, proof.hashes, checkpoint.root):
        raise Broken(f"entry {proof.entry}: the proof does not lead from the leaf to the checkpoint's root")
    return checkpoint, given


def _split_proof(text: str, header: str) -> tuple[list[str], str]:
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != header:
        raise Unreadable(f"the file does not begin with {header}")
    return lines[1:], note


def _numbered(head: list[str], word: str) -> int:
    name, _, number = (head[0] if head else "").partition(" ")
    if name != word or not _DECIMAL.fullmatch(number):
        raise Unreadable(f"the file lacks its line `{word} <number>`")
    return int(number)


# --- the audit: every entry, in order ----------------------------------------------------------------------------


class Finding(NamedTuple):
    """What does not hold, and the first entry that it concerns (None: the whole); not ``exact``: it or one after it."""

    entry: int | None
    text: str
    exact: bool = True


@dataclass(frozen=True)
class Restoration:
    """What entry ``entry`` says: ``found`` entries were there when a backup was put back, ``seen`` had been before."""

    entry: int
    found: int | None
    seen: int | None


@dataclass
class Counts:
    entries: int = 0
    pruned: int = 0
    intents: int = 0
    outcomes: int = 0
    denied: int = 0
    others: int = 0
    in_doubt: int = 0
    unseen_intents: int = 0
    segments: int = 0
    segments_gone: int = 0
    checkpoints: int = 0
    held: int = 0
    remembered: int = 0


class Audit:
    """Is told every entry from the first on, and says what does not hold.

    ``keys``: notes must be signed by one; without any, signatures are not looked at. ``held``: checkpoints from
    elsewhere, which count whatever the log says of itself. ``memory``: the leaf hashes of an earlier audit, 32 bytes
    each. Keeps one page of entries and the ids of shares without an outcome, however long the log is.
    """

    def __init__(
        self,
        keys: Sequence[Key] = (),
        *,
        held: Iterable[Checkpoint] = (),
        memory: BinaryIO | None = None,
        note_hash: Callable[[bytes], object] | None = None,
    ) -> None:
        self.counts = Counts()
        self.findings: list[Finding] = []
        self.tree = Tree()
        self.tally: dict[tuple[str, str], list[int]] = {}
        self.disclosure: DisclosureCheck | None = None
        self.keys = keys
        self._held = {(one.size, one.root): one for one in held}
        self.restored: list[Restoration] = []
        self._waiting: dict[int, list[tuple[Checkpoint, str]]] = {}
        for one in self._held.values():
            self._wait(one, "the checkpoint you hold")
        self._memory = memory
        self._note_hash = note_hash
        self._open: set[str] = set()
        self._page: dict[tuple[int, int], str] = {}
        self._good = 0  # the largest size at which a checkpoint was met
        self._good_of: dict[str, int] = {}  # by origin: a log that lost entries goes on under another
        self._lost = False  # a checkpoint was missed: all later ones would be, too
        self._check_roots()

    @property
    def size(self) -> int:
        return self.tree.size

    @property
    def covered(self) -> int | None:
        """How many entries the largest checkpoint covers that was met; None when none was."""
        return self._good if self.counts.checkpoints or self.counts.held else None

    def hold(self, one: Checkpoint, whose: str) -> None:
        """A checkpoint that must be met, before the first entry is told."""
        self._wait(one, whose)
        self._check_roots()

    def leaf(self, data: bytes, recorded: bytes | None = None) -> None:
        """The next entry; ``recorded`` is the hash that a database keeps beside it."""
        hashed = leaf_hash(data)
        if recorded is not None and recorded != hashed:
            self.find(self.size, "its content is not what its recorded hash was made from: it was changed")
        self._look_into(data)
        self._place(hashed)

    def pruned(self, hashed: bytes) -> None:
        """The next entry, of which only the hash is kept."""
        self.counts.pruned += 1
        if len(hashed) != HASH_LENGTH:
            self.find(self.size, "its hash has not 32 bytes")
            hashed = hashed[:HASH_LENGTH].ljust(HASH_LENGTH, b"\0")
        if self.disclosure is not None:
            self.disclosure.pruned(self.size)
        self._place(hashed)

    def segment(self, index: int, n: int, ciphertext: bytes) -> None:
        """A ciphertext of an entry told since ``turn``."""
        expected = self._page.pop((index, n), None)
        if expected is None:
            self.find(index, f"ciphertext {n} is not one that its leaf lists")
        elif hashlib.sha256(ciphertext).hexdigest() != expected:
            self.find(index, f"ciphertext {n} is not the one that its leaf commits to: it was swapped or changed")
        else:
            self.counts.segments += 1

    def turn(self) -> None:
        """A page is over: ciphertexts of its entries that did not come are gone (erased, or their time has passed)."""
        self.counts.segments_gone += len(self._page)
        self._page.clear()

    def note(self, note: bytes | str) -> None:
        """A checkpoint that the log itself keeps; must come before the leaf that completes it."""
        try:
            one = open_any(note, self.keys)
        except (Broken, Unreadable) as error:
            self.find(self.size, f"a checkpoint kept about here is worth nothing: {error}")
            return
        self.expect(one)

    def expect(self, one: Checkpoint) -> None:
        """As ``note``, of a checkpoint that was opened already."""
        if one.size < self.size:
            self.find(None, f"the checkpoint of {one.size} entries is out of its place")
            return
        self._wait(one, "the log's own checkpoint")
        self._check_roots()

    def end(self) -> None:
        """Everything was told."""
        self.turn()
        self.counts.entries = self.size
        self.counts.in_doubt = len(self._open)
        for size in sorted(self._waiting):
            for _, whose in self._waiting.pop(size):
                which = "it is" if size - 1 == self.size else f"it and all up to {size - 1} are"
                text = f"{which} gone: the log ends after {self.size} entries, {whose} was signed over {size}"
                self.find(self.size, text)
        if self._memory is not None and (rest := self._memory.read()):
            more = len(rest) // HASH_LENGTH - 1
            self.find(self.size, f"it{f' and {more} after it' if more else ''} is gone: your memory of the log has it")

    def find(self, entry: int | None, text: str, *, exact: bool = True) -> None:
        if len(self.findings) < FINDINGS_LIMIT or not exact:
            self.findings.append(Finding(entry, text, exact))

    def _wait(self, one: Checkpoint, whose: str) -> None:
        self._waiting.setdefault(one.size, []).append((one, whose))

    def _place(self, hashed: bytes) -> None:
        if self._memory is not None:
            remembered = self._memory.read(HASH_LENGTH)
            if remembered and remembered != hashed:
                self.find(self.size, "it is not the entry that your memory of the log has: it was changed or moved")
            self.counts.remembered += bool(remembered)
        if self._note_hash is not None:
            self._note_hash(hashed)
        self.tree.add(hashed)
        if self.size in self._waiting:
            self._check_roots()

    def _check_roots(self) -> None:
        for one, whose in self._waiting.pop(self.size, ()):
            if one.root == self.tree.root():
                self._good = self._good_of[one.origin] = self.size
                self.counts.checkpoints += whose.startswith("the log")
                self.counts.held += not whose.startswith("the log")
            elif not self._lost:
                self._lost = True
                first, last = self._good_of.get(one.origin, 0), self.size - 1
                which = "it" if first >= last else f"it or one of those up to {last}"
                self.find(
                    min(first, max(last, 0)),
                    f"{which} was changed, removed, added or moved: {whose} of {self.size} entries has another root",
                    exact=first >= last,
                )

    def _look_into(self, data: bytes) -> None:
        try:
            leaf = read_leaf(data)
        except ValueError as error:
            self.find(self.size, str(error))
            return
        self._order(leaf)
        if self.disclosure is not None:
            self.disclosure.see(self.size, leaf)
        for name in _TALLIED:
            digest = leaf.get(name)
            if isinstance(digest, str) and (len(self.tally) < _TALLY_LIMIT or (name, digest) in self.tally):
                seen = self.tally.setdefault((name, digest), [self.size, self.size, 0])
                seen[1] = self.size
                seen[2] += 1
        for n, segment in enumerate(leaf["segments"]):
            if not isinstance(segment, dict) or segment.get("n") != n or not isinstance(segment.get("ch"), str):
                self.find(self.size, "its list of ciphertexts is not numbered from 0, or lacks a hash")
                break
            self._page[self.size, n] = segment["ch"]

    def _order(self, leaf: dict[str, Any]) -> None:
        kind, share = leaf["type"], leaf["eid"]
        counts = self.counts
        if kind == "share.outcome":
            counts.outcomes += 1
            if share in self._open:
                self._open.discard(share)
            elif counts.pruned:
                counts.unseen_intents += 1  # its intent may be among those of which only the hash is kept
            else:
                self.find(self.size, "it closes a share that no entry before it opened, or that is closed already")
        elif kind == "share.intent":
            counts.intents += 1
            if share in self._open:
                self.find(self.size, "it opens a share that is open already")
            self._open.add(share)
        elif kind == "share.denied":
            counts.denied += 1
        else:
            counts.others += 1
            if kind == "log.restored" and len(self.restored) < FINDINGS_LIMIT:
                self.restored.append(Restoration(self.size, _size_in(leaf.get("found")), _size_in(leaf.get("seen"))))


def _size_in(value: object) -> int | None:
    size = value.get("size") if isinstance(value, dict) else None
    return size if type(size) is int else None


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def read_leaf(data: bytes) -> dict[str, Any]:
    """A leaf's value; raises ``ValueError`` unless it is canonical JSON (RFC 8785) with what every leaf has."""
    try:
        leaf = json.loads(data, parse_int=_whole, parse_float=_no_fraction, parse_constant=_no_fraction)
        same = _encode(leaf).encode() == data
    except (ValueError, RecursionError):
        same, leaf = False, None
    if not same or not isinstance(leaf, dict) or not (data.isascii() or _ascii_keys(leaf)):
        raise ValueError("it is not canonical JSON (RFC 8785)")
    shape = {"v": int, "type": str, "eid": str, "t": int, "segments": list}
    wrong = [name for name, kind in shape.items() if not isinstance(leaf.get(name), kind)]
    if wrong:
        raise ValueError(f"it lacks {', '.join(wrong)}")
    return leaf


def _whole(text: str) -> int:
    number = int(text) if len(text) < 18 else 2**53  # noqa: PLR2004
    if abs(number) >= 2**53:
        raise ValueError("integers end at 2^53 - 1")
    return number


def _no_fraction(text: str) -> None:
    raise ValueError(f"leaves hold whole numbers alone, not {len(text)} characters of a fraction")


def _ascii_keys(value: object) -> bool:
    """Beyond ASCII, sorting by code point and by UTF-16 unit (RFC 8785 section 3.2.3) differ."""
    if isinstance(value, dict):
        return all(key.isascii() and _ascii_keys(inner) for key, inner in value.items())
    return not isinstance(value, list) or all(map(_ascii_keys, value))


# --- disclosures: whether one holds everything about its person ----------------------------------------------------


def segment_tag(tag_key: bytes, share: str, kind: str, n: int) -> str:
    """The tag of a person's segment ``n`` in a leaf of this ``eid`` and ``type``."""
    place = share.encode() + b"\0" + kind.encode() + b"\0" + n.to_bytes(4, "big")
    return hmac.digest(tag_key, place, "sha256")[:TAG_LENGTH].hex()


class DisclosureCheck:
    """Holds a disclosure against the log's leaves: by the person's tag key it finds every segment of theirs."""

    def __init__(self, document: bytes, keys: Sequence[Key]) -> None:
        """Raises ``Unreadable``, or ``Broken`` for a checkpoint that no key signed."""
        self.findings: list[Finding] = []
        self.found = self.outside = self.younger = self.unseen = 0
        try:
            told = json.loads(document)
            evidence, window = told["completeness"], told["window"]
            ours = told["format"] == DISCLOSURE_FORMAT
            self._key = None if evidence["tag_key"] is None else bytes.fromhex(evidence["tag_key"])
            note = evidence["checkpoint"]
            self._window = (int(window["since_ms"]), int(window["until_ms"]))
            self._told = {(int(index), int(n)) for index, n in evidence["segments"]}
            self._shares = {int(one["entry"]): one for one in (*told["shares"], *told["refused"])}
            self._outcomes = {one["share"]: one["outcome"] for one in told["shares"]}
            self._looked = {int(one["entry"]) for one in told["looked_at"]}
        except (ValueError, KeyError, TypeError, AttributeError):
            ours, note = False, None
        if not ours:
            raise Unreadable(f"not a disclosure of the format {DISCLOSURE_FORMAT}")
        if not isinstance(note, str):
            raise Unreadable("the disclosure carries no checkpoint, so nothing says up to where it is complete")
        self.checkpoint = open_any(note, keys)
        self.shares = sum(index < self.size for index in self._shares)
        self.younger = len(self._shares) - self.shares
        self._entries = {index for index, _ in self._told}

    @property
    def size(self) -> int:
        return self.checkpoint.size

    @property
    def nobody(self) -> bool:
        """The log had no key of this person: nothing about them, or nothing any more."""
        return self._key is None

    def see(self, index: int, leaf: dict[str, Any]) -> None:
        if index >= self.size or self._key is None:
            return
        share, kind = leaf["eid"], leaf["type"]
        theirs = [
            n
            for n, segment in enumerate(leaf["segments"])
            if segment_tag(self._key, share, kind, n) in _tags_of(segment)
        ]
        for n in theirs:
            if (index, n) in self._told:
                self._told.discard((index, n))
                self.found += 1
            else:
                self._find(index, f"ciphertext {n} carries the person's tag, and the disclosure does not list it")
        if theirs:
            self._look(index, leaf)
        elif index in self._shares:
            self._find(index, "the disclosure shows it, and nothing in it carries the person's tag")

    def pruned(self, index: int) -> None:
        """An entry whose tags are gone with what it said."""
        if index in self._entries:
            self.unseen += 1
            self._told = {place for place in self._told if place[0] != index}
            self._shares.pop(index, None)

    def end(self) -> None:
        for index, n in sorted(self._told):
            if index < self.size:
                self._find(index, f"the disclosure lists ciphertext {n}, which does not carry the person's tag")

    def _look(self, index: int, leaf: dict[str, Any]) -> None:
        kind, share = leaf["type"], leaf["eid"]
        if kind == "share.outcome":
            told = self._outcomes.get(share)
            if share in self._outcomes and (told is None or _pair(told) != (index, leaf.get("status"))):
                self._find(index, "it is the outcome of a share of which the disclosure tells another one, or none")
        elif not self._window[0] <= leaf["t"] < self._window[1]:
            self.outside += 1
        elif kind not in ("share.intent", "share.denied"):
            if index not in self._looked:
                self._find(index, f"{kind}: it concerns the person, and the disclosure does not tell of it")
        elif index not in self._shares:
            self._find(index, "it is a share about the person, and the disclosure does not show it")
        else:
            wrong = _unlike(self._shares[index], leaf)
            if wrong:
                self._find(index, f"the disclosure tells another {', '.join(wrong)} than is on record")

    def _find(self, entry: int, text: str) -> None:
        if len(self.findings) < FINDINGS_LIMIT:
            self.findings.append(Finding(entry, text))


def _tags_of(segment: object) -> Sequence[object]:
    tags = segment.get("tags") if isinstance(segment, dict) else None
    return tags if isinstance(tags, list) else ()


def _pair(outcome: object) -> tuple[object, object]:
    return (outcome.get("entry"), outcome.get("status")) if isinstance(outcome, dict) else (None, None)


def _unlike(told: dict[str, Any], leaf: dict[str, Any]) -> list[str]:
    """What a disclosed share says otherwise than its leaf."""
    recipient, rules = told.get("recipient"), told.get("rules")
    recipient, rules = recipient if isinstance(recipient, dict) else {}, rules if isinstance(rules, dict) else {}
    said = {
        "id": (told.get("share"), leaf["eid"]),
        "time": (told.get("at"), _moment(leaf["t"])),
        **{name: (told.get(name), leaf.get(name)) for name in ("feature", "purpose", "model")},
        "recipient": (recipient.get("name"), leaf.get("vendor")),
        "region": (recipient.get("region"), leaf.get("region")),
        "role of the recipient": (recipient.get("role"), leaf.get("recipient_role")),
        **{name: (rules.get(name), leaf.get(name)) for name in ("policy", "taxonomy", "prompt", "detector")},
    }
    return [name for name, (ours, theirs) in said.items() if ours != theirs]


def _moment(milliseconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(milliseconds // 1000))


def disclosure_report(check: DisclosureCheck) -> list[str]:
    if check.nobody:
        return [
            "NOT SHOWN: the disclosure says that the log holds no key of this person, so there is nothing to check.",
            "  They were never named in a share, or they were erased; then there is an erasure certificate.",
        ]
    words = [
        f"HOLDS: in the first {check.size} entries nothing is about the person that the disclosure does not list",
        f"  {check.shares} shares and refusals, each with the time, purpose, recipient, model and rules on record",
        f"  {check.found} ciphertexts are the person's; {check.outside} entries lie outside of the disclosure's window",
    ]
    if check.unseen:
        words.append(f"  {check.unseen} entries it lists are past their retention: no tag of theirs is left to check")
    if check.younger:
        words.append(f"  {check.younger} more are younger than its checkpoint; a later export shows them")
    return [*words, "  not checked: the texts it shows, which the log holds encrypted"]


# --- exports: a folder, or a tar file of one exact form ------------------------------------------------------------


def tar_header(name: str, size: int) -> bytes:
    """The only header that an export's member of this name and size may have (POSIX ustar)."""
    numbers = (b"0000644\0", b"0000000\0", b"0000000\0", b"%011o\0" % size, b"00000000000\0")
    block = name.encode("ascii").ljust(100, b"\0") + b"".join(numbers) + b" " * 8 + b"0" + bytes(100) + b"ustar\x0000"
    block = block.ljust(512, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def tar_padding(size: int) -> bytes:
    return bytes(-size % 512)


TAR_END = bytes(1024)
_NAME = re.compile(r"manifest\.json|policies\.json|checkpoint\.note|(checkpoints|leaves|segments)/[0-9]{12}\.jsonl")


def read_tar(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Members in order. Every byte of the file counts: headers must be as ``tar_header`` writes them."""
    while (block := file.read(512)) != TAR_END[:512]:
        name = block[:100].rstrip(b"\0").decode("ascii", "replace")
        size = int(block[124:135], 8) if re.fullmatch(rb"[0-7]{11}", block[124:135]) else -1
        if not _NAME.fullmatch(name) or not 0 <= size <= MEMBER_LIMIT or block != tar_header(name, size):
            raise Unreadable("the tar file has a member that no export has, or its header was changed")
        data = file.read(size)
        if len(data) != size or file.read(-size % 512) != tar_padding(size):
            raise Unreadable(f"the tar file ends, or was changed, within {name}")
        yield name, data
    if file.read(513) != TAR_END[512:]:
        raise Unreadable("the tar file does not end as exports end")


def read_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The same members in the same order, from a folder."""
    names = [str(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file()]
    for name in sorted(names, key=_rank):
        path = folder / name
        if not _NAME.fullmatch(name) or path.stat().st_size > MEMBER_LIMIT:
            raise Unreadable(f"the folder has a file that no export has: {name}")
        yield name, path.read_bytes()


def _rank(name: str) -> tuple[int, str, int]:
    first = {"manifest.json": 0, "checkpoint.note": 1, "policies.json": 3}
    kind, _, start = name.partition("/")
    kinds = ("checkpoints", "leaves", "segments")
    return first.get(name, 2), start, kinds.index(kind) if kind in kinds else 3


@dataclass
class Manifest:
    origin: str
    size: int
    ciphertexts: bool


def read_export(members: Iterable[tuple[str, bytes]], audit: Audit, told: Callable[[int], None]) -> Checkpoint:
    """Tell an audit all of an export; returns its checkpoint. Raises ``Unreadable`` or ``Broken``."""
    waiting = iter(members)
    manifest = _manifest(_next(waiting, "manifest.json"))
    note = _next(waiting, "checkpoint.note")
    checkpoint = open_any(note, audit.keys)
    if (checkpoint.origin, checkpoint.size) != (manifest.origin, manifest.size):
        raise Broken("the export's checkpoint is not that of its manifest")
    audit.expect(checkpoint)
    for name, data in waiting:
        if name == "policies.json":
            if data != policies_document(audit.tally):
                audit.find(None, "the list of policies is not that of the entries")
            break
        _read_page(name, data, audit, manifest, checkpoint)
        told(audit.size)
    else:
        raise Unreadable("the export ends before its list of policies; it was cut off")
    if next(waiting, None) is not None:
        raise Unreadable("the export goes on after its list of policies")
    if audit.size != manifest.size:
        audit.find(audit.size, f"the export says it has {manifest.size} entries, and has {audit.size}")
    audit.end()
    if not manifest.ciphertexts:
        audit.counts.segments_gone = 0
    return checkpoint


def _read_page(name: str, data: bytes, audit: Audit, manifest: Manifest, checkpoint: Checkpoint) -> None:
    kind, _, tail = name.partition("/")
    if data and not data.endswith(b"\n"):
        raise Unreadable(f"{name} ends within a line")
    lines = data.split(b"\n")[:-1]
    if kind == "checkpoints":
        for line in lines:
            audit.note(_string(line, name))
    elif kind == "leaves":
        if tail != f"{audit.size:012}.jsonl" or not lines:
            raise Unreadable(f"{name} is not where the entries go on: {audit.size} is next")
        _read_leaves(lines, audit, name)
    elif kind == "segments" and manifest.ciphertexts:
        for line in lines:
            audit.segment(*_segment(line, name))
    else:
        raise Unreadable(f"{name} has no place in this export")
    if audit.size > checkpoint.size:
        raise Broken(f"entry {checkpoint.size}: the export goes on after its checkpoint")


def _read_leaves(lines: Iterable[bytes], audit: Audit, name: str) -> None:
    audit.turn()
    for line in lines:
        if line.startswith(b'"'):
            audit.pruned(_hash(line, name))
        else:
            audit.leaf(line)


def _next(members: Iterator[tuple[str, bytes]], name: str) -> bytes:
    found, data = next(members, ("", b""))
    if found != name:
        raise Unreadable(f"not an export: {name} is not where it should be")
    return data


def _manifest(data: bytes) -> Manifest:
    try:
        value = json.loads(data)
        manifest = Manifest(value["origin"], value["size"], value["ciphertexts"])
    except (ValueError, KeyError, TypeError):
        raise Unreadable("manifest.json is not that of an export") from None
    if data != manifest_document(manifest):
        raise Unreadable("manifest.json is not that of an export of this format")
    return manifest


def manifest_document(manifest: Manifest) -> bytes:
    return _encode({"format": FORMAT, **vars(manifest)}).encode()


def policies_document(tally: dict[tuple[str, str], list[int]]) -> bytes:
    """Every policy, taxonomy and prompt digest in the leaves, with its first and last entry and how many name it."""
    listed: dict[str, list[dict[str, Any]]] = {name: [] for name in _TALLIED}
    for (name, digest), (first, last, entries) in tally.items():
        listed[name].append({"digest": digest, "entries": entries, "first": first, "last": last})
    return _encode(listed).encode()


def _string(line: bytes, name: str) -> str:
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, str) or _encode(value).encode() != line:
        raise Unreadable(f"{name} has a line that is no JSON string")
    return value


def _hash(line: bytes, name: str) -> bytes:
    text = _string(line, name)
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise Unreadable(f"{name} has a line that is neither a leaf nor a hash")
    return bytes.fromhex(text)


def _segment(line: bytes, name: str) -> tuple[int, int, bytes]:
    try:
        index, n, coded = json.loads(line)
        ours = isinstance(index, int) and isinstance(n, int) and isinstance(coded, str)
    except (ValueError, TypeError):
        index, n, coded, ours = 0, 0, "", False
    if not ours or _encode([index, n, coded]).encode() != line:
        raise Unreadable(f"{name} has a line that is no ciphertext")
    return index, n, decode(coded)


# --- the command -----------------------------------------------------------------------------------------------


def report(audit: Audit, *, signed: bool) -> list[str]:
    """In plain words: what holds, or what does not and from which entry on."""
    if audit.findings:
        ordered = sorted(audit.findings, key=lambda one: (one.entry is None, not one.exact, one.entry or 0))
        lines = [f"DOES NOT HOLD, from {_which(ordered[0])} on" if ordered[0].entry is not None else "DOES NOT HOLD"]
        return lines + [f"  {_which(one)}: {one.text}" for one in ordered]
    counts = audit.counts
    words = [
        *_headline(counts.entries, audit.covered if signed else None, keys=signed),
        f"  shares: {counts.intents} opened, {counts.outcomes} closed, {counts.in_doubt} in doubt",
        f"  denials: {counts.denied}",
        f"  other entries: {counts.others}",
        *(
            f"  ENTRIES MAY BE LOST: entry {one.entry} says that a backup of {_told(one.found)} entries was put back"
            f" where {_told(one.seen)} had been seen; a checkpoint of what is gone, if you hold one, shows it (--old)"
            for one in audit.restored
        ),
    ]
    if counts.held:
        words.append(
            f"  consistent with {counts.held} checkpoint(s) that you hold: what they cover was not changed or removed"
        )
    elif signed:
        words.append(
            "  no checkpoint of yours was given (--old): whoever has the signing key could have written it anew"
        )
    if counts.checkpoints:
        words.append(f"  {counts.checkpoints} signed checkpoint(s) of the log itself have the right roots")
    if counts.remembered:
        words.append(f"  {counts.remembered} entries are those that your memory of the log has")
    if counts.segments or counts.segments_gone:
        words.append(f"  {counts.segments} ciphertexts are those that were recorded; {counts.segments_gone} are gone")
    if counts.pruned:
        words.append(
            f"  {counts.pruned} entries are past their retention: their hashes stand, what they said is not checked"
            f" ({counts.unseen_intents} outcomes close shares that may be among them)"
        )
    return words


def _told(size: int | None) -> str:
    return "an unknown number of" if size is None else str(size)


def _headline(entries: int, covered: int | None, *, keys: bool) -> list[str]:
    """``covered`` entries are under a signed checkpoint that was met."""
    if covered is None:
        why = (
            "no signed checkpoint covers them yet (`ai-gateway log checkpoint` signs one)"
            if keys
            else "without --key nothing says that they are the log's"
        )
        return [f"NOT SHOWN: {entries} entries agree among themselves; {why}"]
    words = [f"HOLDS: {covered} entries, one after the other from 0, each as it was when the checkpoint was signed"]
    if entries > covered:
        words.append(f"  {entries - covered} newer ones agree among themselves; the next checkpoint will cover them")
    return words


def _which(finding: Finding) -> str:
    return "the whole" if finding.entry is None else f"entry {finding.entry}"


def check_export(
    path: Path,
    keys: Sequence[Key],
    old: Sequence[Path] = (),
    memory: Path | None = None,
    disclosure: DisclosureCheck | None = None,
) -> tuple[Audit, Checkpoint]:
    """Audit an export; its checkpoint. Renews ``memory``. Raises ``Broken`` with the whole report."""
    held = [open_any(_read(note), keys) for note in old]
    with ExitStack() as closing, remembering(memory) as (remembered, note_hash):
        audit = Audit(keys, held=held, memory=remembered, note_hash=note_hash)
        if disclosure is not None:
            audit.disclosure = disclosure
            audit.hold(disclosure.checkpoint, "the disclosure's checkpoint")
        members = read_folder(path) if path.is_dir() else read_tar(closing.enter_context(path.open("rb")))
        checkpoint = read_export(members, audit, _progress())
        if audit.findings:
            raise Broken("\n".join(report(audit, signed=bool(keys))))
    return audit, checkpoint


@contextmanager
def remembering(memory: Path | None) -> Generator[tuple[BinaryIO | None, Callable[[bytes], object] | None], None, None]:
    """What was remembered, and where to write what is to be; it takes the old one's place if the block ends well."""
    if memory is None:
        yield None, None
        return
    fresh = memory.with_name(memory.name + ".new")
    try:
        with ExitStack() as closing:
            old = closing.enter_context(memory.open("rb")) if memory.exists() else None
            yield old, closing.enter_context(fresh.open("wb")).write
        fresh.replace(memory)
    finally:
        fresh.unlink(missing_ok=True)


def _progress() -> Callable[[int], None]:
    last = [time.monotonic()]

    def tell(entries: int) -> None:
        if time.monotonic() - last[0] > 5:  # noqa: PLR2004
            last[0] = time.monotonic()
            sys.stderr.write(f"{entries} entries …\n")

    return tell


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MEMBER_LIMIT + 1)
    if len(data) > MEMBER_LIMIT:
        raise Unreadable(f"{path} is too large")
    return data


def _text(path: Path) -> str:
    try:
        return _read(path).decode()
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is not UTF-8 text") from None


def _log(given: argparse.Namespace) -> list[str]:
    keys, witnesses = list(map(parse_key, given.key)), list(map(parse_witness, given.witness))
    audit, checkpoint = check_export(given.export, keys, given.old, given.memory)
    words = report(audit, signed=bool(keys))
    seen = check_witnesses(checkpoint.note, witnesses)
    root = encode(checkpoint.root)
    return [*words, f"  checkpoint of {checkpoint.origin}: {checkpoint.size} entries, root {root}", *seen]


def _disclosure(given: argparse.Namespace) -> list[str]:
    keys = list(map(parse_key, given.key))
    check = DisclosureCheck(_read(given.file), keys)
    audit, _ = check_export(given.export, keys, given.old, disclosure=check)
    if check.nobody:
        return disclosure_report(check)
    check.end()
    if check.findings:
        first = min(check.findings, key=lambda one: one.entry or 0)
        lines = [f"  {_which(one)}: {one.text}" for one in check.findings]
        raise Broken("\n".join([f"DOES NOT HOLD, from {_which(first)} on: the disclosure is not as recorded", *lines]))
    return [*disclosure_report(check), f"  the export holds, too: {audit.counts.entries} entries, as signed"]


def _proof(given: argparse.Namespace) -> list[str]:
    proof = read_proof(_text(given.file))
    leaf = _read(given.leaf) if given.leaf else None
    checkpoint, shown = check_proof(proof, parse_key(given.key), leaf)
    words = [f"HOLDS: entry {proof.entry} is in the log {checkpoint.origin} of {checkpoint.size} entries"]
    if len(shown) != HASH_LENGTH:
        value = read_leaf(shown)
        words.append(f"  {value['type']} {value['eid']}, recorded at {_moment(value['t'])}")
    return [*words, *check_witnesses(proof.note, list(map(parse_witness, given.witness)))]


def _consistency(given: argparse.Namespace) -> list[str]:
    key = parse_key(given.key)
    old = open_checkpoint(_read(given.old), key)
    text = _text(given.new)
    size, hashes, note = read_consistency(text) if text.startswith(CONSISTENCY_HEADER) else (old.size, [], text)
    new = open_checkpoint(note, key)
    if size != old.size:
        raise Broken(f"the proof is for a checkpoint of {size} entries, the older one has {old.size}")
    if new.size < old.size:
        raise Broken(f"the newer checkpoint has {new.size} entries, the older one {old.size}: entries are gone")
    if not hashes and new.size > old.size and old.size and not text.startswith(CONSISTENCY_HEADER):
        raise Unreadable("two checkpoints alone prove nothing; ask for `ai-gateway log consistency` and give its file")
    if not check_consistency(old.size, old.root, new.size, new.root, hashes):
        raise Broken(f"the log of {new.size} entries does not begin with that of {old.size}: it was rewritten")
    seen = check_witnesses(new.note, list(map(parse_witness, given.witness)))
    return [f"HOLDS: the log of {new.size} entries begins with the {old.size} that the older checkpoint signs", *seen]


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify.py", description=(__doc__ or "").split("\n\n")[0])
    commands = parser.add_subparsers(required=True, metavar="log | proof | consistency | disclosure | ciphertexts")
    key = "the log's verifier key, <name>+<id>+<base64>; get it from somebody other than who gave you the file"
    witness: dict[str, Any] = {
        "action": "append",
        "default": [],
        "help": "the key of a witness who must have cosigned the checkpoint; may be repeated",
    }
    log = commands.add_parser("log", help="check all entries of an export against its signed checkpoint")
    log.add_argument("export", type=Path, help="folder or tar file made by `ai-gateway log export`")
    log.add_argument("--key", required=True, action="append", help=key + "; once for every year")
    log.add_argument("--old", type=Path, action="append", default=[], help="a checkpoint you hold; may be repeated")
    log.add_argument("--witness", **witness)
    log.add_argument("--memory", type=Path, help="file of 32 bytes per entry that you keep between audits")
    log.set_defaults(work=_log)
    proof = commands.add_parser("proof", help="check that one entry is in the log")
    proof.add_argument("file", type=Path, help="a .tlog-proof file")
    proof.add_argument("--key", required=True, help=key)
    proof.add_argument("--witness", **witness)
    proof.add_argument("--leaf", type=Path, help="the entry, if the proof does not carry it")
    proof.set_defaults(work=_proof)
    consistency = commands.add_parser("consistency", help="check that a newer log begins with an older one")
    consistency.add_argument("old", type=Path, help="the checkpoint you hold")
    consistency.add_argument("new", type=Path, help="what `ai-gateway log consistency` gave for it")
    consistency.add_argument("--key", required=True, help=key)
    consistency.add_argument("--witness", **witness)
    consistency.set_defaults(work=_consistency)
    disclosure = commands.add_parser("disclosure", help="check that a disclosure holds everything about its person")
    disclosure.add_argument("file", type=Path, help="the disclosure, JSON")
    disclosure.add_argument("export", type=Path, help="an export of the log made then or later")
    disclosure.add_argument("--key", required=True, action="append", help=key + "; once for every year")
    disclosure.add_argument("--old", type=Path, action="append", default=[], help="a checkpoint you hold")
    disclosure.set_defaults(work=_disclosure)
    ciphertexts = commands.add_parser("ciphertexts", help="check an export in itself, without a key")
    ciphertexts.add_argument("export", type=Path)
    ciphertexts.set_defaults(work=_log, key=[], old=[], memory=None, witness=[])
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    given = arguments().parse_args(argv)
    try:
        words: list[str] = given.work(given)
    except Broken as error:
        text = str(error)
        sys.stdout.write(text + "\n" if text.startswith("DOES NOT HOLD") else f"DOES NOT HOLD: {text}\n")
        return 1
    except (Unreadable, ValueError) as error:
        sys.stderr.write(f"cannot be read: {error}\n")
        return 3
    except OSError as error:
        sys.stderr.write(f"cannot be read: {error.filename}: {error.strerror}\n")
        return 3
    sys.stdout.write("\n".join(words) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
