"""The README is true: its tours are run as they stand, its links lead somewhere."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
_TOUR = re.compile(r"<!-- tour: (\w+) -->")
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.usefixtures("shows_people_their_data"), pytest.mark.timeout(180)]


def tours() -> dict[str, str]:
    """Per tour, its commands in order, up to the next heading."""
    found: dict[str, str] = {}
    for start in _TOUR.finditer(README):
        section = README[start.end() :].split("\n## ", 1)[0]
        found[start[1]] = "\n".join(_BLOCK.findall(section))
    return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def as_run_here(commands: str, home: Path) -> str:
    """The same commands on free ports, in a home of their own, with the environment that runs the tests."""
    here = {
        "make install\n": "",
        ".venv/bin/": f"{Path(sys.executable).parent}/",
        "8765": str(free_port()),
        "8080": str(free_port()),
        "--home .ai-gateway": f"--home {home}",
        "AI_GATEWAY_HOME=.ai-gateway": f"AI_GATEWAY_HOME={home}",
    }
    for written, run in here.items():
        commands = commands.replace(written, run)
    return commands


@pytest.mark.parametrize("tour", sorted(tours()))
def test_a_tour_works_from_its_first_line_to_its_last(tour: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AI_GATEWAY_")}
    environ = {
        **ours,
        "AI_GATEWAY_HOME": str(home),
        "PYTHONPATH": f"{ROOT / 'tests' / 'no_network'}{os.pathsep}{ROOT / 'src'}",
    }
    script = "set -euo pipefail\n" + as_run_here(tours()[tour], home)
    out = tmp_path / "output.txt"
    with out.open("wb") as output:
        shell = subprocess.Popen(
            ["bash", "-c", script], cwd=ROOT, env=environ, stdout=output, stderr=output, start_new_session=True
        )
        try:
            code = shell.wait(150)
        finally:
            with suppress(ProcessLookupError):  # a tour that started nothing in the background
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
    said = out.read_text()
    assert code == 0, said[-3000:]
    assert "Traceback" not in said
    if tour == "engineer":
        assert '"output":"' in said
        assert "Sam" in said.split('"output":"')[1].split('"finish_reason"')[0]
        assert "Sam Lee" in said.split('"policy":')[-1], "the SDK's part comes last, and has the name"


def test_every_link_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
