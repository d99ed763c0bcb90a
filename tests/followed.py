"""Commands of a page, typed as they stand by a stranger in a checkout of their own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
_ENVIRONMENT = f"{Path(sys.executable).parent}/"


def free_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


def follow(
    commands: str,
    place: Path,
    out: Path,
    *,
    here: Mapping[str, str],
    environ: Mapping[str, str],
    seconds: int,
    command: Path | None = None,
    jobs: bool = False,
) -> str:
    """What they said, standard error included; fails where one fails. ``here``: what is written otherwise where they
    are run. ``command``: the folder of another ``ai-gateway`` than the installed one. ``jobs``: the page speaks of jobs
    by their numbers."""
    assert ".venv/bin/" in commands, "whose command would be run?"
    written = {"make install\n": ""}
    if command is not None:
        written[".venv/bin/ai-gateway"] = str(command / "ai-gateway")
    for theirs, ours in {**here, **written, ".venv/bin/": _ENVIRONMENT}.items():
        commands = commands.replace(theirs, ours)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AI_GATEWAY_")}
    inherited["PYTHONPATH"] = f"{ROOT / 'tests' / 'no_network'}{os.pathsep}{ROOT / 'src'}"
    script = f"set -euo pipefail\n{'set -m' if jobs else ''}\n{commands}"
    with out.open("wb") as output:
        shell = subprocess.Popen(
            ["bash", "-c", script],
            cwd=place,
            env={**inherited, **environ},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            code = shell.wait(seconds)
        finally:
            _end_all_of(shell.pid)
            shell.wait()
    said = out.read_text(encoding="utf-8")
    assert code == 0, said[-4000:]
    assert "Traceback" not in said
    return said


def _end_all_of(session: int) -> None:
    """Whatever was left in the background; with job control each has a process group of its own."""
    with suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)
    try:
        listed = subprocess.run(["ps", "-o", "pid=", "-s", str(session)], capture_output=True, text=True, check=False)
    except FileNotFoundError:  # a bare machine
        return
    for process in map(int, listed.stdout.split()):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
