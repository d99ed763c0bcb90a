"""Finding a person's segments without the index: by their tag key, over every leaf. What an auditor does, too."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ai_gateway.model import ShareId
from ai_gateway.model.entries import StoredLeaf
from ai_gateway.ports import ShareStore
from ai_gateway.sharelog.canonical import parsed
from ai_gateway.sharelog.keys import TAG_LENGTH, place

_PAGE = 2_000
Place = tuple[int, int]
"""Index of the entry, number of the segment."""


@dataclass(slots=True)
class Scan:
    """``scanned`` counts the leaves looked at, ``pruned`` those of them whose retention has passed: their tags are gone
    with their data."""

    scanned: int = 0
    pruned: int = 0
    places: set[Place] = field(default_factory=set)


async def scan(store: ShareStore, tag_key: bytes, size: int) -> Scan:
    """Every leaf below ``size``."""
    found = Scan()
    while found.scanned < size:
        leaves = await store.leaves(found.scanned, min(_PAGE, size - found.scanned))
        if not leaves:
            break
        for leaf in leaves:
            if leaf.leaf is None:
                found.pruned += 1
        found.scanned += len(leaves)
        found.places.update(tagged(leaves, tag_key))
    return found


def tagged(leaves: Iterable[StoredLeaf], tag_key: bytes) -> Iterator[Place]:
    """The segments in these leaves that carry a tag made with this key."""
    for leaf in leaves:
        if leaf.leaf is None:
            continue
        said = parsed(leaf.leaf)
        for segment in said.get("segments", ()):
            where = place(ShareId(said["eid"]), said["type"], segment["n"])
            mine = hmac.digest(tag_key, where, "sha256")[:TAG_LENGTH].hex()
            if mine in segment["tags"]:
                yield leaf.index, segment["n"]
