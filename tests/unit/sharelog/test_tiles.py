from collections.abc import AsyncIterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ai_gateway.errors import LogInconsistent
from ai_gateway.sharelog.fsck import fsck, rebuild_tiles
from ai_gateway.sharelog.merkle import leaf_hash
from ai_gateway.sharelog.tiles import WIDTH, edges, grow, stack, subtree_root
from ai_gateway.sharelog.tree import Tile
from ai_gateway.verifier import check_inclusion, read_checkpoint, read_proof
from log_books import Book, fill, log_book

pytestmark = pytest.mark.anyio
FULL = WIDTH * 32


@cache
def hashes_of(count: int, start: int = 0) -> bytes:
    return b"".join(leaf_hash(index.to_bytes(4, "big")) for index in range(start, start + count))


def grown(steps: list[int]) -> dict[Tile, bytes]:
    """Tiles made in steps of so many full tiles each."""
    tiles: dict[Tile, bytes] = {}
    first = 0
    for step in steps:
        standing: Mapping[Tile, bytes] = {tile: tiles[tile] for tile in edges(first) if tile in tiles}
        tiles |= stack(first, hashes_of(step * WIDTH, first * WIDTH), standing)
        first += step
    return tiles


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_tiles_are_the_same_in_whatever_steps_they_grow(steps: list[int]) -> None:
    assert grown(steps) == grown([sum(steps)])


def test_a_higher_tile_holds_the_roots_of_those_below() -> None:
    tiles = grown([3])
    assert tiles[1, 0] == b"".join(subtree_root(tiles[0, number]) for number in range(3))
    assert {len(tiles[0, number]) for number in range(3)} == {FULL}


def test_a_second_level_fills_and_goes_on() -> None:
    """As 65,536 leaves and more do, on hashes that stand for level 0's roots."""
    tiles = stack(WIDTH, hashes_of(2 * WIDTH), {(1, 1): b"", (2, 0): bytes(32)})
    assert tiles[1, 1] == subtree_root(tiles[0, WIDTH]) + subtree_root(tiles[0, WIDTH + 1])
    last = stack(WIDTH - 1, hashes_of(WIDTH), {(1, 0): bytes(32) * (WIDTH - 1)})
    assert len(last[1, 0]) == FULL
    assert last[2, 0] == subtree_root(last[1, 0])


def test_tiles_that_do_not_end_where_the_next_begin_are_told() -> None:
    with pytest.raises(LogInconsistent, match="rebuild-tiles"):
        stack(3, hashes_of(WIDTH), {(1, 0): bytes(32)})


@pytest.fixture
async def book(database_url: str, tmp_path: Path) -> AsyncIterator[Book]:
    async with log_book(database_url, tmp_path) as book:
        await fill(book.parts.store, 3 * WIDTH + 40)  # type: ignore[arg-type]
        yield book


async def test_proofs_from_tiles_are_those_from_leaves_and_tiles_are_not_believed(book: Book) -> None:
    size = 3 * WIDTH + 40
    leaf_hashes = await book.tree.leaf_hashes(0, size)
    await book.checkpoint()
    from_tiles = [await _proof(book, index) for index in (0, 255, 256, 700, size - 1)]
    assert await book.tree.tiled() == 3
    await book.database.write(lambda c: c.execute(text("DELETE FROM tile")))
    assert from_tiles == [await _proof(book, index) for index in (0, 255, 256, 700, size - 1)]
    assert await rebuild_tiles(book.tree) == 3 * WIDTH
    wrong = {"h": bytes(FULL)}
    await book.database.write(lambda c: c.execute(text("DELETE FROM tile WHERE level = 0 AND number = 1")))
    await book.database.write(lambda c: c.execute(text("INSERT INTO tile VALUES (0, 1, :h)"), wrong))
    for index in (0, 255, 256, 700, size - 1):
        proof = read_proof(await book.proofs.of_entry(index))
        at = read_checkpoint(proof.note)[0]
        leaf = leaf_hashes[index * 32 : index * 32 + 32]
        assert check_inclusion(index, at.size, leaf, proof.hashes, at.root)
    faults = (await fsck(book.tree, told=lambda _size: None)).faults
    assert [(fault.entry, fault.todo) for fault in faults] == [(WIDTH, "run `ai-gateway log fsck --rebuild-tiles`")]
    await rebuild_tiles(book.tree)
    assert not (await fsck(book.tree, told=lambda _size: None)).faults


async def _proof(book: Book, index: int) -> str:
    return await book.proofs.of_entry(index)


async def test_a_tile_only_grows(book: Book) -> None:
    await grow(book.tree, 3 * WIDTH)
    whole = await book.tree.tiles([(1, 0)])
    await book.tree.put_tiles({(1, 0): bytes(32)})
    assert await book.tree.tiles([(1, 0)]) == whole
    with pytest.raises(Exception, match="database failed"):
        await book.tree.put_tiles({(1, 0): bytes(32 * 200)})


async def test_growing_twice_changes_nothing(book: Book) -> None:
    assert await grow(book.tree, 3 * WIDTH + 40) == 3 * WIDTH
    assert await grow(book.tree, 3 * WIDTH + 40) == 3 * WIDTH
    assert not (await fsck(book.tree, told=lambda _size: None)).faults
