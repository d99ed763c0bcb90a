"""A browser without a screen and without a script: cookies, forms and links of the console's pages, over ASGI."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from itertools import count
from urllib.parse import urlencode

import httpx

from ai_gateway.model import Right
from api_gateway import Running

WORKBENCH = "/console/workbench"


@dataclass
class Browser:
    http: httpx.AsyncClient
    page: httpx.Response | None = field(default=None, repr=False)

    async def get(self, path: str) -> httpx.Response:
        self.page = await self.http.get(path)
        return self.page

    async def post(self, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
        self.page = await self.http.post(
            path,
            content=urlencode(fields),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        return self.page

    async def sign_in(self, key: str) -> httpx.Response:
        page = await self.get("/console/sign-in")
        return await self.post("/console/sign-in", [("token", token_of(page)), ("key", key)])

    async def send(self, do: str, **changed: str) -> httpx.Response:
        """The workbench's form as it stands on the page, with these fields changed."""
        assert self.page is not None
        fields = [(name, changed.get(name.replace("-", "_"), value)) for name, value in fields_of(self.page.text)]
        return await self.post(WORKBENCH, [*fields, ("do", do)])


_addresses = count(1)


def browser(gateway: Running, address: str | None = None) -> Browser:
    """Each at an address of its own, unless it is given one."""
    own = next(_addresses)
    transport = httpx.ASGITransport(gateway.app, client=(address or f"198.51.{own // 256}.{own % 256}", 1))
    return Browser(httpx.AsyncClient(transport=transport, base_url="https://gateway"))


async def author(gateway: Running, *rights: Right) -> Browser:
    """Signed in."""
    key = await gateway.key(Right.AUTHOR, *rights, caller="prompt-authors")
    signed_in = browser(gateway)
    assert (await signed_in.sign_in(key["authorization"].removeprefix("Bearer "))).status_code == 303
    return signed_in


async def auditor(gateway: Running, *rights: Right) -> Browser:
    """Signed in."""
    key = await gateway.key(Right.AUDIT, *rights, caller="auditors")
    signed_in = browser(gateway)
    assert (await signed_in.sign_in(key["authorization"].removeprefix("Bearer "))).status_code == 303
    return signed_in


def words_of(page: httpx.Response) -> str:
    """What a person reads of it, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


def fields_of(page: str) -> list[tuple[str, str]]:
    """What a browser would send of the last form on the page."""
    reader = _Reader()
    reader.feed(page)
    return reader.fields


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._area: str | None = None
        self._text = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.fields = []
        elif tag == "input":
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if ticked and "name" in given:
                self.fields.append((given["name"], given.get("value", "on")))
        elif tag == "textarea":
            self._area, self._text = given["name"], ""
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self.fields.append((self._select, given["value"]))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
