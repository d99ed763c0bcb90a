"""A response in pieces, driven as a server drives it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.types import Message

from ai_gateway.api import streams
from ai_gateway.api.streams import EventStream
from ai_gateway.api.visit import Visit
from ai_gateway.errors import GatewayError, VendorTimeout, VendorUnreachable
from ai_gateway.model import Opened, Reply, RunId, ShareId, ShareSummary

pytestmark = pytest.mark.anyio

SHARE = ShareSummary(id=ShareId("shr_1"), vendor="v", model="m", region="r")
OPENED = Opened(run=RunId("run_1"), share=SHARE, timings={"vendor": 1.0})
REPLY = Reply(
    run=RunId("run_1"),
    output="",
    finish_reason="stop",
    shares=(SHARE,),
    decisions=(),
    entities={},
    removed_from_reply={},
    input_tokens=1,
    output_tokens=1,
    prompt_name="chat",
    prompt_version=1,
    policy_digest="0",
)


class Client:
    """Takes what is sent; leaves when told to."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        self.got = asyncio.Event()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message["type"] == "http.response.body":
            self.got.set()
        await asyncio.sleep(0)

    @property
    def body(self) -> list[bytes]:
        return [message["body"] for message in self.sent if message["type"] == "http.response.body"]


class Told:
    """What a route says around the pieces; ``replies`` are those it was told."""

    def __init__(self, first: bytes = b"", last: bytes = b"", failure: bytes = b"") -> None:
        self.first, self.last, self.failure = first, last, failure
        self.replies: list[Reply] = []

    def opened(self, opened: Opened) -> bytes:
        assert opened == OPENED
        return self.first

    def answered(self, reply: Reply) -> bytes:
        self.replies.append(reply)
        return self.last

    def failed(self, error: GatewayError) -> bytes:
        assert error.code
        return self.failure


async def play(
    client: Client, pieces: AsyncGenerator[streams.Piece], told: Told | None = None
) -> tuple[Visit, list[Reply]]:
    visit, told = Visit(request_id="req_1"), told or Told()
    await EventStream(pieces, visit, told)({"type": "http"}, client.receive, client.send)
    return visit, told.replies


async def test_pieces_are_sent_as_they_come_and_the_reply_is_told() -> None:
    async def pieces() -> AsyncGenerator[streams.Piece]:
        yield OPENED
        yield b"data: 1\n\n"
        yield b""
        yield b"data: 2\n\n"
        yield REPLY

    client = Client()
    visit, replies = await play(client, pieces())
    assert client.body == [b"data: 1\n\n", b"data: 2\n\n", b""]
    assert client.sent[0]["status"] == 200
    assert (b"content-type", b"text/event-stream; charset=utf-8") in client.sent[0]["headers"]
    assert replies == [REPLY]
    assert visit.share == "shr_1"


async def test_an_error_before_the_first_piece_is_raised_and_nothing_is_sent() -> None:
    async def pieces() -> AsyncGenerator[streams.Piece]:
        for failure in (VendorTimeout(),):
            raise failure
        yield b""

    client = Client()
    with pytest.raises(VendorTimeout):
        await play(client, pieces())
    assert client.sent == []


async def test_a_later_error_has_been_told_in_the_stream_and_ends_it() -> None:
    async def pieces() -> AsyncGenerator[streams.Piece]:
        yield OPENED
        yield b"event: error\n\n"
        raise VendorUnreachable

    client = Client()
    visit, _ = await play(client, pieces())
    assert client.body == [b"event: error\n\n", b""]
    assert visit.code == "vendor-unreachable"


async def test_what_a_route_says_stands_before_and_after_the_pieces() -> None:
    async def pieces() -> AsyncGenerator[streams.Piece]:
        yield OPENED
        yield b"data: 1\n\n"
        yield REPLY

    client = Client()
    await play(client, pieces(), Told(b"first", b"last", b"failure"))
    assert client.body == [b"first", b"data: 1\n\n", b"last", b""]


async def test_a_route_may_tell_of_an_error_itself_and_nothing_follows() -> None:
    async def pieces() -> AsyncGenerator[streams.Piece]:
        yield OPENED
        raise VendorUnreachable

    client = Client()
    visit, _ = await play(client, pieces(), Told(failure=b"failure"))
    assert client.body == [b"failure", b""]
    assert visit.code == "vendor-unreachable"


async def test_an_unknown_error_is_raised_without_ending_the_response_as_if_it_were_whole() -> None:
    async def pieces() -> AsyncGenerator[streams.Piece]:
        yield OPENED
        raise ZeroDivisionError

    client = Client()
    with pytest.raises(ZeroDivisionError):
        await play(client, pieces())
    assert client.body == []


async def test_a_reader_that_leaves_stops_the_pieces() -> None:
    ended = asyncio.Event()
    client = Client()

    async def pieces() -> AsyncGenerator[streams.Piece]:
        try:
            yield OPENED
            yield b"data: 1\n\n"
            await client.got.wait()
            client.left.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    visit, replies = await play(client, pieces())
    assert ended.is_set()
    assert (visit.code, replies) == ("abandoned", [])
    assert client.body == [b"data: 1\n\n"]


async def test_a_reader_that_leaves_before_anything_came_stops_them_too() -> None:
    client = Client()
    client.left.set()
    ended = asyncio.Event()

    async def pieces() -> AsyncGenerator[streams.Piece]:
        try:
            await asyncio.Event().wait()
            yield OPENED
        finally:
            ended.set()

    await play(client, pieces())
    assert client.sent == []


async def test_signs_of_life_are_sent_while_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "KEEP_ALIVE_SECONDS", 0.001)
    enough = asyncio.Event()

    async def pieces() -> AsyncGenerator[streams.Piece]:
        yield OPENED
        await enough.wait()
        yield b"data: 1\n\n"

    class Patient(Client):
        async def send(self, message: Message) -> None:
            await super().send(message)
            if len(self.body) == 3:
                enough.set()

    client = Patient()
    await play(client, pieces())
    assert client.body[:3] == [b": keep-alive\n\n"] * 3
    assert client.body[-2:] == [b"data: 1\n\n", b""]


async def test_no_more_than_two_pieces_are_read_ahead_of_a_slow_reader() -> None:
    given = 0

    async def pieces() -> AsyncGenerator[streams.Piece]:
        nonlocal given
        yield OPENED
        for _ in range(50):
            given += 1
            yield b"data: x\n\n"

    class Slow(Client):
        ahead = 0

        async def send(self, message: Message) -> None:
            for _ in range(20):
                await asyncio.sleep(0)
            await super().send(message)
            self.ahead = max(self.ahead, given - len(self.body))

    client = Slow()
    await play(client, pieces())
    assert len(client.body) == 51
    assert client.ahead <= 3
