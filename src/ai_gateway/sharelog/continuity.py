"""Does the database go on from where this installation last saw it, or was an older one put in its place?

While anything serves, a number in the database grows every few seconds, and what it was is remembered beside the keys,
which a restored database does not bring back. A database that counts less than is remembered is older: it has lost
withdrawals, choices, registrations, revoked API keys and shares that were made. Then nothing is shared until somebody
says that what is missing was brought back. What changed less than one beat before the backup's end is not noticed.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from ai_gateway.errors import DatabaseRestored, GatewayError
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.ports import Clock
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.record import record

_logger = logging.getLogger(__name__)
_LEAP = 1_000_000
"""An accepted database counts on from so far beyond what was remembered here (two months of beats) that it is ahead of
every replica's memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """``size`` is the tree's at that moment, ``at`` the time in ms since the epoch."""

    number: int
    size: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The database as it was ``found``, older than what was ``seen`` of it."""

    found: Beat
    seen: Beat


class BeatStore(Protocol):
    """In the database. Every method raises ``StoreUnavailable`` when it fails."""

    async def newest(self) -> Beat: ...

    async def beat(self, at: int) -> Beat:
        """Count one on; durable on return."""
        ...

    async def accept(self, number: int, at: int, entry: Entry) -> Beat:
        """Count on from ``number``, with the entry in the log, in one transaction."""
        ...


class BeatMemory(Protocol):
    """Apart from the database."""

    def newest(self) -> Beat | None:
        """None when nothing was seen yet. Raises ``ConfigurationError`` when that is not known."""
        ...

    def keep(self, beat: Beat) -> None:
        """Durable on return, unless a later one is kept. Raises ``ConfigurationError`` when it cannot be kept."""
        ...


class Continuity:
    """One per process. ``check`` is asked before every share."""

    def __init__(self, store: BeatStore, memory: BeatMemory, clock: Clock, *, every: float = 5.0) -> None:
        self._store = store
        self._memory = memory
        self._clock = clock
        self._every = every
        self._seen: Beat | None = None
        self._restored: Restored | None = None
        self._forgetful = False

    @property
    def restored(self) -> Restored | None:
        """As of the last look."""
        return self._restored

    def check(self) -> None:
        """Raises ``DatabaseRestored`` while an older database stands in the place of the one that was seen."""
        if self._restored is not None:
            raise DatabaseRestored(entries=self._restored.found.size, seen=self._restored.seen.size)

    async def look(self) -> Restored | None:
        """Compare. Raises ``StoreUnavailable``, or ``ConfigurationError`` for a memory that cannot be read."""
        kept = await asyncio.to_thread(self._memory.newest)  # before the database, which other processes count on
        seen = max((beat for beat in (kept, self._seen) if beat is not None), key=_number, default=None)
        found = await self._store.newest()
        older = seen is not None and found.number < seen.number
        if older and self._restored is None:
            _logger.error("the database is older than what was seen of it: nothing is shared; see `log restored`")
        self._seen = seen if older else found
        self._restored = Restored(found=found, seen=seen) if older and seen is not None else None
        return self._restored

    async def beat(self) -> None:
        """Look, and count on unless the database is older. Raises as ``look``."""
        if await self.look() is None:
            await self._remember(await self._store.beat(self._clock.now()))

    async def accept(self, lost: str | None) -> Beat:
        """Go on from the database as it is, on record: what is missing was brought back, or is known to be lost.

        ``lost`` is the newest checkpoint that was signed of entries which are gone. Raises ``StoreUnavailable``.
        """
        restored = await self.look()
        found = await self._store.newest() if restored is None else restored.found
        seen = found if restored is None else restored.seen
        at = self._clock.now()
        facts: dict[str, Json] = {
            "found": {"size": found.size, "at": found.at},
            "seen": {"size": seen.size, "at": seen.at},
            "lost_checkpoint": lost,
        }
        entry = record(EntryKind.LOG_RESTORED, at, facts)
        accepted = await self._store.accept(max(found.number, seen.number) + _LEAP, at, entry)
        self._restored = None
        await self._remember(accepted)
        return accepted

    async def run(self) -> None:
        """Beat every so often until cancelled. What goes wrong is logged once, and tried again."""
        failed = False
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.beat()
            except GatewayError as error:
                if not failed:
                    _logger.warning("whether the database was restored is not known: %s", error.code)
                failed = True
            else:
                failed = False

    async def _remember(self, beat: Beat) -> None:
        self._seen = beat
        try:
            await asyncio.to_thread(self._memory.keep, beat)
        except GatewayError as error:
            if not self._forgetful:
                _logger.warning("a restored database will not be noticed after a restart: %s", error.detail)
            self._forgetful = True


def _number(beat: Beat) -> int:
    return beat.number
