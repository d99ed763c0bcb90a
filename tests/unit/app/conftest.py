"""What tests of the application's files have in common."""

from pathlib import Path

import pytest

from ai_gateway.adapters.folder_snapshot import snapshot, write_out
from ai_gateway.config import Settings
from builders_policies import POLICIES_FOLDER

ROOT = Path(__file__).parents[3]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_out(snapshot(POLICIES_FOLDER), tmp_path / "policies")
    write_out(snapshot(ROOT / "prompts"), tmp_path / "prompts")
    return Settings(policies=tmp_path / "policies", prompts=tmp_path / "prompts")
