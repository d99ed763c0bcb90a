"""The auditor's guide is true: every command is run as it stands, and says what the page says of it."""

import json
import re
from pathlib import Path

import pytest

from followed import ROOT, follow

GUIDE = ROOT / "docs" / "guides" / "prove-and-erase.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.usefixtures("shows_people_their_data"), pytest.mark.timeout(600)]


def test_the_auditors_journey_goes_from_a_checkpoint_to_a_certificate(commands: Path, tmp_path: Path) -> None:
    written = "\n".join(_BLOCK.findall(GUIDE.read_text()))
    said = follow(written, tmp_path, tmp_path / "output.txt", here={}, environ={}, seconds=570, command=commands)
    assert "DOES NOT HOLD" not in said
    assert said.count("consistent with 1 checkpoint(s) that you hold") == 2
    assert "nothing is about the person that the disclosure does not list" in said
    assert "it waits: a legal hold stands" in said
    assert "erasure.completed ent_" in said
    evidence = tmp_path / "evidence"
    before = json.loads((evidence / "disclosure.json").read_text())
    after = json.loads((evidence / "afterwards.json").read_text())
    assert before["confirmation"]["shares"] == 2
    assert after["standing"]["state"] == "erased"
    assert after["confirmation"]["shared_with_generative_ai_vendors"] is True  # directives are kept, and tell it
    assert (after["confirmation"]["shares"], after["completeness"]["tag_key"]) == (None, None)
    certificate = json.loads((evidence / "certificate" / "certificate.json").read_text())
    assert certificate["backups"]["can_be_read"] is False
    (
        evidence / "disclosure.json"
    ).unlink()  # the person's own data, in clear as it must be: given to them, kept nowhere
