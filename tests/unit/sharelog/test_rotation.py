"""Key epochs: every surviving key is wrapped anew, none slips through, and what was not is unreadable for good."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import person_samples
import share_samples as samples
from ai_gateway.adapters.erasure_schema import suppression
from ai_gateway.errors import KeyUnavailable, StoreUnavailable
from ai_gateway.model.entries import StoredKey
from ai_gateway.sharelog import rotation
from ai_gateway.sharelog.rotation import Rotation, rotate
from person_samples import House

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with person_samples.house(database_url, tmp_path) as opened:
        yield opened


async def turn(house: House) -> Rotation:
    return await rotate(house.wrapper, house.key_store, house.clock, lambda _count: None)


async def test_everybody_left_is_readable_after_a_rotation_and_the_old_file_is_gone(house: House) -> None:
    (share,) = await house.share()
    done = await turn(house)
    assert (done.epoch, done.rewrapped, done.destroyed) == (2, 2, (1,))
    assert [path.name for path in (house.folder / "keys").glob("*.key")] == ["share-log.epoch-2.key"]
    house.keys.forget()
    assert (await house.reader.share(share)).unreadable == 0
    assert await house.key_store.keys_by_epoch() == {2: 2}
    leaf = (await samples.all_leaves(house.store))[done.index]
    assert b'"type":"key.epoch"' in leaf


async def test_what_a_backup_kept_of_an_erased_person_is_unreadable_after_it(house: House) -> None:
    await house.share()
    key = await house.keys.known(samples.CLIENT)
    assert key is not None
    backup = (await house.store.keys_by_ref((key.ref,)))[key.ref]
    await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
    assert house.wrapper.unwrap(backup.epoch, backup.wrapped, backup.ref) == key.root, "a backup still opens before"
    await turn(house)
    with pytest.raises(KeyUnavailable):
        house.wrapper.unwrap(backup.epoch, backup.wrapped, backup.ref)


async def test_a_replica_that_knows_only_the_old_epoch_goes_on(house: House) -> None:
    async with person_samples.house(house.url, house.folder, clock=house.clock) as replica:
        await replica.share()
        await turn(house)
        assert replica.wrapper.epoch == 1
        replica.keys.forget()
        await replica.share()
        assert replica.wrapper.epoch == 2, "it met a key of an epoch it did not hold"


async def test_no_key_of_a_passed_epoch_gets_in(house: House) -> None:
    async with person_samples.house(house.url, house.folder, clock=house.clock) as replica:
        await turn(house)
        assert replica.wrapper.epoch == 1
        stale = StoredKey(ref=b"r" * 16, epoch=1, wrapped=b"w")
        with pytest.raises(StoreUnavailable):
            await replica.store.add_keys({b"m" * 32: stale})
        await replica.share()  # makes keys: refused under the old epoch, made again under the new one
        assert await replica.key_store.keys_by_epoch() == {2: 2}


@pytest.mark.parametrize("at", ["make", "raise_epoch", "rewrap", "record", "destroy"])
@pytest.mark.parametrize("done", [False, True], ids=["lost", "done but unacknowledged"])
async def test_a_rotation_stopped_anywhere_is_finished_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch, at: str, *, done: bool
) -> None:
    (share,) = await house.share()
    monkeypatch.setattr(rotation, "BATCH", 1)
    owner: Any = house.wrapper if at in ("make", "destroy") else house.key_store
    real = getattr(owner, at)
    calls = 0

    async def stops(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if done or calls > 1:
            await real(*args)
        raise StoreUnavailable("injected")

    setattr(owner, at, stops)
    with pytest.raises(StoreUnavailable, match="injected"):
        await turn(house)
    async with person_samples.house(house.url, house.folder, clock=house.clock) as restarted:
        assert (await restarted.reader.share(share)).unreadable == 0, "readable in between"
        before = restarted.wrapper.epochs
        finished = await turn(restarted)
        assert restarted.wrapper.epochs == (finished.epoch,)
        assert finished.epoch == (max(before) if len(before) > 1 else max(before) + 1)
        assert await restarted.key_store.keys_by_epoch() == {finished.epoch: 2}
        restarted.keys.forget()
        assert (await restarted.reader.share(share)).unreadable == 0


async def test_a_key_deleted_while_it_is_wrapped_anew_does_not_come_back(house: House) -> None:
    await house.share()
    (old, *_rest) = await house.key_store.older_keys(2, 10)
    await house.wrapper.make()
    epoch, wrapped = house.wrapper.wrap(house.wrapper.unwrap(old.epoch, old.wrapped, old.ref), old.ref)
    await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
    await house.eraser.erase(samples.PRO, person_samples.VERIFIED, person_samples.BASIS)
    assert await house.key_store.rewrap([(old, StoredKey(ref=old.ref, epoch=epoch, wrapped=wrapped))]) == 0
    assert await house.store.keys_by_ref((old.ref,)) == {}


async def test_a_key_that_cannot_be_opened_keeps_every_epoch(house: House) -> None:
    await house.store.add_keys({b"m" * 32: StoredKey(ref=b"r" * 16, epoch=1, wrapped=b"w" * 60)})
    with pytest.raises(KeyUnavailable):
        await turn(house)
    assert house.wrapper.epochs == (1, 2)


async def test_the_last_reference_to_an_erased_person_goes_a_day_later(house: House) -> None:
    await house.share()
    await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)

    async def referred() -> list[bytes]:
        query = select(suppression.c.subject_ref).where(suppression.c.subject_ref.is_not(None))
        return list(await house.database.read(lambda connection: connection.execute(query).scalars().all()))

    await turn(house)
    assert len(await referred()) == 1, "a replica may still hold the key"
    house.clock.at += 25 * 60 * 60 * 1000
    await turn(house)
    assert await referred() == []
    with pytest.raises(KeyUnavailable):
        await house.keys.of((samples.CLIENT,))
