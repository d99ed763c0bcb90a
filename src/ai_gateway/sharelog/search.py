"""Looking for shares by what their leaves say: feature, vendor, state, and when. Nothing is decrypted to look.

No index knows what leaves say, so shares are looked through, newest first: from the latest that can be meant, up to the
earliest, and never more than ``LOOKED_AT_MOST`` in one go. Whoever asks is told where to go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ai_gateway.model import ShareId
from ai_gateway.model.entries import EntryKind, StoredShare
from ai_gateway.ports import ShareStore
from ai_gateway.sharelog.canonical import parsed
from ai_gateway.sharelog.view import ShareState, state_of

LOOKED_AT_MOST = 2_000
_STRETCH = 200
_SKEW_MS = 3_600_000
"""The log's order is that of indices. Clocks of replicas differ by less than this, or nothing can be said of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody looks for; None: whatever it is. Times in ms since the epoch: ``since`` inclusive, ``until``
    exclusive."""

    feature: str | None = None
    vendor: str | None = None
    state: ShareState | None = None
    since: int | None = None
    until: int | None = None

    def holds(self, share: StoredShare) -> bool:
        """Of a share whose leaf is no longer kept nothing is known, so it is only among all."""
        if self == ANY:
            return True
        facts = _facts(share.opened.leaf)
        at = facts.get("t")
        return (
            isinstance(at, int)
            and self.feature in (None, facts.get("feature"))
            and self.vendor in (None, facts.get("vendor"))
            and self.state in (None, state_of(EntryKind(facts["type"]), settled=share.outcome is not None))
            and (self.since is None or self.since <= at)
            and (self.until is None or at < self.until)
        )


ANY = Wanted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Newest first. ``next``: after which to go on; None where the log, or the time asked for, has ended. ``looked``:
    through how many shares."""

    shares: tuple[StoredShare, ...]
    next: ShareId | None
    looked: int


async def search(store: ShareStore, wanted: Wanted, owner: bytes | None, after: ShareId | None, limit: int) -> Found:
    """At most ``limit`` of those with a segment of this owner, if one is given. Raises ``StoreUnavailable``."""
    last = after if after is not None or wanted.until is None else await _younger(store, wanted.until)
    stretch = limit + 1 if wanted == ANY else _STRETCH
    found: list[StoredShare] = []
    looked = 0
    while looked < LOOKED_AT_MOST:
        shares = await store.shares(owner, last, stretch)
        for share in shares:
            if wanted.holds(share):
                if len(found) == limit:
                    return Found(shares=tuple(found), next=last, looked=looked)
                found.append(share)
            last, looked = share.id, looked + 1
        if len(shares) < stretch or _before(shares[-1], wanted.since):
            return Found(shares=tuple(found), next=None, looked=looked)
    return Found(shares=tuple(found), next=last, looked=looked)


async def _younger(store: ShareStore, until: int) -> ShareId | None:
    """A share that is surely younger, as near to ``until`` as the log's order tells. None: begin with the newest, which
    is never wrong."""
    late = until + _SKEW_MS
    low, high = 0, (await store.tree()).size
    while low < high:
        middle = (low + high) // 2
        [leaf] = await store.leaves(middle, 1)
        if _facts(leaf.leaf).get("t", 0) < late:  # what is no longer kept is old
            low = middle + 1
        else:
            high = middle
    for leaf in await store.leaves(low, _STRETCH):
        facts = _facts(leaf.leaf)
        if facts.get("type") in (EntryKind.INTENT, EntryKind.DENIED):
            return ShareId(facts["eid"])
    return None


def _before(share: StoredShare, since: int | None) -> bool:
    """Whether nothing that is older than this share can be meant. Its leaf need not be kept: beside and behind pruned
    shares are some that are not, because they are in doubt or under a legal hold."""
    return since is not None and share.at < since - _SKEW_MS


def _facts(leaf: bytes | None) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = {} if leaf is None else parsed(leaf)
    return facts
