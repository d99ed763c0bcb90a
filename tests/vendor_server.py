"""A vendor on loopback for everybody's tests: a real HTTP server in its own thread that keeps every byte it received.

``vendor_server`` answers as the bundled stand-in does; ``script`` makes the next requests fail, or answer as told.
"""

import asyncio
import threading
from collections.abc import Iterator
from typing import Self

import pytest

from ai_gateway.standin import Captured, Standin, Step, serve_standin

KEEP = 100_000


class VendorServer:
    """``url`` has no path; ``openai_base`` is what to give a vendor's profile as ``api_base``."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="vendor", daemon=True)
        self._standin: Standin | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the vendor did not start"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        async with serve_standin(keep=KEEP) as standin:
            self._standin, self._loop, self._stop = standin, asyncio.get_running_loop(), asyncio.Event()
            self._ready.set()
            await self._stop.wait()

    @property
    def standin(self) -> Standin:
        assert self._standin is not None, "the vendor is not running"
        return self._standin

    @property
    def url(self) -> str:
        return self.standin.url

    @property
    def openai_base(self) -> str:
        return self.standin.openai_base

    def script(self, *steps: Step) -> None:
        """One step for each of the next requests; after them it answers well again."""
        self.standin.script.add(steps)

    @property
    def captured(self) -> list[Captured]:
        """Every request so far, oldest first."""
        return list(self.standin.captured)

    @property
    def bodies(self) -> list[bytes]:
        return [request.body for request in self.captured]

    @property
    def last(self) -> Captured:
        return self.standin.captured[-1]

    def everything(self) -> list[bytes]:
        """Request lines, headers and bodies: all that a vendor could have read."""
        return [request.raw() for request in self.captured]

    def clear(self) -> None:
        self.standin.captured.clear()
        self.standin.script.clear()


@pytest.fixture
def vendor_server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server
