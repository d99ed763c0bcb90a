"""A folder of files as it is at one moment: noticed when it changes, read once, loaded from exactly what was read."""

import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ai_gateway.adapters.catalogue_files import PEOPLE
from ai_gateway.errors import ConfigurationError

Files = Mapping[str, bytes]
"""Path within the folder to content."""
Fingerprint = tuple[tuple[str, int, int, int], ...]

READ = frozenset({".yaml", ".yml", ".prompt"})
MAX_FILES = 5_000
MAX_FILE_BYTES = 4 << 20
MAX_BYTES = 64 << 20
_LEFT_OUT = "schemas"


def fingerprint(folder: Path) -> Fingerprint:
    """What says, without reading any file, that none changed: names, times, sizes, inodes. A missing folder has one."""
    marks: list[tuple[str, int, int, int]] = []
    for path in _paths(folder):
        try:
            stat = path.stat()
        except OSError:
            continue
        marks.append((path.relative_to(folder).as_posix(), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(marks)


def snapshot(folder: Path) -> Files:
    """Every file two levels deep. What is neither YAML nor a prompt is there by name alone, without its content.

    Raises ``ConfigurationError`` for what cannot be read or is too large.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}:1:1: #: the folder is missing")
    files: dict[str, bytes] = {}
    total = 0
    for path in _paths(folder):
        name = path.relative_to(folder).as_posix()
        files[name] = _content(path, name)
        total += len(files[name])
        if len(files) > MAX_FILES or total > MAX_BYTES:
            raise ConfigurationError(f"{folder.name}:1:1: #: more than {MAX_FILES} files or {MAX_BYTES} bytes")
    return files


@contextmanager
def laid_out(folders: Mapping[str, Files]) -> Generator[Mapping[str, Path]]:
    """The files in temporary folders of these names, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="ai-gateway-catalogue-") as root:
        for name, files in folders.items():
            write_out(files, Path(root) / name)
        yield {name: Path(root) / name for name in folders}


def write_out(files: Files, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def in_force(files: Files) -> Files:
    """Those that a share may depend on. Descriptions of people, for authors to try prompts with, are none of them: what
    is kept is kept for good, and readable."""
    counts = (name for name in files if Path(name).suffix in READ and Path(name).name != PEOPLE)
    return {name: files[name] for name in counts}


def _paths(folder: Path) -> Iterator[Path]:
    for path in _entries(folder):
        if not path.is_dir():
            yield path
        elif path.name != _LEFT_OUT:
            yield from (inner for inner in _entries(path) if not inner.is_dir())


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


def _content(path: Path, name: str) -> bytes:
    if path.suffix not in READ:
        return b""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{name}:1:1: #: cannot be read: {error.strerror}") from None
