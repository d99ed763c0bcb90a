"""People's keys, over a real SQLite file."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from ai_gateway.adapters.schema import subject_key
from ai_gateway.adapters.sql_engine import Database, open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.errors import KeyUnavailable
from ai_gateway.model import SubjectId
from ai_gateway.sharelog.keys import PersonKeys
from share_samples import key_file

pytestmark = pytest.mark.anyio
ANN, BEN = SubjectId("ann of the wolds"), SubjectId("ben of the fens")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'data' / 'gateway.db'}"
    await migrate(url)
    database = open_database(url)
    yield database
    await database.close()


class Watch:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def people(database: Database, folder: Path, **options: object) -> PersonKeys:
    return PersonKeys(SqlShareStore(database), key_file(folder), **options)  # type: ignore[arg-type]


async def test_a_person_keeps_one_key_and_no_two_share_one(database: Database, tmp_path: Path) -> None:
    first = await people(database, tmp_path).of((ANN, BEN))
    again = await people(database, tmp_path).of((BEN, ANN))
    assert first[ANN] == again[ANN]
    assert first[BEN] == again[BEN]
    assert len({first[ANN].root, first[BEN].root, first[ANN].tag_key, first[ANN].ref}) == 4


async def test_replicas_that_meet_a_person_at_once_agree_on_the_key(database: Database, tmp_path: Path) -> None:
    replicas = [people(database, tmp_path) for _ in range(8)]
    found = await asyncio.gather(*(replica.of((ANN, BEN)) for replica in replicas))
    assert all(keys == found[0] for keys in found)


async def test_a_reference_is_random_and_says_nothing_of_the_id(database: Database, tmp_path: Path) -> None:
    refs = await people(database, tmp_path).subject_refs((ANN,))
    (tmp_path / "elsewhere").mkdir()
    url = f"sqlite:///{tmp_path / 'elsewhere' / 'gateway.db'}"
    await migrate(url)
    other = open_database(url)
    assert await people(other, tmp_path).subject_refs((ANN,)) != refs
    assert len(refs[ANN]) == 16
    await other.close()


async def test_looking_for_a_person_makes_no_key(database: Database, tmp_path: Path) -> None:
    assert await people(database, tmp_path).known(ANN) is None
    assert await people(database, tmp_path).known(ANN) is None


async def test_a_destroyed_key_is_held_no_longer_than_told(database: Database, tmp_path: Path) -> None:
    watch = Watch()
    keys = people(database, tmp_path, held_for=60.0, now=watch)
    before = (await keys.of((ANN,)))[ANN]
    await database.write(lambda connection: connection.execute(delete(subject_key)))
    watch.at = 59.0
    assert (await keys.of((ANN,)))[ANN] == before
    watch.at = 60.0
    with pytest.raises(KeyUnavailable):
        await keys.of((ANN,))


async def test_forgetting_drops_every_key(database: Database, tmp_path: Path) -> None:
    keys = people(database, tmp_path)
    await keys.of((ANN,))
    await database.write(lambda connection: connection.execute(delete(subject_key)))
    keys.forget()
    assert await keys.known(ANN) is None


async def test_only_so_many_keys_are_held(database: Database, tmp_path: Path) -> None:
    keys = people(database, tmp_path, held_at_most=2)
    await keys.of([SubjectId(f"person {number}") for number in range(5)])
    assert len(keys._held) == 2


async def test_the_database_holds_no_key_in_clear(database: Database, tmp_path: Path) -> None:
    key = (await people(database, tmp_path).of((ANN,)))[ANN]
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert key.ref in stored
    assert key.root not in stored
    assert key.tag_key not in stored
    assert b"of the wolds" not in stored
