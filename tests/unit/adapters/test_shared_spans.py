"""A text that one replica read costs the others nothing; what a stranger wrote into their store counts for nothing."""

from collections.abc import AsyncIterator, Sequence

import pytest
import redis

from ai_gateway.adapters.redis_coordination import RedisCoordination
from ai_gateway.adapters.sealing import KeyedSeal
from ai_gateway.adapters.shared_spans import SharedSpans
from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.model import EntityType, Span

pytestmark = pytest.mark.anyio

TEXT = "Our bookkeeper Imogen answers every letter herself, and she does so on Mondays."


class Reader:
    """A tier that finds one name and counts how often it reads."""

    identity = "reader/1"

    def __init__(self) -> None:
        self.read: list[str] = []

    async def warm(self) -> None: ...

    async def close(self) -> None: ...

    async def find(self, text: str) -> Sequence[Span]:
        self.read.append(text)
        at = text.find("Imogen")
        return (
            [Span(start=at, end=at + 6, entity=EntityType("PERSON"), found_by="model", score=0.75)] if at >= 0 else []
        )


@pytest.fixture
async def coordination(valkey_url: str) -> AsyncIterator[RedisCoordination]:
    through = RedisCoordination(valkey_url)
    yield through
    await through.close()


def replica(coordination: RedisCoordination, reader: Reader, secret: bytes = b"s" * 32) -> StackDetector:
    return StackDetector(tiers=[reader], shared=SharedSpans(coordination, KeyedSeal(secret, "spans")))


async def test_a_text_is_read_once_for_all_replicas(coordination: RedisCoordination) -> None:
    first, second = Reader(), Reader()
    found = await replica(coordination, first).detect([TEXT, TEXT, "short"], ())
    assert await replica(coordination, second).detect([TEXT, "short"], ()) == (found[0], found[2])
    assert [(span.start, span.entity, span.score) for span in found[0]] == [(15, "PERSON", 0.75)]
    assert first.read == [TEXT, "short"]
    assert second.read == ["short"]


async def test_nothing_of_a_text_is_in_the_store_and_every_key_expires(
    coordination: RedisCoordination, valkey_url: str
) -> None:
    await replica(coordination, Reader()).detect([TEXT], ())
    with redis.Redis.from_url(valkey_url) as store:
        kept = {key: store.dump(key) for key in store.keys("*spans*")}
        assert kept
        assert all(store.pttl(key) > 0 for key in kept)
    assert not any(b"Imogen" in bytes(key) or b"PERSON" in bytes(value or b"") for key, value in kept.items())


async def test_another_detector_or_installation_reads_for_itself(coordination: RedisCoordination) -> None:
    await replica(coordination, Reader()).detect([TEXT], ())
    newer, stranger = Reader(), Reader()
    newer.identity = "reader/2"
    await replica(coordination, newer).detect([TEXT], ())
    await replica(coordination, stranger, b"t" * 32).detect([TEXT], ())
    assert newer.read == stranger.read == [TEXT]


async def test_what_somebody_else_wrote_into_the_store_is_not_believed(
    coordination: RedisCoordination, valkey_url: str
) -> None:
    await replica(coordination, Reader()).detect([TEXT], ())
    with redis.Redis.from_url(valkey_url) as store:
        for key in store.keys("*spans*"):
            assert store.type(key) in {b"string", b"hash"}
            if store.type(key) == b"string":
                store.set(key, b"[]", keepttl=True)
            else:
                for name in store.hkeys(key):
                    store.hset(key, name, b"[]")
    second = Reader()
    (spans,) = await replica(coordination, second).detect([TEXT], ())
    assert len(spans) == 1
    assert second.read == [TEXT]


async def test_without_the_store_each_reads_for_itself() -> None:
    gone = RedisCoordination("redis://127.0.0.1:1", connect_timeout=0.1)
    reader = Reader()
    (spans,) = await replica(gone, reader).detect([TEXT], ())
    assert len(spans) == 1
    await gone.close()
