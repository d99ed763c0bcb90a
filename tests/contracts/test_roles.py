"""PostgreSQL's roles, as `doctor --print-grants` makes them: the application reads and inserts, the keeper erases and
prunes, and neither can change the past."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

import person_samples
import share_samples as samples
from ai_gateway.adapters.sql_grants import APPLICATION, KEEPER, grants
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_retention_store import SqlRetentionStore
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model import CallerId, Role, Subject
from ai_gateway.sharelog.fsck import fsck
from ai_gateway.sharelog.reads import Reading
from ai_gateway.sharelog.retention import Retaining
from ai_gateway.sharelog.rotation import rotate

pytestmark = pytest.mark.anyio

READING = Reading(CallerId("desk"))
TWO_YEARS = 25 * 31 * 86_400_000
PAST = ("leaf", "segment", "subject_index", "share", "record", "checkpoint", "tree_state", "consent_event", "beat")


@pytest.fixture
async def roles(postgres_url: str) -> dict[str, str]:
    """URLs by role, on a database that its owner has migrated and granted."""
    await migrate(postgres_url)
    connection = await asyncpg.connect(postgres_url)
    for role in (APPLICATION, KEEPER):
        await connection.execute(
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    version = connection.get_server_version().major
    statements = "\n".join(grants())
    await connection.execute(statements if version >= 17 else statements.replace(", MAINTAIN", ""))
    await connection.close()
    parts = urlsplit(postgres_url)
    host = parts.netloc.rpartition("@")[2]
    return {role: parts._replace(netloc=f"{role}@{host}").geturl() for role in (APPLICATION, KEEPER)}


async def refused(url: str, statements: list[str], why: type[Exception] | tuple[type[Exception], ...]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            with pytest.raises(why):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_application_does_all_it_is_for_with_its_rights(roles: dict[str, str], tmp_path: Path) -> None:
    async with person_samples.house(roles[APPLICATION], tmp_path) as house:
        await house.subjects.put(Subject(id=samples.CLIENT, role=Role.CLIENT))
        await house.share(3)
        await house.publisher.publish()
        told = await house.discloser.disclose(samples.CLIENT, person_samples.ALWAYS, READING, prove=True)
        assert json.dumps(told["confirmation"]).startswith('{"shared_with_generative_ai_vendors": true, "shares": 3')
        assert (await house.on_record.shares(READING)).shares
        assert (await fsck(house.tree, told=lambda _size: None)).faults == []
        await house.continuity.beat()
        assert (await house.continuity.accept(None)).size == (await house.store.tree()).size


async def test_the_application_cannot_change_or_delete(roles: dict[str, str], tmp_path: Path) -> None:
    async with person_samples.house(roles[APPLICATION], tmp_path) as house:
        await house.share()
        await house.publisher.publish()
    denied = (asyncpg.InsufficientPrivilegeError,)
    statements = [f"{verb} {table}" for table in PAST for verb in ("DELETE FROM", "TRUNCATE", "DROP TABLE")]
    statements += [
        "INSERT INTO beat VALUES (2, 0, 0)",
        "UPDATE leaf SET data = NULL",
        "UPDATE leaf SET leaf_hash = leaf_hash",
        "UPDATE segment SET ct = ct",
        "UPDATE share SET at = 0",
        "UPDATE checkpoint SET note = ''",
        "UPDATE consent_event SET state = 'given'",
        "UPDATE subject_key SET wrapped = wrapped",
        "DELETE FROM subject_key",
        "DELETE FROM suppression",
        "UPDATE suppression SET shredded = 0",
        "DELETE FROM legal_hold",
        "UPDATE key_state SET epoch = 0",
        "ALTER TABLE leaf DISABLE TRIGGER ALL",
        "DROP TRIGGER leaf_never_changes ON leaf",
        "SET session_replication_role = replica",
        "CREATE TABLE another (id int)",
    ]
    await refused(roles[APPLICATION], statements, denied)
    # What an append needs it may, and the triggers hold it to growing.
    await refused(
        roles[APPLICATION],
        ["UPDATE tree_state SET size = 0", "UPDATE share SET outcome_idx = 0"],
        (asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError),
    )


async def test_the_application_cannot_erase_and_the_keeper_can(roles: dict[str, str], tmp_path: Path) -> None:
    async with person_samples.house(roles[APPLICATION], tmp_path) as house:
        await house.share(2)
        with pytest.raises(StoreUnavailable):
            await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
        assert await house.keys.known(samples.CLIENT) is not None
    async with person_samples.house(roles[KEEPER], tmp_path) as house:
        house.clock.at += 16 * 60 * 1000
        done = await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
        assert done.waits_for is None
        rotated = await rotate(house.wrapper, house.key_store, house.clock, lambda _count: None)
        assert rotated.destroyed == (1,)
        house.clock.at += TWO_YEARS
        retaining = Retaining(SqlRetentionStore(house.database), house.policies.retention, house.clock)
        pruned = await retaining.run(lambda _name, _count: None)
        assert sum(count.entries for count in pruned.values()) > 0
        await house.publisher.publish()
        assert (await fsck(house.tree, told=lambda _size: None)).faults == []
    async with person_samples.house(roles[APPLICATION], tmp_path) as house:
        assert await house.keys.known(samples.CLIENT) is None


async def test_the_keeper_cannot_change_the_past_either(roles: dict[str, str], tmp_path: Path) -> None:
    async with person_samples.house(roles[KEEPER], tmp_path) as house:
        await house.share()
    await refused(
        roles[KEEPER],
        [
            "UPDATE leaf SET leaf_hash = 'x'",
            "UPDATE leaf SET data = 'x'",
            "DELETE FROM leaf",
            "TRUNCATE leaf",
            "DELETE FROM checkpoint",
            "DELETE FROM record",
            "DELETE FROM suppression",
            "DELETE FROM erasure",
            "ALTER TABLE leaf DISABLE TRIGGER ALL",
        ],
        (asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError),
    )
