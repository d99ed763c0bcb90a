"""RFC 3161, against an authority of our own: OpenSSL signs what it is asked over HTTP, and checks what is kept."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ai_gateway.adapters.time_stamps import TimeStampSink
from ai_gateway.errors import ConfigurationError, StoreUnavailable
from ai_gateway.verifier import Checkpoint, read_checkpoint
from log_books import log_book

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("openssl")]
VECTORS = Path(__file__).parents[2] / "vectors" / "share_log"
CHECKPOINT = read_checkpoint((VECTORS / "new.note").read_bytes())[0]
_CONFIG = """
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = here
[here]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


@pytest.fixture(scope="module")
def openssl() -> None:
    """The authority is OpenSSL's command; a machine without it leaves these tests out, CI does not."""
    if shutil.which("openssl") is None:
        assert not os.environ.get("REQUIRE_OPENSSL"), "openssl is not installed"
        pytest.skip("left out: openssl is not installed, so no time stamp was made")


@dataclass
class Authority:
    folder: Path
    address: str = ""
    asked: int = 0
    spoil: bool = False

    @property
    def roots(self) -> Path:
        return self.folder / "ca.pem"

    def openssl(self, *given: str) -> bytes:
        done = subprocess.run(["openssl", *given], cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def found(self) -> None:
        self.folder.mkdir()
        (self.folder / "conf").write_text(_CONFIG)
        (self.folder / "serial").write_text("01")
        for name, subject in (("ca", "/CN=Root of a test"), ("tsa", "/CN=Stamps of a test")):
            self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
            self.openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
        own = ("-signkey", "ca.key", "-extensions", "ca")
        by_ca = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extensions", "stamps")
        for name, signer in (("ca", own), ("tsa", by_ca)):
            self.openssl(
                "x509", "-req", "-in", f"{name}.csr", *signer, "-extfile", "conf", "-days", "30", "-out", f"{name}.pem"
            )

    async def stamp(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/timestamp-query"
        self.asked += 1
        (self.folder / "query").write_bytes(await request.read())
        signing = ("-signer", "tsa.pem", "-inkey", "tsa.key")
        await asyncio.to_thread(
            self.openssl, "ts", "-reply", "-config", "conf", "-section", "here", "-queryfile", "query", *signing,
            "-out", "reply",
        )  # fmt: skip
        answer = bytearray((self.folder / "reply").read_bytes())
        if self.spoil:
            answer[-1] ^= 1
        return web.Response(body=bytes(answer), content_type="application/timestamp-reply")


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Authority]:
    authority = Authority(folder)
    await asyncio.to_thread(authority.found)
    application = web.Application()
    application.router.add_post("/tsa", authority.stamp)
    async with TestServer(application) as server:
        authority.address = str(server.make_url("/tsa"))
        yield authority


@pytest.fixture
async def authority(tmp_path: Path) -> AsyncIterator[Authority]:
    async with served(tmp_path / "authority") as one:
        yield one


def stamps(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.tsr"))


async def test_a_days_first_checkpoint_is_stamped_for_anybody_to_check(authority: Authority, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    sink = TimeStampSink(folder, authority.address, authority.roots)
    await sink.put(CHECKPOINT)
    await sink.put(Checkpoint(CHECKPOINT.origin, 9, CHECKPOINT.root, CHECKPOINT.note + "x"))
    assert authority.asked == 1
    (stamp,) = stamps(folder)
    note = stamp.with_suffix(".note")
    assert note.read_text() == CHECKPOINT.note
    told = authority.openssl("ts", "-verify", "-data", str(note), "-in", str(stamp), "-CAfile", "ca.pem")
    assert b"Verification: OK" in told


async def test_an_answer_that_does_not_hold_is_not_kept(authority: Authority, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    sink = TimeStampSink(folder, authority.address, authority.roots)
    authority.spoil = True
    with pytest.raises(StoreUnavailable, match="does not hold"):
        await sink.put(CHECKPOINT)
    authority.spoil = False
    async with served(tmp_path / "somebody-else") as other:
        with pytest.raises(StoreUnavailable, match="does not hold"):
            await TimeStampSink(folder, authority.address, other.roots).put(CHECKPOINT)
    with pytest.raises(StoreUnavailable, match="answered 404"):
        await TimeStampSink(folder, authority.address + "/nowhere", authority.roots).put(CHECKPOINT)
    assert not stamps(folder)
    await sink.put(CHECKPOINT)
    assert len(stamps(folder)) == 1, "the next checkpoint of the day is stamped instead"


async def test_an_authority_that_is_away_holds_no_checkpoint_back(tmp_path: Path, sqlite_url: str) -> None:
    async with served(tmp_path / "authority") as authority:
        sink = TimeStampSink(tmp_path / "kept", authority.address, authority.roots)
    async with log_book(sqlite_url, tmp_path, (sink,)) as book:
        await book.share()
        assert (await book.checkpoint()).size == 2
    assert not stamps(tmp_path / "kept")


def test_roots_that_are_no_certificates_are_told(tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_text("nothing")
    with pytest.raises(ConfigurationError, match="AI_GATEWAY_TIME_STAMP_ROOTS"):
        TimeStampSink(tmp_path, "http://127.0.0.1:9", tmp_path / "roots.pem")
