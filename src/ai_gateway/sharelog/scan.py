"""Finding a person's segments without the index: by their tag key, over every leaf. What an auditor does, too.

Nearly every leaf of a log is about somebody else. So none is decoded to find that out: what a tag is made of (the
entry's id and type, and each segment's number) is read off its bytes, and the tags it would carry if it were this
person's are looked for in them. A leaf that has one, and any that does not read as expected, is decoded.
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ai_gateway.model import ShareId
from ai_gateway.model.entries import StoredLeaf
from ai_gateway.ports import ShareStore
from ai_gateway.sharelog.canonical import parsed
from ai_gateway.sharelog.keys import TAG_LENGTH, place

_PAGE = 2_000
# Leaves are canonical JSON: keys sorted, nothing between them, and a backslash before every quotation mark inside a
# text, so that no text can hold what these look for.
_ID, _SEGMENTS, _TYPE, _TAGS = b',"eid":"', b',"segments":[', b',"type":"', b'"tags":['
_NUMBER = re.compile(rb'"n":([0-9]+),"pc":"')

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
    tags = _Tags(tag_key)
    for leaf in leaves:
        if leaf.leaf is not None and tags.may_be_in(leaf.leaf):
            yield from _decoded(leaf.index, leaf.leaf, tag_key)


def _decoded(index: int, leaf: bytes, tag_key: bytes) -> Iterator[Place]:
    said = parsed(leaf)
    for segment in said.get("segments", ()):
        where = place(ShareId(said["eid"]), said["type"], segment["n"])
        mine = hmac.digest(tag_key, where, "sha256")[:TAG_LENGTH].hex()
        if mine in segment["tags"]:
            yield index, segment["n"]


class _Tags:
    """The key is taken in once, for all leaves."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")

    def may_be_in(self, leaf: bytes) -> bool:
        """False: no segment of this leaf carries a tag made with the key. True: it must be decoded to know."""
        named = leaf.find(_ID)
        told = leaf.find(_SEGMENTS, named + 1)
        kind = leaf.rfind(_TYPE)
        # Id and type are the leaf's own, and no inner object's: sorted, its segments lie between them. Braces in a text
        # may make an inner object's look like the leaf's, so there must be no other.
        alone = leaf.count(_ID) == leaf.count(_TYPE) == 1
        if not alone or named > kind or _depth(leaf, 0, named) != 1 or _depth(leaf, kind, len(leaf)) != -1:
            return True
        if told < 0:
            return b'"segments"' in leaf
        numbers = _NUMBER.findall(leaf, told, kind)
        if len(numbers) != leaf.count(_TAGS, told, kind):
            return True
        where = _text(leaf, named + len(_ID)) + b"\0" + _text(leaf, kind + len(_TYPE)) + b"\0"
        if b"\\" in where:
            return True
        for number in numbers:
            keyed = self._keyed.copy()
            keyed.update(where + int(number).to_bytes(4, "big"))
            if leaf.find(keyed.hexdigest()[: 2 * TAG_LENGTH].encode(), told, kind) >= 0:
                return True
        return False


def _depth(leaf: bytes, start: int, end: int) -> int:
    """How many objects are open at the end that were not at the start. Codes and ids hold no braces; where a text does,
    this comes out wrong, and the leaf is decoded."""
    return leaf.count(b"{", start, end) - leaf.count(b"}", start, end)


def _text(leaf: bytes, start: int) -> bytes:
    return leaf[start : leaf.index(b'"', start)]
