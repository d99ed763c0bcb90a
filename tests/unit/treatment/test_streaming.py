"""A streamed reply, from the vendor's bytes to the client's."""

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.errors import ReplyRefused, VendorError, VendorRateLimited, VendorReplyUnreadable, VendorUnreachable
from ai_gateway.model import ClearedOutbound, Role, TreatedExchange
from ai_gateway.policies.policy import OutputRule, UnexpectedPersonalData
from ai_gateway.protocols.protocol import Protocol, Speech
from ai_gateway.protocols.sse import Event, Reader
from ai_gateway.treatment.streaming import Stream, stream_of
from ai_gateway.treatment.treat import Treatment
from fakes import LiteralDetector
from reply_streams import REPLIES, streamed
from treatment_samples import budgeted, item, outbound, permission, rule

pytestmark = pytest.mark.anyio

TREATMENT = Treatment(LiteralDetector({"Zoe": "PERSON", "Bo Stone": "PERSON"}), PresidioOperators())
REMOVE = rule(Role.CLIENT)
LONG = "No name stands in this sentence at all. " * 10


async def stream(
    output: OutputRule = REMOVE, speech: Speech = Speech.OPENAI, protocol: Protocol | None = None
) -> Stream:
    prompt = budgeted(await TREATMENT.treat(permission([item("Sam Lee and Bo Stone")])))
    if protocol is not None:
        prompt = replace(prompt, exchange=TreatedExchange(protocol=protocol, body={}, model="m", stream=True))
    cleared = ClearedOutbound(outbound=replace(outbound(prompt), speech=speech), prompt=prompt)
    return stream_of(TREATMENT, cleared, output)


def chunk(text: str, finish: str | None = None) -> bytes:
    body = {"id": "c_1", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}
    return Event(data=json.dumps(body)).encode()


def events(sent: bytes) -> list[Event]:
    return Reader().feed(sent)


def told(sent: bytes) -> str:
    return "".join(json.loads(event.data)["text"] for event in events(sent) if event.name == "delta")


@pytest.mark.parametrize("speech", list(Speech))
async def test_a_runs_text_is_restored_whoever_speaks(speech: Speech) -> None:
    reply = streamed(speech, REPLIES[speech]("Dear <CLIENT_1>, <PERSON_1> 👍"), Random(3))
    one = await stream(speech=speech)
    sent = await one.feed(reply) + await one.finish()
    assert {event.name for event in events(sent)} == {"delta"}
    assert told(sent) == "Dear Sam Lee, Bo Stone 👍"
    assert one.released().restored == 2
    assert one.completion("m").finish_reason == "stop"
    assert one.completion("m").text.startswith("sha256:")


async def test_a_passage_goes_when_it_is_complete_and_what_nobody_sent_in_is_taken_out() -> None:
    one = await stream()
    assert await one.feed(chunk(f"Ask Zoe. {LONG}")) == b""
    first = told(await one.feed(chunk("<CLIENT_1> has Zoe's number.")))
    assert first == f"Ask [removed: name]. {LONG}"
    assert told(await one.feed(chunk("", "stop")) + await one.finish()) == "Sam Lee has [removed: name]'s number."
    assert one.released().removed == {"PERSON": 2}


async def test_where_nothing_is_taken_out_a_text_is_held_back_no_longer_than_a_pseudonym() -> None:
    one = await stream(rule(Role.CLIENT, unexpected=UnexpectedPersonalData.KEEP))
    assert told(await one.feed(chunk("Dear Zoe, <CLI"))) == "Dear Zoe, "
    assert told(await one.feed(chunk("ENT_1>"))) == "Sam Lee"


async def test_where_replies_are_refused_nothing_goes_before_all_was_read() -> None:
    strict = rule(Role.CLIENT, unexpected=UnexpectedPersonalData.REFUSE)
    one = await stream(strict)
    assert await one.feed(chunk(LONG) + chunk("Dear <CLIENT_1>", "stop")) == b""
    assert told(await one.finish()) == f"{LONG}Dear Sam Lee"
    other = await stream(strict)
    assert await other.feed(chunk(LONG)) == b""
    with pytest.raises(ReplyRefused):
        await other.feed(chunk(f"Zoe. {LONG}{LONG}"))


