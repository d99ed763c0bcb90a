"""The key that wraps people's keys, in a file of its own: whoever copies the database alone can read nothing.

The file's name says its epoch: ``<name>.epoch-<n>.key``. Older epochs beside it are read too, until they are destroyed.
"""

import json
import os
import re
import stat
from pathlib import Path

from ai_gateway.adapters.key_ring import KEY_LENGTH, EpochKey, KeyRing
from ai_gateway.errors import ConfigurationError

FORMAT = "ai-gateway-key/1"
_NAME = re.compile(r"(?P<stem>.+)\.epoch-(?P<epoch>[1-9][0-9]{0,8})\.key")
_MAX_BYTES = 4_096


class KeyFile(KeyRing):
    """``ports.KeyWrapper`` and ``sharelog.rotation.Epochs`` over files beside each other."""

    def __init__(self, path: Path, *, outside: Path | None = None) -> None:
        """Raises ``ConfigurationError`` when the file is missing, readable by others, malformed, or in the folder
        ``outside`` of which it must lie (the database's: one backup must not hold both)."""
        super().__init__()
        self._path = check_place(path, outside)
        self._read(parse_name(self._path)[1])

    async def refresh(self) -> None:
        self._read(max(epoch for epoch, _ in epoch_files(self._path)))

    async def make(self) -> int:
        """The key of the next epoch, in a file of its own; it is held and in force on return."""
        newest = epoch_name(self._path, self._epoch)
        create_key_file(epoch_name(self._path, self._epoch + 1), previous=newest)
        await self.refresh()
        return self._epoch

    async def destroy(self, epoch: int) -> None:
        """Overwrite the epoch's file, and remove it. Never the newest."""
        if epoch >= self._epoch:
            raise ConfigurationError(f"key file: epoch {epoch} is in force; rotate first")
        destroy_file(epoch_name(self._path, epoch))
        await self.refresh()

    def _read(self, current: int) -> None:
        keys = {epoch: load_key_file(file, epoch) for epoch, file in epoch_files(self._path)}
        if current not in keys:
            raise ConfigurationError(f"key file {self._path}: not found; make one with `ai-gateway keys init`")
        self._hold(keys, current)


def check_place(path: Path, outside: Path | None) -> Path:
    """The absolute path; raises ``ConfigurationError`` for one inside of the folder ``outside``."""
    path = path.expanduser().absolute()
    if outside is not None and path.resolve().is_relative_to(outside.expanduser().resolve()):
        raise ConfigurationError(f"key file {path}: lies in the data folder; move it outside of {outside}")
    return path


def destroy_file(path: Path) -> None:
    """Random bytes over its content, flushed, then unlinked; nothing when it is not there.

    Overwriting reaches the blocks that the file system shows. A copy-on-write file system, a journal, a flash drive's
    spare blocks and every backup may still hold the old ones: ``docs/erasure.md`` says what to do about them.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "wb") as file:
            file.write(os.urandom(max(os.fstat(file.fileno()).st_size, 1)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigurationError(f"key file {path}: {error.strerror or 'cannot be destroyed'}") from None


def create_key_file(path: Path, *, previous: Path | None = None) -> None:
    """Write a new key, mode 0600, in a folder made with mode 0700 when missing; never over an existing file.

    A later epoch names its ``previous`` file: the blinding key stays, or nobody would be found again.
    """
    path = path.expanduser().absolute()
    stem, epoch = parse_name(path)
    blind = os.urandom(KEY_LENGTH)
    if previous is not None:
        old_stem, old_epoch = parse_name(previous)
        if old_stem != stem or old_epoch >= epoch:
            raise ConfigurationError(f"key file {path}: give it the name of {previous}, with a later epoch")
        blind = load_key_file(previous, old_epoch).blind
    document = {"format": FORMAT, "epoch": epoch, "wrap": os.urandom(KEY_LENGTH).hex(), "blind": blind.hex()}
    write_document(path, document)


def write_document(path: Path, document: object) -> None:
    """JSON in a new file of mode 0600, durable on return."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)  # what is wrapped under a key that a power cut takes away is lost
    except OSError as error:
        raise ConfigurationError(f"key file {path}: {error.strerror or 'cannot be written'}") from None


def parse_name(path: Path) -> tuple[str, int]:
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise ConfigurationError(f"key file {path}: name it like share-log.epoch-1.key")
    return named["stem"], int(named["epoch"])


def epoch_name(path: Path, epoch: int) -> Path:
    """The name of another epoch's file beside this one."""
    return path.with_name(f"{parse_name(path)[0]}.epoch-{epoch}.key")


def epoch_files(path: Path) -> list[tuple[int, Path]]:
    """This file and those of other epochs beside it."""
    stem = parse_name(path)[0]
    found: list[tuple[int, Path]] = []
    for file in sorted(path.parent.glob("*.key")) if path.parent.is_dir() else []:
        named = _NAME.fullmatch(file.name)
        if named is not None and named["stem"] == stem:
            found.append((int(named["epoch"]), file))
    return found


def read_document(path: Path) -> bytes:
    """Of a file that only its owner can read, and that is no link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            data = file.read(_MAX_BYTES)
    except OSError as error:
        raise ConfigurationError(f"key file {path}: {error.strerror or 'cannot be read'}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"key file {path}: others can read it; run: chmod 600 {path}")
    return data


def load_key_file(path: Path, epoch: int) -> EpochKey:
    try:
        document = json.loads(read_document(path))
        wrap, blind = bytes.fromhex(document["wrap"]), bytes.fromhex(document["blind"])
        sound = document["format"] == FORMAT and document["epoch"] == epoch and len(wrap) == len(blind) == KEY_LENGTH
    except (ValueError, TypeError, KeyError):
        sound, wrap, blind = False, b"", b""
    if not sound:
        raise ConfigurationError(f"key file {path}: not a key file of epoch {epoch}; restore it from your key backup")
    return EpochKey(wrap, blind)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
