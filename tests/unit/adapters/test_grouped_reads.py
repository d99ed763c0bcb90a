import asyncio
from collections.abc import Sequence

import pytest

from ai_gateway.adapters.grouped_reads import GroupedReads
from ai_gateway.adapters.sql_engine import Row
from ai_gateway.errors import StoreUnavailable

pytestmark = pytest.mark.anyio


class _Rows:
    """A database of one statement that answers when it is told to."""

    def __init__(self) -> None:
        self.rows: list[Row] = [(b"a", 1), (b"a", 2), (b"b", 3)]
        self.asked: list[tuple[bytes | str, ...]] = []
        self.started = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.failure: Exception | None = None

    async def fetch(self, _select: str, among: Sequence[bytes | str]) -> Sequence[Row]:
        self.asked.append(tuple(sorted(among, key=str)))
        self.started.set()
        found = [row for row in self.rows if row[0] in among]
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        return found


def _reads(rows: _Rows) -> GroupedReads:
    return GroupedReads(rows, "select")  # type: ignore[arg-type]


async def test_each_reader_gets_the_rows_of_its_own_keys() -> None:
    reads = _reads(_Rows())
    both, one, none = await asyncio.gather(reads.of((b"a", b"b")), reads.of((b"b",)), reads.of((b"z",)))
    assert both == [(b"a", 1), (b"a", 2), (b"b", 3)]
    assert one == [(b"b", 3)]
    assert none == []


async def test_reads_that_come_together_are_one_question() -> None:
    rows = _Rows()
    reads = _reads(rows)
    await asyncio.gather(*(reads.of((key,)) for key in (b"a", b"b", b"a")))
    assert rows.asked == [(b"a", b"b")]


async def test_a_read_that_comes_while_one_is_under_way_is_asked_anew_and_sees_what_was_written_meanwhile() -> None:
    rows = _Rows()
    reads = _reads(rows)
    rows.open.clear()
    first = asyncio.create_task(reads.of((b"a",)))
    await rows.started.wait()
    rows.rows.append((b"a", 4))
    second = asyncio.create_task(reads.of((b"a",)))
    await asyncio.sleep(0)
    rows.open.set()
    assert await first == [(b"a", 1), (b"a", 2)]
    assert await second == [(b"a", 1), (b"a", 2), (b"a", 4)]


async def test_a_failure_reaches_everybody_who_waited_and_nobody_after() -> None:
    rows = _Rows()
    reads = _reads(rows)
    rows.failure = StoreUnavailable("away")
    for outcome in await asyncio.gather(reads.of((b"a",)), reads.of((b"b",)), return_exceptions=True):
        assert isinstance(outcome, StoreUnavailable)
    rows.failure = None
    assert await reads.of((b"b",)) == [(b"b", 3)]


async def test_a_reader_who_goes_away_takes_nobodys_answer_along() -> None:
    rows = _Rows()
    reads = _reads(rows)
    rows.open.clear()
    leaving, staying = asyncio.create_task(reads.of((b"a",))), asyncio.create_task(reads.of((b"b",)))
    await rows.started.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    rows.open.set()
    assert await staying == [(b"b", 3)]


async def test_very_many_keys_are_asked_for_in_several_questions() -> None:
    rows = _Rows()
    reads = _reads(rows)
    wanted = [tuple(f"{n}-{i}".encode() for i in range(300)) for n in range(4)]
    await asyncio.gather(*map(reads.of, wanted))
    assert len(rows.asked) == 4
    assert {key for asked in rows.asked for key in asked} == {key for keys in wanted for key in keys}
