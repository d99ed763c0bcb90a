"""Against the test vectors of the Certificate Transparency project, and RFC 6962's own recursive definition."""

import hashlib
from itertools import pairwise

import pytest

from ai_gateway.sharelog.merkle import HASH_LENGTH, extend, leaf_hash, node_hash, root

LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def defined_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_the_known_trees_have_their_known_roots(size: int) -> None:
    grown = extend(0, b"", [leaf_hash(leaf) for leaf in LEAVES[:size]])
    assert root(*grown).hex() == ROOTS[size]


def test_a_tree_of_any_size_below_130_has_the_root_that_the_rfc_defines() -> None:
    leaves = [index.to_bytes(2, "big") for index in range(130)]
    size, frontier = 0, b""
    for count in range(130):
        assert root(size, frontier) == defined_root(leaves[:count])
        size, frontier = extend(size, frontier, [leaf_hash(leaves[count])])
        assert len(frontier) == HASH_LENGTH * size.bit_count()


def test_no_two_sizes_share_a_root() -> None:
    roots = [root(*extend(0, b"", [leaf_hash(b"same")] * size)) for size in range(130)]
    assert all(one != other for one, other in pairwise(sorted(roots)))


@pytest.mark.parametrize(("size", "frontier"), [(-1, b""), (0, bytes(32)), (3, bytes(32)), (4, bytes(31))])
def test_a_frontier_of_another_size_is_refused(size: int, frontier: bytes) -> None:
    with pytest.raises(ValueError, match="does not belong"):
        extend(size, frontier, [])
    with pytest.raises(ValueError, match="does not belong"):
        root(size, frontier)
