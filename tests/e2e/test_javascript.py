"""OpenAI's JavaScript client, in Node, against the same gateway."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from e2e.gateway_process import KEY, GatewayProcess
from e2e.people import ABOUT, ACTOR, LETTER
from e2e.said import arguments
from e2e.said_in_chat import VECTOR

pytestmark = pytest.mark.xdist_group("e2e")

HERE = Path(__file__).parent / "js"
CACHE = Path(__file__).parents[2] / ".cache" / "js"
_SCRIPT = "speak.mjs"
_FILES = (".npmrc", "package.json", "package-lock.json", _SCRIPT)


@pytest.fixture(scope="session")
def client_folder() -> Path:
    """With the client as the lock has it, installed once. npm is no part of what is tested, and may use the network."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        assert not os.environ.get("REQUIRE_NODE"), "node and npm are not installed"
        pytest.skip("left out: node and npm are not installed, so the JavaScript client was not run")
    CACHE.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_bytes()
    installed = CACHE / "installed"
    for name in _FILES:
        shutil.copy(HERE / name, CACHE)
    if not installed.exists() or installed.read_bytes() != lock:
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=CACHE, env=environ, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr[-2_000:]
        installed.write_bytes(lock)
    return CACHE


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


def test_the_javascript_client_gets_real_values_everywhere(client_folder: Path, gateway: GatewayProcess) -> None:
    command = ["node", _SCRIPT, gateway.openai_base, KEY, ACTOR, ABOUT]
    asked = json.dumps({"letter": LETTER})
    done = subprocess.run(
        command, cwd=client_folder, input=asked, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    got: dict[str, Any] = json.loads(done.stdout)
    assert (got["plain"], got["usage"]) == (f"You said: {LETTER}", 18)
    assert (got["streamed"], got["finish"]) == (LETTER, "tool_calls")
    assert got["calls"] == [arguments(line) for line in LETTER.splitlines()]
    assert got["structured"] == {"to": LETTER, "lines": LETTER.splitlines(), "count": 3}
    assert (got["response"], got["deltas"]) == (f"You said: {LETTER}", f"You said: {LETTER}")
    assert got["thought"] == f"Is this about {LETTER}?"
    assert got["embeddings"] == [pytest.approx(VECTOR)] * 2
    assert got["models"] == ["assistant"]
    limited, routed = got["limited"], got["routed"]
    assert (limited["kind"], limited["status"], limited["code"]) == ("RateLimitError", 429, "vendor-rate-limited")
    assert (routed["kind"], routed["code"]) == ("BadRequestError", "routing-refused")
    assert limited["request"].startswith("req_")
