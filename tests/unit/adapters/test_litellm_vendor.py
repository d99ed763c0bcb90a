"""Sending: every way a vendor can fail, over real connections."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.vendor_transport import Limits, VendorTransport
from ai_gateway.errors import (
    ConfigurationError,
    VendorCredentials,
    VendorError,
    VendorRateLimited,
    VendorRejected,
    VendorReplyUnreadable,
    VendorTimeout,
    VendorUnconfigured,
    VendorUnreachable,
)
from ai_gateway.model import Completion, Message, Outbound, VendorName
from ai_gateway.standin import Step
from vendor_prompts import KEY, profile, prompt, recorded
from vendor_server import VendorServer

pytestmark = pytest.mark.anyio

SECRET = "the words of the reply"
VENDOR = VendorName("acme")


class Plain:
    """Translates as OpenAI's protocol needs it, so that these tests need not wait for litellm."""

    def body(self, _provider: str, model: str, messages: tuple[Message, ...], *_: object) -> dict[str, object]:
        return {"model": model, "messages": [{"role": m.role, "content": m.content} for m in messages]}


class Sender:
    """A vendor whose address is the capturing server."""

    def __init__(self, base: str, *, seconds: float = 10.0, limits: Limits | None = None) -> None:
        made = profile("acme", "openai", "gpt-4.1-mini", api_base=base, timeout_seconds=seconds)
        self.vendor = LitellmVendor(
            {VENDOR: made},
            VendorTransport(limits or Limits(connect_pause_seconds=0.0)),
            {"VENDOR_KEY": KEY},
            translation=Plain,  # type: ignore[arg-type]
        )
        self.prompt = prompt("acme", "gpt-4.1-mini")

    @property
    def outbound(self) -> Outbound:
        return self.vendor.prepare(self.prompt, VENDOR)

    async def send(self) -> Completion:
        return await self.vendor.send(recorded(self.outbound, self.prompt))

    async def fail(self) -> VendorError:
        with pytest.raises(VendorError) as caught:
            await self.send()
        error = caught.value
        told = f"{error!r} {error} {dict(error.facts)!r}"
        assert SECRET not in told
        assert KEY not in told
        assert "<CLIENT_1>" not in told
        assert error.__suppress_context__ or error.__context__ is None
        return error


@pytest.fixture
async def sender(vendor_server: VendorServer) -> AsyncIterator[Sender]:
    made = Sender(vendor_server.openai_base)
    yield made
    await made.vendor.close()


@pytest.mark.parametrize(
    ("status", "error", "fallback"),
    [
        (301, VendorReplyUnreadable, True),
        (307, VendorReplyUnreadable, True),
        (400, VendorRejected, False),
        (401, VendorCredentials, True),
        (402, VendorCredentials, True),
        (403, VendorCredentials, True),
        (404, VendorRejected, False),
        (408, VendorTimeout, True),
        (413, VendorRejected, False),
        (422, VendorRejected, False),
        (429, VendorRateLimited, True),
        (500, VendorError, True),
        (502, VendorUnreachable, True),
        (503, VendorUnreachable, True),
        (504, VendorUnreachable, True),
        (529, VendorUnreachable, True),
        (201, VendorError, True),
    ],
)
async def test_each_status_has_its_error_and_nothing_is_sent_twice(
    sender: Sender,
    vendor_server: VendorServer,
    status: int,
    error: type[VendorError],
    fallback: bool,  # noqa: FBT001
) -> None:
    vendor_server.script(Step(status=status, body=SECRET.encode(), headers={"location": vendor_server.url}))
    raised = await sender.fail()
    assert type(raised) is error
    assert raised.fallback is fallback
    assert raised.facts["status"] == status
    assert raised.facts["vendor"] == "acme"
    assert vendor_server.bodies == [sender.outbound.body]


async def test_a_documented_error_code_is_told_and_an_invented_one_is_not(
    sender: Sender, vendor_server: VendorServer
) -> None:
    vendor_server.script(
        Step(status=400, body=b'{"error": {"message": "the words of the reply", "code": "context_length_exceeded"}}'),
        Step(status=400, body=b'{"error": {"code": "the words of the reply"}}'),
    )
    assert (await sender.fail()).facts["vendor_code"] == "context_length_exceeded"
    assert (await sender.fail()).facts["vendor_code"] is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after": "99999999"}, 86_400.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_how_long_to_wait_is_read_from_the_reply(
    sender: Sender, vendor_server: VendorServer, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    vendor_server.script(Step(status=status, headers=headers))
    assert (await sender.fail()).facts["retry_after"] == seconds


