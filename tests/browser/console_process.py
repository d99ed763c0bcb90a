"""``ai-gateway serve`` with the shipped features as a process of its own, and keys to sign in with."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

import canaries
from e2e.gateway_process import COMMAND, ENVIRON, LOG, free_port

_START_SECONDS = 240
_PROMPTS = Path(__file__).parents[2] / "prompts"


@dataclass(frozen=True)
class ConsoleProcess:
    """``folder`` holds all that it writes, its log included."""

    base: str
    folder: Path
    environ: dict[str, str] = field(repr=False)

    @property
    def workbench(self) -> str:
        return f"{self.base}/console/workbench"

    @property
    def log(self) -> str:
        return (self.folder / LOG).read_text(encoding="utf-8")

    def key(self, *rights: str, caller: str = "prompt-authors") -> tuple[str, str]:
        """``(id, text to present)``."""
        options = [word for right in rights for word in ("--right", right)]
        said = json.loads(self.command("keys", "create", caller, *options, "--json"))
        return said["id"], said["key"]

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [str(COMMAND), *words], env=self.environ, cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2_000:]
        return done.stdout

    def traces(self) -> list[str]:
        """Planted people in its log; and in a byte that it stored, those that stand in no prompt's file: such files are
        kept, so that a digest can be resolved."""
        shipped = b"".join(path.read_bytes() for path in sorted(_PROMPTS.rglob("*")) if path.is_file()).lower()
        typed = [text for text in canaries.PLANTED if text.lower().encode() not in shipped]
        assert "Quillfeather" in typed
        stored = [path.read_bytes().lower() for path in self.folder.rglob("*") if path.is_file()]
        found = [text for text in typed if any(text.lower().encode() in one for one in stored)]
        return [*canaries.traces([self.log]), *(f"stored {canaries.PLANTED.index(text)}" for text in found)]


@contextmanager
def serving_console(folder: Path, vendor_url: str) -> Iterator[ConsoleProcess]:
    """With one real vendor by the policy's word: the self-hosted one, at ``vendor_url``."""
    port = free_port()
    environ = {**ENVIRON, "AI_GATEWAY_HOME": str(folder / "home"), "AI_GATEWAY_SELF_HOSTED_URL": vendor_url}
    environ |= {"AI_GATEWAY_SELF_HOSTED_KEY": "a-key-of-the-tests", "TMPDIR": str(folder)}
    log = folder / LOG
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [str(COMMAND), "serve", "--port", str(port)], env=environ, cwd=folder, stdout=writing, stderr=writing
        )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(base, process, log)
        yield ConsoleProcess(base, folder, environ)
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(base: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")[-2_000:]
        try:
            if httpx.get(f"{base}/readyz", timeout=30).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8")[-2_000:])
