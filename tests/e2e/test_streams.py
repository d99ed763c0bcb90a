"""Streams of a real process: every event at once, memory stays where it is, nobody's words get mixed up."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import httpx
import openai
import pytest

import canaries
from e2e.gateway_process import KEY, GatewayProcess
from e2e.people import HEADERS, METADATA, OWN
from e2e.scripted_vendor import ENDLESS_CHARACTERS, HELD_AFTER, HUGE_CHARACTERS, ScriptedVendor

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("e2e")]
reads_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory and connections of a process are read from /proc: Linux"
)

SAYS_WHO = {"authorization": f"Bearer {KEY}", **HEADERS}
USER = [{"role": "user", "content": OWN}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": USER},
    "/v1/messages": {"messages": USER, "max_tokens": 9},
    "/v1/responses": {"input": OWN},
}
STREAMS = 200
MOST_GROWTH_KILOBYTES = 24_000
POOL = 256
"""Connections to vendors that may be kept for later requests."""


async def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - what is waited for happens in other processes and threads
            await asyncio.sleep(0.02)


async def test_the_first_words_arrive_while_the_vendor_waits_to_say_more(
    openai_async: openai.AsyncOpenAI, vendor: ScriptedVendor
) -> None:
    """The vendor opens the reply and says its first words, and no more until the client has them."""
    gate = vendor.gate()
    gate.let(2)
    stream = await openai_async.chat.completions.create(
        model=f"echo.{gate.name}",
        messages=[{"role": "user", "content": OWN}],
        stream=True,
        stream_options={"include_usage": True},
        extra_body={"metadata": METADATA},
    )
    chunks = aiter(stream)
    assert (await anext(chunks)).choices[0].delta.role == "assistant"
    assert (await anext(chunks)).choices[0].delta.content == "You"
    assert vendor.received[-1].sent == 2
    await stream.close()
    await until(lambda: vendor.running == 0)


@pytest.mark.parametrize("path", ASKED)
async def test_every_event_is_passed_on_before_the_vendor_sends_the_next(
    gateway: GatewayProcess, vendor: ScriptedVendor, path: str
) -> None:
    """Also those within a pseudonym, which say nothing yet."""
    gate = vendor.gate()
    body = {"model": f"echo.{gate.name}", "stream": True, **ASKED[path]}
    gate.let()
    async with (
        httpx.AsyncClient(base_url=gateway.base, headers=SAYS_WHO, timeout=60) as client,
        client.stream("POST", path, json=body) as answer,
    ):
        events = 0
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                events += 1
                assert vendor.received[-1].sent <= events
                gate.let()
    assert events > 30
    assert vendor.received[-1].ended == "whole"


@reads_proc
async def test_fifty_million_characters_pass_without_memory_growing(gateway: GatewayProcess) -> None:
    body = {"model": "huge", "stream": True, "messages": USER}
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


async def test_a_reader_that_stops_reading_stops_the_vendor(gateway: GatewayProcess, vendor: ScriptedVendor) -> None:
    """What is under way then lies in the kernel's buffers, which some systems let grow to tens of megabytes for each
    connection: so the reply is far longer than those."""
    body = {"model": "endless", "stream": True, "messages": USER}
    async with (
        httpx.AsyncClient(base_url=gateway.base, headers=SAYS_WHO, timeout=60) as client,
        client.stream("POST", "/v1/chat/completions", json=body) as answer,
    ):
        assert await anext(answer.aiter_raw(1000))
        held = -1
        while held != vendor.received[-1].sent:
            held = vendor.received[-1].sent
            await asyncio.sleep(1)
        assert held * 66_000 < ENDLESS_CHARACTERS / 10, "nobody reads, so it may not all be on its way"
    await until(lambda: vendor.running == 0)
    await until(lambda: gateway.unsettled() == [])
    assert gateway.shares(1)[0]["outcome"]["status"] == "abandoned"


@reads_proc
async def test_two_hundred_streams_at_once_half_of_them_cut_leave_nothing_behind(
    gateway: GatewayProcess, vendor: ScriptedVendor
) -> None:
    """Each conversation has a person of its own, and all their pseudonyms look alike."""
    await until(lambda: vendor.running == 0)
    before, (clients, _) = {share["id"] for share in gateway.shares(1_000)}, gateway.connections()
    all_open = asyncio.Barrier(STREAMS)
    limits = httpx.Limits(max_connections=STREAMS, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=gateway.base, headers=SAYS_WHO, timeout=60, limits=limits) as client:
        told = await asyncio.gather(*(_converse(client, number, all_open) for number in range(STREAMS)))
    await until(lambda: vendor.running == 0)

    people = {f"Person{_letters(number)}": number for number in range(STREAMS)}
    for number, text in told:
        assert {people[word] for word in text.split() if word in people} <= {number}
        assert _said(number).startswith(text)
        assert (text == _said(number)) is (number % 2 == 0)

    await until(lambda: gateway.unsettled() == [])
    ended = [share["outcome"]["status"] for share in gateway.shares(1_000) if share["id"] not in before]
    assert sorted(ended) == ["abandoned"] * (STREAMS // 2) + ["released"] * (STREAMS // 2)
    await until(lambda: gateway.connections()[0] == clients)
    assert gateway.connections()[1] <= POOL
    received = vendor.received[-STREAMS:]
    assert sorted(request.ended for request in received) == ["cut"] * (STREAMS // 2) + ["whole"] * (STREAMS // 2)
    assert not [name for name in people if any(name.encode() in request.body for request in received)]
    assert gateway.traces() == []


def _letters(number: int) -> str:
    """A name of letters alone, another for each number."""
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(3))


def _words(number: int) -> str:
    return f"Person{_letters(number)} Quillfeather meets Person{_letters(number)} again. " * 6


def _said(number: int) -> str:
    return f"You said: {_words(number)}"


async def _converse(client: httpx.AsyncClient, number: int, all_open: asyncio.Barrier) -> tuple[int, str]:
    """Streams of odd numbers are cut, by the client, after a few pieces, and none before all are open."""
    random = Random(number)
    actor = {"role": "client", "known": {"names": [f"Person{_letters(number)} Quillfeather"]}}
    body: dict[str, Any] = {
        "model": "echo.held" if number % 2 else "echo",
        "stream": True,
        "messages": [{"role": "user", "content": _words(number)}],
        "metadata": {"conversation": f"talk_{number}", "subjects": json.dumps({f"cli_{number}": actor})},
    }
    stop, text = (random.randint(1, HELD_AFTER) if number % 2 else None), ""
    async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200, await answer.aread()
        await all_open.wait()
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
