from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from ai_gateway.adapters.cached_registry import KEEP_AT_MOST, CachedConsentStore, RegistryCache
from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.redis_coordination import RedisCoordination
from ai_gateway.errors import CoordinationUnavailable, StoreUnavailable
from ai_gateway.model import ConsentEvent, ConsentState, Purpose, Subject, SubjectId
from ai_gateway.ports import Change, Looked
from registries import CHOICES, DANA, START, Registry, behind, consent, dana, key_file, open_registry

pytestmark = pytest.mark.anyio

NOBODY = SubjectId("nobody")


@dataclass
class Interrupted(RedisCoordination):
    """A coordination of which the named steps fail, as often as said."""

    url: str
    failing: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.url)

    async def begin_change(self, keys: Sequence[str], lease: float) -> Change:
        self._perhaps("begin")
        return await super().begin_change(keys, lease)

    async def end_change(self, change: Change) -> None:
        self._perhaps("end")
        await super().end_change(change)

    def _perhaps(self, step: str) -> None:
        if self.failing.get(step, 0) > 0:
            self.failing[step] -= 1
            raise CoordinationUnavailable


@pytest.fixture
async def plain(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Registry]:
    async with open_registry(sqlite_url, key_file(tmp_path)) as opened:
        yield opened


@pytest.fixture
async def coordination(valkey_url: str) -> AsyncIterator[Interrupted]:
    through = Interrupted(valkey_url)
    yield through
    await through.close()


@pytest.fixture
def cached(plain: Registry, coordination: Interrupted) -> Registry:
    return behind(plain, coordination)


def _counts(registry: Registry) -> tuple[int, int, int]:
    assert registry.cache is not None
    counts = registry.cache.counts
    return counts.hits, counts.misses, counts.degraded


async def _stands(registry: Registry) -> bool:
    return (await registry.consents.standing((DANA,))).standing(DANA, Purpose.PROVIDE) is not None


async def test_what_was_read_once_is_not_asked_of_the_store_again(cached: Registry) -> None:
    await cached.subjects.put(dana())
    first = await cached.subjects.get((DANA, NOBODY))
    await cached.database.close()
    assert await cached.subjects.get((DANA, NOBODY)) == first
    assert first[DANA].known == dana().known
    assert _counts(cached) == (2, 2, 0)


async def test_that_nobody_has_an_id_is_remembered_until_somebody_has(cached: Registry) -> None:
    assert await cached.subjects.get((DANA,)) == {}
    assert await cached.subjects.get((DANA,)) == {}
    assert _counts(cached) == (1, 1, 0)
    await cached.subjects.put(dana())
    assert set(await cached.subjects.get((DANA,))) == {DANA}


async def test_choices_and_erasure_hold_at_once(cached: Registry) -> None:
    await cached.subjects.put(dana())
    await cached.subjects.get((DANA,))
    await cached.subjects.choose(DANA, CHOICES)
    assert (await cached.subjects.get((DANA,)))[DANA].choices == CHOICES
    await cached.subjects.put(Subject(id=DANA, role=dana().role, erased=True))
    for _ in range(2):
        assert (await cached.subjects.get((DANA,)))[DANA].erased


async def test_a_cached_consent_runs_out_in_time(cached: Registry) -> None:
    await cached.consents.append(consent(expires_at=START + 10))
    assert await _stands(cached)
    cached.clock.at = START + 10
    assert not await _stands(cached)
    assert _counts(cached)[0] == 1


async def test_cached_values_tell_nothing_to_who_reads_the_server_and_expire(cached: Registry, valkey_url: str) -> None:
    await cached.subjects.put(dana())
    await cached.consents.append(consent())
    await cached.subjects.get((DANA,))
    await cached.consents.standing((DANA,))
    with redis.Redis.from_url(valkey_url) as client:
        keys = list(client.scan_iter())
        assert len(keys) == 2
        for key in keys:
            stored = key + b"|".join(name + value for name, value in client.hgetall(key).items())
            assert b"Okafor" not in stored
            assert DANA.encode() not in stored
            assert b"given" not in stored
            assert 0 < client.ttl(key) <= KEEP_AT_MOST


