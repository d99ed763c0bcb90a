"""What the core asks of the outside. An implementation MUST keep every MUST; ``tests/contracts`` runs against each."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from ai_gateway.model import (
    BudgetedPrompt,
    Caller,
    CallerId,
    Choices,
    Completion,
    ConsentEvent,
    Consents,
    EntityType,
    Known,
    Outbound,
    RecordedShare,
    Right,
    ShareId,
    Span,
    Subject,
    SubjectId,
    VendorName,
)
from ai_gateway.model.entries import Appended, Entry, InDoubt, StoredKey, StoredLeaf, StoredShare, TreeState
from ai_gateway.protocols.protocol import Protocol as Exchanged


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since the epoch."""
        ...


class TokenCounter(Protocol):
    def count(self, texts: Sequence[str], encoding: str) -> int:
        """Tokens of all texts together. MUST count control tokens written in a text as ordinary text."""
        ...


class Languages(Protocol):
    def of(self, text: str) -> str | None:
        """The language of a text (ISO 639-1), or None where it cannot be told with confidence. MUST be pure, MUST take
        linear time and no network."""
        ...


@dataclass(frozen=True, slots=True)
class Party:
    """A person whose identifiers a detector is told."""

    id: SubjectId
    known: Known


class Detector(Protocol):
    """Finds personal data. The whole stack stands behind this one port."""

    @property
    def identity(self) -> str:
        """Name, version and configuration hash, e.g. ``stack/1 rampart-1.4.0 sha256:ab12…``."""
        ...

    async def detect(self, texts: Sequence[str], parties: Sequence[Party]) -> Sequence[tuple[Span, ...]]:
        """Per text: disjoint spans in ascending order, in offsets of the text given.

        MUST be deterministic, MUST NOT block the event loop, MUST raise ``DetectorDeadline`` when its deadline passes,
        ``DetectorUnavailable`` when any tier fails. MUST NOT keep any text.
        """
        ...

    def spellings(self, parties: Sequence[Party]) -> frozenset[str]:
        """Every identifier string of the parties that may not leave, folded as ``treatment.normalize.fold`` folds."""
        ...


class Operators(Protocol):
    """Rewrites a text at its spans."""

    def apply(self, text: str, replacements: Sequence[tuple[int, int, str]]) -> str:
        """MUST replace each disjoint ``(start, end, new)`` and nothing else."""
        ...


class Vendor(Protocol):
    """The door to every LLM vendor."""

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        """The exact request, without sending it. MUST be pure; MUST build the body from an allow-list of fields."""
        ...

    async def send(self, share: RecordedShare) -> Completion:
        """MUST send exactly ``share.cleared.outbound``; MUST raise a ``VendorError`` for every failure, without quoting
        the request or the reply."""
        ...

    def offers(self, protocol: Exchanged, vendor: VendorName) -> bool:
        """Whether this vendor takes exchanges of this protocol; ``prepare`` raises ``ShapeNotOffered`` for others. MUST
        be pure."""
        ...

    def stream(self, share: RecordedShare) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """As ``send``, for a call that streams: lends the reply's bytes as they arrive. MUST have a first piece in
        hand when it lends; MUST read no further than it is asked to; MUST end the request when the block ends."""
        ...


class SubjectStore(Protocol):
    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        """Those registered, choices included. MUST see every write that returned, on any replica."""
        ...

    async def put(self, subject: Subject) -> None:
        """Create or replace all but the choices. MUST be durable on return. MUST refuse (``SubjectConflict``) to
        take back an erasure; MUST keep no identifier and no choice of a person put as ``erased``."""
        ...

    async def choose(self, subject: SubjectId, choices: Choices) -> None:
        """Replace the choices; MUST raise ``SubjectUnknown`` for an unregistered or erased person. MUST be durable on
        return."""
        ...


