"""What must be true of the database itself, whoever signed what: for the operator, after a crash or a restore.

Each finding says what to do. Nothing is repaired but what is derived (tiles), and only when asked to.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ai_gateway.sharelog.bundle import Page, pages, tell
from ai_gateway.sharelog.merkle import HASH_LENGTH, extend, root
from ai_gateway.sharelog.tiles import WIDTH, grow, stack
from ai_gateway.sharelog.tree import Tile, TreeStore
from ai_gateway.verifier import Audit, Broken, Unreadable, read_checkpoint

_LIMIT = 50
_OPENING = frozenset({"share.intent", "share.denied"})
_RESTORE = "restore the database from a backup taken before, and give `log verify` the checkpoints you hold"
_INDEX = "the index repeats what the leaves say and was changed by hand; " + _RESTORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """``entry`` is the first one concerned."""

    what: str
    entry: int | None
    todo: str


@dataclass(slots=True)
class Checked:
    entries: int = 0
    tiles: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fault(self, what: str, todo: str, entry: int | None = None) -> None:
        if len(self.faults) < _LIMIT:
            self.faults.append(Fault(what=what, entry=entry, todo=todo))


async def fsck(store: TreeStore, *, told: Callable[[int], None]) -> Checked:
    """Entries without a gap, their hashes, ciphertexts, index rows, tree, tiles and checkpoints; all of them. The log
    may grow meanwhile."""
    checked, audit = Checked(), Audit()
    state = await store.tree()
    tiles = _Tiles(store, checked, await store.tiled())
    size, frontier = 0, b""
    async for page in pages(store, state.size, ciphertexts=True):
        tell(audit, Page(start=page.start, leaves=page.leaves, notes=(), ciphertexts=page.ciphertexts))
        await _check_index(store, checked, page)
        hashes = [leaf.leaf_hash for leaf in page.leaves]
        _check_checkpoints(checked, size, frontier, hashes, page.notes)
        await tiles.check(hashes)
        size, frontier = extend(size, frontier, hashes)
        told(size)
    audit.end()
    checked.entries = size
    checked.faults[:0] = [Fault(what=one.text, entry=one.entry, todo=_RESTORE) for one in audit.findings]
    if (size, frontier) != (state.size, state.frontier):
        what = f"the tree's state ({state.size} entries) is not that of its {size} leaves"
        checked.fault(what, _RESTORE, min(size, state.size))
    if not audit.counts.pruned and await store.closings(state.size) != audit.counts.outcomes:
        checked.fault("the index closes another number of shares than the log", _INDEX)
    await _check_end(store, checked, state.size)
    return checked


async def rebuild_tiles(store: TreeStore) -> int:
    """Drop all tiles and make them again from the leaves; how many leaves they cover."""
    await store.drop_tiles()
    return await grow(store, (await store.tree()).size)


async def _check_index(store: TreeStore, checked: Checked, page: Page) -> None:
    leaves = {leaf.index: _facts(leaf.leaf) for leaf in page.leaves}
    closing = [eid for kind, eid, _ in leaves.values() if kind == "share.outcome"]
    rows = await store.indexed(page.start, page.leaves[-1].index + 1, closing)
    for index, (kind, eid, count) in leaves.items():
        if kind in _OPENING and rows.opened.get(index) != eid:
            checked.fault("no index row opens its share", _INDEX, index)
        elif kind == "share.outcome" and rows.closed.get(index) != eid:
            checked.fault("no index row closes its share", _INDEX, index)
        if kind and kind not in _OPENING and index in rows.opened:
            checked.fault("the index opens a share where the log does not", _INDEX, index)
        if kind and any(n >= count for n in rows.owned.get(index, ())):
            checked.fault("the index gives somebody a ciphertext that its leaf does not list", _INDEX, index)
    for index in sorted((rows.opened.keys() | rows.owned.keys()) - leaves.keys()):
        checked.fault("index rows point to an entry that is not there", _INDEX, index)


def _facts(data: bytes | None) -> tuple[str, str, int]:
    """Type, id and number of segments; an empty type for what is gone, or was found to be no leaf already."""
    try:
        leaf = json.loads(data) if data is not None else {}
        return str(leaf["type"]), str(leaf["eid"]), len(leaf["segments"])
    except (ValueError, KeyError, TypeError):
        return "", "", 0


def _check_checkpoints(
    checked: Checked, size: int, frontier: bytes, hashes: Sequence[bytes], notes: Sequence[str]
) -> None:
    for note in notes:
        try:
            signed = read_checkpoint(note)[0]
        except (Unreadable, Broken) as error:
            checked.fault(f"a checkpoint cannot be read: {error}", _RESTORE, size)
            continue
        checked.checkpoints += 1
        grown = extend(size, frontier, hashes[: max(signed.size - size, 0)])
        if grown[0] != signed.size or root(*grown) != signed.root:
            checked.fault(f"the checkpoint of {signed.size} entries has another root", _RESTORE, signed.size - 1)


async def _check_end(store: TreeStore, checked: Checked, size: int) -> None:
    beyond = await store.leaves(size, 1)
    rows = await store.indexed(size, 2**62, ())
    grown = (await store.tree()).size  # read last: appends may have come meanwhile, and are all below it
    if beyond and beyond[0].index >= grown:
        checked.fault("leaves stand beyond the end that the tree's state tells", _RESTORE, beyond[0].index)
    if any(index >= grown for index in (*rows.opened, *rows.owned)):
        checked.fault("index rows point beyond the last entry", _INDEX, grown)


class _Tiles:
    """Makes every tile again as the leaves come, and compares."""

    def __init__(self, store: TreeStore, checked: Checked, tiled: int) -> None:
        self._store = store
        self._checked = checked
        self._tiled = tiled
        self._first = 0
        self._hashes = b""
        self._edges: dict[Tile, bytes] = {}

    async def check(self, hashes: Sequence[bytes]) -> None:
        self._hashes += b"".join(hashes)
        full = min(len(self._hashes) // (WIDTH * HASH_LENGTH), self._tiled - self._first)
        if full <= 0:
            return
        cut = full * WIDTH * HASH_LENGTH
        made = stack(self._first, self._hashes[:cut], self._edges)
        self._hashes, self._first = self._hashes[cut:], self._first + full
        self._edges = {tile: made[tile] for tile in made if tile[0]} | {
            tile: hashes for tile, hashes in self._edges.items() if tile[0] not in {level for level, _ in made}
        }
        kept = await self._store.tiles(sorted(made))
        self._checked.tiles += full
        for tile in sorted(made):
            if not kept.get(tile, b"").startswith(made[tile]):
                level, number = tile
                what = f"tile {number} of level {level} is not made from its leaves"
                entry = number * WIDTH ** (level + 1)
                self._checked.fault(what, "run `ai-gateway log fsck --rebuild-tiles`", entry)
