"""PostgreSQL appends by a guess while nobody else writes (``adapters/postgres_append.py``): a wrong guess writes
nothing, and the append then happens as if it had never been made."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from ai_gateway.adapters.sql_engine import PostgresDatabase, open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.model import ShareId, new_share_id
from ai_gateway.model.entries import Entry, EntryKind, Placed, Repeated, Segment, Unopened
from ai_gateway.sharelog.merkle import extend

pytestmark = pytest.mark.anyio

ANN = b"a" * 16


class Replica:
    """A process of its own, as far as the store knows. ``alone`` counts appends of one round trip, ``in_turn`` those
    that took the lock."""

    def __init__(self, url: str) -> None:
        database = open_database(url)
        assert isinstance(database, PostgresDatabase)
        self.database, self.alone, self.in_turn = database, 0, 0
        self._alone, self._raw = database.write_alone, database.write_raw
        database.write_alone = self._count_alone  # type: ignore[method-assign]
        database.write_raw = self._count_in_turn  # type: ignore[method-assign]
        self.store = SqlShareStore(database)

    async def _count_alone(self, work: Any) -> Any:
        self.alone += 1
        return await self._alone(work)

    async def _count_in_turn(self, work: Any) -> Any:
        self.in_turn += 1
        return await self._raw(work)


@pytest.fixture
async def two(postgres_url: str) -> AsyncIterator[tuple[Replica, Replica]]:
    await migrate(postgres_url)
    one, other = Replica(postgres_url), Replica(postgres_url)
    yield one, other
    await one.database.close()
    await other.database.close()


def intent(once: bytes | None = None) -> Entry:
    share = new_share_id()
    segment = Segment(n=0, owners=(ANN,), ciphertext=share.encode())
    return Entry(share=share, kind=EntryKind.INTENT, at=1, leaf=share.encode(), segments=(segment,), once=once)


def outcome(share: ShareId) -> Entry:
    return Entry(share=share, kind=EntryKind.OUTCOME, at=2, leaf=b"closes " + share.encode())


async def leaves(replica: Replica) -> Sequence[bytes | None]:
    """In order, without a gap, and the tree is theirs."""
    stored = await replica.store.leaves(0, 1_000)
    assert [leaf.index for leaf in stored] == list(range(len(stored)))
    tree = await replica.store.tree()
    assert extend(0, b"", [leaf.leaf_hash for leaf in stored]) == (tree.size, tree.frontier)
    return [leaf.leaf for leaf in stored]


async def test_who_writes_alone_takes_one_round_trip_after_the_first(two: tuple[Replica, Replica]) -> None:
    one, _ = two
    for size in range(5):
        opened = intent()
        assert await one.store.append([opened, outcome(opened.share)]) == [Placed(2 * size), Placed(2 * size + 1)]
    assert (one.alone, one.in_turn) == (4, 1)
    assert len(await leaves(one)) == 10


async def test_a_guess_that_another_replica_made_wrong_writes_nothing(two: tuple[Replica, Replica]) -> None:
    one, other = two
    entries = [intent() for _ in range(6)]
    for number, entry in enumerate(entries):
        assert await (one, other)[number % 2].store.append([entry]) == [Placed(number)]
    assert await leaves(one) == [entry.leaf for entry in entries]
    assert one.alone + other.alone <= 2, "who finds somebody else's entries stops guessing"


async def test_guessing_begins_again_when_the_others_fall_silent(two: tuple[Replica, Replica]) -> None:
    one, other = two
    for replica in (one, other, one, one):
        await replica.store.append([intent()])
    guessed = one.alone
    await one.store.append([intent()])
    assert one.alone == guessed + 1
    assert len(await leaves(other)) == 5


async def test_a_share_is_closed_once_whoever_guesses(two: tuple[Replica, Replica]) -> None:
    one, other = two
    opened, unknown = intent(), new_share_id()
    await one.store.append([opened])
    await other.store.append([])
    assert await one.store.append([outcome(opened.share)]) == [Placed(1)]
    assert await one.store.append([outcome(opened.share), intent()]) == [Repeated(opened.share), Placed(2)]
    assert await one.store.append([outcome(unknown)]) == [Unopened()]
    assert await other.store.append([outcome(opened.share)]) == [Repeated(opened.share)]
    assert len(await leaves(one)) == 3


async def test_once_is_taken_once_whoever_guesses(two: tuple[Replica, Replica]) -> None:
    one, _ = two
    once = bytes(range(32))
    first, again = intent(once), intent(once)
    await one.store.append([intent()])
    assert await one.store.append([first]) == [Placed(1)]
    assert await one.store.append([again, intent()]) == [Repeated(first.share), Placed(2)]
    assert one.alone == 2
    assert len(await leaves(one)) == 3


async def test_a_tree_that_was_put_back_is_not_guessed_about(two: tuple[Replica, Replica]) -> None:
    """As after a restore: as many entries as were left, and other ones."""
    one, other = two
    await one.store.append([intent()])
    await one.store.append([intent()])
    raw = "ALTER TABLE {0} DISABLE TRIGGER ALL"

    async def put_back(connection: Any) -> None:
        for table in ("leaf", "tree_state", "share", "segment", "subject_index"):
            await connection.execute(raw.format(table))
        await connection.execute("TRUNCATE leaf, segment, subject_index, share")
        await connection.execute("UPDATE tree_state SET size = 0, frontier = ''")

    await other.database.write_raw(put_back)
    replaced = [intent(), intent()]
    await other.store.append(replaced)
    last = intent()
    assert await one.store.append([last]) == [Placed(2)]
    assert await leaves(one) == [*(entry.leaf for entry in replaced), last.leaf]


async def test_many_at_once_in_one_process_are_in_one_line(two: tuple[Replica, Replica]) -> None:
    one, other = two
    answers = await asyncio.gather(*((one, other)[n % 2].store.append([intent()]) for n in range(40)))
    assert sorted(answer.index for (answer,) in answers if isinstance(answer, Placed)) == list(range(40))
    assert len(await leaves(one)) == 40
