"""The indexes of parties' identifiers, kept for a minute: one call needs the same one several times, as does the next.

What is kept is personal, in memory alone, bounded in number and time; what is too old goes with the next look-up, and
all of it as soon as the process hears of an erasure (``forget``).
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ai_gateway.ports import Party
from ai_gateway.treatment import known
from ai_gateway.treatment.allow import WordLists

SECONDS = 60.0
_MOST = 256


@dataclass(frozen=True, slots=True)
class PartyIndex:
    index: known.KnownIndex = field(repr=False)
    spellings: frozenset[str] = field(repr=False)
    until: float
    mark: bytes
    """Random: tells what was found with this index from what was found with any other."""


class PartyIndexes:
    """Safe to use from several threads."""

    def __init__(self, lists: WordLists, now: Callable[[], float] = time.monotonic) -> None:
        self._lists = lists
        self._now = now
        self._kept: OrderedDict[tuple[Party, ...], PartyIndex] = OrderedDict()
        self._lock = threading.Lock()
        self._forgotten = 0

    def of(self, parties: Sequence[Party]) -> PartyIndex:
        key, now = tuple(parties), self._now()
        with self._lock:
            self._let_go(now)
            kept, forgotten = self._kept.get(key), self._forgotten
        if kept is not None:
            return kept
        index = known.index(key, self._lists)
        made = PartyIndex(index, known.spellings(key, index), now + SECONDS, os.urandom(16))
        with self._lock:
            if forgotten == self._forgotten:  # else somebody in it may have been erased meanwhile
                self._kept[key] = made
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._forgotten += 1

    def _let_go(self, now: float) -> None:
        """Entries stand in the order they were made, so the oldest are first."""
        while self._kept and next(iter(self._kept.values())).until <= now:
            self._kept.popitem(last=False)
