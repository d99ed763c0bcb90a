"""Changed policies and prompts come into force without a restart: validated whole, kept, then swapped at once.

A change that is not valid, or cannot be kept, leaves the old version in force, and says so: in the log, in a metric and
in ``/readyz``, until files that are valid take its place. Files that are saved one after another are read once nothing
has changed for a while.
"""

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog

from ai_gateway.adapters.folder_snapshot import Fingerprint
from ai_gateway.adapters.telemetry import CHANGES, REFUSED_CHANGE
from ai_gateway.api.health import CHANGE_REFUSED
from ai_gateway.api.services import Impaired
from ai_gateway.app.catalogue import InForce
from ai_gateway.app.checkpoints import running
from ai_gateway.errors import ConfigurationError, GatewayError

_log = structlog.get_logger("ai_gateway.app")
_TOLD = 20
_RETRY_SECONDS = 5.0
Seen = tuple[Fingerprint, ...]


@dataclass(slots=True, kw_only=True)
class Reloading:
    """``every`` and ``settle`` in seconds; ``every`` 0: nothing is ever reloaded. ``load`` runs in a thread; ``adopt``
    makes a version durable and puts it in force."""

    every: float
    settle: float
    look: Callable[[], Seen]
    load: Callable[[], InForce]
    adopt: Callable[[InForce], Awaitable[None]]
    current: InForce
    problems: tuple[str, ...] = ()
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _tried: Seen = ()
    _again_at: float = 0.0

    def ask(self) -> None:
        """Look now, and read the files even if they look as before (``SIGHUP``)."""
        _log.info("reload asked for", on=self.every > 0)
        self._tried = ()
        self._asked.set()

    async def check(self) -> str | Impaired:
        """For ``/readyz``: what is in force, or what is wrong with what was written since."""
        first = next(iter(self.problems), None)
        if first is None:
            return self.current.told()
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        return Impaired(CHANGE_REFUSED, f"{first}{more}; in force: {self.current.told()}")

    async def run(self) -> None:
        """Until cancelled."""
        self._tried = self.current.seen
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.every):
                    await self._asked.wait()
            self._asked.clear()
            try:
                await self._step()
            except Exception as error:  # noqa: BLE001 - whatever happens, the old version serves and the watch goes on
                self._refuse((f"{type(error).__name__} while reading the files",))

    async def _step(self) -> None:
        seen = await asyncio.to_thread(self.look)
        due = bool(self.problems) and asyncio.get_running_loop().time() >= self._again_at > 0
        if seen == self._tried and not due:
            return
        seen = await self._settled(seen)
        try:
            loaded = await asyncio.to_thread(self.load)
            if loaded.seen != await asyncio.to_thread(self.look):
                return  # changed while it was read: looked at again, as a whole
        except ConfigurationError as error:
            self._tried, self._again_at = seen, 0.0
            self._refuse(error.problems)
            return
        await self._take(loaded)

    async def _settled(self, seen: Seen) -> Seen:
        while True:
            await asyncio.sleep(self.settle)
            now = await asyncio.to_thread(self.look)
            if now == seen:
                return now
            seen = now

    async def _take(self, loaded: InForce) -> None:
        if loaded.digests != self.current.digests:
            try:
                await self.adopt(loaded)
            except ConfigurationError as error:
                self._tried, self._again_at = loaded.seen, 0.0
                self._refuse(error.problems)
                return
            except GatewayError as error:  # what is not kept does not come into force; it is tried again
                self._tried = loaded.seen
                self._again_at = asyncio.get_running_loop().time() + _RETRY_SECONDS
                self._refuse((f"{error.code}: {error.detail}",))
                return
            self.current = loaded
            CHANGES.labels("in_force").inc()
            _log.info("policies and prompts changed", in_force=loaded.told())
        elif self.problems:
            _log.info("the files are as they were", in_force=self.current.told())
        self._tried, self.problems = loaded.seen, ()
        REFUSED_CHANGE.set(0)

    def _refuse(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        CHANGES.labels("refused").inc()
        REFUSED_CHANGE.set(1)
        _log.error(
            "changed files are refused; the old ones stay in force",
            problems=list(problems[:_TOLD]),
            count=len(problems),
            in_force=self.current.told(),
        )


@asynccontextmanager
async def watching(reloading: Reloading) -> AsyncGenerator[None]:
    """Files are watched while the block runs, and ``SIGHUP`` is heard where this process can hear signals."""
    loop = asyncio.get_running_loop()
    heard = False
    with suppress(ValueError, RuntimeError, NotImplementedError):  # not the main thread: an application in a test
        loop.add_signal_handler(signal.SIGHUP, reloading.ask)
        heard = True
    try:
        if reloading.every > 0:
            async with running(reloading.run(), "reloading"):
                yield
        else:
            yield
    finally:
        if heard:
            loop.remove_signal_handler(signal.SIGHUP)
