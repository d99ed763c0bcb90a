"""The key that signs checkpoints, in a folder of its own, and beside it the last note it signed.

``<name>.key`` (Ed25519 seed and origin), ``<name>.note`` (the last note) and, once its year is over, ``<name>.final``.
Neither the database nor the keys of people's data are needed here; on another machine, or as another user, is better.
"""

import fcntl
import json
import os
import re
import stat
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ai_gateway.errors import CheckpointRefused, ConfigurationError
from ai_gateway.verifier import (
    EMPTY,
    Broken,
    Checkpoint,
    Key,
    Unreadable,
    check_consistency,
    encode,
    key_of,
    open_checkpoint,
)

FORMAT = "ai-gateway-signing-key/1"
_NAME = re.compile(r"checkpoint-(?P<year>[0-9]{4})(-(?P<turn>[1-9][0-9]{0,3}))?\.key")
_SEED_LENGTH = 32
_MAX_BYTES = 64 << 10


class SigningKeyFile:
    """``sharelog.checkpoint.Signer``. Processes of one machine that share the folder take turns."""

    def __init__(self, path: Path) -> None:
        """Raises ``ConfigurationError`` when the file is missing, readable by others or malformed."""
        self._path = path
        origin, seed = _load(path)
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = key_of(origin, self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKeyFile({self.key})"

    @property
    def path(self) -> Path:
        return self._path

    @property
    def origin(self) -> str:
        return self._public.name

    @property
    def key(self) -> str:
        return self._public.text

    @property
    def verifier(self) -> Key:
        return self._public

    def last(self) -> Checkpoint:
        try:
            return open_checkpoint(_read(self._path.with_suffix(".note")), self._public)
        except OSError as error:
            told = f"The signer's memory cannot be read ({error.strerror}); restore {self._path.stem}.note"
            raise CheckpointRefused(told) from None
        except (Broken, Unreadable) as error:
            raise CheckpointRefused(f"The signer's memory, {self._path.stem}.note: {error}") from None

    def sign(self, size: int, root: bytes, proof: Sequence[bytes]) -> str:
        with _turn(self._path):
            last = self.last()
            if (size, root) == (last.size, last.root):
                return last.note
            if size < last.size:
                raise CheckpointRefused(
                    f"The log has {size} entries; {last.size} were signed: entries are gone. Restore a newer backup",
                    entry=size,
                )
            if not check_consistency(last.size, last.root, size, root, proof):
                raise CheckpointRefused(
                    f"The log of {size} entries does not begin with the {last.size} that were signed", entry=None
                )
            if self._path.with_suffix(".final").exists():
                raise CheckpointRefused(f"{self.origin} has its final checkpoint; see `ai-gateway log freeze --help`")
            note = self._signed(Checkpoint(self.origin, size, root))
            _replace(self._path.with_suffix(".note"), note.encode())
            return note

    def close(self, note: str) -> None:
        with _turn(self._path):
            _replace(self._path.with_suffix(".final"), note.encode())

    def begin(self, at: Checkpoint) -> str:
        """Sign the first note: that of an empty tree, or the state in which another key left the log."""
        note = self._signed(Checkpoint(self.origin, at.size, at.root))
        _replace(self._path.with_suffix(".note"), note.encode())
        return note

    def _signed(self, checkpoint: Checkpoint) -> str:
        signature = encode(self._public.id + self._private.sign(checkpoint.text.encode()))
        return f"{checkpoint.text}\n\u2014 {self.origin} {signature}\n"


def newest(folder: Path) -> Path | None:
    """The key file of the latest year, and of its latest turn."""
    found = _found(folder)
    return found[-1] if found else None


def held_keys(folder: Path) -> list[Key]:
    """The verifier keys of every year. Raises ``ConfigurationError`` when there is none."""
    found = [SigningKeyFile(path).verifier for path in _found(folder)]
    if not found:
        raise ConfigurationError("AI_GATEWAY_SIGNING: no signing key is held here; name the log's with --key")
    return found


def _found(folder: Path) -> list[Path]:
    named = ((_NAME.fullmatch(path.name), path) for path in folder.glob("checkpoint-*.key"))
    return [path for _, path in sorted((_turn_of(match), path) for match, path in named if match is not None)]


def _turn_of(name: re.Match[str]) -> tuple[int, int]:
    """Year, and which of its keys: a log that lost entries goes on under another one."""
    return int(name["year"]), int(name["turn"] or 1)


def succeed(lost: SigningKeyFile, name: str, begin: Checkpoint) -> SigningKeyFile:
    """Let ``lost``, whose note is of entries that are gone, sign nothing more, and make the same year's next key."""
    match = _NAME.fullmatch(lost.path.name)
    assert match is not None  # noqa: S101  (``newest`` found it by this name)
    year, turn = _turn_of(match)
    lost.close(lost.last().note)
    return create_signing_key(lost.path.parent, name, year, begin, turn + 1)


def create_signing_key(folder: Path, name: str, year: int, begin: Checkpoint = EMPTY, turn: int = 1) -> SigningKeyFile:
    """A new key, mode 0600, in a folder of mode 0700; never over an existing one."""
    which = f"{year:04}" if turn == 1 else f"{year:04}-{turn}"
    path = folder / f"checkpoint-{which}.key"
    origin = f"{name}/ai-gateway/sharelog/{which}"
    seed = os.urandom(_SEED_LENGTH)
    try:
        key_of(origin, bytes(_SEED_LENGTH))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        document = json.dumps({"format": FORMAT, "origin": origin, "seed": seed.hex()}).encode()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        made = SigningKeyFile(path)
        made.begin(begin)
    except Unreadable as error:
        raise ConfigurationError(f"AI_GATEWAY_LOG_NAME: {error}") from None
    except OSError as error:
        raise ConfigurationError(f"signing key {path}: {error.strerror or 'cannot be written'}") from None
    return made


def _load(path: Path) -> tuple[str, bytes]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            data = file.read(_MAX_BYTES)
    except OSError as error:
        raise ConfigurationError(f"signing key {path}: {error.strerror or 'cannot be read'}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"signing key {path}: others can read it; run: chmod 600 {path}")
    try:
        document = json.loads(data)
        origin, seed = document["origin"], bytes.fromhex(document["seed"])
        sound = document["format"] == FORMAT and isinstance(origin, str) and len(seed) == _SEED_LENGTH
    except (ValueError, TypeError, KeyError):
        sound, origin, seed = False, "", b""
    if not sound:
        raise ConfigurationError(f"signing key {path}: not a signing key; restore it from your backup")
    return origin, seed


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES)


def _replace(path: Path, data: bytes) -> None:
    """Durable, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise CheckpointRefused(f"The signer's memory cannot be written ({error.strerror})") from None


@contextmanager
def _turn(path: Path) -> Generator[None]:
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise CheckpointRefused(f"The signing key cannot be read ({error.strerror})") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
