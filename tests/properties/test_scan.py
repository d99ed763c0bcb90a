"""The search for a person's tags without decoding finds what decoding finds, in whatever leaves."""

import hmac
import os
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ai_gateway.model import ShareId
from ai_gateway.model.entries import StoredLeaf
from ai_gateway.sharelog.canonical import canonical
from ai_gateway.sharelog.keys import PersonKey, tag
from ai_gateway.sharelog.scan import tagged

MINE, THEIRS = (PersonKey(ref=os.urandom(16), root=b"", tag_key=os.urandom(32)) for _ in range(2))
TROUBLE = ('"', "\\", "{", "}", ',"eid":"x"', ',"type":"x"', '"tags":[', '"n":1,"pc":"', "segments", "né")
words = st.lists(st.sampled_from(TROUBLE) | st.text(max_size=5), max_size=3).map("".join)
names = st.sampled_from(["actor_role", "asked", "eic", "note", "segment", "transfers", "withheld", "z"])
inner = st.dictionaries(st.sampled_from(["eid", "type", "tags", "n", "pc", "segments", "a"]), words | st.integers(0, 9))
facts = st.dictionaries(names, words | inner | st.lists(inner, max_size=2), max_size=4)
segments = st.lists(
    st.tuples(st.sampled_from([(), (MINE,), (THEIRS,), (THEIRS, MINE)]), st.dictionaries(names, words, max_size=2)),
    max_size=4,
)


def leaf(eid: str, kind: str, first: int, said: dict[str, Any], parts: list[Any]) -> bytes:
    told = []
    for n, (owners, more) in enumerate(parts, first):
        tags = [tag(owner, ShareId(eid), kind, n) for owner in owners]
        told.append({**more, "n": n, "pc": "ab" * 32, "tags": tags})
    return canonical({**said, "eid": eid, "type": kind, "segments": told})


@given(words, words, st.integers(0, 12), facts, segments)
def test_it_finds_exactly_what_carries_the_tag(
    eid: str, kind: str, first: int, said: dict[str, Any], parts: list[Any]
) -> None:
    leaves = [StoredLeaf(index=7, leaf_hash=b"", leaf=leaf(eid, kind, first, said, parts))]
    mine = [(7, n) for n, (owners, _) in enumerate(parts, first) if MINE in owners]
    assert list(tagged(leaves, MINE.tag_key)) == mine


def test_an_inner_id_that_a_brace_in_a_text_makes_look_like_the_leafs_own_hides_nothing() -> None:
    said = {"actor_role": {"a": "}", "eid": "", "n": "", "pc": "", "segments": "", "tags": "", "type": ""}}
    leaves = [StoredLeaf(index=7, leaf_hash=b"", leaf=leaf("e", "k", 0, said, [((MINE,), {})]))]
    assert list(tagged(leaves, MINE.tag_key)) == [(7, 0)]


def test_a_tag_is_the_hmac_that_the_format_says() -> None:
    where = b"shr_1\0share.intent\0" + (3).to_bytes(4, "big")
    assert tag(MINE, ShareId("shr_1"), "share.intent", 3) == hmac.digest(MINE.tag_key, where, "sha256")[:16].hex()


def test_a_leaf_without_segments_or_data_has_no_tag() -> None:
    bare = canonical({"eid": "ent_1", "t": 1, "type": "policy.version", "v": 1})
    leaves = [StoredLeaf(index=0, leaf_hash=b"", leaf=bare), StoredLeaf(index=1, leaf_hash=b"", leaf=None)]
    assert list(tagged(leaves, MINE.tag_key)) == []


def test_a_leaf_that_is_not_written_as_leaves_are_is_decoded() -> None:
    written = leaf("shr_1", "share.intent", 0, {}, [((MINE,), {})])
    for spread in (written.replace(b'"segments":[', b'"segments": ['), written.replace(b'"tags":[', b'"tags": [')):
        assert list(tagged([StoredLeaf(index=3, leaf_hash=b"", leaf=spread)], MINE.tag_key)) == [(3, 0)]
