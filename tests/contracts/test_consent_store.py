"""``ports.ConsentStore`` on SQLite, on PostgreSQL, and on PostgreSQL behind the replicas' cache."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from ai_gateway.errors import ConsentConflict, StoreUnavailable
from ai_gateway.model import ConsentState, Purpose
from registries import DANA, SAM, START, Open, Registry, consent, key_file, open_registry

pytestmark = pytest.mark.anyio


async def test_events_are_told_in_the_order_of_appending_whatever_their_clocks_say(registry: Registry) -> None:
    events = [
        consent(at=START - n, purpose=purpose) for n, purpose in enumerate((Purpose.PROVIDE, Purpose.IMPROVE) * 3)
    ]
    for event in events:
        await registry.consents.append(event)
    assert await registry.consents.history(DANA) == tuple(events)
    assert await registry.consents.history(SAM) == ()


async def test_the_latest_event_per_person_and_purpose_stands(registry: Registry) -> None:
    given, improve, sams = consent(), consent(purpose=Purpose.IMPROVE), consent(subject=SAM)
    withdrawn = consent(ConsentState.WITHDRAWN, at=START - 1)
    for event in (given, improve, sams, withdrawn):
        await registry.consents.append(event)
    standing = await registry.consents.standing((DANA, SAM))
    assert standing.latest == {
        (DANA, Purpose.PROVIDE): withdrawn,
        (DANA, Purpose.IMPROVE): improve,
        (SAM, Purpose.PROVIDE): sams,
    }
    assert standing.standing(DANA, Purpose.PROVIDE) is None
    assert standing.standing(DANA, Purpose.IMPROVE) == improve
    assert (await registry.consents.standing((SAM,))).latest == {(SAM, Purpose.PROVIDE): sams}
    assert (await registry.consents.standing(())).latest == {}


async def test_a_consent_that_ran_out_does_not_stand(registry: Registry) -> None:
    event = consent(expires_at=START + 10)
    await registry.consents.append(event)
    registry.clock.at = START + 9
    assert (await registry.consents.standing((DANA,))).standing(DANA, Purpose.PROVIDE) == event
    registry.clock.at = START + 10
    assert (await registry.consents.standing((DANA,))).standing(DANA, Purpose.PROVIDE) is None


async def test_an_event_is_appended_after_the_expected_one_only(registry: Registry) -> None:
    first, second, third = consent(), consent(ConsentState.WITHDRAWN), consent(ConsentState.RENEWED)
    await registry.consents.append_after(first, None)
    with pytest.raises(ConsentConflict):
        await registry.consents.append_after(third, None)
    await registry.consents.append_after(second, first.id)
    with pytest.raises(ConsentConflict) as conflict:
        await registry.consents.append_after(third, first.id)
    assert conflict.value.facts["latest"] == "withdrawn"
    assert await registry.consents.history(DANA) == (first, second)


async def test_what_is_expected_is_of_the_same_purpose(registry: Registry) -> None:
    other, first = consent(purpose=Purpose.IMPROVE), consent()
    await registry.consents.append(other)
    await registry.consents.append_after(first, None)
    assert len(await registry.consents.history(DANA)) == 2


async def test_of_many_who_expect_the_same_event_one_goes_in(registry: Registry, another: Open) -> None:
    first = consent()
    await registry.consents.append(first)
    async with another() as other:
        attempts = [
            replica.consents.append_after(consent(ConsentState.RENEWED), first.id) for replica in (registry, other) * 5
        ]
        ends = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(end is None for end in ends) == 1
    assert sum(isinstance(end, ConsentConflict) for end in ends) == 9
    assert len(await registry.consents.history(DANA)) == 2


async def test_events_appended_at_once_by_two_replicas_are_all_kept(registry: Registry, another: Open) -> None:
    events = [consent() for _ in range(12)]
    async with another() as other:
        await asyncio.gather(
            *(replica.consents.append(event) for replica, event in zip((registry, other) * 6, events, strict=True))
        )
        told = await other.consents.history(DANA)
    assert {event.id for event in told} == {event.id for event in events}
    assert told == await registry.consents.history(DANA)


@pytest.mark.parametrize("statement", ["UPDATE consent_event SET state = 'given'", "DELETE FROM consent_event"])
async def test_the_database_itself_refuses_to_change_or_remove_an_event(registry: Registry, statement: str) -> None:
    event = consent(ConsentState.WITHDRAWN)
    await registry.consents.append(event)
    with pytest.raises(StoreUnavailable):
        await registry.database.write(lambda connection: connection.execute(text(statement)).close())
    assert await registry.consents.history(DANA) == (event,)


async def test_no_row_holds_an_id_in_clear(registry: Registry) -> None:
    await registry.consents.append(consent())
    (row,) = await registry.database.read(
        lambda connection: connection.execute(text("SELECT * FROM consent_event")).all()
    )
    assert all(DANA.encode() not in (value if isinstance(value, bytes) else str(value).encode()) for value in row)


async def test_postgres_refuses_to_empty_the_table(postgres_url: str, tmp_path: Path) -> None:
    async with open_registry(postgres_url, key_file(tmp_path)) as registry:
        event = consent()
        await registry.consents.append(event)
        with pytest.raises(StoreUnavailable):
            await registry.database.write(lambda connection: connection.execute(text("TRUNCATE consent_event")).close())
        assert await registry.consents.history(DANA) == (event,)
