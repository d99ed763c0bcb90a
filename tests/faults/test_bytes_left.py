"""Bytes on disk, looked at: what an erasure leaves, where, and until when. ``docs/erasure.md`` claims exactly this."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

import person_samples
import share_samples as samples
from ai_gateway.adapters.sql_purge import purge_of
from ai_gateway.errors import KeyUnavailable
from ai_gateway.model import Known, Role, Subject
from ai_gateway.model.entries import StoredKey
from ai_gateway.sharelog.rotation import rotate
from person_samples import House

pytestmark = pytest.mark.anyio

_NEEDLE = 24
"""Bytes of a ciphertext that are looked for; by chance they are nowhere."""


async def planted(house: House) -> tuple[Mapping[str, bytes], StoredKey]:
    """What must not be found afterwards: the wrapped key, and the head of each ciphertext that was the person's."""
    key = await house.keys.known(samples.CLIENT)
    assert key is not None
    stored = (await house.store.keys_by_ref((key.ref,)))[key.ref]
    needles = {"wrapped key": stored.wrapped[:_NEEDLE]}
    for share in await house.store.shares(key.ref, None, 100):
        whole = await house.store.share(share.id)
        assert whole is not None
        entries = [entry for entry in (whole.opened, whole.outcome) if entry is not None]
        for entry in entries:
            for segment in entry.segments:
                if key.ref in segment.owners:
                    needles[f"segment {entry.index}/{segment.n}"] = segment.ciphertext[:_NEEDLE]
    return needles, stored


async def live(house: House) -> None:
    """Shares, a registry row, and a life long enough that everything has been in every file."""
    await house.subjects.put(Subject(id=samples.CLIENT, role=Role.CLIENT, known=Known(names=("Quarry Lantern",))))
    await house.share(20)


def found(needles: Mapping[str, bytes], files: Sequence[Path]) -> dict[str, list[str]]:
    """Which needles are in which files."""
    places: dict[str, list[str]] = {}
    for path in files:
        try:
            data = path.read_bytes()
        except OSError:
            continue
        here = [name for name, needle in needles.items() if needle in data]
        if here:
            places[path.name] = here
    return places


def under(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


async def erase(house: House) -> None:
    done = await house.eraser.erase(samples.CLIENT, person_samples.VERIFIED, person_samples.BASIS)
    assert done.waits_for is None


async def test_sqlite_holds_nothing_of_an_erased_person_in_any_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(temporary))
    url = f"sqlite:///{tmp_path / 'data' / 'gateway.db'}"
    async with person_samples.house(url, tmp_path) as house:
        await live(house)
        needles, _ = await planted(house)
        before = found(needles, under(tmp_path))
        assert {name for names in before.values() for name in names} == set(needles), "the search finds what is there"
        await erase(house)
        assert found(needles, under(tmp_path)) == {}, "while the gateway runs"
        assert found({"name": b"Quarry Lantern", "text": samples.SHARED_TEXT.encode()}, under(tmp_path)) == {}
    assert found(needles, under(tmp_path)) == {}, "after it stopped"


@pytest.fixture
def postgres_files(postgres_url: str) -> Path:
    """The running server's data folder: its socket lies there."""
    return Path(parse_qs(urlsplit(postgres_url).query)["host"][0])


async def test_postgresql_holds_nothing_of_an_erased_person_after_a_rotation_and_a_rewriting_purge(
    postgres_url: str, postgres_files: Path, tmp_path: Path
) -> None:
    async with person_samples.house(postgres_url, tmp_path) as house:
        await live(house)
        needles, stored = await planted(house)
        await _checkpoint(postgres_url)
        before = await asyncio.to_thread(found, needles, _tables(postgres_files))
        assert {name for names in before.values() for name in names} == set(needles), "the search finds what is there"
        await erase(house)
        left = await asyncio.to_thread(found, needles, under(postgres_files / "pg_wal"))
        wrapped = [name for names in left.values() for name in names if name == "wrapped key"]
        assert wrapped, "the write-ahead log still has it: that is why epochs end"
        assert house.wrapper.unwrap(stored.epoch, stored.wrapped, stored.ref), "and it opens until then"
        await rotate(house.wrapper, house.key_store, house.clock, lambda _count: None)
        with pytest.raises(KeyUnavailable):
            house.wrapper.unwrap(stored.epoch, stored.wrapped, stored.ref)
        await purge_of(postgres_url, rewrite=True)()
        plain = {"name": b"Quarry Lantern", "text": samples.SHARED_TEXT.encode()}
        assert await asyncio.to_thread(found, {**needles, **plain}, under(postgres_files)) == {}, "nothing, anywhere"
    keys = b"".join(path.read_bytes() for path in (tmp_path / "keys").glob("*.key"))
    assert b'"epoch": 1' not in keys


def _tables(data: Path) -> list[Path]:
    return under(data / "base")


async def _checkpoint(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CHECKPOINT")
    await connection.close()


async def test_the_old_key_file_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data' / 'gateway.db'}"
    async with person_samples.house(url, tmp_path) as house:
        await house.share()
        path = tmp_path / "keys" / "share-log.epoch-1.key"
        secret = path.read_bytes()
        held = os.open(path, os.O_RDONLY)
        try:
            await rotate(house.wrapper, house.key_store, house.clock, lambda _count: None)
            assert not path.exists()
            after = os.pread(held, len(secret), 0)
        finally:
            os.close(held)
    assert len(after) == len(secret)
    assert b"wrap" not in after
