"""``ports.SubjectStore`` on SQLite, on PostgreSQL, and on PostgreSQL behind the replicas' cache."""

import asyncio

import pytest
from sqlalchemy import delete, text, update

from ai_gateway.adapters.registry_schema import subject as table
from ai_gateway.adapters.schema import subject_key, subject_map
from ai_gateway.errors import KeyUnavailable, SubjectConflict, SubjectUnknown
from ai_gateway.model import Choices, Known, Subject, SubjectId
from registries import CHOICES, DANA, SAM, Open, Registry, dana, sam

pytestmark = pytest.mark.anyio


def _same(found: Subject, put: Subject) -> bool:
    return found == put and found.known == put.known


async def test_whoever_was_put_is_found_with_everything_known_of_them(registry: Registry) -> None:
    await registry.subjects.put(dana())
    await registry.subjects.put(sam())
    found = await registry.subjects.get((DANA, SAM, SubjectId("nobody")))
    assert set(found) == {DANA, SAM}
    assert _same(found[DANA], dana())
    assert _same(found[SAM], sam())


async def test_asking_for_nobody_finds_nobody(registry: Registry) -> None:
    assert await registry.subjects.get(()) == {}


async def test_putting_again_replaces_all_but_the_choices(registry: Registry) -> None:
    await registry.subjects.put(dana())
    await registry.subjects.choose(DANA, CHOICES)
    changed = Subject(id=DANA, role=dana().role, known=Known(names=("D. Okafor",)), restricted=True, choices=Choices())
    await registry.subjects.put(changed)
    found = (await registry.subjects.get((DANA,)))[DANA]
    assert found.known == changed.known
    assert found.restricted
    assert found.region is None
    assert found.choices == CHOICES


async def test_choices_replace_earlier_ones(registry: Registry) -> None:
    await registry.subjects.put(dana())
    await registry.subjects.choose(DANA, CHOICES)
    await registry.subjects.choose(DANA, Choices(limit_sensitive=True))
    assert (await registry.subjects.get((DANA,)))[DANA].choices == Choices(limit_sensitive=True)


async def test_choices_of_somebody_unregistered_are_refused(registry: Registry) -> None:
    with pytest.raises(SubjectUnknown):
        await registry.subjects.choose(DANA, CHOICES)
    assert await registry.subjects.get((DANA,)) == {}


async def test_an_erased_person_is_known_to_be_erased_and_nothing_more(registry: Registry) -> None:
    await registry.subjects.put(dana())
    await registry.subjects.choose(DANA, CHOICES)
    await registry.subjects.put(Subject(id=DANA, role=dana().role, known=dana().known, erased=True))
    found = (await registry.subjects.get((DANA,)))[DANA]
    assert found.erased
    assert found.known == Known()
    assert found.choices == Choices()
    with pytest.raises(SubjectUnknown):
        await registry.subjects.choose(DANA, CHOICES)


async def test_an_erasure_is_not_taken_back(registry: Registry) -> None:
    await registry.subjects.put(Subject(id=DANA, role=dana().role, erased=True))
    with pytest.raises(SubjectConflict):
        await registry.subjects.put(dana())
    assert (await registry.subjects.get((DANA,)))[DANA].erased


async def test_destroying_a_persons_key_erases_them_here_too(registry: Registry) -> None:
    await registry.subjects.put(dana())
    ref = (await registry.keys.subject_refs((DANA,)))[DANA]
    await registry.database.write(
        lambda connection: connection.execute(delete(subject_key).where(subject_key.c.subject_ref == ref)).close()
    )
    assert (await registry.subjects.get((DANA,)))[DANA].erased
    with pytest.raises(SubjectUnknown):
        await registry.subjects.choose(DANA, CHOICES)
    with pytest.raises(SubjectConflict):
        await registry.subjects.put(dana())


async def test_a_key_made_anew_after_an_erasure_brings_nobody_back(registry: Registry) -> None:
    await registry.subjects.put(dana())
    for gone in (subject_key, subject_map):
        await registry.database.write(lambda connection, gone=gone: connection.execute(delete(gone)).close())  # type: ignore[misc]
    registry.keys.forget()
    await registry.keys.of((DANA,))
    assert (await registry.subjects.get((DANA,)))[DANA].erased
    with pytest.raises(SubjectConflict):
        await registry.subjects.put(dana())


async def test_a_row_sealed_for_somebody_else_is_not_opened(registry: Registry) -> None:
    await registry.subjects.put(dana())
    await registry.subjects.put(sam())
    rows = await registry.database.read(lambda connection: connection.execute(table.select()).all())
    swap = {rows[0].tag: rows[1].document, rows[1].tag: rows[0].document}
    for tag, document in swap.items():
        change = update(table).where(table.c.tag == tag).values(document=document)
        await registry.database.write(lambda connection, change=change: connection.execute(change).close())  # type: ignore[misc]
    with pytest.raises(KeyUnavailable):
        await registry.subjects.get((DANA,))


async def test_no_row_holds_an_id_or_a_name_in_clear(registry: Registry) -> None:
    await registry.subjects.put(dana())
    await registry.subjects.choose(DANA, CHOICES)
    (row,) = await registry.database.read(lambda connection: connection.execute(text("SELECT * FROM subject")).all())
    stored = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for trace in (DANA.encode(), b"Dana", b"Okafor", b"okafor.example", b"danabuilds", b"proposal_draft", b"US-CA"):
        assert trace not in stored


async def test_people_put_at_once_by_two_replicas_are_all_there(registry: Registry, another: Open) -> None:
    async with another() as other:
        both = (registry, other) * 6
        await asyncio.gather(*(replica.subjects.put(dana()) for replica in both))
        await asyncio.gather(
            *(replica.subjects.put(Subject(id=SubjectId(f"p{n}"), role=dana().role)) for n, replica in enumerate(both))
        )
        found = await other.subjects.get((DANA, *(SubjectId(f"p{n}") for n in range(12))))
        assert len(found) == 13
        assert _same(found[DANA], dana())


async def test_a_put_that_meets_an_erasure_never_undoes_it(registry: Registry, another: Open) -> None:
    gone = Subject(id=DANA, role=dana().role, erased=True)
    await registry.subjects.put(dana())
    async with another() as other:
        puts = [registry.subjects.put(dana()) for _ in range(5)]
        await asyncio.gather(*puts, other.subjects.put(gone), return_exceptions=True)
        assert (await registry.subjects.get((DANA,)))[DANA].erased
