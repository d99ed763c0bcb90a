"""Which entries of a batch get an index, and the rows that they become. Plain functions over values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ai_gateway.model import ShareId
from ai_gateway.model.entries import Appended, Closed, Entry, EntryKind, Placed, Repeated, TreeState, Unopened
from ai_gateway.sharelog.merkle import extend, leaf_hash

Opening = tuple[str, int, int | None, int, int, bytes | None]
"""Share, index, the outcome's index, time, whether it may have been sent, ``once``."""
_INTENT, _OUTCOME, _DENIED = EntryKind.INTENT, EntryKind.OUTCOME, EntryKind.DENIED


@dataclass(frozen=True, slots=True)
class KnownShare:
    """What the database holds of a share that a batch may repeat or close."""

    share: str
    outcome_index: int | None
    sent: int
    once: bytes | None


@dataclass(frozen=True, slots=True)
class Fence:
    """Whom nothing may be recorded about any more, by reference. Of ``suppressed`` people no share is opened; what was
    opened may still be closed, until they are ``shredded``."""

    suppressed: frozenset[bytes] = frozenset()
    shredded: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in the order of the tables' columns, and the tree they make."""

    answers: Sequence[Appended]
    leaves: list[tuple[int, bytes, bytes]]
    segments: list[tuple[int, int, bytes]]
    owners: list[tuple[bytes, int, int]]
    openings: list[Opening]
    closings: list[tuple[int, str]]
    records: list[tuple[int, str, str, int]]
    tree: TreeState


_OPEN = Fence()


def fence_of(rows: Iterable[tuple[bytes, int]]) -> Fence:
    """Of all rows of ``suppression``: reference, and 1 once shredded."""
    known = list(rows)
    return Fence(frozenset(ref for ref, _ in known), frozenset(ref for ref, shredded in known if shredded))


@dataclass(slots=True)
class HeldFence:
    """The fence as it was when ``tree_state`` had this number. Every change of the fence counts the number up under the
    tree's lock, so that whoever holds the lock knows without another query whether what it holds is the fence."""

    number: int = 0
    fence: Fence = field(default_factory=Fence)

    def take(self, number: int, rows: Iterable[Sequence[Any]]) -> None:
        self.fence = fence_of((row[0], row[1]) for row in rows)
        self.number = number


def questions(entries: Iterable[Entry]) -> tuple[list[str], list[bytes]]:
    """The share ids and ``once`` values that must be looked up before ``arrange``, while the tree is locked."""
    closing: list[str] = []
    onces: list[bytes] = []
    for entry in entries:
        if entry.kind is EntryKind.OUTCOME:
            closing.append(entry.share)
        elif entry.once is not None:
            onces.append(entry.once)
    return closing, onces


def arrange(entries: Sequence[Entry], tree: TreeState, known: Iterable[KnownShare], fence: Fence = _OPEN) -> Batch:
    """The tree must be locked from before ``known`` was looked up until the rows are committed."""
    placing = _Placing(tree.size, known, fence)
    answers = [placing.place(entry) for entry in entries]
    leaves: list[tuple[int, bytes, bytes]] = []
    segments: list[tuple[int, int, bytes]] = []
    owners: list[tuple[bytes, int, int]] = []
    shredded, index = fence.shredded, tree.size
    for answer, entry in zip(answers, entries, strict=True):
        if isinstance(answer, Placed):
            leaves.append((index, leaf_hash(entry.leaf), entry.leaf))
            for segment in entry.segments:
                n = segment.n
                left = [owner for owner in segment.owners if owner not in shredded] if shredded else segment.owners
                for owner in left:
                    owners.append((owner, index, n))  # noqa: PERF401  (one or two: a comprehension would cost more)
                if len(left) == len(segment.owners):  # else: as if written before the erasure, and deleted by it
                    segments.append((index, n, segment.ciphertext))
            index += 1
    return Batch(
        answers=answers,
        leaves=leaves,
        segments=segments,
        owners=owners,
        openings=list(placing.openings.values()),
        closings=placing.closings,
        records=placing.records,
        tree=TreeState(*extend(tree.size, tree.frontier, [digest for _, digest, _ in leaves])),
    )


@dataclass(slots=True)
class _Placing:
    """Gives indices in order; remembers what earlier entries of the same batch opened, closed or took."""

    index: int
    known: Iterable[KnownShare]
    fence: Fence
    closable: dict[str, bool] = field(init=False)
    taken: dict[bytes, str] = field(init=False)
    openings: dict[str, Opening] = field(default_factory=dict)
    closings: list[tuple[int, str]] = field(default_factory=list)
    records: list[tuple[int, str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = list(self.known)
        self.closable = {share.share: share.outcome_index is None for share in known if share.sent}
        self.taken = {share.once: share.share for share in known if share.once is not None}

    def place(self, entry: Entry) -> Appended:
        kind = entry.kind
        if kind is _OUTCOME:
            answer = self._close(entry)
        else:
            answer = self._open(entry) if kind is _INTENT or kind is _DENIED else self._record(entry)
        self.index += isinstance(answer, Placed)
        return answer

    def _record(self, entry: Entry) -> Appended:
        if self._fenced(entry):
            return Closed()
        self.records.append((self.index, entry.share, entry.kind, entry.at))
        return Placed(self.index)

    def _fenced(self, entry: Entry) -> bool:
        fenced = self.fence.suppressed
        return bool(fenced) and any(fenced.intersection(segment.owners) for segment in entry.segments)

    def _open(self, entry: Entry) -> Appended:
        if self._fenced(entry):
            return Closed()
        share, once = entry.share, entry.once
        if once is not None:
            if once in self.taken:
                return Repeated(ShareId(self.taken[once]))
            self.taken[once] = share
        sent = entry.kind is _INTENT
        self.closable[share] = sent
        self.openings[share] = (share, self.index, None, entry.at, int(sent), once)
        return Placed(self.index)

    def _close(self, entry: Entry) -> Appended:
        if entry.share not in self.closable:
            return Unopened()
        if not self.closable[entry.share]:
            return Repeated(entry.share)
        self.closable[entry.share] = False
        if entry.share in self.openings:
            share, index, _, at, sent, once = self.openings[entry.share]
            self.openings[entry.share] = (share, index, self.index, at, sent, once)
        else:
            self.closings.append((self.index, entry.share))
        return Placed(self.index)
