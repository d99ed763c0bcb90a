"""One gateway and one Chromium for all of these tests. The gateway's log and store are searched for planted people."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from ai_gateway.standin import Standin, serve_standin
from browser.chromium import running
from browser.console_process import ConsoleProcess, serving_console
from browser.seat import Seat


@contextmanager
def vendor_in_a_thread() -> Iterator[Standin]:
    """Stands for a real vendor: the gateway knows it as the self-hosted one."""
    started, ending, found = threading.Event(), asyncio.Event(), list[Standin]()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serve_standin() as standin:
            found.append(standin)
            started.set()
            await ending.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert started.wait(30)
    yield found[0]
    loop.call_soon_threadsafe(ending.set)
    thread.join(30)
    loop.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running() as browser:
        yield browser


@pytest.fixture(scope="session")
def vendor() -> Iterator[Standin]:
    with vendor_in_a_thread() as standin:
        yield standin


@pytest.fixture(scope="session")
def console(chromium: Browser, vendor: Standin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleProcess]:
    with serving_console(tmp_path_factory.mktemp("console"), vendor.openai_base) as process:
        yield process
        assert process.traces() == []


@pytest.fixture(scope="session")
def key(console: ConsoleProcess) -> str:
    """Of an author who may send to real vendors."""
    return console.key("author", "author_live")[1]


@pytest.fixture
def seat(chromium: Browser, console: ConsoleProcess, key: str) -> Iterator[Seat]:
    """Scripts are off, as they may be for any author."""
    with Seat.taken(chromium, console, key) as seat:
        yield seat