async def test_a_date_to_wait_for_becomes_seconds(sender: Sender, vendor_server: VendorServer) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    vendor_server.script(Step(status=429, headers={"retry-after": when}))
    wait = (await sender.fail()).facts["retry_after"]
    assert isinstance(wait, float)
    assert 50 < wait <= 60


async def test_a_slow_vendor_is_given_up_on(vendor_server: VendorServer) -> None:
    vendor_server.script(Step(delay=3.0))
    slow = Sender(vendor_server.openai_base, seconds=0.1)
    raised = await slow.fail()
    await slow.vendor.close()
    assert type(raised) is VendorTimeout
    assert len(vendor_server.bodies) == 1


@pytest.mark.parametrize("cut", ["before", "middle"])
async def test_a_connection_that_breaks_is_not_tried_again(
    sender: Sender, vendor_server: VendorServer, cut: str
) -> None:
    vendor_server.script(Step(cut=cut))  # type: ignore[arg-type]
    assert type(await sender.fail()) is VendorUnreachable
    assert len(vendor_server.bodies) == 1


async def test_a_connection_kept_alive_that_breaks_is_not_tried_again(
    sender: Sender, vendor_server: VendorServer
) -> None:
    assert (await sender.send()).text
    vendor_server.script(Step(cut="before"))
    assert type(await sender.fail()) is VendorUnreachable
    assert len(vendor_server.bodies) == 2
    assert (await sender.send()).text


async def test_a_connection_that_cannot_be_made_is_tried_again_and_counted() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = Sender(f"http://127.0.0.1:{closed.getsockname()[1]}/v1")
        raised = await nobody.fail()
        await nobody.vendor.close()
    assert type(raised) is VendorUnreachable
    assert raised.facts["attempts"] == 3
    assert "nothing was sent" in raised.detail


async def test_a_vendor_that_comes_back_while_connecting_is_reached(vendor_server: VendorServer) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    limits = Limits(connect_attempts=200, connect_pause_seconds=0.0005)
    late = Sender(f"http://127.0.0.1:{port}/v1", limits=limits)

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", int(vendor_server.url.rsplit(":", 1)[1]))

        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                target.write(data)
            target.close()

        await asyncio.gather(pump(reader, back), pump(there, writer))

    sending = asyncio.ensure_future(late.send())
    await asyncio.sleep(0.02)
    server = await asyncio.start_server(forward, "127.0.0.1", port)
    completion = await sending
    await late.vendor.close()
    server.close()
    await server.wait_closed()
    assert completion.attempts > 1
    assert vendor_server.bodies == [late.outbound.body]


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "compressed"])
async def test_a_reply_larger_than_allowed_is_not_read_to_its_end(vendor_server: VendorServer, gzip: bool) -> None:  # noqa: FBT001
    vendor_server.script(Step(body=b" " * 2_000_000, gzip=gzip))
    bounded = Sender(vendor_server.openai_base, limits=Limits(reply_bytes=100_000))
    raised = await bounded.fail()
    assert type(raised) is VendorReplyUnreadable
    assert raised.facts["limit"] == 100_000
    assert (await bounded.send()).text
    await bounded.vendor.close()


async def test_a_compressed_reply_that_nobody_asked_for_is_read(sender: Sender, vendor_server: VendorServer) -> None:
    vendor_server.script(Step(gzip=True, text="Compressed."))
    assert (await sender.send()).text == "Compressed."
    assert vendor_server.last.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "step",
    [
        Step(body=b"not gzip", headers={"content-encoding": "gzip"}),
        Step(body=b"?", headers={"content-encoding": "br"}),
        Step(body=b"{", headers={}),
        Step(body=b"<html>the words of the reply</html>", headers={"content-type": "text/html"}),
        Step(body=b'{"choices": [{"message": "the words of the reply"}]}'),
    ],
    ids=["not gzip", "unknown coding", "cut JSON", "HTML", "another shape"],
)
async def test_a_reply_of_another_shape_is_unreadable(sender: Sender, vendor_server: VendorServer, step: Step) -> None:
    vendor_server.script(step)
    assert type(await sender.fail()) is VendorReplyUnreadable


async def test_a_reply_that_is_not_http_is_unreadable() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"the words of the reply\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    other = Sender(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    assert type(await other.fail()) is VendorReplyUnreadable
    await other.vendor.close()
    server.close()