async def test_a_value_moved_to_another_persons_key_is_not_believed(cached: Registry, valkey_url: str) -> None:
    await cached.subjects.put(dana())
    await cached.subjects.get((DANA, NOBODY))
    with redis.Redis.from_url(valkey_url) as client:
        for key in client.scan_iter():
            value = max((client.hget(other, "v") or b"" for other in client.scan_iter()), key=len)
            client.hset(key, "v", value)
    assert set(await cached.subjects.get((DANA, NOBODY))) == {DANA}


async def test_without_the_cache_reads_go_on_and_are_counted(plain: Registry) -> None:
    await plain.subjects.put(dana())
    await plain.consents.append(consent())
    nowhere = RedisCoordination("redis://127.0.0.1:1")
    cached = behind(plain, nowhere)
    assert set(await cached.subjects.get((DANA,))) == {DANA}
    assert await _stands(cached)
    assert _counts(cached) == (0, 0, 2)
    await nowhere.close()


async def test_a_cache_that_just_failed_is_left_alone_for_a_second(plain: Registry, valkey_url: str) -> None:
    now = [0.0]
    asked = 0

    class Failing(MemoryCoordination):
        async def look_up(self, keys: Sequence[str]) -> Mapping[str, Looked]:
            nonlocal asked
            asked += 1
            raise CoordinationUnavailable

    store = CachedConsentStore(
        plain.consents, RegistryCache(Failing(), plain.seal, monotonic=lambda: now[0]), plain.clock
    )
    for _ in range(3):
        await store.standing((DANA,))
    assert asked == 1
    now[0] = 1.1
    await store.standing((DANA,))
    assert asked == 2


async def test_a_write_that_cannot_be_told_to_others_is_refused_before_the_store(
    cached: Registry, coordination: Interrupted
) -> None:
    await cached.consents.append(consent())
    coordination.failing["begin"] = 1
    with pytest.raises(CoordinationUnavailable):
        await cached.consents.append(consent(ConsentState.WITHDRAWN))
    assert len(await cached.consents.history(DANA)) == 1
    await cached.consents.append(consent(ConsentState.WITHDRAWN))
    assert not await _stands(cached)


async def test_the_end_of_a_change_is_tried_again(cached: Registry, coordination: Interrupted) -> None:
    coordination.failing["end"] = 2
    await cached.consents.append(consent(ConsentState.WITHDRAWN))
    assert len(await cached.consents.history(DANA)) == 1


async def test_a_write_that_was_made_but_not_told_is_an_error_and_repeating_it_mends_that(
    cached: Registry, coordination: Interrupted
) -> None:
    await cached.consents.append(consent())
    assert await _stands(cached)
    coordination.failing["end"] = 3
    with pytest.raises(CoordinationUnavailable, match="repeat"):
        await cached.consents.append(consent(ConsentState.WITHDRAWN))
    assert not await _stands(cached)
    await cached.consents.append(consent(ConsentState.WITHDRAWN))
    assert not await _stands(cached)


async def test_a_write_whose_writer_died_is_seen_by_others_at_once(
    plain: Registry, cached: Registry, coordination: Interrupted
) -> None:
    await cached.consents.append(consent())
    assert await _stands(cached)
    assert cached.cache is not None
    await coordination.begin_change((cached.cache._key("consents", DANA),), 30)
    await plain.consents.append(consent(ConsentState.WITHDRAWN))  # durable; and then its writer dies
    for _ in range(2):
        assert not await _stands(cached)


async def test_a_failed_write_opens_the_cache_again(cached: Registry, coordination: Interrupted) -> None:
    class Full:
        async def append(self, event: ConsentEvent) -> None:
            raise StoreUnavailable

    assert cached.cache is not None
    full = CachedConsentStore(Full(), cached.cache, cached.clock)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        await full.append(consent())
    await cached.consents.standing((DANA,))
    await cached.consents.standing((DANA,))
    assert _counts(cached) == (1, 1, 0)


async def test_in_one_process_the_store_is_always_asked(plain: Registry) -> None:
    cached = behind(plain, MemoryCoordination())
    await cached.consents.append(consent())
    assert await _stands(cached)
    await plain.consents.append(consent(ConsentState.WITHDRAWN))  # by another process
    assert not await _stands(cached)
    assert _counts(cached) == (0, 2, 0)
