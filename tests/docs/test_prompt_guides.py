"""The guides for prompt authors are true: each is run from its first line to its last, as it stands."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GUIDES = ROOT / "docs" / "guides"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"ai-gateway prompts [^\n]+")

pytestmark = [pytest.mark.usefixtures("shows_people_their_data"), pytest.mark.timeout(1000)]


def free_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


def followed(commands: str, tmp_path: Path) -> str:
    """What a stranger sees who types the commands in a checkout of their own; fails where a command does."""
    place = tmp_path / "checkout"
    for folder in ("prompts", "policies"):
        shutil.copytree(ROOT / folder, place / folder)
    here = {
        "make install\n": "",
        ".venv/bin/": f"{Path(sys.executable).parent}/",
        "8765": free_port(),
        "8080": free_port(),
    }
    for written, run in here.items():
        commands = commands.replace(written, run)
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AI_GATEWAY_")}
    path = f"{ROOT / 'tests' / 'no_network'}{os.pathsep}{ROOT / 'src'}"
    environ = {**ours, "AI_GATEWAY_HOME": str(tmp_path / "home"), "PYTHONPATH": path}
    out = tmp_path / "output.txt"
    with out.open("wb") as output:
        shell = subprocess.Popen(
            ["bash", "-c", f"set -euo pipefail\n{commands}"],
            cwd=place,
            env=environ,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            code = shell.wait(900)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
    said = out.read_text()
    assert code == 0, said[-4000:]
    assert "Traceback" not in said
    return said


def test_a_stranger_writes_a_first_prompt_and_serves_it(tmp_path: Path) -> None:
    said = followed(commands_of("write-your-first-prompt.md"), tmp_path)

    assert "4 passed, 0 failed" in said
    assert "a draft" in said or "has no production label" in said
    assert '"prompt":{"name":"review_reply","version":1}' in said
    assert said.split('"output":"')[1].split('"finish_reason"')[0].startswith("Understood.")


def test_a_stranger_reviews_a_change_releases_it_and_goes_back(tmp_path: Path) -> None:
    said = followed(commands_of("review-a-prompt-change.md"), tmp_path)

    labels = (tmp_path / "checkout" / "prompts" / "profile_summary" / "labels.yaml").read_text()
    history = (tmp_path / "checkout" / "prompts" / "profile_summary" / "history.jsonl").read_text().splitlines()
    assert "production: v1" in labels
    assert len(history) == 2
    assert "+person. Say what clients praised, where they did." in said
    assert said.rstrip().endswith("prompts: no problems")


def test_what_the_guide_puts_into_hooks_and_pipelines_runs(tmp_path: Path) -> None:
    text = (GUIDES / "review-a-prompt-change.md").read_text()
    commands = _COMMAND.findall("\n".join(_YAML.findall(text)))

    assert len(commands) == 3
    followed("\n".join(f".venv/bin/{command}" for command in commands), tmp_path)


def commands_of(guide: str) -> str:
    return "\n".join(_BLOCK.findall((GUIDES / guide).read_text()))
