"""Erasing a person, in an order that loses nothing on the way: what vendors hold is known before the keys to know it
are destroyed, and nothing new comes in while the old goes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ai_gateway.model import Role, Subject, SubjectId
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.model.ids import new_erasure_id
from ai_gateway.ports import Clock, KeyWrapper, Seal, SubjectStore
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.directives import Directing
from ai_gateway.sharelog.erasure import (
    Basis,
    Erasure,
    ErasureStore,
    Shredded,
    Step,
    Tombstone,
    Tombstones,
    Verification,
)
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.record import note_of, record

RUNNING_AT_MOST_MS = 15 * 60 * 1000
"""No call runs longer. A younger share without an outcome may still bring a vendor's id."""

Forget = Callable[[SubjectId], Awaitable[object]]
"""Drops what some cache keeps of a person. May be repeated."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``waits_for``: ``running-shares`` (run again in a quarter of an hour), ``legal-hold``, or None when completed."""

    erasure: Erasure
    waits_for: str | None = None


class Eraser:
    """``caches`` are dropped when the person is suppressed, and once more when their key is gone."""

    def __init__(  # noqa: PLR0913  (named once, where everything is opened)
        self,
        *,
        store: ErasureStore,
        keys: PersonKeys,
        wrapper: KeyWrapper,
        registry_seal: Seal,
        subjects: SubjectStore,
        tombstones: Tombstones,
        directing: Directing,
        clock: Clock,
        caches: Sequence[Forget] = (),
    ) -> None:
        self.store = store
        self.directing = directing
        self._keys = keys
        self._wrapper = wrapper
        self._registry_seal = registry_seal
        self._subjects = subjects
        self._tombstones = tombstones
        self._clock = clock
        self._caches = caches

    async def erase(self, subject: SubjectId, verified: Verification, basis: Basis) -> Progress:
        """Begin, or go on from the last step that is done; ``verified`` and ``basis`` count when it begins.

        1. The verified request goes on record.
        2. The person is suppressed: nothing about them is shared or kept any more, on any replica.
        3. Running shares end. What vendors hold is read and written down as directives.
        4. Legal holds are looked at: with one standing, it stops here.
        5. Key, map, index, ciphertexts and registry row go, in one transaction with the entry ``erasure.completed``;
           a tombstone beside the keys is durable before it commits.
        6. The database lets go of the deleted bytes on disk.

        Raises ``StoreUnavailable`` when a step fails: it is then not done, and the next run does it.
        """
        erasure = await self._begin(subject, verified, basis)
        while erasure.step is not Step.COMPLETED:
            match erasure.step:
                case Step.REQUESTED:
                    erasure = await self._suppress(erasure, subject)
                case Step.SUPPRESSED:
                    if await self._running(erasure):
                        return Progress(erasure, "running-shares")
                    erasure = await self._direct(erasure)
                case Step.DIRECTED:
                    erasure, held = await self._look_at_holds(erasure)
                    shredded = None if held else await self._shred(erasure)
                    if shredded is None:
                        return Progress(erasure, "legal-hold")
                    erasure = shredded
                case Step.SHREDDED:
                    await self._forget(subject)
                    erasure = await self._complete(erasure)
        return Progress(erasure)

    async def status(self, subject: SubjectId) -> Erasure | None:
        return await self.store.erasure(self._mark(subject))

    async def replay(self) -> int:
        """Erase again whom a restored database brought back; how many. Before anything else reads it."""
        replayed = 0
        for tombstone in self._tombstones.all():
            replayed += await self._bury(tombstone)
        return replayed

    async def _begin(self, subject: SubjectId, verified: Verification, basis: Basis) -> Erasure:
        mark, at = self._mark(subject), self._clock.now()
        if (present := await self.store.erasure(mark)) is not None:
            return present
        key = (await self._keys.of((subject,)))[subject]
        erasure = Erasure(
            id=new_erasure_id(),
            mark=mark,
            tag=self._registry_seal.tag("registry/subject", subject.encode()),
            ref=key.ref,
            step=Step.REQUESTED,
            requested_at=at,
            changed_at=at,
            verified=verified,
            basis=basis,
            facts={},
        )
        facts = {"erasure": erasure.id, "verified": verified.value, "basis": basis.value}
        return await self.store.begin(
            erasure, record(EntryKind.ERASURE_REQUESTED, at, facts, [(key, note_of(subject, **facts))])
        )

    async def _suppress(self, erasure: Erasure, subject: SubjectId) -> Erasure:
        # The registry first: from here on decisions see it. Those made before meet the fence in the log.
        await self._subjects.put(Subject(id=subject, role=Role.SITE_VISITOR, erased=True))
        await self._forget(subject)
        at = self._clock.now()
        entry = record(EntryKind.ERASURE_SUPPRESSED, at, {"erasure": erasure.id})
        return await self.store.suppress(erasure, entry, at)

    async def _running(self, erasure: Erasure) -> int:
        since = self._clock.now() - RUNNING_AT_MOST_MS
        return 0 if erasure.ref is None else await self.store.running(erasure.ref, since)

    async def _direct(self, erasure: Erasure) -> Erasure:
        directives = await self.directing.directives(erasure)
        counts: dict[str, Json] = {}
        for directive in directives:
            name = f"{directive.vendor}/{directive.state.value}"
            before = counts.get(name, 0)
            counts[name] = (before if isinstance(before, int) else 0) + 1
        at = self._clock.now()
        entry = record(EntryKind.ERASURE_DIRECTED, at, {"erasure": erasure.id, "directives": counts})
        directed = replace(erasure, facts={**erasure.facts, "directives": counts})
        return await self.store.direct(directed, directives, entry, at)

    async def _look_at_holds(self, erasure: Erasure) -> tuple[Erasure, bool]:
        holds = await self.store.holds(erasure.mark)
        standing: Sequence[Json] = sorted(hold.id for hold in holds)
        if standing == erasure.facts.get("holds", []):
            return erasure, bool(standing)
        at = self._clock.now()
        reasons: Sequence[Json] = sorted({hold.reason.value for hold in holds})
        entry = record(EntryKind.ERASURE_HELD, at, {"erasure": erasure.id, "holds": standing, "reasons": reasons})
        return await self.store.note(erasure, entry, {"holds": standing}, at), bool(standing)

    async def _shred(self, erasure: Erasure) -> Erasure | None:
        """None when a hold was placed a moment ago."""
        at = self._clock.now()

        def entry(done: Shredded) -> Entry:
            # Before the commit, so that no backup of what it deletes is ever without it; and after holds were looked
            # at, since whoever has a tombstone is erased at the next start, whatever else is true.
            self._tombstones.add(_tombstone(erasure))
            return _completed(erasure, done, at, EntryKind.ERASURE_COMPLETED)

        shredded = await self.store.shred(erasure, entry, at)
        self._keys.forget()
        return shredded

    async def _complete(self, erasure: Erasure) -> Erasure:
        purged = await self.store.purge()
        return await self.store.complete(erasure, {"purged": dict(purged)}, self._clock.now())

    async def _bury(self, tombstone: Tombstone) -> bool:
        present = await self.store.erasure(tombstone.mark)
        if present is not None and present.is_shredded:
            return False
        at = self._clock.now()
        erasure = present or await self._revived(tombstone, at)
        shredded = await self.store.shred(
            erasure, lambda done: _completed(erasure, done, at, EntryKind.ERASURE_REPLAYED), at, whatever_holds=True
        )
        self._keys.forget()
        if shredded is not None:
            await self._complete(shredded)
        return True

    async def _revived(self, tombstone: Tombstone, at: int) -> Erasure:
        """The erasure of which the restored database knows nothing, at the step before shredding."""
        ref = await self._keys.ref_of_mark(tombstone.mark)
        erasure = Erasure(
            id=tombstone.erasure,
            mark=tombstone.mark,
            tag=tombstone.tag,
            ref=ref,
            step=Step.DIRECTED,
            requested_at=tombstone.requested_at,
            changed_at=at,
            verified=tombstone.verified,
            basis=tombstone.basis,
            facts={"replayed": True},
        )
        facts: Mapping[str, Json] = {"erasure": erasure.id, "restored": True}
        return await self.store.begin(erasure, record(EntryKind.ERASURE_REQUESTED, at, facts))

    async def _forget(self, subject: SubjectId) -> None:
        for forget in self._caches:
            await forget(subject)

    def _mark(self, subject: SubjectId) -> bytes:
        return self._wrapper.blind(subject.encode())


def _tombstone(erasure: Erasure) -> Tombstone:
    return Tombstone(
        erasure=erasure.id,
        mark=erasure.mark,
        tag=erasure.tag,
        requested_at=erasure.requested_at,
        verified=erasure.verified,
        basis=erasure.basis,
    )


def _completed(erasure: Erasure, done: Shredded, at: int, kind: EntryKind) -> Entry:
    facts: Mapping[str, Json] = {
        "erasure": erasure.id,
        "ciphertexts": done.segments,
        "shared_ciphertexts": done.shared,
        "index_rows": done.index,
        "epoch": done.epoch,
    }
    return record(kind, at, facts)
