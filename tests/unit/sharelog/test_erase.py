"""Erasing a person: order, resumption after a crash at every boundary, holds, fences, tombstones."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

import person_samples
import share_samples as samples
from ai_gateway.errors import KeyUnavailable, ShareLogUnavailable, StoreUnavailable, SubjectConflict
from ai_gateway.model import Role, Subject
from ai_gateway.model.entries import EntryKind
from ai_gateway.sharelog.entry import Outcome
from ai_gateway.sharelog.erase import Progress
from ai_gateway.sharelog.erasure import Basis, DirectiveState, Hold, HoldReason, Step, Verification
from ai_gateway.sharelog.merkle import extend, leaf_hash
from ai_gateway.sharelog.record import record
from person_samples import House

pytestmark = pytest.mark.anyio

PRO, CLIENT = samples.PRO, samples.CLIENT


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with person_samples.house(database_url, tmp_path) as opened:
        yield opened


async def erase(house: House, subject: Any = CLIENT) -> Progress:
    return await house.eraser.erase(subject, Verification.ACCOUNT, Basis.GDPR_ERASE)


async def test_an_erased_person_is_gone_and_the_tree_is_whole(house: House) -> None:
    await house.share(3)
    key = await house.keys.known(CLIENT)
    assert key is not None
    done = await erase(house)
    assert (done.erasure.step, done.waits_for) == (Step.COMPLETED, None)
    assert await house.keys.known(CLIENT) is None
    assert (await house.reader.shares(CLIENT)).shares == ()
    page = (await house.reader.shares(PRO)).shares
    assert len(page) == 3
    assert all(share.items == () for share in page), "the only item was the other person's"
    leaves = await house.store.leaves(0, 100)
    assert all(leaf.leaf is not None and leaf_hash(leaf.leaf) == leaf.leaf_hash for leaf in leaves)
    tree = await house.store.tree()
    assert (tree.size, tree.frontier) == extend(0, b"", [leaf.leaf_hash for leaf in leaves])


async def test_every_step_is_an_entry(house: House) -> None:
    await house.share()
    done = await erase(house)
    leaves = await samples.all_leaves(house.store)
    kinds = [EntryKind(_type(leaf)) for leaf in leaves]
    assert kinds[-4:] == [
        EntryKind.ERASURE_REQUESTED,
        EntryKind.ERASURE_SUPPRESSED,
        EntryKind.ERASURE_DIRECTED,
        EntryKind.ERASURE_COMPLETED,
    ]
    indices = done.erasure.facts["entries"]
    assert indices == {"requested": 2, "suppressed": 3, "directed": 4, "shredded": 5}
    assert done.erasure.facts["deleted"] == {"ciphertexts": 5, "shared_ciphertexts": 1, "index_rows": 5}
    assert done.erasure.facts["epoch"] == 1


async def test_no_entry_of_an_erasure_names_anybody(house: House) -> None:
    await house.share()
    await erase(house)
    for leaf in await samples.all_leaves(house.store):
        assert CLIENT.encode() not in leaf


STEPS = ("begin", "suppress", "direct", "shred", "purge", "complete")


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "persisted but unacknowledged"])
async def test_a_crash_at_any_boundary_is_resumed(house: House, name: str, *, persisted: bool) -> None:
    await house.share(2)
    real: Callable[..., Any] = getattr(house.erasures, name)
    calls = 0

    async def crashing(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:
            return await real(*args)
        if persisted:
            await real(*args)
        raise StoreUnavailable("injected")

    setattr(house.erasures, name, crashing)
    with pytest.raises(StoreUnavailable, match="injected"):
        await erase(house)
    async with person_samples.house(house.url, house.folder, clock=house.clock) as restarted:
        done = await erase(restarted)
        assert done.erasure.step is Step.COMPLETED
        assert await restarted.keys.known(CLIENT) is None
        kinds = [_type(leaf) for leaf in await samples.all_leaves(restarted.store)]
        for kind in ("requested", "suppressed", "directed", "completed"):
            assert kinds.count(f"erasure.{kind}") == 1
        assert len(await restarted.erasures.directives(done.erasure.id)) == 2


async def test_a_cache_that_fails_stops_the_erasure_where_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.share()

    async def away(_subject: object) -> None:
        raise StoreUnavailable("injected")

    monkeypatch.setattr(house.eraser, "_caches", (away,))
    with pytest.raises(StoreUnavailable):
        await erase(house)
    found = await house.eraser.status(CLIENT)
    assert found is not None
    assert found.step is Step.REQUESTED


async def test_vendors_ids_are_read_before_the_key_goes(house: House) -> None:
    shares = await house.share(2)
    done = await erase(house)
    directives = await house.erasures.directives(done.erasure.id)
    assert {directive.share for directive in directives} == set(shares)
    assert [house.directing.open_id(directive) for directive in directives] == ["chatcmpl-marble-77"] * 2
    assert {directive.state for directive in directives} == {DirectiveState.PLANNED}
    assert all(directive.due == directive.shared_at + 30 * 86_400_000 for directive in directives)


async def test_a_vendor_whose_retention_ended_or_that_keeps_nothing_is_asked_for_nothing(
    database_url: str, tmp_path: Path
) -> None:
    clock = samples.TickingClock()
    name = person_samples.vendor().name
    async with person_samples.house(database_url, tmp_path, clock=clock) as house:
        await house.share()
        clock.at += 31 * 86_400_000
        done = await erase(house)
        directives = await house.erasures.directives(done.erasure.id)
        assert [(d.state, d.object_id) for d in directives] == [(DirectiveState.EXPIRED_BY_RETENTION, None)]
    async with person_samples.house(
        database_url, tmp_path, clock=clock, vendors={name: person_samples.vendor(0)}
    ) as house:
        done = await erase(house, PRO)
        directives = await house.erasures.directives(done.erasure.id)
        assert {(d.state, d.object_id) for d in directives} == {(DirectiveState.NOT_APPLICABLE, None)}


async def test_a_directive_is_closed_when_its_date_has_come(house: House) -> None:
    await house.share()
    done = await erase(house)

    def entry(count: int) -> Any:
        return record(EntryKind.DIRECTIVE, 1, {"closed": count})

    assert await house.erasures.close_due(house.clock.now(), entry) == 0
    assert await house.erasures.close_due(house.clock.now() + 31 * 86_400_000, entry) == 1
    (directive,) = await house.erasures.directives(done.erasure.id)
    assert (directive.state, directive.object_id) == (DirectiveState.EXPIRED_BY_RETENTION, None)


async def test_an_erasure_waits_for_shares_that_run_and_not_for_those_that_died(house: House) -> None:
    recording = await house.log.begin(samples.intent())
    waiting = await erase(house)
    assert (waiting.erasure.step, waiting.waits_for) == (Step.SUPPRESSED, "running-shares")
    async with recording:
        recording.answered(samples.completion())
    done = await erase(house)
    assert done.erasure.step is Step.COMPLETED
    (directive,) = await house.erasures.directives(done.erasure.id)
    assert house.directing.open_id(directive) == "chatcmpl-marble-77", "the outcome came after the suppression"


async def test_a_share_in_doubt_is_directed_without_an_id(house: House) -> None:
    await house.log.begin(samples.intent())
    house.clock.at += 16 * 60 * 1000
    done = await erase(house)
    (directive,) = await house.erasures.directives(done.erasure.id)
    assert (directive.object_kind, directive.state) == ("unknown", DirectiveState.PLANNED)


async def test_a_hold_keeps_everything_until_it_is_lifted(house: House) -> None:
    await house.share()
    mark = house.wrapper.blind(CLIENT.encode())
    hold = Hold(id="hld_1", reason=HoldReason.LITIGATION, authority="Case 4711", placed_at=1)
    await house.erasures.place_hold(mark, hold, record(EntryKind.HOLD, 1, {"hold": hold.id}))
    for _ in range(2):
        held = await erase(house)
        assert (held.erasure.step, held.waits_for) == (Step.DIRECTED, "legal-hold")
    assert await house.keys.known(CLIENT) is not None
    kinds = [_type(leaf) for leaf in await samples.all_leaves(house.store)]
    assert kinds.count("erasure.held") == 1
    await house.erasures.lift_hold(hold.id, record(EntryKind.HOLD, 2, {"hold": hold.id}), 2)
    assert (await erase(house)).erasure.step is Step.COMPLETED


async def test_a_hold_placed_at_the_last_moment_keeps_everything(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.share()
    real = house.erasures.shred
    hold = Hold(id="hld_1", reason=HoldReason.LITIGATION, authority="Case 4711", placed_at=1)

    async def late(*args: Any, **named: Any) -> Any:
        mark = house.wrapper.blind(CLIENT.encode())
        await house.erasures.place_hold(mark, hold, record(EntryKind.HOLD, 1, {"hold": hold.id}))
        return await real(*args, **named)

    with monkeypatch.context() as patched:
        patched.setattr(house.erasures, "shred", late)
        assert (await erase(house)).waits_for == "legal-hold"
    assert await house.keys.known(CLIENT) is not None
    assert await house.eraser.replay() == 0, "no tombstone, so no start erases what the hold covers"
    await house.erasures.lift_hold(hold.id, record(EntryKind.HOLD, 2, {"hold": hold.id}), 2)
    assert (await erase(house)).erasure.step is Step.COMPLETED


async def test_nothing_is_opened_about_a_suppressed_person_even_by_a_call_decided_before(house: House) -> None:
    await house.share()
    await house.log.begin(samples.intent())
    assert (await erase(house)).waits_for == "running-shares"
    size = (await house.store.tree()).size
    with pytest.raises(ShareLogUnavailable):  # the sample's decision still holds both people
        await house.log.begin(samples.intent())
    assert (await house.store.tree()).size == size


async def test_an_outcome_after_the_shredding_brings_nothing_back(house: House) -> None:
    async with person_samples.house(house.url, house.folder, clock=house.clock) as replica:
        keys = await replica.keys.of((PRO, CLIENT))
        recording = await replica.log.begin(samples.intent())
        house.clock.at += 16 * 60 * 1000
        assert (await erase(house)).erasure.step is Step.COMPLETED
        await replica.log.settle(recording.id, Outcome(status="released", completion=samples.completion()), keys)
        stored = await house.store.share(recording.id)
        assert stored is not None
        assert stored.outcome is not None
        assert [segment.owners for segment in stored.outcome.segments] == [(keys[PRO].ref,)]


async def test_no_key_is_made_anew_for_somebody_erased(house: House) -> None:
    await house.share()
    await erase(house)
    with pytest.raises(KeyUnavailable):
        await house.keys.of((CLIENT,))
    with pytest.raises((SubjectConflict, KeyUnavailable)):
        await house.subjects.put(Subject(id=CLIENT, role=Role.CLIENT))


async def test_whoever_was_never_seen_can_be_erased_and_stays_so(house: House) -> None:
    assert (await erase(house)).erasure.step is Step.COMPLETED
    assert (await house.subjects.get((CLIENT,)))[CLIENT].erased


async def test_caches_are_dropped_when_suppressed_and_when_shredded(house: House) -> None:
    await house.share()
    await erase(house)
    assert house.forgotten == [CLIENT, CLIENT]


async def test_two_processes_erase_one_person_once(house: House) -> None:
    await house.share()
    async with person_samples.house(house.url, house.folder, clock=house.clock) as other:
        both = await asyncio.gather(erase(house), erase(other), return_exceptions=True)
        assert any(isinstance(one, Progress) for one in both)
        assert all(isinstance(one, Progress | StoreUnavailable) for one in both)
        assert (await erase(other)).erasure.step is Step.COMPLETED
    kinds = [_type(leaf) for leaf in await samples.all_leaves(house.store)]
    assert kinds.count("erasure.completed") == 1


async def test_a_tombstone_erases_again_whom_a_restored_database_brings_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data' / 'gateway.db'}"
    async with person_samples.house(url, tmp_path) as house:
        await house.share()
    backup = (tmp_path / "data" / "gateway.db").read_bytes()
    async with person_samples.house(url, tmp_path) as house:
        await erase(house)
    for file in (tmp_path / "data").iterdir():
        file.unlink()
    (tmp_path / "data" / "gateway.db").write_bytes(backup)
    async with person_samples.house(url, tmp_path) as house:
        assert await house.keys.known(CLIENT) is not None, "the backup brought the key back"
        house.keys.forget()
        assert await house.eraser.replay() == 1
        assert await house.keys.known(CLIENT) is None
        assert (await house.subjects.get((CLIENT,)))[CLIENT].erased
        assert await house.eraser.replay() == 0
        kinds = [_type(leaf) for leaf in await samples.all_leaves(house.store)]
        assert kinds[-2:] == ["erasure.requested", "erasure.replayed"]
        assert (await erase(house)).erasure.step is Step.COMPLETED


async def test_a_tombstone_that_a_crash_cut_short_is_written_again(house: House) -> None:
    await house.share()
    path = house.folder / "keys" / "share-log.tombstones"
    path.write_bytes(b'{"erasure": "era_')
    await erase(house)
    assert len(house.tombstones.all()) == 1


def _type(leaf: bytes) -> str:
    return str(json.loads(leaf)["type"])
