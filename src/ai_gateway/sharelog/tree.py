"""What proofs and checkpoints ask of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ai_gateway.model import ShareId
from ai_gateway.model.entries import StoredLeaf, TreeState

Tile = tuple[int, int]
"""Level and number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a share's entries are."""

    opened: int
    outcome: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What the index says of a range of entries: the shares opened and closed by each, the segments that are
    somebody's."""

    opened: Mapping[int, str]
    closed: Mapping[int, str]
    owned: Mapping[int, frozenset[int]]


class TreeStore(Protocol):
    """Every method raises ``StoreUnavailable`` when the store fails. What it says of the tree is checked, not
    believed."""

    async def tree(self) -> TreeState: ...

    async def leaf(self, index: int) -> tuple[bytes, bytes | None]:
        """Hash, and content unless its retention has passed. MUST raise ``NotFound`` for an index beyond the end."""
        ...

    async def leaves(self, start: int, limit: int) -> Sequence[StoredLeaf]:
        """From index ``start`` on in ascending order, at most ``limit``."""
        ...

    async def ciphertexts(self, start: int, end: int) -> Sequence[tuple[int, int, bytes]]:
        """Index, number and bytes of every segment of entries ``start`` to ``end - 1``, in order."""
        ...

    async def leaf_hashes(self, start: int, limit: int) -> bytes:
        """32 bytes each, from index ``start`` on, at most ``limit`` of them; without a gap."""
        ...

    async def tiles(self, wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
        """Those that are there, full or not."""
        ...

    async def tiled(self) -> int:
        """How many full tiles of level 0 there are, from number 0 on."""
        ...

    async def put_tiles(self, tiles: Mapping[Tile, bytes]) -> None:
        """All or none. MUST leave a tile alone that has as many hashes already, or more."""
        ...

    async def drop_tiles(self) -> None:
        """They can be made again from the leaves."""
        ...

    async def put_checkpoint(self, size: int, at: int, note: str) -> None:
        """MUST keep the first one of each size."""
        ...

    async def newest_checkpoint(self) -> str | None: ...

    async def checkpoints(self, start: int, end: int) -> Sequence[str]:
        """Notes of sizes from ``start`` to ``end``, ascending."""
        ...

    async def place(self, share: ShareId) -> Place | None: ...

    async def indexed(self, start: int, end: int, closing: Sequence[str]) -> Indexed:
        """Of entries ``start`` to ``end - 1``; ``closed`` of the shares ``closing`` alone."""
        ...

    async def closings(self, size: int) -> int:
        """How many shares the index says were closed by one of the first ``size`` entries."""
        ...
