"""Tombstones in a file beside the keys: whoever restores an older database does not restore this file with it.

One JSON object per line, appended and flushed; a line that a crash cut short is the last one and is left out. It holds
keyed hashes alone: without the key file nobody can tell of whom.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from ai_gateway.adapters.key_file import sync_folder
from ai_gateway.errors import ConfigurationError
from ai_gateway.sharelog.erasure import Basis, Tombstone, Verification

NAME = "share-log.tombstones"
_MAX_BYTES = 256 * 2**20


class TombstoneFile:
    """``sharelog.erasure.Tombstones``."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def add(self, tombstone: Tombstone) -> None:
        if any(present.mark == tombstone.mark for present in self.all()):
            return
        line = {
            "erasure": tombstone.erasure,
            "mark": tombstone.mark.hex(),
            "tag": tombstone.tag.hex(),
            "requested_at": tombstone.requested_at,
            "verified": tombstone.verified.value,
            "basis": tombstone.basis.value,
        }
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                file.truncate(file.read().rfind(b"\n") + 1)  # what a crash cut short: its erasure writes it again
                file.seek(0, os.SEEK_END)
                file.write(json.dumps(line, sort_keys=True).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            sync_folder(self._path.parent)
        except OSError as error:
            raise ConfigurationError(f"tombstones {self._path}: {error.strerror or 'cannot be written'}") from None

    def all(self) -> Sequence[Tombstone]:
        try:
            with self._path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ConfigurationError(f"tombstones {self._path}: {error.strerror or 'cannot be read'}") from None
        if len(data) > _MAX_BYTES:
            raise ConfigurationError(f"tombstones {self._path}: longer than {_MAX_BYTES} bytes")
        whole = data.split(b"\n")[:-1]
        return tuple(self._read(number, line) for number, line in enumerate(whole, 1))

    def _read(self, number: int, line: bytes) -> Tombstone:
        try:
            said = json.loads(line)
            return Tombstone(
                erasure=str(said["erasure"]),
                mark=bytes.fromhex(said["mark"]),
                tag=bytes.fromhex(said["tag"]),
                requested_at=int(said["requested_at"]),
                verified=Verification(said["verified"]),
                basis=Basis(said["basis"]),
            )
        except (ValueError, KeyError, TypeError):
            problem = f"tombstones {self._path}: line {number} is not a tombstone; restore the file from its backup"
            raise ConfigurationError(problem) from None
