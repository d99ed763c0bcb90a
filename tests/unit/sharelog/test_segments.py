import hashlib
import hmac
from dataclasses import replace
from itertools import permutations

import pytest

from ai_gateway.errors import KeyUnavailable
from ai_gateway.model import new_share_id
from ai_gateway.model.entries import EntryKind
from ai_gateway.sharelog.keys import PersonKey, content_key, person_key, tag
from ai_gateway.sharelog.segments import Draft, bucket, commitment, open_segment, seal

ANN, BEN, CEM = (person_key(bytes([i]) * 16, bytes([i]) * 32) for i in (1, 2, 3))
SHARE = new_share_id()
DRAFT = Draft(kind="item", owners=(BEN, ANN), content=b"a treated text", facts={"category": "identifiers"})


def test_a_segment_opens_with_the_keys_of_all_its_owners_in_any_order() -> None:
    segment, _ = seal(SHARE, EntryKind.INTENT, 1, DRAFT)
    for owners in permutations((ANN, BEN)):
        assert open_segment(SHARE, EntryKind.INTENT, segment, owners).content == b"a treated text"


@pytest.mark.parametrize("held", [(), (ANN,), (BEN,), (ANN, CEM), (ANN, BEN, CEM), (ANN, ANN)])
def test_a_segment_opens_with_no_other_keys(held: tuple[PersonKey, ...]) -> None:
    segment, _ = seal(SHARE, EntryKind.INTENT, 1, DRAFT)
    with pytest.raises(KeyUnavailable):
        open_segment(SHARE, EntryKind.INTENT, segment, held)


def test_a_segment_opens_in_its_own_place_alone() -> None:
    segment, _ = seal(SHARE, EntryKind.INTENT, 1, DRAFT)
    for share, kind, n in (
        (new_share_id(), EntryKind.INTENT, 1),
        (SHARE, EntryKind.OUTCOME, 1),
        (SHARE, EntryKind.INTENT, 2),
    ):
        with pytest.raises(KeyUnavailable):
            open_segment(share, kind, replace(segment, n=n), (ANN, BEN))


def test_every_changed_byte_of_a_segment_is_noticed() -> None:
    segment, _ = seal(SHARE, EntryKind.INTENT, 1, DRAFT)
    for at in range(len(segment.ciphertext)):
        changed = bytearray(segment.ciphertext)
        changed[at] ^= 1
        with pytest.raises(KeyUnavailable):
            open_segment(SHARE, EntryKind.INTENT, replace(segment, ciphertext=bytes(changed)), (ANN, BEN))
    with pytest.raises(KeyUnavailable):
        open_segment(SHARE, EntryKind.INTENT, replace(segment, ciphertext=b"short"), (ANN, BEN))


def test_the_leaf_commits_to_the_content_and_to_the_ciphertext() -> None:
    segment, said = seal(SHARE, EntryKind.INTENT, 1, DRAFT)
    opened = open_segment(SHARE, EntryKind.INTENT, segment, (ANN, BEN))
    assert said["pc"] == commitment(opened.salt, SHARE, EntryKind.INTENT, 1, opened.content).hex()
    assert said["pc"] != commitment(opened.salt, SHARE, EntryKind.INTENT, 1, b"another text").hex()
    assert said["ch"] == hashlib.sha256(segment.ciphertext).hexdigest()
    assert said["category"] == "identifiers"


def test_the_same_content_twice_shows_no_two_equal_bytes_strings() -> None:
    (one, said_one), (two, said_two) = (seal(SHARE, EntryKind.INTENT, 1, DRAFT) for _ in range(2))
    assert one.ciphertext != two.ciphertext
    assert said_one["pc"] != said_two["pc"]


def test_a_tag_is_found_by_its_owner_and_differs_in_every_place() -> None:
    _, said = seal(SHARE, EntryKind.INTENT, 1, DRAFT)
    assert said["tags"] == [tag(key, SHARE, EntryKind.INTENT, 1) for key in (ANN, BEN)]
    places = [
        (SHARE, "share.intent", 1),
        (SHARE, "share.intent", 2),
        (SHARE, "share.outcome", 1),
        (new_share_id(), "x", 1),
    ]
    assert len({tag(ANN, *place) for place in places} | {tag(BEN, *place) for place in places}) == 8


def test_keys_are_those_that_hkdf_defines() -> None:
    """RFC 5869 with SHA-256, by hand: the construction is frozen, or nothing written before could be read."""
    place = SHARE.encode() + b"\0share.intent\0" + (7).to_bytes(4, "big")
    pseudorandom = hmac.digest(bytes(32), ANN.root + BEN.root, "sha256")
    expected = hmac.digest(pseudorandom, b"ai-gateway/share-log/1/content" + place + b"\x01", "sha256")
    assert content_key((BEN, ANN), SHARE, EntryKind.INTENT, 7) == expected


def test_only_the_power_of_two_above_a_length_is_told() -> None:
    assert [bucket(length) for length in (0, 1, 2, 3, 4, 5, 1_000, 1_024, 1_025)] == [
        0,
        1,
        2,
        4,
        4,
        8,
        1024,
        1024,
        2048,
    ]


def test_no_key_shows_in_a_repr() -> None:
    assert repr(ANN) == "PersonKey()"
    segment, _ = seal(SHARE, EntryKind.INTENT, 1, DRAFT)
    assert "treated" not in repr(DRAFT) + repr(open_segment(SHARE, EntryKind.INTENT, segment, (ANN, BEN)))