class ConsentStore(Protocol):
    async def append(self, event: ConsentEvent) -> None:
        """MUST be durable on return. MUST NOT change or remove an earlier event."""
        ...

    async def append_after(self, event: ConsentEvent, latest: str | None) -> None:
        """As ``append``, but MUST raise ``ConsentConflict`` and record nothing unless the latest event of the same
        person and purpose is ``latest`` (an event id; None: there is none yet)."""
        ...

    async def history(self, subject: SubjectId) -> Sequence[ConsentEvent]:
        """Oldest first, in the order of appending."""
        ...

    async def standing(self, subjects: Sequence[SubjectId]) -> Consents:
        """MUST reflect every append that returned, on any replica."""
        ...


class KeyWrapper(Protocol):
    """Wraps per-person keys under the key of the current epoch."""

    @property
    def epoch(self) -> int: ...

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        """``(epoch, wrapped)``; MUST authenticate ``context``."""
        ...

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes:
        """MUST raise ``KeyUnavailable`` when the epoch's key is not held, or the bytes are not what ``wrap`` gave in
        this context."""
        ...

    def blind(self, value: bytes) -> bytes:
        """32-byte keyed hash, the same in every epoch, under a key used for nothing else."""
        ...

    async def refresh(self) -> None:
        """Take up the epochs made since, and let go of those destroyed."""
        ...


class ShareStore(Protocol):
    """Where the share log's entries rest. Every method raises ``StoreUnavailable`` when the store fails.

    Indices MUST start at 0 and leave no gap. MUST NOT change or remove a leaf. MUST see, in every read, every append
    that returned, on any replica.
    """

    async def append(self, entries: Sequence[Entry]) -> Sequence[Appended]:
        """All in one transaction, in the order given, durable on return; or none.

        One answer per entry. An intent whose ``once`` the log holds, and an outcome of a share that has one, MUST NOT
        be appended. MUST extend the tree (``TreeState``) by exactly the leaves that were.
        """
        ...

    async def tree(self) -> TreeState: ...

    async def leaves(self, start: int, limit: int) -> Sequence[StoredLeaf]:
        """From index ``start`` in ascending order, at most ``limit``."""
        ...

    async def share(self, share_id: ShareId) -> StoredShare | None:
        """One share with all its segments."""
        ...

    async def shares(self, owner: bytes | None, after: ShareId | None, limit: int) -> Sequence[StoredShare]:
        """Newest first, at most ``limit``, older than ``after``; only those with a segment of this owner, if one is
        given. Segment 0 of an intent (the body) MUST be left out."""
        ...

    async def in_doubt(self, older_than: int, limit: int) -> Sequence[InDoubt]:
        """Intents of before ``older_than`` (ms) that have no outcome, oldest first."""
        ...

    async def keys_by_mark(self, marks: Sequence[bytes]) -> Mapping[bytes, StoredKey]: ...

    async def keys_by_ref(self, refs: Sequence[bytes]) -> Mapping[bytes, StoredKey]: ...

    async def add_keys(self, keys: Mapping[bytes, StoredKey]) -> None:
        """Per mark. MUST change nothing for a mark that is there: the first one wins; nor for one that is suppressed.
        MUST raise for a key of an epoch that has passed. MUST be durable on return."""
        ...


class Seal(Protocol):
    """Encryption and keyed hashes for what rests outside the share log. Every replica holds the same key."""

    def tag(self, label: str, *parts: bytes) -> bytes:
        """32-byte keyed hash. MUST differ when the label or any boundary between parts differs."""
        ...

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """MUST authenticate ``context`` and MUST NOT give the same bytes twice."""
        ...

    def open(self, sealed: bytes, context: bytes) -> bytes | None:
        """MUST return None for everything not sealed by this key under this context."""
        ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """The claim is ours. ``token`` proves it when completing or releasing."""

    token: str


@dataclass(frozen=True, slots=True)
class Running:
    """Somebody else holds the claim, with this note, for at most ``retry_after`` more seconds."""

    note: bytes
    retry_after: float


@dataclass(frozen=True, slots=True)
class Done:
    """The claim was completed with this value."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Looked:
    """What the cache holds for one key. ``value`` None is a miss; ``ticket`` None says: do not put what you read."""

    value: bytes | None
    ticket: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change to what stands behind these cache keys, begun and not yet ended."""

    keys: tuple[str, ...]
    mark: str