async def test_a_certificate_nobody_signed_is_not_accepted_and_nothing_is_sent(vendor_server: VendorServer) -> None:
    # The server speaks no TLS at all, which is the same to a client that insists on it.
    secure = Sender(vendor_server.openai_base.replace("http://", "https://"))
    assert type(await secure.fail()) is VendorUnreachable
    await secure.vendor.close()
    assert vendor_server.bodies == []


async def test_cookies_a_vendor_sets_are_not_sent_back(sender: Sender, vendor_server: VendorServer) -> None:
    vendor_server.script(Step(headers={"set-cookie": "who=you; Path=/"}))
    await sender.send()
    await sender.send()
    assert "cookie" not in vendor_server.last.headers


async def test_a_proxy_in_the_environment_is_not_used(
    sender: Sender, vendor_server: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await sender.send()).text
    assert len(vendor_server.bodies) == 1


async def test_a_large_prompt_arrives_whole(vendor_server: VendorServer) -> None:
    large = Sender(vendor_server.openai_base)
    large.prompt = prompt("acme", "gpt-4.1-mini", messages=(Message(role="user", content="Word. " * 400_000),))
    await large.send()
    await large.vendor.close()
    assert vendor_server.bodies == [large.outbound.body]


async def test_many_requests_at_once_each_get_their_own_answer(sender: Sender, vendor_server: VendorServer) -> None:
    texts = {f"This is answer {number}." for number in range(40)}
    vendor_server.script(*(Step(text=text) for text in texts))
    answers = await asyncio.gather(*(sender.send() for _ in texts))
    assert {answer.text for answer in answers} == texts


async def test_a_cancelled_request_leaves_the_pool_fit_for_use(sender: Sender, vendor_server: VendorServer) -> None:
    vendor_server.script(Step(delay=2.0, text="Late."))
    sending = asyncio.ensure_future(sender.send())
    while not vendor_server.bodies:  # noqa: ASYNC110 - the server is another thread
        await asyncio.sleep(0.001)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    vendor_server.script(Step(text="Now."))
    assert (await sender.send()).text == "Now."


