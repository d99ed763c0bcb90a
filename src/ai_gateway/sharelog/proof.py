"""Inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2), made from the hashes of perfect subtrees.

A proof is a list of ranges of leaves, each hashed as a tree of its own. A range is made of perfect subtrees: ``needed``
names them all at once, so that whoever keeps them reads once; ``assemble`` makes the proof. Checking one is
``verifier.check_inclusion`` and ``check_consistency``, the code that outsiders run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ai_gateway.sharelog.merkle import node_hash


class Range(NamedTuple):
    """Leaves ``start`` to ``end - 1``."""

    start: int
    end: int


class Subtree(NamedTuple):
    """The perfect subtree of ``2**height`` leaves that begins at leaf ``number * 2**height``."""

    height: int
    number: int

    @property
    def leaves(self) -> Range:
        return Range(self.number << self.height, self.number + 1 << self.height)


def inclusion(index: int, size: int) -> list[Range]:
    """From the leaf's sibling up to the root's child. Raises ``ValueError`` for a leaf that is not in the tree."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(start, middle))
            start = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """Empty when nothing needs to be shown. Raises ``ValueError`` when the older tree is the larger."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not begin with one of {old}")
    if old in {0, new}:
        return []
    path: list[Range] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(start, middle))
            start, whole = middle, False
    # The older tree itself is known to whoever checks; a part of it that is not all of it must be told.
    return [*([] if whole else [Range(start, end)]), *path[::-1]]


def needed(ranges: Iterable[Range]) -> frozenset[Subtree]:
    """Every perfect subtree that the ranges are made of."""
    return frozenset(subtree for one in ranges for subtree in subtrees(one))


def assemble(ranges: Iterable[Range], hashes: Mapping[Subtree, bytes]) -> list[bytes]:
    """The proof: each range's hash."""
    return [_hash(one, hashes) for one in ranges]


def subtrees(leaves: Range) -> Iterator[Subtree]:
    """What a range that begins at a split of the tree is made of, largest first."""
    start, end = leaves
    while start < end:
        height = (end - start).bit_length() - 1
        yield Subtree(height, start >> height)
        start += 1 << height


def _hash(leaves: Range, hashes: Mapping[Subtree, bytes]) -> bytes:
    parts: Sequence[bytes] = [hashes[subtree] for subtree in subtrees(leaves)]
    top = parts[-1]
    for left in reversed(parts[:-1]):
        top = node_hash(left, top)
    return top


def _split(width: int) -> int:
    """The largest power of two smaller than ``width``: where RFC 6962 parts a tree."""
    return 1 << (width - 1).bit_length() - 1
