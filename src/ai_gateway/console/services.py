"""What the pages work with beside the API's services; the composition root makes it when the gateway starts."""

import asyncio
from dataclasses import dataclass, field

from starlette.types import Scope

from ai_gateway.console.trials import TrialVendors
from ai_gateway.workbench.cost import Prices
from ai_gateway.workbench.trial import Registry

AT_ONCE = 8
"""Forms that one process works on; more are told to come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    vendors: TrialVendors
    registry: Registry
    prices: Prices
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


def console_of(scope: Scope) -> Console:
    console: Console = scope["app"].state.console
    return console