MAX_KEPT_BYTES = 1 << 20
"""A larger value is not kept: a claim is not completed with it, the cache does not take it."""


class Coordination(Protocol):
    """What replicas must agree on. Keys are opaque (no personal text), values sealed by the caller.

    Every method raises ``CoordinationUnavailable`` when replicas cannot agree, within a bounded time. MUST leave
    nothing behind without an expiry.
    """

    async def claim(self, key: str, note: bytes, lease: float) -> Claimed | Running | Done:
        """MUST give ``Claimed`` to one caller at a time, until it completes or releases or ``lease`` seconds pass."""
        ...

    async def complete(self, key: str, token: str, value: bytes, keep: float, about: Sequence[str] = ()) -> bool:
        """Keep ``value`` for ``keep`` seconds, forgettable by each of ``about``. MUST change nothing and return False
        when the claim is no longer the token's, or the value is larger than ``MAX_KEPT_BYTES``."""
        ...

    async def release(self, key: str, token: str) -> None:
        """Give the claim back. MUST change nothing when the claim is no longer the token's."""
        ...

    async def forget(self, about: str) -> int:
        """Remove every kept value that is about this key; how many."""
        ...

    async def look_up(self, keys: Sequence[str]) -> Mapping[str, Looked]:
        """MUST answer every key. A ticket MUST be taken before its holder reads what it will put."""
        ...

    async def put_if_unchanged(self, entries: Mapping[str, tuple[str, bytes]], keep: float) -> int:
        """Per key ``(ticket, value)``, for ``keep`` seconds; how many were put. MUST put nothing for a key whose change
        began or ended after the ticket was taken, or is under way."""
        ...

    async def kept(self, key: str) -> bytes | None:
        """The value that a claim of this key was completed with, while it is kept. MUST claim nothing."""
        ...

    async def tally(self, key: str, seconds: float) -> int:
        """How often this was called for the key, this time included, in a window that the first call opens and that
        ends ``seconds`` later."""
        ...

    async def begin_change(self, keys: Sequence[str], lease: float) -> Change:
        """Called before what stands behind the keys changes. From its return until ``end_change``, or for ``lease``
        seconds if that never comes, MUST hold no value and give no ticket for the keys."""
        ...

    async def end_change(self, change: Change) -> None:
        """Called after the change is durable. On return MUST hold no value that was read before this call; every ticket
        taken before it MUST be worthless."""
        ...

    async def check(self) -> None:
        """Raises when replicas cannot agree now; for readiness."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key as listed: never its secret. Times in ms since the epoch."""

    id: str
    caller: CallerId
    rights: frozenset[Right]
    created_at: int
    revoked_at: int | None = None


def key_id(presented: str) -> str:
    """The id in the text of an API key; empty for a key of another form, which has none."""
    prefix, _, rest = presented.partition("_")
    return rest.partition("_")[0] if prefix == "agk" else ""


class CallerStore(Protocol):
    """API keys, ``agk_<id>_<secret>``. MUST keep no secret, only a keyed hash of it."""

    async def authenticate(self, presented: str) -> Caller:
        """MUST raise ``CallerUnknown`` for anything but a key that was created and not revoked; MUST compare in
        constant time. A revocation MUST hold everywhere within five seconds of its return."""
        ...

    async def in_force(self, key: str) -> Caller:
        """Whose key has this id. MUST raise ``CallerUnknown`` for one that was never made, and for a revoked one within
        five seconds of its revocation."""
        ...

    async def create(self, caller: CallerId, rights: frozenset[Right]) -> tuple[ApiKey, str]:
        """A new key and, this once, the text to present. MUST be durable on return."""
        ...

    async def revoke(self, key: str) -> None:
        """By key id; MUST raise ``NotFound`` for an unknown one. MUST be durable on return."""
        ...

    async def listed(self) -> Sequence[ApiKey]:
        """Every key ever created, oldest first."""
        ...


EntityCounts = Mapping[EntityType, int]
