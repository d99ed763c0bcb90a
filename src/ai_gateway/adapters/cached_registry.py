"""The registry behind the replicas' common cache, coherent: see ``docs/adr/consent-cache-coherence.md``.

Reading: look up, which gives a ticket for every miss; read the store; put what was read, if the ticket still counts.
Writing: begin the change (from then on nothing is held and no ticket given), write the store durably, end the change.
A write that could not begin is refused before the store is touched; one that could not end is durable, but its answer
is an error, because other replicas may not see it yet. Reads do without the cache when it is away.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from ai_gateway.adapters import registry_codec as codec
from ai_gateway.errors import CoordinationUnavailable
from ai_gateway.model import Choices, ConsentEvent, Consents, Subject, SubjectId
from ai_gateway.ports import Change, Clock, ConsentStore, Coordination, Looked, Seal, SubjectStore

KEEP_AT_MOST = 300.0
"""Seconds. Bounds what a lost server, cut off from the others with its readers, can still say."""
_LEASE = 30.0
"""Seconds in which a change is made; the database gives up on a statement after fifteen."""
_AWAY = 1.0
"""Seconds for which reads do not ask a cache that just failed."""
_END_TRIES = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """A kind of record as bytes, and back."""

    pack: Callable[[T], bytes]
    unpack: Callable[[SubjectId, bytes], T]


_SUBJECT: Shape[Subject | None] = Shape(codec.pack_whole, codec.unpack_whole)
_CONSENTS: Shape[Sequence[ConsentEvent]] = Shape(codec.pack_events, codec.unpack_events)


@dataclass(slots=True)
class CacheCounts:
    """``degraded`` counts reads that did without the cache because it was away."""

    hits: int = 0
    misses: int = 0
    degraded: int = 0


class RegistryCache:
    """One kind of record by person, sealed, in ``Coordination``'s cache."""

    def __init__(
        self,
        coordination: Coordination,
        seal: Seal,
        *,
        keep: float = 60.0,
        counts: CacheCounts | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._coordination = coordination
        self._seal = seal
        self._keep = min(keep, KEEP_AT_MOST)
        self._monotonic = monotonic
        self._away_until = 0.0
        self.counts = counts or CacheCounts()

    async def read(
        self,
        kind: str,
        people: Sequence[SubjectId],
        fetch: Callable[[Sequence[SubjectId]], Awaitable[Mapping[SubjectId, T]]],
        shape: Shape[T],
    ) -> Mapping[SubjectId, T]:
        """Everybody's record, from the cache or from ``fetch`` (which answers everybody it is asked for)."""
        keys = {person: self._key(kind, person) for person in people}
        looked = await self._look_up(tuple(keys.values()))
        if looked is None:
            self.counts.degraded += 1
            return await fetch(people)
        records: dict[SubjectId, T] = {}
        for person, key in keys.items():
            value = looked[key].value
            record = None if value is None else self._seal.open(value, key.encode())
            if record is not None:
                records[person] = shape.unpack(person, record)
        self.counts.hits += len(records)
        missing = tuple(person for person in keys if person not in records)
        if missing:
            self.counts.misses += len(missing)
            fetched = await fetch(missing)
            tickets = {person: ticket for person in fetched if (ticket := looked[keys[person]].ticket) is not None}
            await self._put({keys[p]: (ticket, shape.pack(fetched[p])) for p, ticket in tickets.items()})
            records |= fetched
        return records

    @asynccontextmanager
    async def changing(self, kind: str, person: SubjectId) -> AsyncGenerator[None]:
        """Around a write. Raises ``CoordinationUnavailable`` before it (nothing written) or after it (written)."""
        change = await self._coordination.begin_change((self._key(kind, person),), _LEASE)
        try:
            yield
        except Exception:
            # Perhaps written all the same (an answer lost on the way). Whatever holds, it is read anew once ended.
            await self._end(change)
            raise
        if not await self._end(change):
            raise CoordinationUnavailable("Recorded, but other replicas may not see it yet: repeat the request")

    async def _end(self, change: Change) -> bool:
        for _ in range(_END_TRIES):
            try:
                await self._coordination.end_change(change)
            except CoordinationUnavailable:
                continue
            return True
        return False

    async def _look_up(self, keys: Sequence[str]) -> Mapping[str, Looked] | None:
        if self._monotonic() < self._away_until:
            return None
        try:
            return await self._coordination.look_up(keys)
        except CoordinationUnavailable:
            self._away_until = self._monotonic() + _AWAY
            return None

    async def _put(self, read: Mapping[str, tuple[str, bytes]]) -> None:
        entries = {key: (ticket, self._seal.seal(record, key.encode())) for key, (ticket, record) in read.items()}
        if not entries:
            return
        try:
            await self._coordination.put_if_unchanged(entries, self._keep)
        except CoordinationUnavailable:
            self._away_until = self._monotonic() + _AWAY

    def _key(self, kind: str, person: SubjectId) -> str:
        return f"{kind}:{self._seal.tag('registry/cache', kind.encode(), person.encode()).hex()}"


class CachedSubjectStore:
    """``ports.SubjectStore`` over another one."""

    def __init__(self, store: SubjectStore, cache: RegistryCache) -> None:
        self._store = store
        self._cache = cache

    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        read = await self._cache.read("subject", ids, self._fetch, _SUBJECT)
        return {id_: subject for id_, subject in read.items() if subject is not None}

    async def put(self, subject: Subject) -> None:
        async with self._cache.changing("subject", subject.id):
            await self._store.put(subject)

    async def choose(self, subject: SubjectId, choices: Choices) -> None:
        async with self._cache.changing("subject", subject):
            await self._store.choose(subject, choices)

    async def _fetch(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject | None]:
        found = await self._store.get(ids)
        return {id_: found.get(id_) for id_ in ids}


class CachedConsentStore:
    """``ports.ConsentStore`` over another one. The history is not cached; whether a consent ran out is decided now."""

    def __init__(self, store: ConsentStore, cache: RegistryCache, clock: Clock) -> None:
        self._store = store
        self._cache = cache
        self._clock = clock

    async def append(self, event: ConsentEvent) -> None:
        async with self._cache.changing("consents", event.subject):
            await self._store.append(event)

    async def append_after(self, event: ConsentEvent, latest: str | None) -> None:
        async with self._cache.changing("consents", event.subject):
            await self._store.append_after(event, latest)

    async def history(self, subject: SubjectId) -> Sequence[ConsentEvent]:
        return await self._store.history(subject)

    async def standing(self, subjects: Sequence[SubjectId]) -> Consents:
        read = await self._cache.read("consents", subjects, self._fetch, _CONSENTS)
        events = (event for theirs in read.values() for event in theirs)
        return Consents({(event.subject, event.purpose): event for event in events}, self._clock.now())

    async def _fetch(self, people: Sequence[SubjectId]) -> Mapping[SubjectId, Sequence[ConsentEvent]]:
        latest = (await self._store.standing(people)).latest.values()
        return {person: tuple(event for event in latest if event.subject == person) for person in people}
