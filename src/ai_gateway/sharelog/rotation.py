"""A new key epoch: every surviving person's key is wrapped anew, then the old epoch's key is destroyed.

What was wrapped under the old epoch and not wrapped anew, in backups, in a database's log and on replicas, is
unreadable from then on: that, and not the deletion of a row, is what makes an erasure reach them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ai_gateway.model.entries import Entry, EntryKind, StoredKey
from ai_gateway.ports import Clock, KeyWrapper
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.record import record

BATCH = 500
_HELD_IN_MEMORY_MS = 24 * 60 * 60 * 1000
"""After a day no process still holds the key of somebody erased; the last reference to them is then dropped."""


class Epochs(KeyWrapper, Protocol):
    """A ``KeyWrapper`` whose epochs can be made and destroyed."""

    @property
    def epochs(self) -> tuple[int, ...]:
        """Those held, oldest first; the last is in force."""
        ...

    async def make(self) -> int:
        """The next epoch; MUST be durable, held and in force on return."""
        ...

    async def destroy(self, epoch: int) -> None:
        """MUST do nothing when it is gone already."""
        ...


class KeyStore(Protocol):
    async def raise_epoch(self, epoch: int, settled_before: int) -> None:
        """From its return no key of an earlier epoch is added, on any replica. Drops the references of people shredded
        before ``settled_before`` (ms)."""
        ...

    async def older_keys(self, epoch: int, limit: int) -> Sequence[StoredKey]:
        """Wrapped under an epoch before this one."""
        ...

    async def rewrap(self, keys: Sequence[tuple[StoredKey, StoredKey]]) -> int:
        """Replace each key that is still what it was; how many. One that was deleted meanwhile MUST NOT come back."""
        ...

    async def record(self, entry: Entry) -> int:
        """Put it on record; its index."""
        ...

    async def keys_by_epoch(self) -> Mapping[int, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """``destroyed`` epochs end here; ``index`` is where the log says so."""

    epoch: int
    rewrapped: int
    destroyed: tuple[int, ...]
    index: int


async def rotate(epochs: Epochs, store: KeyStore, clock: Clock, progress: Callable[[int], None]) -> Rotation:
    """May be run again after a crash anywhere: a rotation is unfinished while more than one epoch is held.

    1. A new epoch is made, unless one waits to be taken up. 2. The database takes no key of an older one any more.
    3. Surviving keys are wrapped anew, ``BATCH`` at a time. 4. The change goes on record. 5. Older epochs are
    destroyed.

    Raises ``KeyUnavailable`` when a surviving key cannot be opened; nothing is then destroyed.
    """
    await epochs.refresh()
    epoch = epochs.epoch if len(epochs.epochs) > 1 else await epochs.make()
    await store.raise_epoch(epoch, clock.now() - _HELD_IN_MEMORY_MS)
    rewrapped = 0
    while batch := await store.older_keys(epoch, BATCH):
        rewrapped += await store.rewrap([(key, _rewrapped(epochs, key)) for key in batch])
        progress(rewrapped)
    old = epochs.epochs[:-1]
    facts: Mapping[str, Json] = {"epoch": epoch, "rewrapped": rewrapped, "destroyed": list(old)}
    index = await store.record(record(EntryKind.KEY_EPOCH, clock.now(), facts))
    for passed in old:
        await epochs.destroy(passed)
    return Rotation(epoch=epoch, rewrapped=rewrapped, destroyed=old, index=index)


def _rewrapped(epochs: KeyWrapper, key: StoredKey) -> StoredKey:
    epoch, wrapped = epochs.wrap(epochs.unwrap(key.epoch, key.wrapped, key.ref), key.ref)
    return StoredKey(ref=key.ref, epoch=epoch, wrapped=wrapped)
