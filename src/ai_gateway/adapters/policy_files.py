"""A policies folder on disk: read, bounded, and loaded."""

from collections.abc import Mapping
from pathlib import Path

from ai_gateway.adapters.own_recognizers import wrong_with
from ai_gateway.adapters.yaml_documents import MAX_CHARACTERS, read_yaml
from ai_gateway.errors import ConfigurationError
from ai_gateway.policies.load import FEATURES_FOLDER, MAX_FILES, load
from ai_gateway.policies.policy import Policies


def load_policies(folder: Path) -> Policies:
    """Everything under the folder. Raises ``ConfigurationError`` with every problem found."""
    return load(_texts(folder), read_yaml, wrong_with)


def check(folder: Path) -> tuple[str, ...]:
    """One line per problem; none when the folder may be used."""
    try:
        load_policies(folder)
    except ConfigurationError as error:
        return error.problems
    return ()


def _texts(folder: Path) -> Mapping[str, str]:
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}:1:1: #: the policies folder is missing")
    paths = [*folder.glob("*.y*ml"), *(folder / FEATURES_FOLDER).glob("*.y*ml")]
    return {path.relative_to(folder).as_posix(): _text(path) for path in sorted(paths)[: MAX_FILES + 1]}


def _text(path: Path) -> str:
    """At most one byte more than any file of the allowed length can have; the reader refuses what is too long."""
    try:
        with path.open("rb") as file:
            return file.read(4 * MAX_CHARACTERS + 1).decode()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path.name}:1:1: #: is not UTF-8 text") from None
    except OSError as error:
        raise ConfigurationError(f"{path.name}:1:1: #: cannot be read: {error.strerror}") from None
