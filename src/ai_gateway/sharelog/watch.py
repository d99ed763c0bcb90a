"""A process that serves hears of erasures that another one makes: what it holds in memory goes, too."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from ai_gateway.errors import GatewayError

_logger = logging.getLogger(__name__)
EVERY = 5.0
"""Seconds."""


class Watch:
    """``fence`` is another number after every suppression (``ErasureStore.fence``); ``forget`` drops what may be about
    anybody: kept answers, opened keys."""

    def __init__(
        self, fence: Callable[[], Awaitable[int]], forget: Sequence[Callable[[], object]], *, every: float = EVERY
    ) -> None:
        self._fence = fence
        self._forget = forget
        self._every = every
        self._seen: int | None = None

    async def look(self) -> bool:
        """Whether anything was dropped. Raises ``StoreUnavailable``."""
        fence = await self._fence()
        changed = fence != self._seen
        if changed:
            for forget in self._forget:
                forget()
        self._seen = fence
        return changed

    async def run(self) -> None:
        """Look every so often, until cancelled."""
        while True:
            try:
                await self.look()
            except GatewayError as error:
                _logger.warning("erasures elsewhere cannot be looked for: %s", error.code)
            await asyncio.sleep(self._every)
