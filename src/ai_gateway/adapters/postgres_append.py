"""Appending to the share log in PostgreSQL: one statement, which is its own transaction, while nobody else writes.

A process remembers the tree as it left it, arranges the next batch on that, and sends everything in one statement that
changes nothing unless the tree is still so and every assumption holds. Else it takes the tree's lock, looks everything
up, and writes with the same statement: four round trips, and always right. Where several replicas write at once the
guess would mostly be wrong, so it is made only after the tree was found as it had been left.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ai_gateway.adapters.share_rows import Batch, HeldFence, KnownShare, arrange, questions
from ai_gateway.adapters.sql_engine import PostgresDatabase
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model.entries import Appended, Entry, TreeState

_LOCK_TREE = "SELECT size, frontier, fence FROM tree_state WHERE id = 1 FOR UPDATE"
_FENCED = "SELECT subject_ref, shredded FROM suppression WHERE subject_ref IS NOT NULL"
_KNOWN = "SELECT eid, outcome_idx, sent, once FROM share WHERE eid = ANY($1::text[]) OR once = ANY($2::bytea[])"

# Lists travel as text and byte strings as one, to be cut: the driver's arrays would take longer to encode than all the
# rest of an append. ``OFFSET 0`` has shares looked up by their ids, and not among those in doubt.
#
# Whoever waited for the tree's row sees it as it is then. Had anything been appended since the statement began, size
# would differ: so what the conditions looked up before is still so. Parts do not see each other's rows: that is why
# ``arrange`` puts the outcome of a share that the same batch opens into the opening row.
_STATEMENT = """
WITH
  mine AS (
    UPDATE tree_state SET size = :size, frontier = :frontier
    WHERE id = 1 AND size = :from_size AND frontier = :from_frontier AND fence = :fence
      AND CASE WHEN :closed_eids = '' THEN true ELSE
        (SELECT count(*) FROM (SELECT sent, outcome_idx FROM share
           WHERE eid = ANY(string_to_array(:closed_eids, ',')) OFFSET 0) AS known
         WHERE sent = 1 AND outcome_idx IS NULL) = cardinality(string_to_array(:closed_eids, ',')) END
      AND CASE WHEN :taken = '' THEN true ELSE
        NOT EXISTS (SELECT FROM share
          WHERE once = ANY(ARRAY(SELECT decode(hex, 'hex') FROM unnest(string_to_array(:taken, ',')) AS hex))) END
    RETURNING id),
  leaves AS (
    INSERT INTO leaf (idx, leaf_hash, data)
    SELECT :from_size + o - 1, substring(:hashes::bytea FROM (32 * o - 31)::int FOR 32),
      substring(:data::bytea FROM start FOR length)
    FROM mine, unnest(:data_starts::text::int[], :data_lengths::text::int[])
      WITH ORDINALITY AS row (start, length, o)),
  segments AS (
    INSERT INTO segment (idx, n, ct)
    SELECT idx, n, substring(:ciphertexts::bytea FROM start FOR length)
    FROM mine, unnest(:segment_indices::text::bigint[], :segment_numbers::text::smallint[],
      :ciphertext_starts::text::int[], :ciphertext_lengths::text::int[]) AS row (idx, n, start, length)),
  owners AS (
    INSERT INTO subject_index (subject_ref, idx, n)
    SELECT substring(:refs::bytea FROM (16 * o - 15)::int FOR 16), idx, n
    FROM mine, unnest(:owner_indices::text::bigint[], :owner_numbers::text::smallint[])
      WITH ORDINALITY AS row (idx, n, o)),
  openings AS (
    INSERT INTO share (eid, opened_idx, outcome_idx, at, sent, once)
    SELECT eid, opened, outcome, at, sent, decode(once, 'hex')
    FROM mine, unnest(string_to_array(:opened_eids, ','), :opened_indices::text::bigint[],
      :outcome_indices::text::bigint[], :opened_at::text::bigint[], :sent::text::smallint[],
      string_to_array(:onces, ',', '')) AS row (eid, opened, outcome, at, sent, once)),
  closings AS (
    UPDATE share SET outcome_idx = row.idx
    FROM mine, unnest(:closed_indices::text::bigint[], string_to_array(:closed_eids, ',')) AS row (idx, eid)
    WHERE share.eid = row.eid),
  records AS (
    INSERT INTO record (idx, eid, kind, at)
    SELECT idx, eid, kind, at
    FROM mine, unnest(:record_indices::text::bigint[], string_to_array(:record_eids, ','),
      string_to_array(:record_kinds, ','), :recorded_at::text::bigint[]) AS row (idx, eid, kind, at))