async def test_a_vendors_sign_of_life_is_passed_on() -> None:
    one = await stream()
    assert await one.feed(b": waiting\n\n") == b": keep-alive\n\n"


@pytest.mark.parametrize("protocol", [None, Protocol.CHAT])
async def test_a_stream_that_just_stops_is_no_reply(protocol: Protocol | None) -> None:
    one = await stream(protocol=protocol)
    await one.feed(chunk("Dear"))
    with pytest.raises(VendorUnreachable):
        await one.finish()


async def test_a_last_event_without_its_empty_line_counts_and_half_a_one_does_not() -> None:
    one = await stream(protocol=Protocol.CHAT)
    sent = await one.feed(chunk("Dear <CLIENT_1>") + chunk("!", "stop").rstrip(b"\n"))
    sent += await one.finish()
    said: list[Any] = [json.loads(event.data)["choices"][0]["delta"].get("content", "") for event in events(sent)]
    assert "".join(said) == "Dear Sam Lee!"
    other = await stream(protocol=Protocol.CHAT)
    await other.feed(chunk("Dear", "stop") + b'data: {"id": "c_1", "choi')
    assert await other.finish() == b""
    done = await stream(protocol=Protocol.CHAT)
    await done.feed(chunk("Dear", "stop") + b"data: [DONE]")
    assert await done.finish() == b"data: [DONE]\n\n"


async def test_a_vendor_that_fails_is_told_in_the_protocols_way_and_of_a_run_by_its_route() -> None:
    error = VendorUnreachable("The connection broke.")
    exchange = await stream(protocol=Protocol.MESSAGES)
    (event,) = events(exchange.fail(error, "req_1"))
    assert (event.name, json.loads(event.data)["request_id"]) == ("error", "req_1")
    assert (await stream()).fail(error, "req_1") == b""


async def test_an_event_without_end_is_refused() -> None:
    one = await stream()
    for _ in range(16):
        assert await one.feed(b"x" * (1 << 20)) == b""
    with pytest.raises(VendorReplyUnreadable):
        await one.feed(b"x")


COMPLAINTS = [
    (b'data: {"error": {"message": "Zoe broke it", "type": "server_error"}}\n\n', VendorError),
    (b'data: {"id": "c_1", "choices": [], "error": {"code": "rate_limit_exceeded"}}\n\n', VendorRateLimited),
    (b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error"}}\n\n', VendorUnreachable),
    (b'data: {"error": {"code": 503, "message": "Busy", "status": "UNAVAILABLE"}}\n\n', VendorUnreachable),
    (b'data: {"type": "error", "code": "server_error", "message": "x", "sequence_number": 3}\n\n', VendorError),
    (b'data: {"error": "out of memory"}\n\n', VendorError),
]


@pytest.mark.parametrize(("complaint", "kind"), COMPLAINTS)
@pytest.mark.parametrize("protocol", [None, Protocol.CHAT])
async def test_a_vendor_that_complains_in_the_middle_has_failed_even_if_it_then_says_done(
    complaint: bytes, kind: type[VendorError], protocol: Protocol | None
) -> None:
    one = await stream(rule(Role.CLIENT, unexpected=UnexpectedPersonalData.KEEP), protocol=protocol)
    with pytest.raises(VendorError) as failed:
        await one.feed(chunk("Dear <CLIENT_1>, ") + complaint + b"data: [DONE]\n\n")
    assert type(failed.value) is kind
    assert "Zoe" not in str(failed.value)
    before, *last = events(one.fail(failed.value, "req_1"))
    assert "Dear Sam Lee" in before.data
    assert [json.loads(event.data)["error"]["code"] for event in last] == ([] if protocol is None else [kind.code])


async def test_an_error_that_a_model_only_writes_about_is_none() -> None:
    one = await stream(protocol=Protocol.CHAT)
    assert b"overloaded" in await one.feed(chunk('{"type": "error", "error": {"type": "overloaded_error"}}'))


async def test_a_run_does_not_go_on_without_the_words_of_an_event_that_nobody_can_read() -> None:
    one = await stream()
    with pytest.raises(VendorReplyUnreadable):
        await one.feed(chunk("Dear") + b'data: {"id": "c_1", "choi\n\n' + chunk("client", "stop"))
