"""The tree: RFC 6962 section 2.1 hashes, grown from a frontier. Pure functions over bytes.

A frontier is the roots of the perfect subtrees that a tree of ``size`` leaves is made of, largest first: one of 32
bytes per set bit of ``size``. It is all an appender needs, and all it must keep.
"""

import hashlib
from collections.abc import Iterable

HASH_LENGTH = 32


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def extend(size: int, frontier: bytes, leaf_hashes: Iterable[bytes]) -> tuple[int, bytes]:
    """The size and frontier after these leaves; raises ``ValueError`` when the two given do not belong together."""
    subtrees = _split(size, frontier)
    for added in leaf_hashes:
        root, height = added, 0
        # Two perfect subtrees of one height become one of the next: as in adding 1 to a binary number.
        while size >> height & 1:
            root = node_hash(subtrees.pop(), root)
            height += 1
        subtrees.append(root)
        size += 1
    return size, b"".join(subtrees)


def root(size: int, frontier: bytes) -> bytes:
    """The tree's root hash; of the empty tree, the hash of nothing."""
    subtrees = _split(size, frontier)
    if not subtrees:
        return hashlib.sha256(b"").digest()
    top = subtrees.pop()
    while subtrees:
        top = node_hash(subtrees.pop(), top)
    return top


def _split(size: int, frontier: bytes) -> list[bytes]:
    if size < 0 or len(frontier) != HASH_LENGTH * size.bit_count():
        raise ValueError(f"a frontier of {len(frontier)} bytes does not belong to a tree of {size} leaves")
    return [frontier[at : at + HASH_LENGTH] for at in range(0, len(frontier), HASH_LENGTH)]
