"""Folders of prompts: versions, labels, releases, and whatever else may stand there."""

import hashlib
import os
from pathlib import Path

import pytest

from ai_gateway.adapters.catalogue_files import MAX_VERSIONS, check, load_catalogue, load_prompts
from ai_gateway.errors import ConfigurationError
from prompt_samples import FRONT, source

ROOT = Path(__file__).parents[3]
SECOND = source(FRONT.replace("version: 1", "version: 2"))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One prompt with two versions, the first of them released."""
    own = tmp_path / "prompts" / "letter"
    own.mkdir(parents=True)
    (own / "v1.prompt").write_bytes(source())
    (own / "v2.prompt").write_bytes(SECOND)
    labels(own.parent, "labels: {production: v1, candidate: v2}", f"released: {{v1: {digest(source())}}}")
    return own.parent


def labels(folder: Path, *lines: str) -> None:
    (folder / "letter" / "labels.yaml").write_text("\n".join(lines) + "\n")


def test_versions_are_loaded_with_the_labels_that_point_at_them(folder: Path) -> None:
    letter = load_prompts(folder)["letter"]

    assert {version: prompt.labels for version, prompt in letter.versions.items()} == {
        1: frozenset({"production"}),
        2: frozenset({"candidate"}),
    }
    assert {label: prompt.version for label, prompt in letter.labelled().items()} == {"production": 1, "candidate": 2}
    assert letter.versions[2].file == "letter/v2.prompt"


def test_rolling_back_is_one_word(folder: Path) -> None:
    released = f"released: {{v1: {digest(source())}, v2: {digest(SECOND)}}}"
    labels(folder, "labels: {production: v2}", released)
    assert load_prompts(folder)["letter"].labelled()["production"].version == 2

    labels(folder, "labels: {production: v1}", released)

    assert load_prompts(folder)["letter"].labelled()["production"].version == 1


def test_a_released_version_that_was_changed_does_not_load(folder: Path) -> None:
    (folder / "letter" / "v1.prompt").write_bytes(source() + b"\nBe brief.\n")

    assert check(folder) == (
        "letter/labels.yaml:2:16: #/released/v1: was changed after its release; put the change into v3.prompt",
    )


def test_a_released_version_that_is_gone_does_not_load(folder: Path) -> None:
    (folder / "letter" / "v1.prompt").unlink()

    assert check(folder) == (
        "letter/labels.yaml:1:22: #/labels/production: points at a version that does not exist; there are v2",
        "letter/labels.yaml:2:16: #/released/v1: was released, but its file is missing; bring it back",
    )


def test_production_points_at_released_versions_only_and_says_how_to_release(folder: Path) -> None:
    labels(folder, "labels: {production: v2}", f"released: {{v1: {digest(source())}}}")

    assert check(folder) == (
        (
            "letter/labels.yaml:1:22: #/labels/production: points at a version that is not released; "
            f"add released: v2: {digest(SECOND)}"
        ),
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("labels: {candidate: v1}",), "#/labels: has no production label"),
        (("labels: {production: 1}",), "#/labels/production: must be a version, as its file is named: v1"),
        (("labels: {production: v0}",), "#/labels/production: must be a version"),
        (("labels: {Production: v1}",), "#/labels/Production: must be lower case letters"),
        (("labels: {production: v1}", "released: {v1: abc}"), "#/released/v1: must be a version and the SHA-256"),
        (("label: {production: v1}",), 'is not a known key (did you mean "labels"?)'),
        (("labels: [v1]",), "#/labels: must be a mapping"),
        (("- v1",), "must be a mapping"),
    ],
)
def test_labels_that_cannot_be_followed_are_problems(folder: Path, lines: tuple[str, ...], expected: str) -> None:
    labels(folder, *lines)

    found = check(folder)

    assert any(problem.startswith("letter/labels.yaml:") and expected in problem for problem in found), found


def test_a_file_stands_where_its_name_and_version_say(folder: Path) -> None:
    (folder / "letter" / "v3.prompt").write_bytes(SECOND)
    (folder / "letter" / "notes.txt").write_text("later")

    assert check(folder) == (
        "letter/notes.txt:1:1: #: must begin with front matter between two lines of ---",
        "letter/v3.prompt:1:1: #/version: the file belongs at letter/v2.prompt",
    )


def test_problems_of_all_prompts_come_at_once(folder: Path) -> None:
    (folder / "letter" / "v1.prompt").write_bytes(b"Hello")
    (folder / "README.md").write_text("Hello")
    (folder / "note").mkdir()

    assert check(folder) == (
        "README.md:1:1: #: is not the folder of a prompt; only such folders stand here",
        "letter/v1.prompt:1:1: #: must begin with front matter between two lines of ---",
        "note/labels.yaml:1:1: #: cannot be read: No such file or directory",
    )


def test_schemas_and_hidden_files_are_passed_over(folder: Path) -> None:
    (folder / "schemas").mkdir()
    (folder / ".DS_Store").write_bytes(b"\0")
    (folder / "letter" / ".v1.prompt.swp").write_bytes(b"\0")

    assert check(folder) == ()


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert check(tmp_path / "prompts") == ("prompts:1:1: #: the prompts folder is missing",)


def test_the_number_of_files_is_bounded(folder: Path) -> None:
    for number in range(MAX_VERSIONS):
        os.link(folder / "letter" / "v1.prompt", folder / "letter" / f"v{number + 10}.prompt")

    assert check(folder) == (f"letter:1:1: #: holds more than {MAX_VERSIONS} files",)


def test_problems_with_prompts_and_policies_come_together(folder: Path, tmp_path: Path) -> None:
    (folder / "letter" / "v1.prompt").write_bytes(b"Hello")

    with pytest.raises(ConfigurationError) as caught:
        load_catalogue(folder, tmp_path / "policies")

    assert len(caught.value.problems) == 2


def test_the_shipped_catalogue_loads() -> None:
    features = set(load_catalogue(ROOT / "prompts", ROOT / "policies").features)
    assert features == {"assistant", "proposal_draft", "profile_summary"}
