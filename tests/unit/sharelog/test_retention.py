"""Retention: what is due goes, the tree stays byte for byte, and holds and unsettled shares keep what is theirs."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

import person_samples
import share_samples as samples
from ai_gateway.adapters.schema import leaf, segment, subject_index
from ai_gateway.adapters.sql_retention_store import SqlRetentionStore
from ai_gateway.errors import ConfigurationError, StoreUnavailable
from ai_gateway.model import CallerId
from ai_gateway.model.entries import EntryKind
from ai_gateway.policies.vocabulary import RecordClass
from ai_gateway.sharelog import retention
from ai_gateway.sharelog.erasure import Hold, HoldReason
from ai_gateway.sharelog.merkle import extend, root
from ai_gateway.sharelog.reads import Reading
from ai_gateway.sharelog.record import record
from ai_gateway.sharelog.retention import Count, Retaining, months_before
from person_samples import House

pytestmark = pytest.mark.anyio

MONTH_MS = 31 * 86_400_000


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with person_samples.house(database_url, tmp_path) as opened:
        yield opened


def retaining(house: House) -> Retaining:
    return Retaining(SqlRetentionStore(house.database), house.policies.retention, house.clock)


async def run(house: House) -> Mapping[RecordClass, Count]:
    return await retaining(house).run(lambda _name, _count: None)


async def test_content_goes_first_and_entries_later_and_every_hash_stays(house: House) -> None:
    await house.share(3)
    size = (await house.store.tree()).size
    state = await house.store.tree()
    before = root(state.size, state.frontier)
    house.clock.at += 14 * MONTH_MS
    assert (await run(house))[RecordClass.SHARE_CONTENT] == Count(entries=3, segments=18)
    told = await house.discloser.disclose(samples.CLIENT, person_samples.ALWAYS, Reading(CallerId("desk")), prove=True)
    shares = told["shares"]
    assert isinstance(shares, list)
    assert [share["contents"] for share in shares] == ["deleted"] * 3, "that it was shared is still told"
    house.clock.at += 12 * MONTH_MS
    pruned = await run(house)
    assert pruned[RecordClass.SHARE_ENTRIES].entries == 6
    leaves = await house.store.leaves(0, size)
    assert all(one.leaf is None for one in leaves)
    assert root(*extend(0, b"", [one.leaf_hash for one in leaves])) == before
    everything = await house.store.leaves(0, 1_000)
    grown = await house.store.tree()
    assert extend(0, b"", [one.leaf_hash for one in everything]) == (grown.size, grown.frontier)


async def test_the_plan_says_what_the_run_does_and_the_entries_say_what_was_done(house: House) -> None:
    await house.share(2)
    house.clock.at += 14 * MONTH_MS
    plan = {due.name: due.count for due in await retaining(house).plan()}
    done = await run(house)
    assert done[RecordClass.SHARE_CONTENT] == plan[RecordClass.SHARE_CONTENT] == Count(2, 12)
    last = json.loads((await samples.all_leaves(house.store))[-1])
    assert (last["type"], last["class"], last["entries"], last["ciphertexts"]) == (
        "retention.prune",
        "share_content",
        2,
        12,
    )
    assert last["rule"] == "retention.yaml#/classes/share_content"
    again = await run(house)
    assert again[RecordClass.SHARE_CONTENT] == Count()
    assert len(await samples.all_leaves(house.store)) == 5, "nothing due, nothing entered"


async def test_batches_go_on_where_they_were(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    await house.share(5)
    house.clock.at += 14 * MONTH_MS
    assert (await run(house))[RecordClass.SHARE_CONTENT] == Count(5, 30)
    kinds = [json.loads(one)["type"] for one in await samples.all_leaves(house.store)]
    assert kinds.count("retention.prune") == 3


async def test_what_a_hold_covers_stays(house: House) -> None:
    await house.share(2)
    mark = house.wrapper.blind(samples.CLIENT.encode())
    hold = Hold(id="hld_1", reason=HoldReason.LITIGATION, authority="Case 4711", placed_at=1)
    await house.erasures.place_hold(mark, hold, record(EntryKind.HOLD, 1, {"hold": hold.id}))
    house.clock.at += 26 * MONTH_MS
    done = await run(house)
    assert done[RecordClass.SHARE_CONTENT] == done[RecordClass.SHARE_ENTRIES] == Count()
    await house.erasures.lift_hold(hold.id, record(EntryKind.HOLD, 2, {"hold": hold.id}), 2)
    assert (await run(house))[RecordClass.SHARE_CONTENT] == Count(2, 12)


async def test_a_share_in_doubt_stays_until_it_is_settled(house: House) -> None:
    await house.log.begin(samples.intent())
    house.clock.at += 14 * MONTH_MS
    assert (await run(house))[RecordClass.SHARE_CONTENT] == Count()
    await house.log.settle_in_doubt(house.clock.now())
    assert (await run(house))[RecordClass.SHARE_CONTENT].entries == 1


async def test_records_of_reading_go_after_two_years_and_those_of_requests_after_three(house: House) -> None:
    (share,) = await house.share()
    await house.on_record.share(Reading(CallerId("auditors")), share)
    await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
    house.clock.at += 25 * MONTH_MS
    done = await run(house)
    assert (done[RecordClass.READ_RECORDS].entries, done[RecordClass.REQUEST_RECORDS].entries) == (1, 0)
    house.clock.at += 12 * MONTH_MS
    assert (await run(house))[RecordClass.REQUEST_RECORDS].entries == 4
    assert await house.eraser.status(samples.CLIENT) is not None, "the suppression stays"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaf SET data = leaf_hash",
        "UPDATE leaf SET data = NULL, leaf_hash = data",
        "UPDATE leaf SET data = NULL, idx = idx + 100",
        "DELETE FROM leaf",
        "UPDATE segment SET ct = ct",
        "UPDATE key_state SET epoch = 0",
    ],
)
async def test_the_database_lets_a_leaf_lose_its_data_and_nothing_else(house: House, statement: str) -> None:
    await house.share()
    with pytest.raises(StoreUnavailable):
        await house.database.write(lambda connection: connection.execute(text(statement)).close())


async def test_nothing_is_left_of_a_pruned_share_beside_the_tree(house: House) -> None:
    await house.share(2)
    house.clock.at += 25 * MONTH_MS
    await run(house)

    def left(table: object, column: object) -> object:
        return select(func.count()).select_from(table).where(column < 4)  # type: ignore[arg-type,operator]

    for table, column in ((segment, segment.c.idx), (subject_index, subject_index.c.idx)):
        query = left(table, column)
        assert await house.database.read(lambda connection, query=query: connection.execute(query).scalar_one()) == 0  # type: ignore[misc]
    data = select(func.count()).select_from(leaf).where(leaf.c.idx < 4, leaf.c.data.is_not(None))
    assert await house.database.read(lambda connection: connection.execute(data).scalar_one()) == 0


async def test_without_rules_nothing_is_pruned_by_guess(house: House) -> None:
    with pytest.raises(ConfigurationError):
        Retaining(SqlRetentionStore(house.database), None, house.clock)


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ((2026, 11, 24), 13, (2025, 10, 24)),
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2024, 3, 30), 1, (2024, 2, 29)),
        ((2026, 1, 1), 24, (2024, 1, 1)),
        ((2026, 12, 31), 12, (2025, 12, 31)),
    ],
)
def test_months_are_those_of_the_calendar(now: tuple[int, int, int], months: int, then: tuple[int, int, int]) -> None:
    at = int(datetime(*now, 12, tzinfo=UTC).timestamp() * 1000)
    assert datetime.fromtimestamp(months_before(at, months) / 1000, UTC) == datetime(*then, 12, tzinfo=UTC)
