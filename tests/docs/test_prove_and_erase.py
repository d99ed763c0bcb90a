"""The auditor's guide is true: every command is run as it stands, and says what the page says of it."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GUIDE = ROOT / "docs" / "guides" / "prove-and-erase.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.usefixtures("shows_people_their_data"), pytest.mark.timeout(600)]


def followed(tmp_path: Path) -> str:
    """What somebody sees who types the commands in a checkout of their own; fails where one does."""
    commands = "\n".join(_BLOCK.findall(GUIDE.read_text()))
    commands = commands.replace("make install\n", "").replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AI_GATEWAY_")}
    path = f"{ROOT / 'tests' / 'no_network'}{os.pathsep}{ROOT / 'src'}"
    out = tmp_path / "output.txt"
    with out.open("wb") as output:
        shell = subprocess.Popen(
            ["bash", "-c", f"set -euo pipefail\n{commands}"],
            cwd=tmp_path,
            env={**ours, "PYTHONPATH": path},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            code = shell.wait(570)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
    said = out.read_text()
    assert code == 0, said[-3000:]
    return said


def test_the_auditors_journey_goes_from_a_checkpoint_to_a_certificate(tmp_path: Path) -> None:
    said = followed(tmp_path)
    assert "Traceback" not in said
    assert "DOES NOT HOLD" not in said
    assert said.count("consistent with 1 checkpoint(s) that you hold") == 2
    assert "nothing is about the person that the disclosure does not list" in said
    assert "it waits: a legal hold stands" in said
    assert "erasure.completed ent_" in said
    evidence = tmp_path / "evidence"
    before = json.loads((evidence / "disclosure.json").read_text())
    after = json.loads((evidence / "afterwards.json").read_text())
    assert before["confirmation"]["shares"] == 2
    assert (after["confirmation"]["shares"], after["completeness"]["tag_key"]) == (0, None)
    certificate = json.loads((evidence / "certificate" / "certificate.json").read_text())
    assert certificate["backups"]["can_be_read"] is False
    (
        evidence / "disclosure.json"
    ).unlink()  # the person's own data, in clear as it must be: given to them, kept nowhere
