"""The recorded replies that stand beside a prompt's versions, on disk."""

from collections.abc import Mapping
from pathlib import Path

from ai_gateway.adapters.catalogue_files import RECORDINGS
from ai_gateway.errors import ConfigurationError
from ai_gateway.workbench.recordings import MAX_BYTES, Key, Recording, read_recordings, write_recordings


def recordings_of(folder: Path) -> dict[Key, Recording]:
    """Those beside a prompt's versions; none when there is no file. Raises ``ConfigurationError``."""
    path, file = folder / RECORDINGS, f"{folder.name}/{RECORDINGS}"
    if not path.exists():
        return {}
    try:
        with path.open("rb") as opened:
            return read_recordings(opened.read(MAX_BYTES + 1), file)
    except OSError as error:
        raise ConfigurationError(f"{file}:1:1: #: cannot be read: {error.strerror}") from None


def keep_recordings(folder: Path, recordings: Mapping[Key, Recording]) -> None:
    """Raises ``ConfigurationError`` where they cannot be written."""
    path = folder / RECORDINGS
    try:
        path.write_bytes(write_recordings(recordings))
    except OSError as error:
        raise ConfigurationError(f"{folder.name}/{RECORDINGS}: cannot be written: {error.strerror}") from None
