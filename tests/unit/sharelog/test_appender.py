"""Group commit, deadlines and back-pressure, over a store that waits until it is told to go on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from ai_gateway.errors import ShareLogUnavailable, StoreUnavailable
from ai_gateway.model import ShareId, new_share_id
from ai_gateway.model.entries import Appended, Entry, EntryKind, Placed, Repeated
from ai_gateway.sharelog.appender import Appender, AppendLimits

pytestmark = pytest.mark.anyio


@dataclass
class GatedStore:
    """Only ``append``: what an appender asks of its store."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[list[ShareId]] = field(default_factory=list)
    failure: Exception | None = None

    async def append(self, entries: Sequence[Entry]) -> Sequence[Appended]:
        self.started.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.batches.append([entry.share for entry in entries])
        return [Placed(index) for index, _ in enumerate(entries)]


def entry(length: int = 10) -> Entry:
    return Entry(share=new_share_id(), kind=EntryKind.INTENT, at=0, leaf=b"x" * length)


def appender(store: GatedStore, **limits: float) -> Appender:
    return Appender(store, AppendLimits(**limits))  # type: ignore[arg-type]


async def test_what_waits_while_one_batch_is_written_goes_into_the_next_together() -> None:
    store = GatedStore()
    log = appender(store)
    entries = [entry() for _ in range(10)]
    first = asyncio.create_task(log.append(entries[0]))
    await store.started.wait()
    others = [asyncio.create_task(log.append(waiting)) for waiting in entries[1:]]
    await asyncio.sleep(0)
    store.gate.set()
    await asyncio.gather(first, *others)
    assert store.batches == [[entries[0].share], [waiting.share for waiting in entries[1:]]]
    await log.close()


async def test_a_batch_is_bounded_in_entries_and_bytes() -> None:
    store = GatedStore()
    store.gate.set()
    log = appender(store, batch_entries=3, batch_bytes=100)
    await asyncio.gather(*(log.append(entry()) for _ in range(7)))
    assert [len(batch) for batch in store.batches] == [3, 3, 1]
    await asyncio.gather(*(log.append(entry(60)) for _ in range(2)), log.append(entry(500)))
    assert [len(batch) for batch in store.batches[3:]] == [1, 1, 1]
    await log.close()


@pytest.mark.parametrize("limit", [{"waiting_entries": 2}, {"waiting_bytes": 20}])
async def test_more_than_may_wait_is_refused_at_once(limit: dict[str, int]) -> None:
    store = GatedStore()
    log = appender(store, **limit)
    writing = asyncio.create_task(log.append(entry()))
    await store.started.wait()
    waiting = [asyncio.create_task(log.append(entry())) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ShareLogUnavailable, match="Too many"):
        await log.append(entry())
    store.gate.set()
    await asyncio.gather(writing, *waiting)
    await log.append(entry())
    await log.close()


async def test_an_entry_whose_deadline_passes_while_it_waits_is_never_written() -> None:
    store = GatedStore()
    log = appender(store, append_deadline=0.02)
    lates: list[str] = []
    first, second = entry(), entry()
    writing = asyncio.create_task(log.append(first, late=lambda: lates.append("first")))
    await store.started.wait()
    with pytest.raises(ShareLogUnavailable, match="in time"):
        await log.append(second, late=lambda: lates.append("second"))
    with pytest.raises(ShareLogUnavailable, match="in time"):
        await writing
    store.gate.set()
    await log.close()
    assert store.batches == [[first.share]]
    assert lates == ["first"]


async def test_a_cancelled_caller_takes_back_what_waits_and_hears_of_what_was_written() -> None:
    store = GatedStore()
    log = appender(store)
    lates: list[str] = []
    first, second = entry(), entry()
    writing = asyncio.create_task(log.append(first, late=lambda: lates.append("first")))
    await store.started.wait()
    waiting = asyncio.create_task(log.append(second, late=lambda: lates.append("second")))
    await asyncio.sleep(0)
    for task in (writing, waiting):
        task.cancel()
    await asyncio.wait({writing, waiting})
    store.gate.set()
    await log.close()
    assert writing.cancelled()
    assert waiting.cancelled()
    assert store.batches == [[first.share]]
    assert lates == ["first"]


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), RuntimeError("a mistake"), OSError("disk")])
async def test_a_failing_batch_fails_all_its_entries_and_the_next_one_is_tried(failure: Exception) -> None:
    store = GatedStore(failure=failure)
    store.gate.set()
    log = appender(store)
    results = await asyncio.gather(*(log.append(entry()) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [ShareLogUnavailable] * 3
    store.failure = None
    assert await log.append(entry()) == Placed(0)
    await log.close()


async def test_a_store_that_hangs_is_given_up_after_the_batch_deadline() -> None:
    store = GatedStore()
    log = appender(store, batch_deadline=0.02)
    with pytest.raises(ShareLogUnavailable):
        await log.append(entry())
    store.gate.set()
    assert await log.append(entry()) == Placed(0)
    await log.close()


async def test_a_closed_log_writes_what_waits_and_takes_nothing_more() -> None:
    store = GatedStore()
    log = appender(store)
    tasks = [asyncio.create_task(log.append(entry())) for _ in range(3)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(log.close())
    await store.started.wait()
    with pytest.raises(ShareLogUnavailable, match="closed"):
        await log.append(entry())
    store.gate.set()
    await closing
    assert [await task for task in tasks] == [Placed(0), Placed(1), Placed(2)]


async def test_each_caller_gets_its_own_answer() -> None:
    class Alternating(GatedStore):
        async def append(self, entries: Sequence[Entry]) -> Sequence[Appended]:
            return [Placed(at) if at % 2 else Repeated(waiting.share) for at, waiting in enumerate(entries)]

    log = appender(Alternating())
    entries = [entry() for _ in range(4)]
    answers = await asyncio.gather(*(log.append(waiting) for waiting in entries))
    assert answers == [Repeated(entries[0].share), Placed(1), Repeated(entries[2].share), Placed(3)]
    await log.close()
