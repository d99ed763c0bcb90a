"""What was last seen of the database, in a file beside the keys: whoever restores an older database does not restore
this file with it.

One JSON object, replaced whole. It holds two counts and a time, nothing about anybody.
"""

import json
import os
from pathlib import Path

from ai_gateway.adapters.key_file import sync_folder
from ai_gateway.errors import ConfigurationError
from ai_gateway.sharelog.continuity import Beat

NAME = "share-log.seen"
FORMAT = "ai-gateway-seen/1"
_MAX_BYTES = 4 << 10


class SeenFile:
    """``sharelog.continuity.BeatMemory``. Of several processes that share the folder, whoever counted furthest wins."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def newest(self) -> Beat | None:
        try:
            with self._path.open("rb") as file:
                data = file.read(_MAX_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(f"{self._path}: {error.strerror or 'cannot be read'}") from None
        try:
            said = json.loads(data)
            known = said["format"] == FORMAT
            beat = Beat(number=int(said["beat"]), size=int(said["size"]), at=int(said["at"]))
        except (ValueError, KeyError, TypeError):
            known, beat = False, None
        if not known:
            raise ConfigurationError(
                f"{self._path}: does not say what was seen of the database; restore the file from the keys' backup, or"
                " remove it if this database is known to be the newest there is"
            )
        return beat

    def keep(self, beat: Beat) -> None:
        present = self.newest()
        if present is not None and present.number >= beat.number:
            return
        line = {"format": FORMAT, "beat": beat.number, "size": beat.size, "at": beat.at}
        fresh = self._path.with_name(f"{NAME}.{os.getpid()}.new")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(json.dumps(line).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise ConfigurationError(f"{self._path}: {error.strerror or 'cannot be written'}") from None
