"""A consent recorded with an answer holds for every later read: on every replica, in every order, whatever fails.
Two replicas, a real PostgreSQL, a real Valkey."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.cached_registry import CachedConsentStore, RegistryCache
from ai_gateway.adapters.redis_coordination import RedisCoordination
from ai_gateway.errors import CoordinationUnavailable, GatewayError
from ai_gateway.model import ConsentState, Purpose, SubjectId, new_consent_id
from ai_gateway.ports import Coordination
from interleavings import Fate, Play, Seen, StagedCache, StagedConsents, Turn, until_it_waits
from registries import Registry, consent, key_file, open_registry

READERS, WRITERS, ROUNDS = 2, 2, 2
Move = tuple[int, int, Fate] | str
"""Which replica takes how many steps, and what becomes of the last of them; or what befalls the server or a writer."""
_who, _steps = st.integers(0, READERS + WRITERS - 1), st.integers(1, 5)
moves = st.lists(
    st.one_of(
        st.tuples(_who, _steps, st.just(Fate.HAPPENS)),
        st.tuples(_who, _steps, st.just(Fate.HAPPENS)),
        st.tuples(_who, _steps, st.sampled_from(Fate)),
        st.sampled_from(["the server forgets everything", "every lease ends", "a writer dies"]),
    ),
    max_size=30,
)
Perform = Callable[[list[Move]], None]


class Careless(RedisCoordination):
    """Puts what was read whatever happened since: the mistake that all of this is against."""

    async def put_if_unchanged(self, entries: Mapping[str, tuple[str, bytes]], keep: float) -> int:
        now = await self.look_up(list(entries))
        return await super().put_if_unchanged(
            {key: (now[key].ticket or "", value) for key, (_, value) in entries.items()}, keep
        )


@contextmanager
def theatre(
    postgres_url: str, valkey_url: str, folder: Path, kind: type[RedisCoordination] = RedisCoordination
) -> Iterator[Perform]:
    """Performs a script on fresh people, with the same servers."""
    with asyncio.Runner() as runner, redis.Redis.from_url(valkey_url) as valkey:
        opened = open_registry(postgres_url, key_file(folder))
        registry = runner.run(opened.__aenter__())
        coordination = kind(valkey_url)
        try:
            yield lambda script: runner.run(_perform(script, registry, coordination, valkey))
        finally:
            runner.run(coordination.close())
            runner.run(opened.__aexit__(None, None, None))


async def _perform(script: list[Move], registry: Registry, through: Coordination, valkey: redis.Redis) -> None:
    subject, play = SubjectId(new_consent_id()), Play()
    turns = [Turn() for _ in range(READERS + WRITERS)]
    tasks: list[asyncio.Task[None]] = []
    for n, turn in enumerate(turns):
        cache = RegistryCache(StagedCache(through, turn), registry.seal)  # type: ignore[arg-type]
        store = CachedConsentStore(StagedConsents(registry.consents, turn), cache, registry.clock)
        part = _reads if n < READERS else _writes
        tasks.append(asyncio.create_task(part(store, turn, subject, play)))
        await until_it_waits(tasks[n], turn)
    for move in script:
        if isinstance(move, tuple):
            who, steps, fate = move
            for left in reversed(range(steps)):
                await _step(who, Fate.HAPPENS if left else fate, turns, tasks)
        elif move == "the server forgets everything":
            valkey.flushdb()
        elif move == "every lease ends":
            _end_leases(valkey)
        else:
            tasks[-1].cancel()
            await asyncio.wait({tasks[-1]})
    while any(not task.done() for task in tasks):
        for n in range(len(tasks)):
            await _step(n, Fate.HAPPENS, turns, tasks)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert play.holds(await registry.consents.history(subject)), play


async def _step(n: int, fate: Fate, turns: list[Turn], tasks: list[asyncio.Task[None]]) -> None:
    if not tasks[n].done():
        turns[n].take(fate)
        await until_it_waits(tasks[n], turns[n])


async def _begin() -> None:
    """The moment at which a request starts; it cannot fail."""


async def _reads(store: CachedConsentStore, turn: Turn, subject: SubjectId, play: Play) -> None:
    for _ in range(ROUNDS + 1):
        try:
            await turn(_begin, CoordinationUnavailable)
            floor = frozenset(play.returned)
            event = (await store.standing((subject,))).latest.get((subject, Purpose.PROVIDE))
        except GatewayError:
            continue
        play.seen.append(Seen(floor, None if event is None else event.id))


async def _writes(store: CachedConsentStore, turn: Turn, subject: SubjectId, play: Play) -> None:
    for state in (ConsentState.GIVEN, ConsentState.WITHDRAWN)[:ROUNDS]:
        event = consent(state, subject)
        try:
            await turn(_begin, CoordinationUnavailable)
            await store.append(event)
        except GatewayError:
            continue
        play.returned.add(event.id)


def _end_leases(valkey: redis.Redis) -> None:
    for key in valkey.scan_iter("aigw:cache:*"):
        for name in valkey.hkeys(key):
            if str(name).startswith("b'w:"):
                valkey.hset(key, name, "0")


QUICK = settings(
    max_examples=80,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def test_what_was_answered_holds_in_every_order_of_steps(postgres_url: str, valkey_url: str, tmp_path: Path) -> None:
    with theatre(postgres_url, valkey_url, tmp_path) as perform:

        @QUICK
        @given(moves)
        def every_script(script: list[Move]) -> None:
            perform(script)

        every_script()


def _takes(who: int, steps: int, fate: Fate = Fate.HAPPENS) -> Move:
    return who, steps, fate


# A read is: begin, look up, fetch, put (or begin, look up, on a hit). A write: begin, begin the change, commit, end it.
_LATE_PUT: list[Move] = [_takes(0, 3), _takes(2, 4), _takes(0, 1), _takes(1, 2)]
_KNOWN: dict[str, list[Move]] = {
    "a reader puts what it read before a write that returned": _LATE_PUT,
    "a write outlives its lease, and a reader puts what it read meanwhile after it returned": [
        _takes(2, 2),
        "every lease ends",
        _takes(0, 3),
        _takes(2, 2),
        _takes(0, 1),
        _takes(1, 2),
    ],
    "a write outlives its lease, and a reader put what it read meanwhile": [
        _takes(2, 2),
        "every lease ends",
        _takes(0, 4),
        _takes(2, 2),
        _takes(1, 2),
    ],
    "the server forgets a change under way, and the change cannot be ended": [
        _takes(2, 2),
        "the server forgets everything",
        _takes(0, 4),
        _takes(2, 1),
        *[_takes(2, 1, Fate.LOST)] * 3,
        _takes(1, 2),
    ],
    "two writes at once, the later one ended first": [
        _takes(2, 2),
        _takes(3, 4),
        _takes(0, 3),
        _takes(2, 2),
        _takes(0, 1),
        _takes(1, 2),
    ],
}


@pytest.mark.parametrize("script", _KNOWN.values(), ids=_KNOWN)
def test_what_was_answered_holds_when(script: list[Move], postgres_url: str, valkey_url: str, tmp_path: Path) -> None:
    with theatre(postgres_url, valkey_url, tmp_path) as perform:
        perform(script)


def test_the_first_of_them_shows_a_careless_cache_to_be_wrong(
    postgres_url: str, valkey_url: str, tmp_path: Path
) -> None:
    with (
        theatre(postgres_url, valkey_url, tmp_path, Careless) as perform,
        pytest.raises(AssertionError, match="Play"),
    ):
        perform(_LATE_PUT)


@pytest.mark.anyio
async def test_two_replicas_under_load_never_see_less_than_was_answered(
    postgres_url: str, valkey_url: str, tmp_path: Path
) -> None:
    async with (
        open_registry(postgres_url, key_file(tmp_path), valkey=valkey_url) as one,
        open_registry(postgres_url, key_file(tmp_path), valkey=valkey_url) as other,
    ):
        people = [SubjectId(f"person {n}") for n in range(3)]
        plays = {person: Play() for person in people}
        chance = random.Random(20_260_501)

        async def act(replica: Registry, n: int) -> None:
            person = chance.choice(people)
            play = plays[person]
            if n % 4 == 0:
                event = consent(chance.choice(list(ConsentState)), person)
                await replica.consents.append(event)
                play.returned.add(event.id)
                return
            floor = frozenset(play.returned)
            event_ = (await replica.consents.standing((person,))).latest.get((person, Purpose.PROVIDE))
            play.seen.append(Seen(floor, None if event_ is None else event_.id))

        async def actor(replica: Registry) -> None:
            for n in range(40):
                await act(replica, n)

        await asyncio.gather(*(actor(replica) for replica in (one, other) * 3))
        for person, play in plays.items():
            assert play.holds(await one.consents.history(person))
        assert one.cache is not None
        assert other.cache is not None
        assert one.cache.counts.hits + other.cache.counts.hits > 0, "nothing was cached: the test would prove nothing"
