"""What must not type-check does not: each line marked ``# error: CODE`` gets that error, and no other line any."""

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parent.parent.parent
_MARK = re.compile(r"# error: ([\w-]+)$")
_FOUND = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: .*\[(?P<code>[\w-]+)\]$", re.MULTILINE)


@pytest.mark.timeout(300)
def test_a_step_cannot_be_skipped() -> None:
    cases = sorted((ROOT / "tests" / "typing").glob("*.py"))
    expected = {
        (case.name, number, mark[1])
        for case in cases
        for number, line in enumerate(case.read_text().splitlines(), 1)
        if (mark := _MARK.search(line))
    }
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary", "--exclude", "^$"]
    said, trouble, _ = api.run([*options, *map(str, cases)])
    found = {(Path(m["file"]).name, int(m["line"]), m["code"]) for m in _FOUND.finditer(said)}
    assert trouble == ""
    assert found == expected
    assert len(expected) >= 7
