import asyncio
from collections.abc import AsyncIterator

import pytest

from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.redis_coordination import RedisCoordination
from ai_gateway.adapters.sealing import KeyedSeal
from ai_gateway.errors import (
    CoordinationUnavailable,
    IdempotencyConflict,
    IdempotencyInProgress,
    IdempotencyOutcomeUnknown,
    RequestInvalid,
    ShareRefused,
)
from ai_gateway.idempotency import Idempotency
from ai_gateway.model import CallerId, ShareId, SubjectId
from ai_gateway.ports import MAX_KEPT_BYTES, Coordination

pytestmark = pytest.mark.anyio

ME, OTHER = CallerId("proposals"), CallerId("summaries")
DANA, SHARE = SubjectId("pro_17"), ShareId("shr_1")
SEAL = KeyedSeal(bytes(range(32)), "idempotency")


@pytest.fixture(params=["memory", "valkey"])
async def coordination(request: pytest.FixtureRequest) -> AsyncIterator[Coordination]:
    if request.param == "memory":
        yield MemoryCoordination()
        return
    through = RedisCoordination(request.getfixturevalue("valkey_url"))
    yield through
    await through.close()


@pytest.fixture
def idempotency(coordination: Coordination) -> Idempotency:
    return Idempotency(coordination, SEAL)


class Runs:
    """Counts how often a request really ran."""

    def __init__(self, idempotency: Idempotency) -> None:
        self.idempotency = idempotency
        self.onces: list[bytes | None] = []

    async def __call__(self, key: str | None = "k", request: bytes = b"request", caller: CallerId = ME) -> bytes:
        async with self.idempotency.attempt(caller, key, request) as attempt:
            if attempt.replay is not None:
                assert attempt.replay.share == SHARE
                return attempt.replay.body
            self.onces.append(attempt.once)
            answer = b"answer %d" % len(self.onces)
            attempt.keep(answer, SHARE, (DANA,))
            return answer


async def test_a_repeated_request_gets_the_first_answer_and_does_not_run(idempotency: Idempotency) -> None:
    run = Runs(idempotency)
    assert await run() == b"answer 1"
    assert await run() == b"answer 1"
    assert len(run.onces) == 1


async def test_a_request_without_a_key_always_runs(idempotency: Idempotency) -> None:
    run = Runs(idempotency)
    assert await run(None) == b"answer 1"
    assert await run(None) == b"answer 2"
    assert run.onces == [None, None]


async def test_another_request_with_the_same_key_is_refused(idempotency: Idempotency) -> None:
    run = Runs(idempotency)
    await run()
    with pytest.raises(IdempotencyConflict):
        await run(request=b"another request")
    assert len(run.onces) == 1


async def test_keys_of_different_callers_do_not_meet(idempotency: Idempotency) -> None:
    run = Runs(idempotency)
    await run(caller=ME)
    assert await run(caller=OTHER) == b"answer 2"
    assert run.onces[0] != run.onces[1]


async def test_a_caller_and_a_key_that_read_the_same_together_do_not_meet(idempotency: Idempotency) -> None:
    run = Runs(idempotency)
    await run("bc", caller=CallerId("a"))
    assert await run("c", caller=CallerId("ab")) == b"answer 2"


async def test_a_request_that_is_still_running_is_said_to_be(idempotency: Idempotency) -> None:
    async with idempotency.attempt(ME, "k", b"request"):
        with pytest.raises(IdempotencyInProgress) as running:
            async with idempotency.attempt(ME, "k", b"request"):
                pytest.fail("it ran twice")
        retry_after = running.value.facts["retry_after"]
        assert isinstance(retry_after, int)
        assert 1 <= retry_after <= 120
        with pytest.raises(IdempotencyConflict):
            async with idempotency.attempt(ME, "k", b"another request"):
                pytest.fail("it ran twice")


async def test_of_many_at_once_one_runs(idempotency: Idempotency) -> None:
    run = Runs(idempotency)
    ends = await asyncio.gather(*(run() for _ in range(20)), return_exceptions=True)
    assert len(run.onces) == 1
    assert {type(end) for end in ends} <= {bytes, IdempotencyInProgress}
    assert {end for end in ends if isinstance(end, bytes)} == {b"answer 1"}


