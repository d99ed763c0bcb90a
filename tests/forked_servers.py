"""Real server processes that start quickly and may be killed; ``serve_forked`` is their parent."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ai_gateway.config import Settings
from vendor_server import VendorServer

_TESTS = Path(__file__).parent
_PARENT = _TESTS / "serve_forked.py"


@dataclass(slots=True)
class Server:
    """A gateway that can be killed and started again, on the same stores."""

    forker: subprocess.Popen[str]
    port: int
    pid: int = 0

    async def start(self) -> None:
        assert self.forker.stdin is not None
        assert self.forker.stdout is not None
        self.forker.stdin.write(f"serve {self.port}\n")
        self.forker.stdin.flush()
        self.pid = int(await asyncio.to_thread(self.forker.stdout.readline))

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def environment(settings: Settings, vendor: VendorServer) -> dict[str, str]:
    names = {
        "AI_GATEWAY_HOME": str(settings.home),
        "AI_GATEWAY_DATABASE_URL": settings.database,
        "AI_GATEWAY_DETECTION": "patterns",
        "AI_GATEWAY_STANDIN_URL": vendor.openai_base,
        "AI_GATEWAY_LOG_LEVEL": "warning",
        "PYTHONPATH": f"{_TESTS / 'no_network'}{os.pathsep}{_TESTS.parent / 'src'}",
    }
    ours = {"PATH", "HOME", "LANG", "XDG_RUNTIME_DIR"}
    return {name: value for name, value in os.environ.items() if name in ours} | names


@contextmanager
def forked(environ: dict[str, str]) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, str(_PARENT)], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as forker:
        assert forker.stdout is not None
        assert forker.stdin is not None
        server = Server(forker, port)
        try:
            assert forker.stdout.readline() == "warm\n"
            yield server
        finally:
            with suppress(ProcessLookupError):
                if server.pid:
                    server.kill()
            forker.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                forker.wait(20)
            forker.kill()
