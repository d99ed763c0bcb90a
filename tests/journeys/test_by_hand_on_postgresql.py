"""What an operator does by hand, on PostgreSQL: share, erase, rotate, export, verify. Every step is a process of its
own, as on a server's command line."""

import json
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ai_gateway import samples
from e2e.gateway_process import ENVIRON, free_port
from vendor_server import VendorServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("shows_people_their_data")]

CLIENT, PRO = "cli_9", "pro_17"


class Hand:
    """Types commands, each in a process of its own, in one folder."""

    def __init__(self, folder: Path, commands: Path, url: str, vendor: VendorServer) -> None:
        self._folder = folder
        self._command = str(commands / "ai-gateway")
        self._environ = {
            **ENVIRON,
            "AI_GATEWAY_HOME": str(folder / "home"),
            "AI_GATEWAY_DATABASE_URL": url,
            "AI_GATEWAY_DETECTION": "patterns",
            "AI_GATEWAY_STANDIN_URL": vendor.openai_base,
            "AI_GATEWAY_LOG_LEVEL": "error",
        }

    def __call__(self, *words: str) -> str:
        return self._run(self._command, *words)

    def python(self, *words: str) -> str:
        """Without anything of the gateway's."""
        return self._run(sys.executable, "-I", *words)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            words, cwd=self._folder, env=self._environ, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, (words[1:], done.stdout[-1_000:], done.stderr[-1_000:])
        return done.stdout

    @contextmanager
    def serving(self, key: str) -> Generator[httpx.Client]:
        port = free_port()
        command = [self._command, "serve", "--port", str(port)]
        with subprocess.Popen(command, cwd=self._folder, env=self._environ) as process:
            try:
                base, headers = f"http://127.0.0.1:{port}", {"authorization": f"Bearer {key}"}
                with httpx.Client(base_url=base, headers=headers, timeout=30) as http:
                    _wait_until_ready(http, process)
                    yield http
            finally:
                process.terminate()
                process.wait(30)


def test_an_operator_shares_erases_rotates_exports_and_verifies(
    commands: Path, postgres_url: str, vendor_server: VendorServer, tmp_path: Path
) -> None:
    hand = Hand(tmp_path, commands, postgres_url, vendor_server)
    hand("keys", "init")
    rights = ("--right", "features", "--right", "registry", "--right", "audit")
    key = json.loads(hand("keys", "create", "marketplace", *rights, "--json"))["key"]
    with hand.serving(key) as http:
        _register(http)
        ran = http.post("/v1/features/proposal_draft/runs", json=samples.read("proposal_draft"))
        assert ran.status_code == 200, ran.text
    share = ran.json()["shares"][-1]["id"]
    (body,) = [request.body for request in vendor_server.captured if request.body]
    assert hand("shares", "show", share, "--json").encode().find(json.dumps(body.decode())[1:-1].encode()) >= 0
    assert _shares_in(hand("shares", "disclose", CLIENT)) == {share}
    (tmp_path / "before.note").write_text(hand("log", "checkpoint"))

    erased = json.loads(hand("erase", "run", CLIENT, "--verified", "account", "--basis", "gdpr_art_17", "--json"))
    assert erased["step"] == "completed"
    rotated = json.loads(hand("keys", "rotate", "--json"))
    assert rotated["destroyed"] == [1]
    hand("erase", "purge")

    hand("log", "verify", "--old", "before.note", "--ciphertexts")
    hand("log", "export", "log.tar", "--reason", "audit", "--ciphertexts")
    (tmp_path / "verify.py").write_text(hand("log", "verifier"))
    verifier_key = hand("log", "checkpoint", "--key").strip()
    told = hand.python("verify.py", "log", "log.tar", "--key", verifier_key, "--old", "before.note")
    assert told.startswith("HOLDS")
    assert "1 opened, 1 closed, 0 in doubt" in told
    assert "consistent with 1 checkpoint(s) that you hold" in told

    assert _shares_in(hand("shares", "disclose", CLIENT)) == set(), "nothing leads to them any more"
    mine = hand("shares", "disclose", PRO, "--prove")
    assert _shares_in(mine) == {share}, "what is the other person's stays theirs"
    (tmp_path / "disclosure.json").write_text(mine)
    hand("log", "export", "later.tar", "--reason", "audit")
    assert "HOLDS" in hand.python("verify.py", "disclosure", "disclosure.json", "later.tar", "--key", verifier_key)


def _register(http: httpx.Client) -> None:
    registry = samples.read("registry")
    for subject, said in registry["subjects"].items():
        http.put(f"/v1/subjects/{subject}", json=said).raise_for_status()
    for subject, chosen in registry["choices"].items():
        http.put(f"/v1/subjects/{subject}/choices", json=chosen).raise_for_status()
    for consent in registry["consents"]:
        said = {name: value for name, value in consent.items() if name != "subject"}
        http.post(f"/v1/subjects/{consent['subject']}/consents", json=said).raise_for_status()


def _shares_in(disclosure: str) -> set[str]:
    told: Mapping[str, list[Mapping[str, str]]] = json.loads(disclosure)
    return {share["share"] for share in told["shares"]}


def _wait_until_ready(http: httpx.Client, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            if http.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server was never ready")
