"""Group commit: one task writes whatever waits, in one transaction, so that durability costs one flush for all of
them.

A caller waits for its own entry, up to a deadline. An entry that is still waiting when its caller gives up is taken
back and never written. One that is being written then has an unknown end: if it turns out durable, ``late`` is
called.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ai_gateway.errors import GatewayError, ShareLogUnavailable
from ai_gateway.model.entries import Appended, Entry, Placed
from ai_gateway.ports import ShareStore

_log = logging.getLogger(__name__)
_RESOLUTION = 0.001  # of the loop's clock, in seconds
_Answer = asyncio.Future[Appended | GatewayError]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendLimits:
    """Seconds, entries and bytes. ``batch_deadline`` bounds one transaction, ``append_deadline`` one caller's wait."""

    append_deadline: float = 3.0
    batch_deadline: float = 10.0
    batch_entries: int = 128
    batch_bytes: int = 8 * 2**20
    waiting_entries: int = 4_096
    waiting_bytes: int = 64 * 2**20


@dataclass(slots=True, eq=False)
class _Waiting:
    """``answer`` is done before its time when the caller's deadline passed or the caller was cancelled."""

    entry: Entry
    length: int
    answer: _Answer = field(repr=False)
    late: Callable[[], None] | None = field(repr=False)


class Appender:
    """Appends from any number of tasks of one event loop."""

    def __init__(self, store: ShareStore, limits: AppendLimits) -> None:
        self._store = store
        self._limits = limits
        self._queue: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._writer: asyncio.Task[None] | None = None
        self._deadlines: deque[tuple[float, _Answer]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def append(self, entry: Entry, late: Callable[[], None] | None = None) -> Appended:
        """Durable when it returns ``Placed``. Raises ``ShareLogUnavailable``: nothing may be sent."""
        answer = await self._enqueue(entry, late)
        if isinstance(answer, GatewayError):
            raise ShareLogUnavailable(answer.detail, cause=answer.code) from None
        return answer

    async def idle(self) -> None:
        """Wait until everything that came so far is answered, ``late`` calls included."""
        await self._idle.wait()

    async def close(self) -> None:
        """Write what waits, then stop. Nothing is accepted any more."""
        self._closed = True
        self._arrived.set()
        if self._writer is not None:
            await self._writer
        if self._timer is not None:
            self._timer.cancel()

    def _enqueue(self, entry: Entry, late: Callable[[], None] | None) -> _Answer:
        limits = self._limits
        if self._closed:
            raise ShareLogUnavailable("The share log is closed, so nothing was sent")
        length, queue = entry.length, self._queue
        if len(queue) >= limits.waiting_entries or self._waiting_bytes + length > limits.waiting_bytes:
            raise ShareLogUnavailable("Too many shares wait to be put on record, so nothing was sent; try again later")
        loop = asyncio.get_running_loop()
        answer: _Answer = loop.create_future()
        self._watch(answer, loop)
        self._waiting_bytes += length
        queue.append(_Waiting(entry, length, answer, late))
        if len(queue) == 1:
            self._arrived.set()
            self._idle.clear()
            if self._writer is None:
                self._writer = asyncio.create_task(self._write_all(), name="share log appender")
        return answer

    def _watch(self, answer: _Answer, loop: asyncio.AbstractEventLoop) -> None:
        """One timer for all: everybody waits equally long, so the first to come is the first to give up."""
        deadline, deadlines = loop.time() + self._limits.append_deadline, self._deadlines
        while deadlines and deadlines[0][1].done():
            deadlines.popleft()
        deadlines.append((deadline, answer))
        if self._timer is None:
            self._timer = loop.call_at(deadline, self._expire)

    def _expire(self) -> None:
        loop = asyncio.get_running_loop()
        past = loop.time() + _RESOLUTION
        while self._deadlines and (self._deadlines[0][0] <= past or self._deadlines[0][1].done()):
            answer = self._deadlines.popleft()[1]
            if not answer.done():
                answer.set_result(ShareLogUnavailable("The share log did not answer in time, so nothing was sent"))
        self._timer = loop.call_at(self._deadlines[0][0], self._expire) if self._deadlines else None

    async def _write_all(self) -> None:
        while not (self._closed and not self._queue):
            await self._arrived.wait()
            await asyncio.sleep(0)  # whoever is as far in the same turn of the loop comes along
            while batch := self._next_batch():
                self._answer(batch, await self._write(batch))
            self._idle.set()
            if not self._closed:
                self._arrived.clear()

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        length = 0
        while self._queue and len(batch) < self._limits.batch_entries:
            waiting = self._queue[0]
            if batch and length + waiting.length > self._limits.batch_bytes:
                break
            self._queue.popleft()
            self._waiting_bytes -= waiting.length
            if not waiting.answer.done():
                length += waiting.length
                batch.append(waiting)
        return batch

    async def _write(self, batch: list[_Waiting]) -> list[Appended | GatewayError]:
        failure: GatewayError
        try:
            async with asyncio.timeout(self._limits.batch_deadline):
                return list(await self._store.append([waiting.entry for waiting in batch]))
        except TimeoutError:
            failure = ShareLogUnavailable()
        except GatewayError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  (whatever a store raises, nobody may be told that it is on record)
            failure = ShareLogUnavailable(cause=type(error).__name__)
        _log.error("%d entries were not put on record: %s", len(batch), failure.code)
        return [failure] * len(batch)

    def _answer(self, batch: list[_Waiting], answers: list[Appended | GatewayError]) -> None:
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
            elif waiting.late is not None and isinstance(answer, Placed):
                waiting.late()
