"""Shares for auditors to read, about people of their own, through a whole gateway; and what befalls them afterwards."""

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from ai_gateway.adapters.sql_retention_store import SqlRetentionStore
from ai_gateway.app.stores import Stores, eraser_of, open_stores
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model import ShareId, SubjectId
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.model.ids import new_hold_id
from ai_gateway.sharelog.erase import Eraser, Progress
from ai_gateway.sharelog.erasure import Basis, Hold, HoldReason, Verification
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.sharelog.record import record
from ai_gateway.sharelog.retention import Count
from api_gateway import DRAFT, Running, register, run_of
from share_samples import TickingClock, completion, intent

SAMPLE = ("pro_17", "cli_9", "cli_12")
HOUR = 3_600_000


def among(suffix: str, value: Any) -> Any:
    """The same about other people: each sample id with this behind it."""
    return json.loads(re.sub(rf'"({"|".join(SAMPLE)})"', rf'"\1{suffix}"', json.dumps(value)))


async def shared(gateway: Running, suffix: str = "", **changed: Any) -> ShareId:
    """A share about the sample people, or about others like them, who are registered first."""
    if suffix:
        await register(gateway.client, lambda value: among(suffix, value))
    answer = await gateway.client.post(f"{DRAFT}/runs", json={**among(suffix, run_of()), **changed})
    assert answer.status_code == 200, answer.text
    return ShareId(answer.json()["shares"][-1]["id"])


async def refused(gateway: Running) -> None:
    answer = await gateway.client.post(f"{DRAFT}/runs", json={**run_of(), "actor": "cli_12"})
    assert answer.status_code == 403


async def in_doubt(gateway: Running, hours_ago: int = 1) -> ShareId:
    """As a process leaves it that stops before the outcome."""
    async with stores_of(gateway) as stores:
        clock = TickingClock(time.time_ns() // 1_000_000 - hours_ago * HOUR)
        async with ShareLog(store=stores.shares, keys=stores.keys, clock=clock) as log:
            return (await log.begin(intent())).id


async def pruned(gateway: Running) -> ShareId:
    """A settled share of two years ago, whose retention has run."""
    two_years_ago = time.time_ns() // 1_000_000 - 2 * 365 * 24 * HOUR
    async with stores_of(gateway) as stores:
        async with ShareLog(store=stores.shares, keys=stores.keys, clock=TickingClock(two_years_ago)) as log:
            recording = await log.begin(intent())
            async with recording:
                recording.answered(completion())
        store = SqlRetentionStore(stores.database)

        def entry(count: Count) -> Entry:
            return record(EntryKind.RETENTION_PRUNE, stores.clock.now(), {"entries": count.entries})

        assert await store.prune_content(two_years_ago + HOUR, -1, 10, entry) is not None
        assert await store.prune_entries(two_years_ago + HOUR, -1, 10, entry) is not None
    return recording.id


async def erased(gateway: Running, *subjects: str) -> None:
    """By another process, as the command does it."""
    policies = gateway.services.gateway.catalogue.policies
    async with stores_of(gateway) as stores:
        eraser = eraser_of(stores, gateway.settings, policies.vendors)
        for subject in subjects:
            assert (await _ended(eraser, SubjectId(subject))).waits_for is None


async def _ended(eraser: Eraser, subject: SubjectId) -> Progress:
    """Run again while the gateway's own readers keep the database from letting go of the bytes, as it says to."""
    for _ in range(20):
        with suppress(StoreUnavailable):
            return await eraser.erase(subject, Verification.REASONABLY_HIGH, Basis.CCPA_DELETE)
    raise AssertionError("somebody reads all the time")


async def held(gateway: Running, subject: str) -> None:
    """An erasure that a legal hold stops before anything is shredded."""
    policies = gateway.services.gateway.catalogue.policies
    async with stores_of(gateway) as stores:
        eraser = eraser_of(stores, gateway.settings, policies.vendors)
        at = stores.clock.now()
        hold = Hold(id=new_hold_id(), reason=HoldReason.LITIGATION, authority="case 26-114", placed_at=at)
        mark = stores.wrapper.blind(subject.encode())
        await eraser.store.place_hold(mark, hold, record(EntryKind.HOLD, at, {"hold": hold.id}))
        waits = await eraser.erase(SubjectId(subject), Verification.ACCOUNT, Basis.GDPR_ERASE)
        assert waits.waits_for == "legal-hold"


async def signed(gateway: Running) -> str:
    """A checkpoint of the log as it is now; the verifier key."""
    async with stores_of(gateway) as stores:
        assert stores.publisher is not None
        await stores.publisher.publish()
        return stores.publisher.key


async def entries(gateway: Running) -> int:
    size: int = (await gateway.app.state.console.log.tree()).size
    return size


async def newest_entry(gateway: Running) -> dict[str, Any]:
    """The leaf of the newest entry."""
    log = gateway.app.state.console.log
    [leaf] = await log.leaves(await entries(gateway) - 1, 1)
    said: dict[str, Any] = json.loads(leaf.leaf)
    return said


@asynccontextmanager
async def stores_of(gateway: Running) -> AsyncIterator[Stores]:
    async with open_stores(gateway.settings) as stores:
        yield stores
