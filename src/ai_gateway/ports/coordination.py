"""What replicas must agree on: who does a thing, and whether what one of them read still holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Claimed:
    """The claim is ours. ``token`` proves it when completing or releasing."""

    token: str


@dataclass(frozen=True, slots=True)
class Running:
    """Somebody else holds the claim, with this note, for at most ``retry_after`` more seconds."""

    note: bytes
    retry_after: float


@dataclass(frozen=True, slots=True)
class Done:
    """The claim was completed with this value."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Looked:
    """What the cache holds for one key. ``value`` None is a miss; ``ticket`` None says: do not put what you read."""

    value: bytes | None
    ticket: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change to what stands behind these cache keys, begun and not yet ended."""

    keys: tuple[str, ...]
    mark: str


MAX_KEPT_BYTES = 1 << 20
"""A larger value is not kept: a claim is not completed with it, the cache does not take it."""


class Coordination(Protocol):
    """What replicas must agree on. Keys are opaque (no personal text), values sealed by the caller.

    Every method raises ``CoordinationUnavailable`` when replicas cannot agree, within a bounded time. MUST leave
    nothing behind without an expiry.
    """

    async def claim(self, key: str, note: bytes, lease: float) -> Claimed | Running | Done:
        """MUST give ``Claimed`` to one caller at a time, until it completes or releases or ``lease`` seconds pass."""
        ...

    async def complete(self, key: str, token: str, value: bytes, keep: float, about: Sequence[str] = ()) -> bool:
        """Keep ``value`` for ``keep`` seconds, forgettable by each of ``about``. MUST change nothing and return False
        when the claim is no longer the token's, or the value is larger than ``MAX_KEPT_BYTES``."""
        ...

    async def release(self, key: str, token: str) -> None:
        """Give the claim back. MUST change nothing when the claim is no longer the token's."""
        ...

    async def forget(self, about: str) -> int:
        """Remove every kept value that is about this key; how many."""
        ...

    async def look_up(self, keys: Sequence[str]) -> Mapping[str, Looked]:
        """MUST answer every key. A ticket MUST be taken before its holder reads what it will put."""
        ...

    async def put_if_unchanged(self, entries: Mapping[str, tuple[str, bytes]], keep: float) -> int:
        """Per key ``(ticket, value)``, for ``keep`` seconds; how many were put. MUST put nothing for a key whose change
        began or ended after the ticket was taken, or is under way."""
        ...

    async def kept(self, key: str) -> bytes | None:
        """The value that a claim of this key was completed with, while it is kept. MUST claim nothing."""
        ...

    async def tally(self, key: str, seconds: float) -> int:
        """How often this was called for the key, this time included, in a window that the first call opens and that
        ends ``seconds`` later."""
        ...

    async def begin_change(self, keys: Sequence[str], lease: float) -> Change:
        """Called before what stands behind the keys changes. From its return until ``end_change``, or for ``lease``
        seconds if that never comes, MUST hold no value and give no ticket for the keys."""
        ...

    async def end_change(self, change: Change) -> None:
        """Called after the change is durable. On return MUST hold no value that was read before this call; every ticket
        taken before it MUST be worthless."""
        ...

    async def check(self) -> None:
        """Raises when replicas cannot agree now; for readiness."""
        ...
