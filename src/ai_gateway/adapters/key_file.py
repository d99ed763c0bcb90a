"""The key that wraps people's keys, in a file of its own: whoever copies the database alone can read nothing.

The file's name says its epoch: ``<name>.epoch-<n>.key``. Older epochs beside it are read too, until they are destroyed.
"""

import hmac
import json
import os
import re
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ai_gateway.errors import ConfigurationError, KeyUnavailable

FORMAT = "ai-gateway-key/1"
KEY_LENGTH = 32
_NONCE_LENGTH = 12
_NAME = re.compile(r"(?P<stem>.+)\.epoch-(?P<epoch>[1-9][0-9]{0,8})\.key")
_MAX_BYTES = 4_096


class KeyFile:
    """``ports.KeyWrapper`` over AES-256-GCM. Its ``repr`` names the epoch alone."""

    def __init__(self, path: Path, *, outside: Path | None = None) -> None:
        """Raises ``ConfigurationError`` when the file is missing, readable by others, malformed, or in the folder
        ``outside`` of which it must lie (the database's: one backup must not hold both)."""
        path = path.expanduser().absolute()
        if outside is not None and path.resolve().is_relative_to(outside.expanduser().resolve()):
            raise ConfigurationError(f"key file {path}: lies in the data folder; move it outside of {outside}")
        stem, self._epoch = _parse_name(path)
        self._keys: dict[int, AESGCM] = {}
        for epoch, file in _epochs(path, stem):
            wrap, blind = _load(file, epoch)
            self._keys[epoch] = AESGCM(wrap)
            if epoch == self._epoch:
                self._blind = blind
        if self._epoch not in self._keys:
            raise ConfigurationError(f"key file {path}: not found; make one with `ai-gateway keys init`")

    def __repr__(self) -> str:
        return f"KeyFile(epoch={self._epoch})"

    @property
    def epoch(self) -> int:
        return self._epoch

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        nonce = os.urandom(_NONCE_LENGTH)
        return self._epoch, nonce + self._keys[self._epoch].encrypt(nonce, key, _bound(self._epoch, context))

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes:
        key = self._keys.get(epoch)
        if key is None:
            raise KeyUnavailable(f"The key of epoch {epoch} is not held here", epoch=epoch)
        try:
            return key.decrypt(wrapped[:_NONCE_LENGTH], wrapped[_NONCE_LENGTH:], _bound(epoch, context))
        except (InvalidTag, ValueError):
            raise KeyUnavailable("A person's key was wrapped by another installation", epoch=epoch) from None

    def blind(self, value: bytes) -> bytes:
        return hmac.digest(self._blind, value, "sha256")


def create_key_file(path: Path, *, previous: Path | None = None) -> None:
    """Write a new key, mode 0600, in a folder made with mode 0700 when missing; never over an existing file.

    A later epoch names its ``previous`` file: the blinding key stays, or nobody would be found again.
    """
    path = path.expanduser().absolute()
    stem, epoch = _parse_name(path)
    blind = os.urandom(KEY_LENGTH)
    if previous is not None:
        old_stem, old_epoch = _parse_name(previous)
        if old_stem != stem or old_epoch >= epoch:
            raise ConfigurationError(f"key file {path}: give it the name of {previous}, with a later epoch")
        blind = _load(previous, old_epoch)[1]
    document = {"format": FORMAT, "epoch": epoch, "wrap": os.urandom(KEY_LENGTH).hex(), "blind": blind.hex()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(path.parent)  # what is wrapped under a key that a power cut takes away is lost
    except OSError as error:
        raise ConfigurationError(f"key file {path}: {error.strerror or 'cannot be written'}") from None


def _parse_name(path: Path) -> tuple[str, int]:
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise ConfigurationError(f"key file {path}: name it like share-log.epoch-1.key")
    return named["stem"], int(named["epoch"])


def _epochs(path: Path, stem: str) -> list[tuple[int, Path]]:
    """This file and those of other epochs beside it."""
    found: list[tuple[int, Path]] = []
    for file in sorted(path.parent.glob("*.key")) if path.parent.is_dir() else []:
        named = _NAME.fullmatch(file.name)
        if named is not None and named["stem"] == stem:
            found.append((int(named["epoch"]), file))
    return found


def _load(path: Path, epoch: int) -> tuple[bytes, bytes]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            data = file.read(_MAX_BYTES)
    except OSError as error:
        raise ConfigurationError(f"key file {path}: {error.strerror or 'cannot be read'}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"key file {path}: others can read it; run: chmod 600 {path}")
    try:
        document = json.loads(data)
        wrap, blind = bytes.fromhex(document["wrap"]), bytes.fromhex(document["blind"])
        sound = document["format"] == FORMAT and document["epoch"] == epoch and len(wrap) == len(blind) == KEY_LENGTH
    except (ValueError, TypeError, KeyError):
        sound, wrap, blind = False, b"", b""
    if not sound:
        raise ConfigurationError(f"key file {path}: not a key file of epoch {epoch}; restore it from your key backup")
    return wrap, blind


def _bound(epoch: int, context: bytes) -> bytes:
    return context + b"\0" + epoch.to_bytes(4, "big")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
