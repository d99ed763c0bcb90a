"""A worker that is started again while broken files lie there serves what was last in force, and says so."""

from pathlib import Path

import pytest

from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.app.catalogue import InForce, load_version
from ai_gateway.app.last_good import FOLDER, first, leave
from ai_gateway.config import Settings
from ai_gateway.errors import ConfigurationError


@pytest.fixture
def told(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "versions").mkdir()
    return {FOLDER: str(tmp_path / "versions")}


def load(settings: Settings) -> InForce:
    return load_version(settings, {}, VendorTransport())


def broken(settings: Settings) -> Settings:
    (settings.policies_folder / "vendors.yaml").write_text("vendors: [", encoding="utf-8")
    return settings


def changed(settings: Settings) -> Settings:
    path = settings.policies_folder / "retention.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    return settings


def test_it_starts_with_what_the_others_left_and_says_what_is_wrong(settings: Settings, told: dict[str, str]) -> None:
    in_force, _ = first(settings, told, load)
    leave(in_force, told)

    started, problems = first(broken(settings), told, load)

    assert started.digests == in_force.digests
    assert any("vendors.yaml" in problem for problem in problems)


def test_of_two_versions_the_last_in_force_counts_and_the_other_is_gone(
    settings: Settings, told: dict[str, str]
) -> None:
    leave(load(settings), told)
    later = load(changed(settings))
    leave(later, told)

    started, _ = first(broken(settings), told, load)

    assert started.digests == later.digests
    assert len(list(Path(told[FOLDER]).iterdir())) == 2  # the version and what points at it


def test_the_files_as_they_are_come_first(settings: Settings, told: dict[str, str]) -> None:
    leave(load(settings), told)

    started, problems = first(changed(settings), told, load)

    assert (started.digests, problems) == (load(settings).digests, ())


@pytest.mark.parametrize("left", [False, True])
def test_who_is_started_first_refuses_broken_files(settings: Settings, told: dict[str, str], *, left: bool) -> None:
    if left:  # somebody else's: this process was told of no folder
        leave(load(settings), told)

    with pytest.raises(ConfigurationError, match=r"vendors\.yaml"):
        first(broken(settings), {} if left else told, load)


def test_a_copy_that_cannot_be_made_takes_nothing_away(settings: Settings, told: dict[str, str]) -> None:
    in_force = load(settings)
    leave(in_force, told)

    leave(load(changed(settings)), {FOLDER: str(settings.policies_folder / "no-such-folder")})

    assert first(broken(settings), told, load)[0].digests == in_force.digests
