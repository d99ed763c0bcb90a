"""What the share log hands to its store, and gets back: bytes whose meaning the store does not know."""

from dataclasses import dataclass, field
from enum import StrEnum

from ai_gateway.model.ids import ShareId


class EntryKind(StrEnum):
    """The ``type`` of a leaf. An intent or a denial opens a share; an outcome closes one that an intent opened. All
    others are records: of a read, of a step of an erasure, of what was done to keys or to old entries, of
    files that came into force."""

    INTENT = "share.intent"
    OUTCOME = "share.outcome"
    DENIED = "share.denied"
    READ = "share.read"
    DISCLOSURE = "disclosure.made"
    EXPORT = "export.made"
    ERASURE_REQUESTED = "erasure.requested"
    ERASURE_SUPPRESSED = "erasure.suppressed"
    ERASURE_DIRECTED = "erasure.directed"
    ERASURE_HELD = "erasure.held"
    ERASURE_COMPLETED = "erasure.completed"
    ERASURE_REPLAYED = "erasure.replayed"
    DIRECTIVE = "directive.changed"
    HOLD = "hold.changed"
    KEY_EPOCH = "key.epoch"
    LOG_RESTORED = "log.restored"
    RETENTION_PRUNE = "retention.prune"
    POLICY_VERSION = "policy.version"
    PROMPT_VERSION = "prompt.version"

    @property
    def of_share(self) -> bool:
        return self in (EntryKind.INTENT, EntryKind.OUTCOME, EntryKind.DENIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Ciphertext number ``n`` beside an entry's leaf, readable with the keys of all its ``owners`` (subject
    references) alone."""

    n: int
    owners: tuple[bytes, ...]
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry to append. ``at`` is ms since the epoch; ``once`` is 32 bytes that the log takes once, ever. A record's
    ``share`` is its own id, ``ent_…``."""

    share: ShareId
    kind: EntryKind
    at: int
    leaf: bytes = field(repr=False)
    segments: tuple[Segment, ...] = ()
    once: bytes | None = field(default=None, repr=False)

    @property
    def length(self) -> int:
        """Bytes to be stored, nearly."""
        length = len(self.leaf)
        for segment in self.segments:
            length += len(segment.ciphertext)
        return length


@dataclass(frozen=True, slots=True)
class Placed:
    """The entry is durable at this index (from 0, without gaps)."""

    index: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """Not appended: this earlier share holds the same ``once``, or has its outcome already."""

    share: ShareId


@dataclass(frozen=True, slots=True)
class Unopened:
    """Not appended: an outcome of a share that no intent opened."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Not appended: a person it belongs to is being erased."""


Appended = Placed | Repeated | Unopened | Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """``leaf`` is None once its retention has passed; segments are those that were not deleted."""

    index: int
    leaf: bytes | None = field(repr=False)
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShare:
    """``at`` (ms) is known even when the leaf is no longer kept."""

    id: ShareId
    at: int
    opened: StoredEntry
    outcome: StoredEntry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLeaf:
    index: int
    leaf_hash: bytes
    leaf: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt:
    """A share whose intent is durable and whose outcome is not: it counts as shared. ``at`` is the intent's time
    (ms)."""

    id: ShareId
    at: int


@dataclass(frozen=True, slots=True)
class TreeState:
    """``frontier`` holds the roots of the perfect subtrees, largest first: 32 bytes for every set bit of ``size``."""

    size: int
    frontier: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A person's key, wrapped under the key of ``epoch``; ``ref`` is random (16 bytes) and says nothing of them."""

    ref: bytes
    epoch: int
    wrapped: bytes = field(repr=False)
