"""Reads that arrive while one is under way are done together by the next: under load, one question for many calls.

Every read begins after it was asked for, so it sees every write that had returned by then: the promise of
``Database.fetch`` is kept.
"""

import asyncio
from collections.abc import Iterable, Sequence

from ai_gateway.adapters.sql_engine import Database, Row

_KEYS_AT_ONCE = 512
Key = bytes | str
_Waiting = tuple[Sequence[Key], asyncio.Future[list[Row]]]


class GroupedReads:
    """One statement as ``Database.fetch`` takes it, whose first column is the key. For one event loop."""

    def __init__(self, database: Database, select: str) -> None:
        self._database = database
        self._select = select
        self._waiting: list[_Waiting] = []
        self._reader: asyncio.Task[None] | None = None

    async def of(self, keys: Sequence[Key]) -> list[Row]:
        """The rows of these keys, in the statement's order. Raises ``StoreUnavailable``."""
        asked: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        self._waiting.append((keys, asked))
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_all(), name="grouped reads")
        return await asked

    async def _read_all(self) -> None:
        """Nobody's cancellation ends it: it answers everybody who waits, and then ends by itself."""
        try:
            while self._waiting:
                await asyncio.sleep(0)  # whoever is as far in the same turn of the loop comes along
                await self._read(self._next_batch())
        finally:
            self._reader = None
            _fail(self._waiting, asyncio.CancelledError())  # only when the loop itself is being closed
            self._waiting = []

    def _next_batch(self) -> list[_Waiting]:
        size = 0
        for count, (keys, _) in enumerate(self._waiting):
            size += len(keys)
            if count and size > _KEYS_AT_ONCE:
                batch, self._waiting = self._waiting[:count], self._waiting[count:]
                return batch
        batch, self._waiting = self._waiting, []
        return batch

    async def _read(self, batch: Sequence[_Waiting]) -> None:
        try:
            rows = await self._database.fetch(self._select, tuple({key for keys, _ in batch for key in keys}))
        except BaseException as error:
            _fail(batch, error)
            if not isinstance(error, Exception):
                raise
            return
        by_key: dict[Key, list[Row]] = {}
        for row in rows:
            by_key.setdefault(row[0], []).append(row)
        for keys, asked in batch:
            if not asked.done():
                asked.set_result([row for key in keys for row in by_key.get(key, ())])


def _fail(batch: Iterable[_Waiting], error: BaseException) -> None:
    for _, asked in batch:
        if asked.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            asked.cancel()
        else:
            asked.set_exception(error)
