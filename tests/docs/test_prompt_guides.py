"""The guides for prompt authors are true: each is run from its first line to its last, as it stands."""

import re
import shutil
from pathlib import Path

import pytest

from followed import ROOT, follow, free_port

GUIDES = ROOT / "docs" / "guides"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"ai-gateway prompts [^\n]+")

pytestmark = [pytest.mark.usefixtures("shows_people_their_data"), pytest.mark.timeout(1000)]


def followed(written: str, command: Path, tmp_path: Path) -> str:
    """What a stranger sees who types the commands in a checkout of their own; fails where a command does."""
    place = tmp_path / "checkout"
    for folder in ("prompts", "policies"):
        shutil.copytree(ROOT / folder, place / folder)
    return follow(
        written,
        place,
        tmp_path / "output.txt",
        here={"8765": free_port(), "8080": free_port()},
        environ={"AI_GATEWAY_HOME": str(tmp_path / "home")},
        seconds=900,
        command=command,
    )


def test_a_stranger_writes_a_first_prompt_and_serves_it(commands: Path, tmp_path: Path) -> None:
    said = followed(commands_of("write-your-first-prompt.md"), commands, tmp_path)

    assert "4 passed, 0 failed" in said
    assert "a draft" in said or "has no production label" in said
    assert '"prompt":{"name":"review_reply","version":1}' in said
    assert said.split('"output":"')[1].split('"finish_reason"')[0].startswith("Understood.")


def test_a_stranger_reviews_a_change_releases_it_and_goes_back(commands: Path, tmp_path: Path) -> None:
    said = followed(commands_of("review-a-prompt-change.md"), commands, tmp_path)

    labels = (tmp_path / "checkout" / "prompts" / "profile_summary" / "labels.yaml").read_text()
    history = (tmp_path / "checkout" / "prompts" / "profile_summary" / "history.jsonl").read_text().splitlines()
    assert "production: v1" in labels
    assert len(history) == 2
    assert "+person. Say what clients praised, where they did." in said
    assert said.rstrip().endswith("prompts: no problems")


def test_what_the_guide_puts_into_hooks_and_pipelines_runs(commands: Path, tmp_path: Path) -> None:
    text = (GUIDES / "review-a-prompt-change.md").read_text()
    given = _COMMAND.findall("\n".join(_YAML.findall(text)))

    assert len(given) == 3
    followed("\n".join(f".venv/bin/{command}" for command in given), commands, tmp_path)


def commands_of(guide: str) -> str:
    return "\n".join(_BLOCK.findall((GUIDES / guide).read_text()))
