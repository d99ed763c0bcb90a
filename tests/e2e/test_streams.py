"""Streams of a real process: the first piece comes at once, memory stays where it is, nobody's words get mixed up."""

import asyncio
import json
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import openai
import pytest

import canaries
from e2e.gateway_process import KEY, GatewayProcess
from e2e.people import HEADERS, METADATA, OWN
from e2e.scripted_vendor import HUGE_CHARACTERS, ScriptedVendor

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("e2e")]

SAYS_WHO = {"authorization": f"Bearer {KEY}", **HEADERS}
STREAMS = 200
AT_ONCE = 200
MOST_GROWTH_KILOBYTES = 24_000
MOST_SOCKETS_LEFT = 260
"""The pool to vendors keeps connections for the next request, 256 at most."""


async def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    for _ in range(int(seconds / 0.02)):
        if happened():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")


async def test_the_first_words_arrive_while_the_vendor_is_still_at_its_second(
    openai_async: openai.AsyncOpenAI, vendor: ScriptedVendor
) -> None:
    """In chunks sent by the vendor, every 20 ms: one that opens the reply, then the words."""
    ahead: list[int] = []
    for _ in range(5):
        stream = await openai_async.chat.completions.create(
            model="echo.slow", messages=[{"role": "user", "content": "no names at all"}], stream=True
        )
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                ahead.append(vendor.received[-1].sent)
                break
        await stream.close()
    assert min(ahead) <= 2, ahead
    assert sorted(ahead)[2] <= 3, "mostly at once, whatever else this machine does"


async def test_every_piece_is_passed_on_before_the_vendor_has_sent_the_end(
    openai_async: openai.AsyncOpenAI, vendor: ScriptedVendor
) -> None:
    stream = await openai_async.chat.completions.create(
        model="echo.slow", messages=[{"role": "user", "content": OWN}], stream=True, metadata=METADATA
    )
    behind: list[int] = []
    seen = 0
    async for _ in stream:
        seen += 1
        behind.append(vendor.received[-1].sent - seen)
    assert sorted(behind)[len(behind) // 2] <= 2


async def test_fifty_million_characters_pass_without_memory_growing(gateway: GatewayProcess) -> None:
    body = {"model": "huge", "stream": True, "messages": [{"role": "user", "content": OWN}]}
    most = received = 0
    async with (
        httpx.AsyncClient(base_url=gateway.base, headers=SAYS_WHO, timeout=60) as client,
        client.stream("POST", "/v1/chat/completions", json=body) as answer,
    ):
        start = 0
        async for piece in answer.aiter_bytes():
            received += len(piece)
            if not start and received > HUGE_CHARACTERS // 10:
                start = gateway.resident_kilobytes()
            if start:
                most = max(most, gateway.resident_kilobytes() - start)
    assert received > HUGE_CHARACTERS
    assert most < MOST_GROWTH_KILOBYTES
    assert gateway.shares(1)[0]["outcome"]["status"] == "released"


async def test_a_slow_reader_slows_the_vendor_down(gateway: GatewayProcess, vendor: ScriptedVendor) -> None:
    body = {"model": "huge", "stream": True, "messages": [{"role": "user", "content": "no names at all"}]}
    async with (
        httpx.AsyncClient(base_url=gateway.base, headers=SAYS_WHO, timeout=60) as client,
        client.stream("POST", "/v1/chat/completions", json=body) as answer,
    ):
        pieces = answer.aiter_raw(1000)
        await anext(pieces)
        held = -1
        while held != vendor.received[-1].sent:
            held = vendor.received[-1].sent
            await asyncio.sleep(0.3)
        assert held * 66_000 < HUGE_CHARACTERS / 2, "nobody reads, so it may not all be on its way"
        await pieces.aclose()
    await until(lambda: vendor.running == 0)
    assert gateway.shares(1)[0]["outcome"]["status"] == "abandoned"


async def test_two_hundred_streams_at_once_half_of_them_cut_leave_nothing_behind(
    gateway: GatewayProcess, vendor: ScriptedVendor
) -> None:
    """Each conversation has a person of its own, and all their pseudonyms look alike."""
    await until(lambda: vendor.running == 0)
    before, turnstile = {share["id"] for share in gateway.shares(1_000)}, asyncio.Semaphore(AT_ONCE)
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=gateway.base, headers=SAYS_WHO, timeout=60, limits=limits) as client:
        told = await asyncio.gather(*(_converse(client, number, turnstile) for number in range(STREAMS)))
    await until(lambda: vendor.running == 0)

    people = {f"Person{_letters(number)}": number for number in range(STREAMS)}
    for number, text in told:
        assert {people[word] for word in text.split() if word in people} <= {number}
    whole = [(number, text) for number, text in told if number % 2 == 0]
    assert all(text == _said(number) for number, text in whole)

    await until(lambda: gateway.unsettled() == [])
    ended = [share["outcome"]["status"] for share in gateway.shares(1_000) if share["id"] not in before]
    assert len(ended) == STREAMS
    assert ended.count("released") >= STREAMS // 2
    assert ended.count("abandoned") >= STREAMS // 4
    assert set(ended) <= {"released", "abandoned"}
    await until(lambda: gateway.sockets() <= MOST_SOCKETS_LEFT)
    received = [request.body for request in vendor.received[-STREAMS:]]
    assert not [name for name in people if any(name.encode() in body for body in received)]
    assert gateway.traces() == []


def _letters(number: int) -> str:
    """A name of letters alone, another for each number."""
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(3))


def _words(number: int) -> str:
    return f"Person{_letters(number)} Quillfeather meets Person{_letters(number)} again. " * 6


def _said(number: int) -> str:
    return f"You said: {_words(number)}"


async def _converse(client: httpx.AsyncClient, number: int, turnstile: asyncio.Semaphore) -> tuple[int, str]:
    """Streams of odd numbers are cut, by the client, after a few pieces."""
    random = Random(number)
    actor = {"role": "client", "known": {"names": [f"Person{_letters(number)} Quillfeather"]}}
    body: dict[str, Any] = {
        "model": "echo.slow" if number % 2 else "echo",
        "stream": True,
        "messages": [{"role": "user", "content": _words(number)}],
        "metadata": {"conversation": f"talk_{number}", "subjects": json.dumps({f"cli_{number}": actor})},
    }
    stop, text = (random.randint(1, 30) if number % 2 else None), ""
    async with turnstile, client.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200, await answer.aread()
        lines = 0
        async for line in answer.aiter_lines():
            if not line.startswith("data: {"):
                continue
            text += json.loads(line.removeprefix("data: "))["choices"][0]["delta"].get("content") or ""
            lines += 1
            if lines == stop:
                break
    assert canaries.traces([text]) in ([], canaries.traces(["Quillfeather"]))
    return number, text
