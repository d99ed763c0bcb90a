"""The guide for policy authors is followed as it is written, by somebody who does nothing else."""

import re
import shutil
from pathlib import Path

import pytest

from followed import ROOT, follow, free_port

GUIDE = (ROOT / "docs" / "guides" / "write-your-first-policy.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(300)
def test_the_guide_works_from_its_first_line_to_its_last(commands: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    written, port = "\n".join(_BLOCK.findall(GUIDE)), free_port()
    assert "8080" in written
    said = follow(
        written,
        tmp_path,
        tmp_path / "output.txt",
        here={"8080": port},
        environ={"AI_GATEWAY_PORT": port},
        seconds=280,
        command=commands,
        jobs=True,
    )
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
