"""Reading the share log: one share, pages of them, one person's side, and what is in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass

from ai_gateway.errors import NotFound
from ai_gateway.model import ShareId, SubjectId
from ai_gateway.model.entries import InDoubt, StoredShare
from ai_gateway.ports import ShareStore
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.search import ANY, Wanted, search
from ai_gateway.sharelog.view import ShareView, view

PAGE_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePage:
    """Newest first. ``next`` is what to pass as ``after`` for the following page; None on the last one. ``looked`` is
    through how many shares it took: a page may be short, or empty, and not the last, and then it ``stopped_early``."""

    shares: tuple[ShareView, ...]
    next: ShareId | None
    looked: int = 0
    stopped_early: bool = False


class ShareReader:
    """Every method raises ``StoreUnavailable`` when the store fails."""

    def __init__(self, store: ShareStore, keys: PersonKeys) -> None:
        self._store = store
        self._keys = keys

    async def shares(
        self,
        subject: SubjectId | None = None,
        after: ShareId | None = None,
        limit: int = 50,
        wanted: Wanted = ANY,
    ) -> SharePage:
        """A page of shares and denials, without bodies; of one person's, their side alone."""
        limit = max(1, min(limit, PAGE_LIMIT))
        owner: bytes | None = None
        if subject is not None:
            key = await self._keys.known(subject)
            if key is None:
                return SharePage(shares=(), next=None)
            owner = key.ref
        found = await search(self._store, wanted, owner, after, limit)
        return SharePage(
            shares=await self._views(found.shares, owner),
            next=found.next,
            looked=found.looked,
            stopped_early=found.next is not None and len(found.shares) < limit,
        )

    async def share(self, share: ShareId) -> ShareView:
        """One share, whole, as far as keys still exist. Raises ``NotFound``."""
        stored = await self._store.share(share)
        if stored is None:
            raise NotFound("No share has this id", share=share)
        return (await self._views((stored,), None))[0]

    async def knows(self, subject: SubjectId) -> bool:
        """Whether the log has anything about the person that can still be read."""
        return await self._keys.known(subject) is not None

    async def in_doubt(self, older_than: int, limit: int = 1_000) -> Sequence[InDoubt]:
        """Shares opened before ``older_than`` (ms since the epoch) and never settled, oldest first: they count as
        shared."""
        return await self._store.in_doubt(older_than, limit)

    async def check(self) -> str:
        """How many entries the log has; raises when the store does not answer. For readiness."""
        return f"{(await self._store.tree()).size} entries"

    async def _views(self, stored: Sequence[StoredShare], owner: bytes | None) -> tuple[ShareView, ...]:
        entries = [entry for share in stored for entry in (share.opened, share.outcome) if entry is not None]
        refs = {ref for entry in entries for segment in entry.segments for ref in segment.owners}
        held = await self._keys.held(refs)
        return tuple(view(share, held, owner) for share in stored)
