"""``ports.CallerStore`` on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ai_gateway.adapters.sql_caller_store import SqlCallerStore
from ai_gateway.errors import CallerUnknown, NotFound
from ai_gateway.model import Caller, CallerId, Right
from ai_gateway.ports import key_id
from registries import START, Registry, key_file, open_registry

pytestmark = pytest.mark.anyio

SERVICE = CallerId("proposals")
BOTH = frozenset({Right.FEATURES, Right.AUDIT})
DEV_KEY = "a key from the settings"
DEV = Caller(id=CallerId("dev"), rights=frozenset(Right))


@pytest.fixture
async def registry(database_url: str, tmp_path: Path) -> AsyncIterator[Registry]:
    async with open_registry(database_url, key_file(tmp_path), configured={DEV_KEY: DEV}) as opened:
        yield opened


async def test_a_key_says_who_calls_and_with_which_rights(registry: Registry) -> None:
    made, presented = await registry.callers.create(SERVICE, BOTH)
    assert presented.startswith(f"agk_{made.id}_")
    assert await registry.callers.authenticate(presented) == Caller(id=SERVICE, rights=BOTH)


async def test_a_key_in_force_is_known_by_its_id_alone(registry: Registry) -> None:
    made, presented = await registry.callers.create(SERVICE, BOTH)
    assert key_id(presented) == made.id
    assert await registry.callers.in_force(made.id) == Caller(id=SERVICE, rights=BOTH)
    await registry.callers.revoke(made.id)
    for key in (made.id, "0" * 16, ""):
        with pytest.raises(CallerUnknown):
            await registry.callers.in_force(key)


async def test_a_key_with_no_rights_has_none(registry: Registry) -> None:
    _, presented = await registry.callers.create(SERVICE, frozenset())
    assert (await registry.callers.authenticate(presented)).rights == frozenset()


async def test_anything_but_a_whole_key_is_refused(registry: Registry) -> None:
    made, presented = await registry.callers.create(SERVICE, BOTH)
    other, _ = await registry.callers.create(SERVICE, BOTH)
    secret = presented.rpartition("_")[2]
    wrong = [
        "",
        "agk_",
        presented[:-1],
        presented + "0",
        presented + "\n",
        presented.upper(),
        f"agk_{made.id}_{'0' * 64}",
        f"agk_{other.id}_{secret}",
        f"agk_{'0' * 16}_{secret}",
        secret,
        "\udc80",
        "x" * 100_000,
    ]
    await registry.callers.authenticate(presented)
    for text_ in wrong:
        with pytest.raises(CallerUnknown):
            await registry.callers.authenticate(text_)


async def test_a_revoked_key_is_refused_at_once_where_it_was_revoked(registry: Registry) -> None:
    made, presented = await registry.callers.create(SERVICE, BOTH)
    _, other = await registry.callers.create(SERVICE, BOTH)
    await registry.callers.authenticate(presented)
    await registry.callers.revoke(made.id)
    with pytest.raises(CallerUnknown):
        await registry.callers.authenticate(presented)
    await registry.callers.authenticate(other)


async def test_a_revoked_key_is_refused_everywhere_within_five_seconds(registry: Registry) -> None:
    now = [0.0]
    replica = SqlCallerStore(registry.database, registry.seal, registry.clock, monotonic=lambda: now[0])
    made, presented = await registry.callers.create(SERVICE, BOTH)
    await replica.authenticate(presented)
    await registry.callers.revoke(made.id)
    now[0] = 4.9
    with pytest.raises(CallerUnknown):
        await replica.authenticate(presented)


async def test_a_wrong_secret_is_refused_while_the_right_one_is_believed(registry: Registry) -> None:
    made, presented = await registry.callers.create(SERVICE, BOTH)
    await registry.callers.authenticate(presented)
    with pytest.raises(CallerUnknown):
        await registry.callers.authenticate(f"agk_{made.id}_{'f' * 64}")


async def test_revoking_twice_keeps_the_first_time_and_an_unknown_key_is_said(registry: Registry) -> None:
    made, _ = await registry.callers.create(SERVICE, BOTH)
    await registry.callers.revoke(made.id)
    registry.clock.at = START + 1000
    await registry.callers.revoke(made.id)
    (listed,) = await registry.callers.listed()
    assert listed.revoked_at == START
    with pytest.raises(NotFound):
        await registry.callers.revoke("0" * 16)


async def test_keys_are_listed_oldest_first_without_their_secrets(registry: Registry) -> None:
    made = []
    for n in range(3):
        registry.clock.at = START + n
        key, presented = await registry.callers.create(CallerId(f"service {n}"), BOTH)
        made.append(key)
        assert presented.rpartition("_")[2] not in repr(key)
    assert list(await registry.callers.listed()) == made


async def test_the_database_holds_no_secret(registry: Registry) -> None:
    _, presented = await registry.callers.create(SERVICE, BOTH)
    secret = presented.rpartition("_")[2]
    (row,) = await registry.database.read(lambda connection: connection.execute(text("SELECT * FROM api_key")).all())
    stored = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert secret.encode() not in stored
    assert bytes.fromhex(secret) not in stored


async def test_a_key_from_the_settings_works_and_is_not_listed(registry: Registry) -> None:
    assert await registry.callers.authenticate(DEV_KEY) == DEV
    assert await registry.callers.listed() == ()
    with pytest.raises(CallerUnknown):
        await registry.callers.authenticate(DEV_KEY + " ")
