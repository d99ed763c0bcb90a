"""Laws of the share log's pure parts."""

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ai_gateway.adapters.share_rows import Batch, KnownShare, arrange, questions
from ai_gateway.model import ShareId
from ai_gateway.model.entries import Entry, EntryKind, Placed, Repeated, Segment, TreeState, Unopened
from ai_gateway.sharelog.canonical import Json, canonical, is_canonical
from ai_gateway.sharelog.keys import person_key
from ai_gateway.sharelog.merkle import extend, leaf_hash, root
from ai_gateway.sharelog.segments import Draft, open_segment, seal

json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(json_values)
def test_our_canonical_form_is_that_of_rfc_8785(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)
    assert is_canonical(canonical(value))


@given(st.lists(st.binary(max_size=8), max_size=70), st.data())
def test_a_tree_is_the_same_however_its_leaves_arrive(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    at_once = extend(0, b"", hashes)
    state, rest = (0, b""), hashes
    while rest:
        count = data.draw(st.integers(1, len(rest)))
        state, rest = extend(*state, rest[:count]), rest[count:]
    assert state == at_once
    assert root(*state) == root(*at_once)


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=40), st.data())
def test_changing_any_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:at], leaves[at] + b"!", *leaves[at + 1 :]]
    roots = {root(*extend(0, b"", [leaf_hash(leaf) for leaf in some])) for some in (leaves, changed, leaves[:-1])}
    assert len(roots) == 3


@given(st.binary(max_size=500), st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True), st.integers(0, 50))
def test_what_is_sealed_opens_to_the_same_bytes(content: bytes, people: list[int], n: int) -> None:
    owners = [person_key(bytes([i]) * 16, bytes([i]) * 32) for i in people]
    segment, _ = seal(ShareId("shr_1"), "share.intent", n, Draft(kind="body", owners=owners, content=content))
    assert open_segment(ShareId("shr_1"), "share.intent", segment, owners[::-1]).content == content


shares = st.sampled_from([ShareId(f"shr_{number}") for number in range(4)])
onces = st.none() | st.sampled_from([bytes([number]) * 32 for number in range(3)])


@st.composite
def batches(draw: st.DrawFn) -> list[Entry]:
    """Intents have ids of their own; outcomes may be of any share, opened or not, once or twice."""
    made: list[Entry] = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(EntryKind))
        share = draw(shares) if kind is EntryKind.OUTCOME else ShareId(f"shr_{len(made)}_{number}")
        if kind is EntryKind.OUTCOME and made and draw(st.booleans()):
            share = draw(st.sampled_from(made)).share
        once = draw(onces) if kind is EntryKind.INTENT else None
        segments = (Segment(n=0, owners=(b"o" * 16,), ciphertext=b"c"),) if draw(st.booleans()) else ()
        made.append(Entry(share=share, kind=kind, at=number, leaf=bytes([number]), segments=segments, once=once))
    return made


known_shares = st.lists(
    st.builds(
        KnownShare, share=shares, outcome_index=st.none() | st.integers(0, 3), sent=st.integers(0, 1), once=onces
    ),
    max_size=4,
    unique_by=lambda known: known.share,
)


@given(batches(), known_shares, st.integers(0, 20))
def test_a_batch_is_placed_without_gaps_and_repeats_nothing(
    entries: list[Entry], known: list[KnownShare], size: int
) -> None:
    tree = TreeState(*extend(0, b"", [leaf_hash(bytes([i])) for i in range(size)]))
    batch = arrange(entries, tree, known)
    placed = [
        (answer.index, entry)
        for answer, entry in zip(batch.answers, entries, strict=True)
        if isinstance(answer, Placed)
    ]
    assert [index for index, _ in placed] == list(range(size, size + len(placed)))
    assert batch.tree.size == size + len(placed)
    assert [row[0] for row in batch.leaves] == [index for index, _ in placed]
    _opened_and_closed_once(batch, placed, known)


def _opened_and_closed_once(batch: Batch, placed: list[tuple[int, Entry]], known: list[KnownShare]) -> None:
    taken = [share.once for share in known if share.once is not None]
    new = [row[5] for row in batch.openings if row[5] is not None]
    assert len(new) == len(set(new))
    assert not set(new) & set(taken)
    closed = [share for _, share in batch.closings] + [row[0] for row in batch.openings if row[2] is not None]
    assert len(closed) == len(set(closed))
    assert len(closed) == sum(entry.kind is EntryKind.OUTCOME for _, entry in placed)
    open_before = {share.share for share in known if share.sent and share.outcome_index is None}
    assert {share for _, share in batch.closings} <= open_before


@given(batches(), known_shares)
def test_what_is_not_placed_is_told_why(entries: list[Entry], known: list[KnownShare]) -> None:
    answers = arrange(entries, TreeState(0, b""), known).answers
    closing, asked = questions(entries)
    for answer, entry in zip(answers, entries, strict=True):
        if isinstance(answer, Repeated):
            assert entry.once in asked or entry.share in closing
        elif isinstance(answer, Unopened):
            assert entry.kind is EntryKind.OUTCOME
