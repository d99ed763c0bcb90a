"""``ai-gateway serve --dev`` as a process of its own, with no network but loopback."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

import canaries

KEY = "dev-key-of-the-end-to-end-tests"
COMMAND = Path(sys.executable).with_name("ai-gateway")
_ROOT = Path(__file__).parents[2]
_PATH = f"{_ROOT / 'tests' / 'no_network'}{os.pathsep}{_ROOT / 'src'}"
ENVIRON = {
    **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
    "PYTHONPATH": _PATH,
}
_START_SECONDS = 60
LOG = "server.log"


@dataclass(frozen=True)
class GatewayProcess:
    """``folder`` holds all that it writes, its log included. ``http`` presents the key."""

    base: str
    pid: int
    folder: Path
    http: httpx.Client = field(repr=False)

    @property
    def openai_base(self) -> str:
        return f"{self.base}/v1"

    def shares(self, most: int = 500) -> list[dict[str, Any]]:
        """Newest first."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while len(found) < most:
            page = self.http.get("/v1/shares", params={"limit": 50, **after}).raise_for_status().json()
            found += page["shares"]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        return found[:most]

    def share(self, share: str) -> dict[str, Any]:
        return dict(self.http.get(f"/v1/shares/{share}").raise_for_status().json())

    def unsettled(self) -> list[str]:
        return [share["id"] for share in self.shares(1_000) if share["outcome"] is None]

    def resident_kilobytes(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert found is not None
        return int(found.group(1))

    def connections(self) -> tuple[int, int]:
        """How many of its clients', and how many to vendors, are open."""
        own, lines = self.base.rpartition(":")[2], Path(f"/proc/{self.pid}/net/tcp").read_text(encoding="ascii")
        mine = self._sockets()
        local = [columns[1] for line in lines.splitlines()[1:] if (columns := line.split())[9] in mine]
        clients = sum(int(address.partition(":")[2], 16) == int(own) for address in local)
        return clients - 1, len(local) - clients

    def _sockets(self) -> set[str]:
        """Their inodes."""
        found: set[str] = set()
        for entry in Path(f"/proc/{self.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.add(entry.readlink().name.removeprefix("socket:[").rstrip("]"))
        return found

    @property
    def log(self) -> str:
        return (self.folder / LOG).read_text(encoding="utf-8")

    def traces(self) -> list[str]:
        """Planted people in its log or in a byte that it stored."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.suffix not in (".yaml", ".json")]
        return canaries.traces(path.read_bytes() for path in files)


@contextmanager
def serving(vendor_url: str, folder: Path, key: str | None = KEY) -> Iterator[GatewayProcess]:
    """Without a key it asks for none."""
    port = free_port()
    command = [str(COMMAND), "serve", "--dev", "--vendor-url", vendor_url, "--port", str(port)]
    command += ["--key", key] if key is not None else []
    environ = {**ENVIRON, "TMPDIR": str(folder)}
    log = folder / LOG
    with log.open("wb") as writing:
        process = subprocess.Popen(command, env=environ, cwd=folder, stdout=writing, stderr=writing)
    base = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=base, headers={"authorization": f"Bearer {key or 'anything'}"}, timeout=30) as http:
            _wait_until_ready(http, process, log)
            yield GatewayProcess(base, process.pid, folder, http)
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_ready(http: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")[-2_000:]
        try:
            if http.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8")[-2_000:])
