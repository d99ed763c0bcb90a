"""Erasures by another process reach what this one holds in memory."""

import asyncio

import pytest

from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.errors import StoreUnavailable
from ai_gateway.ports import Claimed, Running
from ai_gateway.sharelog.watch import Watch

pytestmark = pytest.mark.anyio


class Fence:
    def __init__(self) -> None:
        self.number = 7
        self.away = False
        self.asked = 0
        self.often = asyncio.Event()

    async def __call__(self) -> int:
        self.asked += 1
        if self.asked == 3:
            self.often.set()
        if self.away:
            raise StoreUnavailable
        return self.number


async def test_what_is_held_goes_when_somebody_was_suppressed_and_stays_otherwise() -> None:
    fence, dropped = Fence(), list[str]()
    watch = Watch(fence, [lambda: dropped.append("keys"), lambda: dropped.append("answers")])
    await watch.look()
    dropped.clear()
    assert not await watch.look()
    fence.number += 1
    assert await watch.look()
    assert dropped == ["keys", "answers"]
    assert not await watch.look()


async def test_a_store_that_is_away_is_asked_again() -> None:
    fence = Fence()
    fence.away = True
    dropped = asyncio.Event()
    task = asyncio.create_task(Watch(fence, [dropped.set], every=0.001).run())
    try:
        async with asyncio.timeout(5):
            await fence.often.wait()
        assert not dropped.is_set()
        fence.away = False
        async with asyncio.timeout(5):
            await dropped.wait()
    finally:
        task.cancel()


async def test_kept_answers_go_and_running_claims_stay() -> None:
    coordination = MemoryCoordination()
    kept, held = await coordination.claim("a", b"", 60), await coordination.claim("b", b"", 60)
    assert isinstance(kept, Claimed)
    assert isinstance(held, Claimed)
    await coordination.complete("a", kept.token, b"an answer about somebody", 60, ("them",))
    coordination.forget_everything()
    assert isinstance(await coordination.claim("a", b"", 60), Claimed)
    assert isinstance(await coordination.claim("b", b"", 60), Running)
