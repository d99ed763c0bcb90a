"""Chromium without a screen, from Debian's packages; its door is Playwright. Nothing but loopback is asked for."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ARTIFACTS = Path(__file__).parents[2] / "artifacts" / "screenshots"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_MISSING = "Chromium is not installed, so the console's browser tests are left out (apt-get install chromium)"


def installed() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def running() -> Iterator[Browser]:
    """With a profile of its own, which goes when it ends."""
    program = installed()
    if program is None:
        assert not os.environ.get("REQUIRE_CHROMIUM"), _MISSING
        pytest.skip(_MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()
