"""The prompts and policies folders on disk: read, bounded, loaded, and bound into the catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.documents import did_you_mean
from ai_gateway.errors import ConfigurationError
from ai_gateway.features import Catalogue, bind
from ai_gateway.prompts.load import MAX_BYTES, NAME, Labels, load_labels, load_people, load_prompt
from ai_gateway.prompts.people import People
from ai_gateway.prompts.prompt import Prompt, PromptVersions

LABELS, PEOPLE = "labels.yaml", "people.yaml"
RECORDINGS, HISTORY = "recordings.json", "history.jsonl"
BESIDE = frozenset({LABELS, PEOPLE, RECORDINGS, HISTORY})
"""What stands beside the versions. Recordings and history are an author's; a gateway that serves reads neither."""
SCHEMAS = "schemas"
MAX_PROMPTS = 500
MAX_VERSIONS = 500

T = TypeVar("T")


def load_catalogue(prompts_folder: Path, policies_folder: Path) -> Catalogue:
    """Everything that is in force. Raises ``ConfigurationError`` with every problem in or between the two folders."""
    problems: list[str] = []
    prompts = _collected(problems, lambda: load_prompts(prompts_folder))
    policies = _collected(problems, lambda: load_policies(policies_folder))
    if prompts is None or policies is None:
        raise ConfigurationError(*problems)
    return bind(policies, prompts)


def load_prompts(folder: Path) -> Mapping[str, PromptVersions]:
    """Every prompt under the folder, by name: ``<name>/v<version>.prompt`` and ``<name>/labels.yaml``.

    Raises ``ConfigurationError`` with every problem in every file.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"{folder.name}:1:1: #: the prompts folder is missing")
    problems: list[str] = []
    own = sorted(path for path in folder.iterdir() if path.name != SCHEMAS and not path.name.startswith("."))
    if len(own) > MAX_PROMPTS:
        raise ConfigurationError(f"{folder.name}:1:1: #: holds more than {MAX_PROMPTS} prompts")
    loaded: dict[str, PromptVersions] = {}
    for path in own:
        if not path.is_dir() or not NAME.fullmatch(path.name):
            problems.append(f"{path.name}:1:1: #: is not the folder of a prompt; only such folders stand here")
            continue
        versions = _collected(problems, lambda path=path: _versions(path))  # type: ignore[misc]
        if versions is not None:
            loaded[path.name] = versions
    if problems:
        raise ConfigurationError(*problems)
    return loaded


def load_versions(folder: Path) -> PromptVersions:
    """One prompt's versions, whatever its labels say: what an author works on has none yet, or has to be mended.

    Raises ``ConfigurationError`` with every problem of a version or of the people.
    """
    if not folder.is_dir() or not NAME.fullmatch(folder.name):
        near = sorted(path.name for path in folder.parent.iterdir()) if folder.parent.is_dir() else []
        what = f"no such prompt{did_you_mean(folder.name, near)}; ai-gateway prompts new {folder.name} makes one"
        raise ConfigurationError(f"{folder.name}:1:1: #: {what}")
    problems: list[str] = []
    prompts, people = _prompts(folder, problems)
    if not prompts and not problems:
        problems.append(f"{folder.name}:1:1: #: holds no version; ai-gateway prompts new {folder.name} makes one")
    if problems:
        raise ConfigurationError(*problems)
    try:
        labels = load_labels(bytes_of(folder / LABELS), f"{folder.name}/{LABELS}", read_yaml, prompts)
    except ConfigurationError:
        labels = Labels(labels={}, released={})
    return _bound(folder.name, prompts, labels, people)


def check(folder: Path) -> tuple[str, ...]:
    """One line per problem; none when the prompts may be used."""
    try:
        load_prompts(folder)
    except ConfigurationError as error:
        return error.problems
    return ()


def _versions(folder: Path) -> PromptVersions:
    problems: list[str] = []
    prompts, people = _prompts(folder, problems)
    if problems:
        raise ConfigurationError(*problems)
    labels = load_labels(bytes_of(folder / LABELS), f"{folder.name}/{LABELS}", read_yaml, prompts)
    return _bound(folder.name, prompts, labels, people)


def _bound(name: str, prompts: Mapping[int, Prompt], labels: Labels, people: People | None) -> PromptVersions:
    versions = _labelled(prompts, labels.labels)
    return PromptVersions(name=name, versions=versions, labels=labels.labels, released=labels.released, people=people)


def _prompts(folder: Path, problems: list[str]) -> tuple[dict[int, Prompt], People | None]:
    prompts: dict[int, Prompt] = {}
    people = _collected(problems, lambda: load_people_of(folder))
    for path in version_files(folder):
        file = f"{folder.name}/{path.name}"
        prompt = _collected(problems, lambda path=path, file=file: load_prompt(bytes_of(path), file, read_yaml, people))  # type: ignore[misc]
        if prompt is None:
            continue
        if (prompt.name, f"v{prompt.version}.prompt") != (folder.name, path.name):
            problems.append(f"{file}:1:1: #/version: the file belongs at {prompt.name}/v{prompt.version}.prompt")
        prompts[prompt.version] = prompt
    return prompts, people


def version_files(folder: Path) -> list[Path]:
    """Whatever stands in a prompt's folder and is none of the files beside versions. Raises ``ConfigurationError``."""
    files = sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.name not in BESIDE)
    if len(files) > MAX_VERSIONS:
        raise ConfigurationError(f"{folder.name}:1:1: #: holds more than {MAX_VERSIONS} files")
    return files


def load_people_of(folder: Path) -> People | None:
    """None when there is no such file. Raises ``ConfigurationError``."""
    path = folder / PEOPLE
    return load_people(bytes_of(path), f"{folder.name}/{PEOPLE}", read_yaml) if path.exists() else None


def _labelled(prompts: Mapping[int, Prompt], labels: Mapping[str, int]) -> Mapping[int, Prompt]:
    return {
        version: replace(prompt, labels=frozenset(label for label, pointed in labels.items() if pointed == version))
        for version, prompt in prompts.items()
    }


def bytes_of(path: Path) -> bytes:
    """One byte more than allowed at most; the reader refuses what is too long."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{path.parent.name}/{path.name}:1:1: #: cannot be read: {error.strerror}") from None


def _collected(problems: list[str], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except ConfigurationError as error:
        problems.extend(error.problems)
        return None
