from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from ai_gateway.consent.registry import ConsentRegistry, ConsentRequest
from ai_gateway.errors import ConsentConflict, RequestInvalid, SubjectUnknown
from ai_gateway.model import ConsentState, Purpose, Role, Subject, SubjectId
from registries import DANA, START, Registry, consent, dana, key_file, open_registry

pytestmark = pytest.mark.anyio
State = ConsentState


@pytest.fixture
async def stores(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Registry]:
    async with open_registry(sqlite_url, key_file(tmp_path)) as opened:
        await opened.subjects.put(dana())
        yield opened


@pytest.fixture
def consents(stores: Registry) -> ConsentRegistry:
    return ConsentRegistry(stores.consents, stores.subjects, stores.clock)


def says(state: State = State.GIVEN, subject: SubjectId = DANA, **fields: object) -> ConsentRequest:
    values: dict[str, object] = {
        "subject": subject,
        "purpose": Purpose.PROVIDE,
        "state": state,
        "notice_version": "2026-05-01",
        "channel": "settings-page",
    }
    return ConsentRequest(**(values | fields))  # type: ignore[arg-type]


async def _stands(stores: Registry) -> bool:
    return (await stores.consents.standing((DANA,))).standing(DANA, Purpose.PROVIDE) is not None


async def test_a_given_consent_stands_until_it_is_withdrawn(consents: ConsentRegistry, stores: Registry) -> None:
    event = await consents.record(says())
    assert event.id.startswith("cns_")
    assert event.at == START
    assert await _stands(stores)
    await consents.record(says(State.WITHDRAWN))
    assert not await _stands(stores)


async def test_the_event_returned_is_the_one_on_record(consents: ConsentRegistry, stores: Registry) -> None:
    event = await consents.record(says(at=START - 5, language="pt-BR", expires_at=START + 10))
    assert await stores.consents.history(DANA) == (event,)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.REFUSED, State.INVALIDATED, State.EXPIRED])
@pytest.mark.parametrize("before", [None, *State])
async def test_ending_consent_is_accepted_whatever_was_recorded(
    consents: ConsentRegistry, stores: Registry, before: State | None, state: State
) -> None:
    if before is not None:
        await stores.consents.append(consent(before, at=START + 1000))
    await consents.record(says(state, at=1))
    assert not await _stands(stores)


async def test_withdrawing_is_accepted_of_somebody_unregistered_and_of_somebody_erased(
    consents: ConsentRegistry, stores: Registry
) -> None:
    await consents.record(says(State.WITHDRAWN, SubjectId("nobody")))
    await stores.subjects.put(Subject(id=DANA, role=Role.CLIENT, erased=True))
    await consents.record(says(State.WITHDRAWN))
    for person in (SubjectId("nobody"), DANA):
        with pytest.raises(SubjectUnknown):
            await consents.record(says(State.GIVEN, person))


async def test_consent_can_be_given_again_after_anything(consents: ConsentRegistry, stores: Registry) -> None:
    for before in State:
        await stores.consents.append(consent(before))
        await consents.record(says())
        assert await _stands(stores)


@pytest.mark.parametrize("before", [None, State.REQUESTED, State.REFUSED, State.WITHDRAWN, State.INVALIDATED])
async def test_what_does_not_stand_and_did_not_run_out_cannot_be_renewed(
    consents: ConsentRegistry, stores: Registry, before: State | None
) -> None:
    if before is not None:
        await stores.consents.append(consent(before))
    with pytest.raises(ConsentConflict):
        await consents.record(says(State.RENEWED))
    assert not await _stands(stores)


async def test_a_consent_that_ran_out_by_itself_can_be_renewed(consents: ConsentRegistry, stores: Registry) -> None:
    await consents.record(says(expires_at=START + 10))
    stores.clock.at = START + 20
    assert not await _stands(stores)
    await consents.record(says(State.RENEWED, expires_at=START + 30))
    assert await _stands(stores)


@pytest.mark.parametrize("before", [State.GIVEN, State.RENEWED])
async def test_asking_again_does_not_end_a_consent_that_stands(
    consents: ConsentRegistry, stores: Registry, before: State
) -> None:
    await stores.consents.append(consent(before))
    with pytest.raises(ConsentConflict) as conflict:
        await consents.record(says(State.REQUESTED))
    assert conflict.value.facts["latest"] == before.value
    assert await _stands(stores)


async def test_a_consent_older_than_the_withdrawal_on_record_is_refused(
    consents: ConsentRegistry, stores: Registry
) -> None:
    await consents.record(says(State.WITHDRAWN, at=START - 10))
    with pytest.raises(ConsentConflict):
        await consents.record(says(at=START - 11))
    assert not await _stands(stores)
    await consents.record(says(at=START - 9))
    assert await _stands(stores)


async def test_a_replica_whose_clock_is_behind_records_in_order(consents: ConsentRegistry, stores: Registry) -> None:
    await consents.record(says(State.WITHDRAWN))
    stores.clock.at = START - 60_000
    assert (await consents.record(says())).at == START


async def test_consent_for_one_purpose_says_nothing_of_another(consents: ConsentRegistry, stores: Registry) -> None:
    await consents.record(says(purpose=Purpose.IMPROVE))
    with pytest.raises(ConsentConflict):
        await consents.record(says(State.RENEWED))
    await consents.record(says(State.WITHDRAWN))
    standing = await stores.consents.standing((DANA,))
    assert standing.standing(DANA, Purpose.IMPROVE) is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("notice_version", ""),
        ("notice_version", "a notice"),
        ("notice_version", "9" * 65),
        ("channel", "mail from dana@okafor.example"),
        ("language", "English"),
        ("at", START + 10 * 60_000),
        ("at", 0),
        ("expires_at", START),
    ],
)
async def test_what_is_not_of_the_documented_shape_is_refused_without_being_quoted(
    consents: ConsentRegistry, stores: Registry, field: str, value: object
) -> None:
    with pytest.raises(RequestInvalid, match=field) as refused:
        await consents.record(replace(says(), **{field: value}))  # type: ignore[arg-type]
    assert len(str(value)) < 3 or str(value) not in str(refused.value)
    assert await stores.consents.history(DANA) == ()


async def test_only_a_consent_has_an_end(consents: ConsentRegistry) -> None:
    with pytest.raises(RequestInvalid, match="expires_at"):
        await consents.record(says(State.WITHDRAWN, expires_at=START + 10))


async def test_every_mistake_is_told_at_once(consents: ConsentRegistry) -> None:
    with pytest.raises(RequestInvalid) as refused:
        await consents.record(says(notice_version="", channel="", language=""))
    assert str(refused.value).count(";") == 2
