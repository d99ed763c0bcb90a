"""Coordination of one process with itself: the embedded default.

Its cache never holds anything. Another process (the command line) may write to the same database, and without a shared
place to say so, the only coherent cache is none.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ai_gateway.errors import CoordinationUnavailable
from ai_gateway.ports import MAX_KEPT_BYTES, Change, Claimed, Done, Looked, Running

_MISS = Looked(None, None)


@dataclass(slots=True)
class _Entry:
    """A claim while ``token`` is set, a kept value otherwise."""

    expires: float
    token: str | None
    content: bytes = field(repr=False)
    about: frozenset[str] = frozenset()


class MemoryCoordination:
    """``ports.Coordination`` in a dictionary. No method awaits, so each is atomic on the event loop.

    ``capacity`` bounds the claims and kept values together; beyond it new claims are refused.
    """

    def __init__(self, *, capacity: int = 10_000, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._entries: dict[str, _Entry] = {}
        self._tallies: dict[str, tuple[float, int]] = {}
        self._capacity = capacity
        self._monotonic = monotonic

    async def claim(self, key: str, note: bytes, lease: float) -> Claimed | Running | Done:
        now = self._monotonic()
        entry = self._live(key, now)
        if entry is not None:
            return Done(entry.content) if entry.token is None else Running(entry.content, entry.expires - now)
        if len(self._entries) >= self._capacity:
            self._drop_expired(now)
        if len(self._entries) >= self._capacity:
            raise CoordinationUnavailable(
                "Too many idempotency keys are kept; try again later", capacity=self._capacity
            )
        token = secrets.token_hex(16)
        self._entries[key] = _Entry(now + lease, token, note)
        return Claimed(token)

    async def complete(self, key: str, token: str, value: bytes, keep: float, about: Sequence[str] = ()) -> bool:
        now = self._monotonic()
        if len(value) > MAX_KEPT_BYTES or not self._holds(key, token, now):
            return False
        self._entries[key] = _Entry(now + keep, None, value, frozenset(about))
        return True

    async def release(self, key: str, token: str) -> None:
        if self._holds(key, token, self._monotonic()):
            del self._entries[key]

    async def forget(self, about: str) -> int:
        gone = [key for key, entry in self._entries.items() if about in entry.about]
        for key in gone:
            del self._entries[key]
        return len(gone)

    def forget_everything(self) -> None:
        """Every kept answer, whomever it is about. A repetition is then refused by the share log's ``once``."""
        self._entries = {key: entry for key, entry in self._entries.items() if entry.token is not None}

    async def kept(self, key: str) -> bytes | None:
        entry = self._live(key, self._monotonic())
        return None if entry is None or entry.token is not None else entry.content

    async def tally(self, key: str, seconds: float) -> int:
        now = self._monotonic()
        if len(self._tallies) >= self._capacity:
            self._tallies = {name: tally for name, tally in self._tallies.items() if tally[0] > now}
        if len(self._tallies) >= self._capacity:
            raise CoordinationUnavailable("Too much is being counted; try again later", capacity=self._capacity)
        expires, count = self._tallies.get(key, (0.0, 0))
        self._tallies[key] = (expires, count + 1) if expires > now else (now + seconds, 1)
        return self._tallies[key][1]

    async def look_up(self, keys: Sequence[str]) -> Mapping[str, Looked]:
        return dict.fromkeys(keys, _MISS)

    async def put_if_unchanged(self, entries: Mapping[str, tuple[str, bytes]], keep: float) -> int:  # noqa: ARG002 - port
        return 0

    async def begin_change(self, keys: Sequence[str], lease: float) -> Change:  # noqa: ARG002 - port
        return Change(tuple(keys), "")

    async def end_change(self, change: Change) -> None:
        pass

    async def check(self) -> None:
        pass

    def _live(self, key: str, now: float) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None and entry.expires <= now:
            del self._entries[key]
            return None
        return entry

    def _holds(self, key: str, token: str, now: float) -> bool:
        entry = self._live(key, now)
        return entry is not None and entry.token == token

    def _drop_expired(self, now: float) -> None:
        self._entries = {key: entry for key, entry in self._entries.items() if entry.expires > now}
