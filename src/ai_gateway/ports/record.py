"""Where shares are on record, the keys that open them, and when it is."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ai_gateway.model import ShareId
from ai_gateway.model.entries import Appended, Entry, InDoubt, StoredKey, StoredLeaf, StoredShare, TreeState


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since the epoch."""
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
