"""The tree's inner hashes, kept so that a proof over millions of entries reads a few rows (C2SP tlog-tiles).

A tile of level ``l`` holds up to 256 hashes of perfect subtrees of ``256**l`` leaves. Level 0 is written when a tile is
full, and repeats the leaves' hashes; higher levels grow at their end. Tiles are made behind the log, after the fact,
can be dropped and made again, and prove nothing by themselves: what is made from them is checked against a root.
"""

from collections.abc import Iterable, Mapping

from ai_gateway.errors import LogInconsistent
from ai_gateway.sharelog.merkle import HASH_LENGTH, extend, root
from ai_gateway.sharelog.proof import Subtree
from ai_gateway.sharelog.tree import Tile, TreeStore

WIDTH = 256
_BITS = 8
# Hashing keeps the loop from everybody else: two milliseconds at a time while calls are served, more when the tiles are
# far behind, as after a restore.
_AT_ONCE = 4
_FAR_BEHIND = 32
_PAGE = 32 * WIDTH


async def grow(store: TreeStore, size: int) -> int:
    """Write the tiles that a tree of ``size`` leaves has and the store lacks; how many leaves they cover then."""
    first = await store.tiled()
    while (missing := size // WIDTH - first) > 0:
        full = min(missing, _AT_ONCE) if missing < _FAR_BEHIND else _FAR_BEHIND
        hashes = await store.leaf_hashes(first * WIDTH, full * WIDTH)
        if len(hashes) != full * WIDTH * HASH_LENGTH:
            raise LogInconsistent("Leaves are missing; run `ai-gateway log fsck`", entry=first * WIDTH)
        await store.put_tiles(stack(first, hashes, await store.tiles(edges(first))))
        first += full
    return first * WIDTH


def edges(first: int) -> list[Tile]:
    """The tiles above level 0 that grow when tile ``first`` of level 0 is written."""
    found: list[Tile] = []
    level = 1
    while first:
        found.append((level, first // WIDTH))
        first //= WIDTH
        level += 1
    return found


def stack(first: int, leaf_hashes: bytes, standing: Mapping[Tile, bytes]) -> dict[Tile, bytes]:
    """The tiles that full level-0 tiles from number ``first`` on make or grow, on those that stand already.

    Raises ``LogInconsistent`` when those do not end where these begin.
    """
    grown: dict[Tile, bytes] = {}
    level, start, hashes = 0, first * WIDTH, leaf_hashes
    while hashes:
        above = b""
        for number in range(start // WIDTH, (start + len(hashes) // HASH_LENGTH - 1) // WIDTH + 1):
            begin = max(number * WIDTH - start, 0) * HASH_LENGTH
            new = hashes[begin : (number * WIDTH + WIDTH - start) * HASH_LENGTH]
            missing = max(start - number * WIDTH, 0) * HASH_LENGTH
            before = standing.get((level, number), b"")[:missing]  # another process may be ahead
            if len(before) != missing:
                raise LogInconsistent("Tiles do not fit together; run `ai-gateway log fsck --rebuild-tiles`")
            grown[level, number] = before + new
            if len(before + new) == WIDTH * HASH_LENGTH:
                above += subtree_root(before + new)
        level, start, hashes = level + 1, start // WIDTH, above
    return grown


def subtree_root(hashes: bytes) -> bytes:
    """The root over these hashes, taken as leaves' hashes are."""
    return root(*extend(0, b"", _each(hashes)))


async def hashes_of(store: TreeStore, wanted: Iterable[Subtree], *, trust_tiles: bool = True) -> dict[Subtree, bytes]:
    """Hashes of perfect subtrees, from tiles where there are any, else from the leaves."""
    places = {subtree: _place(subtree) for subtree in wanted}
    tiles = await store.tiles(sorted({tile for tile, _, _ in places.values()})) if trust_tiles else {}
    found: dict[Subtree, bytes] = {}
    for subtree, (tile, start, count) in places.items():
        part = tiles.get(tile, b"")[start * HASH_LENGTH : (start + count) * HASH_LENGTH]
        whole = len(part) == count * HASH_LENGTH
        found[subtree] = subtree_root(part) if whole else await _from_leaves(store, subtree)
    return found


def _place(subtree: Subtree) -> tuple[Tile, int, int]:
    """The tile that spans the subtree, and which of its hashes."""
    level = subtree.height // _BITS
    count = 1 << subtree.height - level * _BITS
    start = subtree.number * count
    return (level, start // WIDTH), start % WIDTH, count


async def _from_leaves(store: TreeStore, subtree: Subtree) -> bytes:
    start, end = subtree.leaves
    size, frontier = 0, b""
    while start < end:
        hashes = await store.leaf_hashes(start, min(end - start, _PAGE))
        if not hashes:
            raise LogInconsistent("Leaves are missing; run `ai-gateway log fsck`", entry=start)
        size, frontier = extend(size, frontier, _each(hashes))
        start += len(hashes) // HASH_LENGTH
    return root(size, frontier)


def _each(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_LENGTH] for at in range(0, len(hashes), HASH_LENGTH)]
