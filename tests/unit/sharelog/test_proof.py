"""Proofs against the vectors of the Certificate Transparency project, RFC 6962's own definitions, and every change of a
byte."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache

import pytest

from ai_gateway.sharelog.proof import Range, assemble, consistency, inclusion, needed, subtrees
from ai_gateway.verifier import Tree, check_consistency, check_inclusion, leaf_hash, node_hash

CT_LEAVES = tuple(
    bytes.fromhex(data)
    for data in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
)
_A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_F = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
_G = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
_H = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
_I = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
CT_INCLUSION = [(0, 1, []), (0, 8, [_A, _B, _C]), (5, 8, [_D, _E, _F]), (2, 3, [_I]), (1, 5, [_H, _B, _D])]
CT_CONSISTENCY = [(1, 1, []), (1, 8, [_A, _B, _C]), (6, 8, [_G, _E, _F]), (2, 5, [_B, _D])]
SIZES = 130
LEAVES = tuple(index.to_bytes(2, "big") for index in range(SIZES))


@cache
def root_of(leaves: tuple[bytes, ...]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def made(ranges: Sequence[Range], leaves: tuple[bytes, ...] = LEAVES) -> list[bytes]:
    known = part if leaves is LEAVES else lambda start, end: root_of(leaves[start:end])
    hashes = {subtree: known(*subtree.leaves) for subtree in needed(ranges)}
    return assemble(ranges, hashes)


@pytest.mark.parametrize(("index", "size", "path"), CT_INCLUSION)
def test_the_known_inclusion_proofs_are_made_and_hold(index: int, size: int, path: list[str]) -> None:
    proof = made(inclusion(index, size), CT_LEAVES)
    assert [one.hex() for one in proof] == path
    assert check_inclusion(index, size, leaf_hash(CT_LEAVES[index]), proof, root_of(CT_LEAVES[:size]))


@pytest.mark.parametrize(("old", "new", "path"), CT_CONSISTENCY)
def test_the_known_consistency_proofs_are_made_and_hold(old: int, new: int, path: list[str]) -> None:
    proof = made(consistency(old, new), CT_LEAVES)
    assert [one.hex() for one in proof] == path
    assert check_consistency(old, root_of(CT_LEAVES[:old]), new, root_of(CT_LEAVES[:new]), proof)


@cache
def part(start: int, end: int) -> bytes:
    return root_of(LEAVES[start:end])


def split_of(start: int, end: int) -> int:
    return start + (1 << (end - start - 1).bit_length() - 1)


def defined_path(index: int, start: int, end: int) -> list[bytes]:
    """RFC 6962 section 2.1.1, for the leaves from ``start`` to ``end``."""
    if end - start == 1:
        return []
    split = split_of(start, end)
    if index < split:
        return [*defined_path(index, start, split), part(split, end)]
    return [*defined_path(index, split, end), part(start, split)]


def defined_consistency(old: int, start: int, end: int, *, whole: bool = True) -> list[bytes]:
    """RFC 6962 section 2.1.2; ``whole`` is its b."""
    if old == end:
        return [] if whole else [part(start, end)]
    split = split_of(start, end)
    if old <= split:
        return [*defined_consistency(old, start, split, whole=whole), part(split, end)]
    return [*defined_consistency(old, split, end, whole=False), part(start, split)]


def test_every_leaf_of_every_tree_below_130_has_the_proof_that_the_rfc_defines() -> None:
    for size in range(1, SIZES):
        leaves = LEAVES[:size]
        root = root_of(leaves)
        for index in range(size):
            proof = made(inclusion(index, size))
            assert proof == defined_path(index, 0, size)
            assert check_inclusion(index, size, leaf_hash(LEAVES[index]), proof, root)


def test_every_two_trees_below_130_have_the_proof_that_the_rfc_defines() -> None:
    for new in range(SIZES):
        for old in range(new + 1):
            proof = made(consistency(old, new))
            assert proof == (defined_consistency(old, 0, new) if old else [])
            assert check_consistency(old, part(0, old), new, part(0, new), proof)


def mutations(data: bytes) -> Iterator[bytes]:
    """Every byte changed, in its lowest and in its highest bit."""
    for at in range(len(data)):
        for bit in (1, 128):
            yield data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (4, 7), (63, 64), (64, 65), (100, 129)])
def test_an_inclusion_proof_with_any_byte_changed_does_not_hold(index: int, size: int) -> None:
    leaf, proof, root = leaf_hash(LEAVES[index]), made(inclusion(index, size)), root_of(LEAVES[:size])
    for other in mutations(leaf):
        assert not check_inclusion(index, size, other, proof, root)
    for other in mutations(root):
        assert not check_inclusion(index, size, leaf, proof, other)
    for at, part in enumerate(proof):
        for other in mutations(part):
            assert not check_inclusion(index, size, leaf, [*proof[:at], other, *proof[at + 1 :]], root)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (64, 65), (64, 128), (97, 129)])
def test_a_consistency_proof_with_any_byte_changed_does_not_hold(old: int, new: int) -> None:
    first, proof, last = root_of(LEAVES[:old]), made(consistency(old, new)), root_of(LEAVES[:new])
    for other in mutations(first):
        assert not check_consistency(old, other, new, last, proof)
    for other in mutations(last):
        assert not check_consistency(old, first, new, other, proof)
    for at, part in enumerate(proof):
        for other in mutations(part):
            assert not check_consistency(old, first, new, last, [*proof[:at], other, *proof[at + 1 :]])


def test_a_proof_that_is_longer_shorter_or_of_another_place_does_not_hold() -> None:
    for size in range(2, 40):
        root = root_of(LEAVES[:size])
        for index in range(size):
            leaf, proof = leaf_hash(LEAVES[index]), made(inclusion(index, size))
            assert not check_inclusion(index, size, leaf, proof[:-1], root)
            assert not check_inclusion(index, size, leaf, [*proof, bytes(32)], root)
            for elsewhere in range(-1, size + 1):
                assert check_inclusion(elsewhere, size, leaf, proof, root) == (elsewhere == index)


def test_a_consistency_proof_that_is_longer_shorter_or_of_another_size_does_not_hold() -> None:
    for new in range(2, 40):
        last = root_of(LEAVES[:new])
        for old in range(1, new):
            first, proof = root_of(LEAVES[:old]), made(consistency(old, new))
            assert not check_consistency(old, first, new, last, proof[:-1])
            assert not check_consistency(old, first, new, last, [*proof, bytes(32)])
            assert not check_consistency(new, last, old, first, proof)


def test_a_proof_needs_few_hashes() -> None:
    size = 5_000_000
    for ranges in (inclusion(1_234_567, size), consistency(1_234_567, size)):
        assert len(needed(ranges)) < 60
        assert all(list(subtrees(one)) for one in ranges)


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion(index, size)


def test_a_smaller_tree_does_not_begin_with_a_larger_one() -> None:
    with pytest.raises(ValueError, match="does not begin"):
        consistency(5, 4)


def test_the_verifiers_tree_has_the_roots_that_the_rfc_defines() -> None:
    tree = Tree()
    for count in range(SIZES):
        assert tree.root() == root_of(LEAVES[:count])
        tree.add(leaf_hash(LEAVES[count]))
