"""Commands that start a gateway: demo, doctor, preview, serve."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ai_gateway import samples
from canaries import traces

Run = Callable[..., Any]
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "GEMINI_API_KEY")


@pytest.fixture(autouse=True)
def no_vendor_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("shows_people_their_data")
def test_the_demo_shows_both_features_and_ends_by_itself(run: Run) -> None:
    ended = run("demo")
    assert (ended.code, ended.err) == (0, "")
    for feature in samples.FEATURES:
        assert feature in ended.out
    assert "message-consent-withdrawn" in ended.out
    assert "What standin received (read at its door)" in ended.out
    assert ended.out.count("0 stand in what the vendor received") == len(samples.FEATURES)
    assert ended.out.count("the same bytes") == len(samples.FEATURES)
    assert "released, entry" in ended.out
    assert "curl" in ended.out


def test_the_doctor_says_what_to_do_when_no_vendor_is_set(run: Run) -> None:
    ended = run("doctor", "--json")
    found = {one["part"]: one for one in ended.json()}
    assert ended.code == 4
    assert found["vendors"]["status"] == "bad"
    assert "OPENAI_API_KEY" in found["vendors"]["detail"]
    assert {found[part]["status"] for part in ("settings", "key file", "share_log", "detector")} == {"good"}
    assert "keys create" in found["API keys"]["detail"]


@pytest.mark.parametrize("how", [[], ["--dev", "--vendor-url", "http://127.0.0.1:9/v1"]])
def test_an_address_that_somebody_else_listens_on_is_told_before_anything_is_loaded(run: Run, how: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run("serve", "--port", port, *how)
    assert ended.code == 3
    assert ended.err == (
        f"configuration-invalid: 127.0.0.1:{port} cannot be listened on: Address already in use; "
        "choose --host and --port\n"
    )


def test_development_without_a_vendor_says_where_to_get_one(run: Run) -> None:
    ended = run("serve", "--dev")
    assert ended.code == 2
    assert "ai_gateway.standin" in " ".join(ended.err.split())


def test_the_doctor_tells_every_mistake_in_the_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_GATEWAY_PORT", "many")
    ended = run("doctor", "--json")
    assert ended.code == 3
    assert ended.json()[0]["status"] == "bad"


def test_a_preview_shows_what_a_vendor_would_receive(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AI_GATEWAY_STANDIN_URL", "http://127.0.0.1:9/v1")  # nobody listens: nothing is sent
    registry = samples.read("registry")
    for subject, said in registry["subjects"].items():
        run("subjects", "put", subject, "-", stdin=json.dumps(said))
    for subject, chosen in registry["choices"].items():
        run("subjects", "choose", subject, "-", stdin=json.dumps(chosen))
    file = tmp_path / "run.json"
    file.write_text(json.dumps(samples.read("proposal_draft")))
    shown = run("preview", "proposal_draft", str(file), "--json")
    assert shown.code == 0
    assert traces([shown.out]) == []
    assert "<CLIENT_1" in shown.json()["body"]
    ended = run("preview", "profile_summary", str(file))
    assert (ended.code, ended.err.partition(":")[0]) == (1, "input-unknown")


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "ai_gateway", "serve", "--port", str(port)],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if b"Uvicorn running" in line:
                break
        else:
            pytest.fail("the gateway did not start")
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_served_gateway_answers_and_stops_when_told(tmp_path: Path) -> None:
    environment = {"AI_GATEWAY_HOME": str(tmp_path), "AI_GATEWAY_STANDIN_URL": "http://127.0.0.1:9/v1"}
    with served(environment) as (url, process):
        with urllib.request.urlopen(f"{url}/readyz") as answer:  # noqa: S310 - our own server on loopback
            assert json.load(answer)["status"] == "ready"
        assert "server" not in {name.lower() for name in answer.headers}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in {0, -signal.SIGTERM}
