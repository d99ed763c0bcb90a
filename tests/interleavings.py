"""A stage on which replicas take turns: every step they take towards the outside happens when the script says so."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from ai_gateway.errors import CoordinationUnavailable, GatewayError, StoreUnavailable
from ai_gateway.model import ConsentEvent, Consents, SubjectId
from ai_gateway.ports import Change, ConsentStore, Coordination, Looked

T = TypeVar("T")


class Fate(Enum):
    """What becomes of one step."""

    HAPPENS = "happens"
    LOST = "lost"
    UNHEARD = "happens, but the answer is lost"


class Turn:
    """One replica's place on the stage."""

    def __init__(self) -> None:
        self.waits = asyncio.Event()
        self._go: asyncio.Future[Fate] | None = None

    async def __call__(self, step: Callable[[], Awaitable[T]], away: type[GatewayError]) -> T:
        self._go = asyncio.get_running_loop().create_future()
        self.waits.set()
        fate = await self._go
        if fate is Fate.LOST:
            raise away
        done = await step()
        if fate is Fate.UNHEARD:
            raise away
        return done

    def take(self, fate: Fate) -> None:
        assert self._go is not None
        self.waits.clear()
        self._go.set_result(fate)


@dataclass
class StagedConsents:
    """A consent store whose every call waits for its turn."""

    store: ConsentStore
    turn: Turn

    async def append(self, event: ConsentEvent) -> None:
        await self.turn(lambda: self.store.append(event), StoreUnavailable)

    async def append_after(self, event: ConsentEvent, latest: str | None) -> None:
        await self.turn(lambda: self.store.append_after(event, latest), StoreUnavailable)

    async def history(self, subject: SubjectId) -> Sequence[ConsentEvent]:
        return await self.turn(lambda: self.store.history(subject), StoreUnavailable)

    async def standing(self, subjects: Sequence[SubjectId]) -> Consents:
        return await self.turn(lambda: self.store.standing(subjects), StoreUnavailable)


@dataclass
class StagedCache:
    """The cache's half of a coordination, every call of which waits for its turn."""

    through: Coordination
    turn: Turn

    async def look_up(self, keys: Sequence[str]) -> Mapping[str, Looked]:
        return await self.turn(lambda: self.through.look_up(keys), CoordinationUnavailable)

    async def put_if_unchanged(self, entries: Mapping[str, tuple[str, bytes]], keep: float) -> int:
        return await self.turn(lambda: self.through.put_if_unchanged(entries, keep), CoordinationUnavailable)

    async def begin_change(self, keys: Sequence[str], lease: float) -> Change:
        return await self.turn(lambda: self.through.begin_change(keys, lease), CoordinationUnavailable)

    async def end_change(self, change: Change) -> None:
        await self.turn(lambda: self.through.end_change(change), CoordinationUnavailable)


@dataclass
class Seen:
    """``floor``: the events whose recording had returned when the read began; ``event``: what the read said."""

    floor: frozenset[str]
    event: str | None


@dataclass
class Play:
    """Who returned what, in the order it happened."""

    returned: set[str] = field(default_factory=set)
    seen: list[Seen] = field(default_factory=list)

    def holds(self, history: Sequence[ConsentEvent]) -> bool:
        """Whether every read saw the latest event that had returned before it, or a later one."""
        place = {event.id: n for n, event in enumerate(history)}
        return all(
            max((place[event] for event in seen.floor), default=-1) <= (-1 if seen.event is None else place[seen.event])
            for seen in self.seen
        )


async def until_it_waits(task: asyncio.Task[None], turn: Turn) -> None:
    """Until the replica stands before its next step, or is done."""
    waits = asyncio.create_task(turn.waits.wait())
    await asyncio.wait({task, waits}, return_when=asyncio.FIRST_COMPLETED)
    waits.cancel()
