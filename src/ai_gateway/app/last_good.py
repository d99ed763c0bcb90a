"""What a worker that takes a dead one's place falls back on: a copy of the files that the others last put in force.

The command checks the files before any worker starts, and broken ones stop it. A worker that dies later is started
again by itself, whatever the files are by then: a change that the others refused must not keep it from serving.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from ai_gateway.adapters.folder_snapshot import write_out
from ai_gateway.app.catalogue import InForce
from ai_gateway.config import Settings
from ai_gateway.errors import ConfigurationError

FOLDER = "_AI_GATEWAY_LAST_GOOD"
"""The variable by which ``serve`` tells its workers where; nobody else sets it. The folder goes when it ends."""
_NOW = "now"
_log = structlog.get_logger("ai_gateway.app")
Load = Callable[[Settings], InForce]


def first(settings: Settings, environ: Mapping[str, str], load: Load) -> tuple[InForce, tuple[str, ...]]:
    """What a process starts with: the files as they are, or the copy where they are broken, with what is wrong.

    Raises ``ConfigurationError`` where no other worker left a copy.
    """
    try:
        return load(settings), ()
    except ConfigurationError as error:
        copy = Path(environ[FOLDER], _NOW).resolve() if environ.get(FOLDER) else None
        if copy is None or not copy.is_dir():
            raise
        loaded = load(replace(settings, policies=copy / "policies", prompts=copy / "prompts"))
        _log.error("the files are broken: started with those last in force", in_force=loaded.told())
        return loaded, error.problems


def leave(version: InForce, environ: Mapping[str, str]) -> None:
    """The files of a version that came into force, for whoever is started next; nothing where nobody will be."""
    root = environ.get(FOLDER)
    if not root:
        return
    try:
        _put(version, root)
    except OSError as error:  # it is in force all the same; who starts next falls back on what was left before
        _log.error("the files in force could not be copied for other workers", problem=error.strerror)


def _put(version: InForce, root: str) -> None:
    made = Path(tempfile.mkdtemp(prefix="version-", dir=root))
    for one in version.versions:
        write_out(one.files, made / one.folder.value)
    now, pointer = Path(root, _NOW), made.with_suffix(".link")
    pointer.symlink_to(made.name)
    before = now.resolve()
    pointer.replace(now)  # at once: whoever reads it sees one version or the other
    if before != now:
        shutil.rmtree(before, ignore_errors=True)