async def test_a_failure_gives_the_key_back(idempotency: Idempotency) -> None:
    run = Runs(idempotency)
    with pytest.raises(ShareRefused):
        async with idempotency.attempt(ME, "k", b"request"):
            raise ShareRefused
    assert await run() == b"answer 1"


async def test_a_repetition_after_a_failure_has_the_same_once_so_that_the_log_can_refuse_it(
    idempotency: Idempotency,
) -> None:
    onces: list[bytes | None] = []

    async def fail() -> None:
        async with idempotency.attempt(ME, "k", b"request") as attempt:
            onces.append(attempt.once)
            raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            await fail()
    assert onces[0] == onces[1]
    assert onces[0] is not None
    assert len(onces[0]) == 32


async def test_a_cancelled_request_gives_the_key_back(idempotency: Idempotency) -> None:
    entered = asyncio.Event()

    async def hang() -> None:
        async with idempotency.attempt(ME, "k", b"request"):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await Runs(idempotency)() == b"answer 1"


async def test_an_answer_too_long_to_keep_gives_the_key_back(idempotency: Idempotency) -> None:
    async with idempotency.attempt(ME, "k", b"request") as attempt:
        attempt.keep(b"x" * MAX_KEPT_BYTES, SHARE)
    async with idempotency.attempt(ME, "k", b"request") as attempt:
        assert attempt.replay is None


async def test_a_kept_answer_goes_with_the_person_it_is_about(idempotency: Idempotency) -> None:
    run = Runs(idempotency)
    await run()
    assert await idempotency.forget(SubjectId("somebody else")) == 0
    assert await idempotency.forget(DANA) == 1
    assert await run() == b"answer 2"


async def test_an_answer_sealed_under_another_key_is_said_to_be_lost(
    idempotency: Idempotency, coordination: Coordination
) -> None:
    class Unreadable(KeyedSeal):
        def open(self, sealed: bytes, context: bytes) -> bytes | None:
            return KeyedSeal(bytes(32), "another").open(sealed, context)

    await Runs(idempotency)()
    rotated = Idempotency(coordination, Unreadable(bytes(range(32)), "idempotency"))
    with pytest.raises(IdempotencyOutcomeUnknown):
        await Runs(rotated)()


@pytest.mark.parametrize("key", ["", "x" * 256, "line\nbreak", "é", "\x00"])
async def test_a_key_of_another_shape_is_refused(idempotency: Idempotency, key: str) -> None:
    with pytest.raises(RequestInvalid):
        await Runs(idempotency)(key)


async def test_what_is_kept_holds_neither_the_answer_nor_the_key_nor_the_caller(coordination: Coordination) -> None:
    kept: list[object] = []

    class Ear:
        def __getattr__(self, name: str) -> object:
            def listen(*args: object) -> object:
                kept.extend(args)
                return getattr(coordination, name)(*args)

            return listen

    ear: Coordination = Ear()  # type: ignore[assignment]
    await Runs(Idempotency(ear, SEAL))(key="order-4711", request=b"about Dana")
    heard = repr(kept)
    for trace in ("answer 1", "order-4711", ME, DANA, "about Dana"):
        assert trace not in heard


async def test_without_coordination_a_keyed_request_is_refused_and_an_unkeyed_one_runs() -> None:
    nowhere = RedisCoordination("redis://127.0.0.1:1")
    run = Runs(Idempotency(nowhere, SEAL))
    with pytest.raises(CoordinationUnavailable):
        await run("k")
    assert await run(None) == b"answer 1"
    await nowhere.close()


async def test_an_answer_survives_coordination_that_goes_away_meanwhile(valkey_url: str) -> None:
    through = RedisCoordination(valkey_url, deadline=0.5)
    idempotency = Idempotency(through, SEAL)

    async def answer() -> bytes:
        async with idempotency.attempt(ME, "k", b"request") as attempt:
            await through._redis.client_pause(800)
            attempt.keep(b"answer", SHARE)
            return b"answer"

    assert await answer() == b"answer"
    await through.close()
