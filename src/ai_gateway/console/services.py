"""What the pages work with beside the API's services; the composition root makes it when the gateway starts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.types import Scope

from ai_gateway.console.trials import TrialVendors
from ai_gateway.model.entries import InDoubt, StoredLeaf, TreeState
from ai_gateway.ports import Clock
from ai_gateway.sharelog.erasure import Erasure
from ai_gateway.workbench.cost import Prices
from ai_gateway.workbench.trial import Registry

AT_ONCE = 8
"""Forms that one process works on; more are told to come back."""


class Log(Protocol):
    """The part of ``ports.ShareStore`` that pages read: nothing in it tells of anybody."""

    async def tree(self) -> TreeState: ...

    async def leaves(self, start: int, limit: int) -> Sequence[StoredLeaf]: ...

    async def in_doubt(self, older_than: int, limit: int) -> Sequence[InDoubt]: ...


class Erasures(Protocol):
    async def erasures(self) -> Sequence[Erasure]:
        """Oldest first. Raises ``StoreUnavailable``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """``log`` tells how long the log is and what is in doubt. Shares are read through ``Services.shares``, on record,
    and nowhere else."""

    vendors: TrialVendors
    registry: Registry
    prices: Prices
    log: Log
    erasures: Erasures
    clock: Clock
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


def console_of(scope: Scope) -> Console:
    console: Console = scope["app"].state.console
    return console
