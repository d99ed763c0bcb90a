"""The guide for policy authors is followed as it is written, by somebody who does nothing else."""

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

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "write-your-first-policy.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def free_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


@pytest.mark.timeout(300)
def test_the_guide_works_from_its_first_line_to_its_last(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    port = free_port()
    commands = "\n".join(_BLOCK.findall(GUIDE))
    for written, here in {
        "make install\n": "",
        ".venv/bin/": f"{Path(sys.executable).parent}/",
        "8080": port,
    }.items():
        assert written in commands
        commands = commands.replace(written, here)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AI_GATEWAY_")}
    environ |= {"PYTHONPATH": f"{ROOT / 'tests' / 'no_network'}{os.pathsep}{ROOT / 'src'}", "AI_GATEWAY_PORT": port}
    out = tmp_path / "output.txt"
    with out.open("wb") as output:
        shell = subprocess.Popen(
            ["bash", "-c", f"set -euo pipefail\nset -m\n{commands}"],
            cwd=tmp_path,
            env=environ,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            code = shell.wait(280)
        finally:
            session = ["ps", "-o", "pid=", "-s", str(shell.pid)]  # the shell's jobs have process groups of their own
            for line in subprocess.run(session, capture_output=True, text=True, check=False).stdout.split():
                with suppress(ProcessLookupError):
                    os.kill(int(line), signal.SIGKILL)
            shell.wait()
    said = out.read_text(encoding="utf-8")
    assert code == 0, said[-3000:]
    assert "Traceback" not in said
    for told in (
        'features/review_reply.yaml:15:14: #/vendors/0/vendor: there is no vendor "opanai" (did you mean "openai"?)',
        'there is no source "message.contents" (did you mean "message.content"?)',
        "there are problems",
        "message-consent-missing",
        "allowed-by-consent",
        "newly shared",
        "0 shares decided again",
        "max_item",
    ):
        assert told in said, told
    assert (tmp_path / "my-policies-matrix.html").is_file()
