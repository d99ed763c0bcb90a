"""The console's guide for auditors is true: its commands run as they stand, and the pages hold what it names."""

import json
import re
from pathlib import Path

import pytest

from ai_gateway.console import words
from followed import ROOT, follow, free_port

GUIDE = (ROOT / "docs" / "guides" / "audit-in-the-console.md").read_text(encoding="utf-8")
TEMPLATES = ROOT / "src" / "ai_gateway" / "console" / "templates"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"(?<![\w*])\*([A-Z][^*\n]+)\*(?!\*)")
_KEY = re.compile(r"^agk_\w+$", re.MULTILINE)

pytestmark = [pytest.mark.usefixtures("shows_people_their_data"), pytest.mark.timeout(300)]


def test_the_commands_serve_the_console_and_check_a_proof(commands: Path, tmp_path: Path) -> None:
    port = free_port()
    asked = f"curl --silent --output page --write-out '%{{http_code}}' http://127.0.0.1:{port}/console/shares"
    disclosed = ".venv/bin/ai-gateway shares disclose cli_12 > told.json"
    written = "\n".join(_BLOCK.findall(GUIDE)).replace("kill %1", f"{disclosed}\n{asked}\nkill %1")
    out = tmp_path / "output.txt"
    said = follow(written, tmp_path, out, here={"8080": port}, environ={}, seconds=240, command=commands, jobs=True)
    assert len(_KEY.findall(said)) == 1
    assert "HOLDS" in said
    assert said.rstrip().endswith("303"), "the page is there, and leads to the sign-in"
    told = tmp_path / "told.json"
    [draft] = [share for share in json.loads(told.read_text())["shares"] if share["feature"] == "proposal_draft"]
    withheld = [(one["code"], one["you_wrote_it"]) for one in draft["decisions"] if one["decision"] == "withheld"]
    assert withheld == [("message-consent-withdrawn", True)]
    told.unlink()


def test_everything_that_the_guide_names_stands_on_a_page() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    shown = {*words.REASONS.values(), *words.STATES.values()}
    named = set(_NAMED.findall(GUIDE))
    assert len(named) > 10
    assert {name for name in named if name not in shown and name not in pages} == set()
