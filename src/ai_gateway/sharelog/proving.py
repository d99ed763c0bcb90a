"""Room for disclosures that look at every entry of the log instead of trusting its index: minutes of work each."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ai_gateway.errors import GatewayBusy

PROVEN_AT_ONCE = 2
_COME_BACK_SECONDS = 60


class Proving:
    """One per process. Nobody waits in it: a further disclosure is told to come back, or to do without the proof."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(PROVEN_AT_ONCE)

    @property
    def is_full(self) -> bool:
        return self._room.locked()

    @asynccontextmanager
    async def one_more(self) -> AsyncGenerator[None]:
        """Raises ``GatewayBusy``."""
        if self.is_full:
            raise GatewayBusy(
                "Other disclosures are being proven from every entry of the log; ask again in some minutes, or without"
                " the proof",
                retry_after=_COME_BACK_SECONDS,
            )
        async with self._room:
            yield
