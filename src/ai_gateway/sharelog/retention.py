"""What is older than its class is kept: planned, then pruned, with an entry that says so.

Pruning takes segments and the data of leaves. A leaf's hash stays, and with it the tree, its root, every proof and
every checkpoint. What a legal hold covers stays, and so does a share that was never settled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from ai_gateway.errors import ConfigurationError
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.policies.policy import Retention
from ai_gateway.policies.vocabulary import RecordClass
from ai_gateway.ports import Clock
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.record import record

BATCH = 1_000
_RECORDS: Mapping[RecordClass, Sequence[EntryKind]] = {
    RecordClass.READ_RECORDS: (EntryKind.READ, EntryKind.DISCLOSURE, EntryKind.EXPORT),
    RecordClass.REQUEST_RECORDS: (
        EntryKind.ERASURE_REQUESTED,
        EntryKind.ERASURE_SUPPRESSED,
        EntryKind.ERASURE_DIRECTED,
        EntryKind.ERASURE_HELD,
        EntryKind.ERASURE_COMPLETED,
        EntryKind.ERASURE_REPLAYED,
        EntryKind.DIRECTIVE,
        EntryKind.HOLD,
    ),
}


@dataclass(frozen=True, slots=True)
class Count:
    entries: int = 0
    segments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is older than ``before`` (ms) of one class; None: never pruned. ``count`` is what ``run`` would prune."""

    name: RecordClass
    months: int | None
    of: str
    source: str
    before: int | None
    count: Count


@dataclass(frozen=True, slots=True)
class Batch:
    """``last`` is where the next batch goes on (an index)."""

    count: Count
    last: int


class RetentionStore(Protocol):
    """Each ``prune_…`` is one transaction with its entry: done whole, or not at all. It takes the oldest first, from
    after ``last``, and MUST leave the tree as it is, but for that entry."""

    async def count_content(self, before: int) -> Count: ...

    async def count_entries(self, before: int) -> Count: ...

    async def count_records(self, before: int, kinds: Sequence[EntryKind]) -> Count: ...

    async def prune_content(self, before: int, last: int, limit: int, entry: Callable[[Count], Entry]) -> Batch | None:
        """Segments of shares opened before (ms). None when nothing is left."""
        ...

    async def prune_entries(self, before: int, last: int, limit: int, entry: Callable[[Count], Entry]) -> Batch | None:
        """The leaves' data, and what is left of segments and index."""
        ...

    async def prune_records(
        self, before: int, kinds: Sequence[EntryKind], last: int, limit: int, entry: Callable[[Count], Entry]
    ) -> Batch | None: ...


class Retaining:
    def __init__(self, store: RetentionStore, rules: Retention | None, clock: Clock) -> None:
        """Raises ``ConfigurationError`` without rules: nothing is pruned by guess."""
        if rules is None:
            raise ConfigurationError("retention.yaml:1:1: #: the file is missing; nothing is pruned without it")
        self._store = store
        self._rules = rules
        self._clock = clock

    async def plan(self) -> Sequence[Due]:
        return [await self._due(name) for name in RecordClass]

    async def run(self, progress: Callable[[RecordClass, Count], None]) -> Mapping[RecordClass, Count]:
        """What was pruned, by class. May be stopped anywhere and run again."""
        done: dict[RecordClass, Count] = {}
        for name in RecordClass:
            before = self._before(name)
            if before is not None:
                done[name] = await self._prune(name, before, progress)
        return done

    async def _due(self, name: RecordClass) -> Due:
        kept, before = self._rules[name], self._before(name)
        count = Count()
        if before is not None and name is RecordClass.SHARE_CONTENT:
            count = await self._store.count_content(before)
        elif before is not None and name is RecordClass.SHARE_ENTRIES:
            count = await self._store.count_entries(before)
        elif before is not None and name in _RECORDS:
            count = await self._store.count_records(before, _RECORDS[name])
        return Due(name=name, months=kept.months, of=kept.of, source=kept.ref.source, before=before, count=count)

    async def _prune(self, name: RecordClass, before: int, progress: Callable[[RecordClass, Count], None]) -> Count:
        total, last = Count(), -1
        while (batch := await self._batch(name, before, last)) is not None:
            last = batch.last
            total = Count(total.entries + batch.count.entries, total.segments + batch.count.segments)
            progress(name, total)
        return total

    async def _batch(self, name: RecordClass, before: int, last: int) -> Batch | None:
        def entry(count: Count) -> Entry:
            facts: Mapping[str, Json] = {
                "class": name.value,
                "before": before,
                "entries": count.entries,
                "ciphertexts": count.segments,
                "rule": self._rules[name].ref.rule,
            }
            return record(EntryKind.RETENTION_PRUNE, self._clock.now(), facts)

        if name is RecordClass.SHARE_CONTENT:
            return await self._store.prune_content(before, last, BATCH, entry)
        if name is RecordClass.SHARE_ENTRIES:
            return await self._store.prune_entries(before, last, BATCH, entry)
        if name in _RECORDS:
            return await self._store.prune_records(before, _RECORDS[name], last, BATCH, entry)
        return None

    def _before(self, name: RecordClass) -> int | None:
        months = self._rules[name].months
        return None if months is None else months_before(self._clock.now(), months)


def months_before(at: int, months: int) -> int:
    """The same time of day, calendar months earlier; the last day of the month where it has no such day. In ms, UTC."""
    now = datetime.fromtimestamp(at / 1000, UTC)
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    for day in range(now.day, now.day - 4, -1):
        try:
            then = now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
        return int(then.timestamp() * 1000)
    raise ValueError(f"no day {now.day} to count from")
