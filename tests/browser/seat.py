"""An author before a screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from browser.chromium import ARTIFACTS
from browser.console_process import ConsoleProcess

Scheme = Literal["light", "dark"]
WIDE, PHONE = (1440, 900), (390, 844)
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Seat:
    """``asked`` are the addresses that the browser asked for, ``wrong`` what it complained about."""

    page: Page
    console: ConsoleProcess
    key: str = field(repr=False)
    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def taken(
        cls,
        chromium: Browser,
        console: ConsoleProcess,
        key: str,
        *,
        size: tuple[int, int] = WIDE,
        scheme: Scheme = "light",
        scripts: bool = False,
    ) -> Iterator["Seat"]:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, java_script_enabled=scripts
        )
        seat = cls(context.new_page(), console, key)
        seat.page.on("request", lambda request: seat.asked.append(request.url))
        seat.page.on("console", lambda message: seat.wrong.append(message.text))
        yield seat
        context.close()

    def sign_in(self) -> "Seat":
        self.page.goto(f"{self.console.base}/console/sign-in")
        self.page.get_by_label("API key").fill(self.key)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", name="Console").wait_for()
        return self

    def open(self, query: str = "feature=proposal_draft") -> "Seat":
        self.page.goto(f"{self.console.workbench}?{query}")
        return self

    def press(self, button: str) -> "Seat":
        self.page.get_by_role("button", name=button, exact=True).click()
        return self

    def tab_to(self, name: str) -> "Seat":
        """Forward with the Tab key, until what has the focus says this."""
        for _ in range(120):
            self.page.keyboard.press("Tab")
            focused = self.page.locator(":focus")
            if focused.count() and name in (focused.inner_text() or ""):
                return self
        raise AssertionError(f"{name} cannot be reached with the Tab key")

    def keep(self, name: str, *, whole: bool = False) -> None:
        """A screenshot, for people to look at."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=whole)

    def barriers(self) -> list[str]:
        """What axe finds in the page as it stands. Needs scripts, which the pages themselves do not."""
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": _RULES}}).response["violations"]
        return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]