class Streams:
    """A vendor whose streams end with ``[DONE]`` and then, a little later, as HTTP has it; or never."""

    def __init__(self, *, ends: bool) -> None:
        self.ends = ends
        self.read = asyncio.Semaphore(0)
        self.serving: list[asyncio.Task[None] | None] = []

    async def read_twice(self) -> None:
        """The first piece of two streams, one after the other, without waiting for their ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        sender = Sender(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
        for _ in range(2):
            async with sender.vendor.stream(recorded(sender.outbound, sender.prompt)) as pieces:
                assert b"[DONE]" in await anext(pieces)
                self.read.release()
        await sender.vendor.close()
        await asyncio.wait([task for task in self.serving if task is not None])
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
                length = next(line for line in head if line.startswith(b"content-length"))
                await reader.readexactly(int(length.partition(b":")[2]))
                kind = b"content-type: text/event-stream\r\ntransfer-encoding: chunked"
                writer.write(b"HTTP/1.1 200 OK\r\n" + kind + b"\r\n\r\ne\r\ndata: [DONE]\n\n\r\n")
                await writer.drain()
                await self.read.acquire()
                if self.ends:
                    writer.write(b"0\r\n\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_stream_that_was_read_to_its_last_event_leaves_its_connection_to_the_next() -> None:
    vendor = Streams(ends=True)
    await vendor.read_twice()
    assert len(vendor.serving) == 1


async def test_a_stream_that_does_not_end_after_its_last_event_is_closed() -> None:
    vendor = Streams(ends=False)
    await vendor.read_twice()
    assert len(vendor.serving) == 2


async def _first_piece(sender: Sender) -> bytes:
    async with sender.vendor.stream(recorded(sender.outbound, sender.prompt)) as pieces:
        return await anext(pieces)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'data: {"error": {"message": "the words of the reply", "type": "rate_limit_error"}}\n\n', VendorRateLimited),
        (b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error"}}\n\n', VendorUnreachable),
        (b"<html>the words of the reply</html>", VendorUnreachable),
    ],
)
async def test_a_stream_whose_first_event_is_no_piece_of_a_reply_never_opens(
    sender: Sender, vendor_server: VendorServer, body: bytes, kind: type[VendorError]
) -> None:
    vendor_server.script(Step(body=body, headers={"content-type": "text/event-stream"}))
    with pytest.raises(VendorError) as failed:
        await _first_piece(sender)
    assert type(failed.value) is kind
    assert SECRET not in str(failed.value)


async def test_a_first_event_that_lacks_its_empty_line_opens_a_stream_all_the_same(
    sender: Sender, vendor_server: VendorServer
) -> None:
    vendor_server.script(Step(body=b"data: [DONE]", headers={"content-type": "text/event-stream"}))
    assert await _first_piece(sender) == b"data: [DONE]"


@pytest.mark.parametrize("field", ["user", "metadata", "tools", "stream", "safety_identifier"])
def test_a_field_that_is_not_on_the_allow_list_is_never_sent(field: str) -> None:
    class Extra(Plain):
        def body(self, *args: object) -> dict[str, object]:
            return {**super().body(*args), field: "x"}  # type: ignore[arg-type]

    made = profile("acme", "openai", "gpt-4.1-mini")
    vendor = LitellmVendor({VENDOR: made}, VendorTransport(), {"VENDOR_KEY": KEY}, translation=Extra)  # type: ignore[arg-type]
    with pytest.raises(VendorError, match="not on the allow-list") as caught:
        vendor.prepare(prompt("acme", "gpt-4.1-mini"), VENDOR)
    assert caught.value.facts["field"] == f"/{field}"


def test_an_error_of_the_translation_is_not_quoted() -> None:
    from ai_gateway.adapters.litellm_translation import Translation

    broken = object.__new__(Translation)  # as it is when litellm is not the version it was written for
    with pytest.raises(VendorError, match="could not be translated") as caught:
        broken.body("openai", "gpt-4.1-mini", (Message(role="user", content=SECRET),), {}, "https://v.example")
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("base", "fault"),
    [
        ("http://models.example/v1", "this machine only"),
        ("https://user:pass@models.example", "without user"),
        ("https://models.example/v1?key=1", "without user, query"),
        ("https://models.example/v1#x", "fragment"),
        ("ftp://models.example", "https:// URL"),
        ("models.example", "https:// URL"),
        ("https://[::1", "not a URL"),
        ("https://models.example:port", "not a URL"),
    ],
)
def test_an_address_that_could_leak_the_key_is_a_start_up_error(base: str, fault: str) -> None:
    made = profile("acme", "openai", "m", api_base_env="ACME_URL")
    with pytest.raises(ConfigurationError, match=fault) as caught:
        LitellmVendor({VENDOR: made}, VendorTransport(), {"VENDOR_KEY": KEY, "ACME_URL": base})
    assert "pass" not in str(caught.value)


def test_every_problem_of_every_profile_is_told_at_once() -> None:
    profiles = {
        VendorName("one"): profile("one", "cohere", "m"),
        VendorName("two"): profile("two", "anthropic", "m", no_store={"store": False}),
        VendorName("three"): profile("three", "openai", "m", credential_env="ODD_KEY"),
    }
    with pytest.raises(ConfigurationError) as caught:
        LitellmVendor(profiles, VendorTransport(), {"ODD_KEY": "two words\n\x00"})
    assert len(caught.value.problems) == 3
    assert "two words" not in str(caught.value)


def test_a_vendor_with_an_address_of_its_own_never_falls_back_to_anothers() -> None:
    made = profile("acme", "openai", "m", api_base_env="ACME_URL")
    vendor = LitellmVendor({VENDOR: made}, VendorTransport(), {"VENDOR_KEY": KEY}, translation=Plain)  # type: ignore[arg-type]
    assert "ACME_URL" in (vendor.missing(VENDOR) or "")
    with pytest.raises(VendorUnconfigured, match="ACME_URL"):
        vendor.prepare(prompt("acme", "m"), VENDOR)


def test_a_vendor_the_policy_does_not_name_is_refused() -> None:
    vendor = LitellmVendor({}, VendorTransport(), {})
    with pytest.raises(VendorUnconfigured):
        vendor.prepare(prompt("acme", "m"), VENDOR)


def test_neither_key_nor_body_is_in_a_repr() -> None:
    made = profile("acme", "openai", "m")
    vendor = LitellmVendor({VENDOR: made}, VendorTransport(), {"VENDOR_KEY": KEY}, translation=Plain)  # type: ignore[arg-type]
    outbound = vendor.prepare(prompt("acme", "m"), VENDOR)
    assert KEY not in f"{outbound!r} {vendor._door(VENDOR)!r}"
    assert "<CLIENT_1>" not in repr(outbound)