SELECT count(*) FROM mine
"""
_NAMES = tuple(dict.fromkeys(re.findall(r"(?<!:):(\w+)", _STATEMENT)))
_WRITE = re.sub(r"(?<!:):(\w+)", lambda name: f"${_NAMES.index(name[1]) + 1}", _STATEMENT)
_REF, _HASH = 16, 32


@dataclass(frozen=True, slots=True)
class _Left:
    """The tree as this process left it, and the number of the fence it arranged by."""

    tree: TreeState
    fence: int


class PostgresAppend:
    """Appends, for one process."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._fence = HeldFence()
        self._left: _Left | None = None
        self._alone = True

    async def __call__(self, entries: Sequence[Entry]) -> Sequence[Appended]:
        # Whoever comes while this one is under way makes no guess, and neither does anybody after it failed.
        left, self._left = self._left, None
        if left is not None and self._alone:
            answers = await self._database.write_alone(lambda connection: self._guess(connection, entries, left))
            if answers is not None:
                return answers
            self._alone = False
        return await self._database.write_raw(lambda connection: self._in_turn(connection, entries, left))

    async def _guess(self, connection: Any, entries: Sequence[Entry], left: _Left) -> Sequence[Appended] | None:  # noqa: ANN401  (asyncpg's)
        """As if every share to be closed were open, and no ``once`` were taken. None: something was otherwise."""
        closing, _ = questions(entries)
        batch = arrange(entries, left.tree, [KnownShare(share, None, 1, None) for share in closing], self._fence.fence)
        return await self._write(connection, batch, left)

    async def _in_turn(self, connection: Any, entries: Sequence[Entry], left: _Left | None) -> Sequence[Appended]:  # noqa: ANN401
        state = await connection.fetchrow(_LOCK_TREE)
        if state is None:
            raise StoreUnavailable("The share log's tree has no state; run the migrations")
        found = _Left(TreeState(state[0], state[1]), state[2])
        if left is not None:
            self._alone = left == found
        if found.fence != self._fence.number:
            self._fence.take(found.fence, await connection.fetch(_FENCED))
        closing, onces = questions(entries)
        # Looked up after the lock is held: each statement sees what was committed before it began.
        known = await connection.fetch(_KNOWN, closing, onces) if closing or onces else []
        batch = arrange(entries, found.tree, [KnownShare(*row) for row in known], self._fence.fence)
        answers = await self._write(connection, batch, found)
        if answers is None:
            raise StoreUnavailable("The share log's index contradicts itself; run `ai-gateway log fsck`")
        return answers

    async def _write(self, connection: Any, batch: Batch, left: _Left) -> Sequence[Appended] | None:  # noqa: ANN401
        given = _packed(batch, left)
        if not await connection.fetchval(_WRITE, *[given[name] for name in _NAMES]):
            return None
        self._left = _Left(batch.tree, left.fence)
        return batch.answers


def _packed(batch: Batch, left: _Left) -> Mapping[str, object]:
    leaves, segments, owners, openings = batch.leaves, batch.segments, batch.owners, batch.openings
    onces = ["" if row[5] is None else row[5].hex() for row in openings]
    return {
        "size": batch.tree.size,
        "frontier": batch.tree.frontier,
        "from_size": left.tree.size,
        "from_frontier": left.tree.frontier,
        "fence": left.fence,
        "hashes": _wide([row[1] for row in leaves], _HASH),
        **_cut("data", [row[2] for row in leaves]),
        "segment_indices": _numbers([row[0] for row in segments]),
        "segment_numbers": _numbers([row[1] for row in segments]),
        **_cut("ciphertext", [row[2] for row in segments]),
        "refs": _wide([row[0] for row in owners], _REF),
        "owner_indices": _numbers([row[1] for row in owners]),
        "owner_numbers": _numbers([row[2] for row in owners]),
        "opened_eids": _words([row[0] for row in openings]),
        "opened_indices": _numbers([row[1] for row in openings]),
        "outcome_indices": _numbers(["NULL" if row[2] is None else row[2] for row in openings]),
        "opened_at": _numbers([row[3] for row in openings]),
        "sent": _numbers([row[4] for row in openings]),
        "onces": _words(onces),
        "taken": _words([once for once in onces if once]),
        "closed_indices": _numbers([row[0] for row in batch.closings]),
        "closed_eids": _words([row[1] for row in batch.closings]),
        "record_indices": _numbers([row[0] for row in batch.records]),
        "record_eids": _words([row[1] for row in batch.records]),
        "record_kinds": _words([row[2] for row in batch.records]),
        "recorded_at": _numbers([row[3] for row in batch.records]),
    }


def _numbers(values: Iterable[int | str]) -> str:
    return f"{{{','.join(map(str, values))}}}"


def _words(values: Sequence[str]) -> str:
    """Ids and names of kinds, which hold no comma."""
    joined = ",".join(values)
    if values and joined.count(",") != len(values) - 1:
        raise ValueError("an id with a comma in it")
    return joined


def _wide(values: Sequence[bytes], width: int) -> bytes:
    joined = b"".join(values)
    if len(joined) != width * len(values):
        raise ValueError(f"not {width} bytes each")
    return joined


def _cut(name: str, values: Sequence[bytes]) -> dict[str, object]:
    """One byte string, and where each of these begins in it, from 1."""
    lengths = list(map(len, values))
    starts = list(accumulate(lengths, initial=1))[:-1]
    whole = name if name == "data" else f"{name}s"
    return {whole: b"".join(values), f"{name}_starts": _numbers(starts), f"{name}_lengths": _numbers(lengths)}
