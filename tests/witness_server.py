"""A witness as C2SP tlog-witness describes it, over real HTTP: it remembers the newest checkpoint of every log."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ai_gateway.verifier import Broken, Key, check_consistency, open_checkpoint, parse_key, read_checkpoint, witness_of


@dataclass
class WitnessServer:
    """``trusted`` are verifier keys of logs. Its clock stands still. ``asked`` are the old sizes it was asked with."""

    name: str = "witness.example/w1"
    time: int = 1_790_000_000
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    trusted: dict[str, Key] = field(default_factory=dict)
    seen: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    address: str = ""

    @property
    def key(self) -> Key:
        return witness_of(self.name, self.private.public_key().public_bytes_raw())

    def trust(self, key: str) -> None:
        parsed = parse_key(key)
        self.trusted[parsed.name] = parsed

    async def add_checkpoint(self, request: web.Request) -> web.Response:  # noqa: PLR0911  (the protocol's answers)
        head, _, note = (await request.text()).partition("\n\n")
        first, *proof = head.split("\n")
        word, _, number = first.partition(" ")
        if word != "old" or not number.isdigit():
            return web.Response(status=400)
        old = int(number)
        self.asked.append(old)
        said = read_checkpoint(note)[0]
        key = self.trusted.get(said.origin)
        if key is None:
            return web.Response(status=404)
        try:
            checkpoint = open_checkpoint(note, key)
        except Broken:
            return web.Response(status=403)
        if old > checkpoint.size:
            return web.Response(status=400)
        size, root = self.seen.get(said.origin, (0, b""))
        if old != size:
            return web.Response(status=409, text=f"{size}\n", headers={"content-type": "text/x.tlog.size"})
        if old == checkpoint.size and old and root != checkpoint.root:
            return web.Response(status=409)
        hashes = [base64.b64decode(line, validate=True) for line in proof]
        if old and not check_consistency(old, root, checkpoint.size, checkpoint.root, hashes):
            return web.Response(status=422)
        self.seen[said.origin] = (checkpoint.size, checkpoint.root)
        return web.Response(text=self.line(note))

    def line(self, note: str) -> str:
        body = note.rpartition("\n\n")[0] + "\n"
        signature = self.private.sign(f"cosignature/v1\ntime {self.time}\n{body}".encode())
        coded = base64.b64encode(self.key.id + self.time.to_bytes(8, "big") + signature).decode()
        return f"\u2014 {self.name} {coded}\n"


@asynccontextmanager
async def witness_server() -> AsyncIterator[WitnessServer]:
    witness = WitnessServer()
    application = web.Application()
    application.router.add_post("/w/add-checkpoint", witness.add_checkpoint)
    async with TestServer(application) as server:
        witness.address = str(server.make_url("/w"))
        yield witness
