"""JSON objects in which no name stands twice: who reads one elsewhere may take the other value (RFC 8259, 4)."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def unrepeated(pairs: Sequence[tuple[str, T]]) -> dict[str, T]:
    """For ``json.loads``' ``object_pairs_hook``. Raises ``ValueError``."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError
    return read
