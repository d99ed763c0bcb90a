"""Fills a PostgreSQL share log with millions of entries, by ``COPY``: other people's shares around one person's.

Everybody's entries have the leaves, tags, segments and index rows of real ones. One person's are real to the last
byte, encrypted under their keys; the others' ciphertexts are 64 random bytes, and their leaves carry random digests in
the places of real ones.
"""

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import asyncpg

from ai_gateway.model import ShareId, new_share_id
from ai_gateway.model.entries import Entry
from ai_gateway.sharelog.entry import Keys, Outcome, intent_entry, outcome_entry
from ai_gateway.sharelog.keys import person_key
from ai_gateway.sharelog.merkle import extend, leaf_hash

sys.path.append(str(Path(__file__).parents[1] / "tests"))

import share_samples as samples

PERSON, OTHER = samples.PRO, samples.CLIENT
an_intent, a_completion = samples.intent, samples.completion
CHUNK = 10_000  # entries per COPY
_STRANGERS = 100_000
_FORMS = 1_000
_CIPHERTEXT = 64
_FIXED = {b"ab" * 32, b"cd" * 32, b"ef" * 32}  # policy, taxonomy and prompt, the same in all
_HEX = re.compile(rb'(?<=")([0-9a-f]{32}|[0-9a-f]{64})(?=")')
_START = 1_790_000_000_000
_EVERY_MS = 5


@dataclass
class Rows:
    leaves: list[tuple[Any, ...]] = field(default_factory=list)
    segments: list[tuple[Any, ...]] = field(default_factory=list)
    owners: list[tuple[Any, ...]] = field(default_factory=list)
    shares: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, index: int, entry: Entry) -> None:
        self.leaves.append((index, leaf_hash(entry.leaf), entry.leaf))
        for segment in entry.segments:
            self.segments.append((index, segment.n, segment.ciphertext))
            self.owners.extend((owner, index, segment.n) for owner in segment.owners)


class Strangers:
    """Other people's shares, from a real one's leaves with every digest and tag another; a thousand such in turn."""

    def __init__(self) -> None:
        keys = {who: person_key(os.urandom(16), os.urandom(32)) for who in (PERSON, OTHER)}
        share = new_share_id()
        intent = intent_entry(an_intent(), share, _START, keys)
        outcome = outcome_entry(share, Outcome(status="released", completion=a_completion()), _START, keys)
        self._kinds = [[(one.n, len(one.owners)) for one in entry.segments] for entry in (intent, outcome)]
        forms = [_HEX.split(entry.leaf) for entry in (intent, outcome)]
        self._forms = [[_form(parts, share.encode()) for parts in forms] for _ in range(_FORMS)]
        self._refs = [os.urandom(16) for _ in range(_STRANGERS)]
        self._noise = os.urandom(_FORMS + _CIPHERTEXT)

    def add(self, rows: Rows, index: int, number: int, share: bytes, at: int) -> None:
        """Intent and outcome of the so-manieth share."""
        of = number * 7_919 % (_STRANGERS - 1)
        owners = self._refs[of : of + 2]
        start = number % _FORMS
        ciphertext = self._noise[start : start + _CIPHERTEXT]
        for place, form in enumerate(self._forms[number % _FORMS]):
            data = form % (share, at)
            rows.leaves.append((index + place, leaf_hash(data), data))
            for n, count in self._kinds[place]:
                rows.segments.append((index + place, n, ciphertext))
                for owner in owners[:count]:
                    rows.owners.append((owner, index + place, n))


def _form(parts: list[bytes], share: bytes) -> bytes:
    """A leaf with places for id and time."""
    new = [
        os.urandom(len(part) // 2).hex().encode() if at % 2 and part not in _FIXED else part
        for at, part in enumerate(parts)
    ]
    return b"".join(new).replace(b"%", b"%%").replace(share, b"%s").replace(b'"t":%d' % _START, b'"t":%d')


class Filling:
    """``every``: each so-manieth share is the person's."""

    def __init__(self, connection: Any, keys: Keys, every: int) -> None:  # noqa: ANN401  (asyncpg's)
        self._connection = connection
        self._keys = keys
        self._every = every
        self._strangers = Strangers()
        self._tree: tuple[int, bytes] = (0, b"")
        self._shares = 0
        self.theirs = 0

    @classmethod
    async def resumed(cls, connection: Any, keys: Keys, every: int) -> Self:  # noqa: ANN401  (asyncpg's)
        """Going on from what an earlier one filled; whatever else was recorded since is in between."""
        filling = cls(connection, keys, every)
        filling._tree = tuple(await connection.fetchrow("SELECT size, frontier FROM tree_state"))
        filling._shares = await connection.fetchval("SELECT count(*) FROM share")
        count = (
            "SELECT count(DISTINCT opened_idx) FROM share JOIN subject_index ON idx = opened_idx WHERE subject_ref = $1"
        )
        filling.theirs = await connection.fetchval(count, keys[PERSON].ref)
        return filling

    @property
    def size(self) -> int:
        return self._tree[0]

    async def fill(self, size: int) -> None:
        """Up to so many entries."""
        while self._tree[0] < size:
            await self._copy(min(CHUNK, size - self._tree[0]))
            sys.stderr.write(f"\r{self._tree[0]:>12,} entries")
        sys.stderr.write("\n")

    async def _copy(self, count: int) -> None:
        rows = Rows()
        for index in range(self._tree[0], self._tree[0] + count, 2):
            share, at = new_share_id(), _START + self._shares * _EVERY_MS
            self._shares += 1
            if self._shares % self._every:
                self._strangers.add(rows, index, self._shares, share.encode(), at)
            else:
                self._add_theirs(rows, index, share, at)
            rows.shares.append((share, index, index + 1, at, 1, None))
        self._tree = extend(*self._tree, (digest for _, digest, _ in rows.leaves))
        async with self._connection.transaction():
            for table, records in (
                ("leaf", rows.leaves),
                ("segment", rows.segments),
                ("subject_index", rows.owners),
                ("share", rows.shares),
            ):
                await self._connection.copy_records_to_table(table, records=records)
            await self._connection.execute("UPDATE tree_state SET size = $1, frontier = $2 WHERE id = 1", *self._tree)

    def _add_theirs(self, rows: Rows, index: int, share: ShareId, at: int) -> None:
        self.theirs += 1
        outcome = Outcome(status="released", completion=a_completion())
        rows.add(index, intent_entry(an_intent(), share, at, self._keys))
        rows.add(index + 1, outcome_entry(share, outcome, at, self._keys))


async def connect(url: str) -> Any:  # noqa: ANN401  (asyncpg's)
    connection = await asyncpg.connect(url)
    await connection.execute("SET synchronous_commit = off")
    return connection
