"""What every protocol's stream has in common; what an error looks like; what is bounded."""

import gc
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.protocols import event_data
from ai_gateway.protocols.channels import MOST_OPEN
from ai_gateway.protocols.deltas import StreamRelease, error_event
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.replies import MAX_DEPTH
from ai_gateway.protocols.sse import Event
from stream_samples import VALUES, bodies, event, restorers

WRITING = [Protocol.CHAT, Protocol.MESSAGES, Protocol.RESPONSES]
ANA = VALUES["<CLIENT_1>"]


def release(protocol: Protocol = Protocol.CHAT) -> StreamRelease:
    return StreamRelease(protocol, restorers)


def delta(protocol: Protocol, text: str, place: int = 0) -> Event:
    match protocol:
        case Protocol.CHAT:
            return event({"id": "c", "choices": [{"index": place, "delta": {"content": text}, "finish_reason": None}]})
        case Protocol.MESSAGES:
            said = {"type": "text_delta", "text": text}
            return event({"type": "content_block_delta", "index": place, "delta": said}, named=True)
        case _:
            where = {"item_id": "i", "output_index": place, "content_index": 0, "sequence_number": 4}
            return event({"type": "response.output_text.delta", **where, "delta": text}, named=True)


def text_of(body: dict[str, Any]) -> str:
    said = body["choices"][0]["delta"]["content"] if "choices" in body else body["delta"]
    return str(said["text"] if isinstance(said, dict) else said)


@pytest.mark.parametrize("protocol", WRITING)
def test_an_event_without_pseudonyms_passes_byte_for_byte(protocol: Protocol) -> None:
    spaced = delta(protocol, "good day").data.replace('": ', '" :   ')
    assert release(protocol).feed(Event(data=spaced)) == [Event(data=spaced)]


@pytest.mark.parametrize("protocol", WRITING)
def test_a_keep_alive_passes(protocol: Protocol) -> None:
    assert release(protocol).feed(Event(comment=True)) == [Event(comment=True)]


@pytest.mark.parametrize("protocol", WRITING)
def test_half_a_pseudonym_waits_and_its_event_goes_on_empty(protocol: Protocol) -> None:
    stream = release(protocol)
    texts = [text_of(bodies(stream.feed(delta(protocol, piece)))[0]) for piece in ("<CLI", "ENT_1", "> hi")]
    assert texts == ["", "", f"{ANA} hi"]
    assert stream.finish() == []


@pytest.mark.parametrize("protocol", WRITING)
def test_what_waits_when_the_stream_stops_comes_out_in_an_event_of_the_same_shape(protocol: Protocol) -> None:
    stream = release(protocol)
    stream.feed(delta(protocol, "see CLIENT_1"))
    (last,) = stream.finish()
    assert last.name == delta(protocol, "").name
    expected = json.loads(delta(protocol, ANA).data)
    if protocol is Protocol.RESPONSES:
        expected["sequence_number"] = 5
    assert json.loads(last.data) == expected


@pytest.mark.parametrize("protocol", WRITING)
def test_done_comes_last(protocol: Protocol) -> None:
    stream = release(protocol)
    stream.feed(delta(protocol, "USA"))
    tail, done = stream.feed(Event(data="[DONE]"))
    assert text_of(json.loads(tail.data)) == "USA"
    assert done == Event(data="[DONE]")


@pytest.mark.parametrize("protocol", WRITING)
def test_an_event_that_nobody_knows_is_restored_throughout(protocol: Protocol) -> None:
    body = {
        "type": "x.y",
        "id": "CLIENT_1",
        "CLIENT_1": [{"deep": "<CLIENT_1>", "arguments": '{"to":"\\u003cCLIENT_1>"}'}],
        "input": {"id": "CLIENT_1", "name": "<CLIENT_1>", "n": 1.5},
    }
    (told,) = release(protocol).feed(event(body, named=True))
    assert told.name == "x.y"
    assert json.loads(told.data) == {
        "type": "x.y",
        "id": "CLIENT_1",
        "CLIENT_1": [{"deep": ANA, "arguments": json.dumps({"to": ANA}, ensure_ascii=False, separators=(",", ":"))}],
        "input": {"id": ANA, "name": ANA, "n": 1.5},
    }


@pytest.mark.parametrize("data", ["<AMOUNT_1> left", '{"broken": "<AMOUNT_1>"', '"<AMOUNT_1>"', "[" * 100_000])
def test_data_that_is_no_json_object_is_restored_as_text(data: str) -> None:
    assert release().feed(Event(data=data)) == [Event(data=data.replace("<AMOUNT_1>", "1500"))]


@pytest.mark.parametrize("protocol", WRITING)
@pytest.mark.parametrize(
    "odd",
    [
        *(
            {},
            {"choices": None},
            {"choices": [None, 3, {}]},
            {"choices": [{"delta": None}]},
            {"choices": [{"delta": []}]},
        ),
        *(
            {"type": 3},
            {"type": []},
            {"type": None},
            {"type": "content_block_start"},
            {"type": "content_block_delta", "delta": "x"},
        ),
        *({"type": "content_block_start", "index": "x", "content_block": {"type": ["text"], "text": 3}},),
        *({"type": "content_block_delta", "index": None, "delta": {"type": None, "text": ["x"]}},),
        *({"type": "response.output_text.delta"}, {"type": ".delta", "delta": "x"}, {"type": "a.delta", "delta": {}}),
        *({"type": "response.content_part.added", "part": None}, {"type": "response.output_item.added", "item": [1]}),
        *({"type": "response.content_part.added", "part": {"type": {}, "text": "x"}},),
        *(
            {
                "choices": [
                    {"index": 0, "delta": {"tool_calls": ["x", {"function": None}]}, "logprobs": {"content": [1]}}
                ]
            },
        ),
        *({"type": "response.output_text.delta", "delta": "x", "logprobs": [None], "output_index": {}},),
    ],
)
def test_an_event_of_a_shape_that_no_protocol_has_passes(protocol: Protocol, odd: dict[str, Any]) -> None:
    assert [json.loads(told.data) for told in release(protocol).feed(event(odd))] == [odd]


@pytest.mark.parametrize("protocol", WRITING)
def test_an_event_nested_too_deeply_is_refused(protocol: Protocol) -> None:
    deep = '{"a":' * (MAX_DEPTH + 2) + "1" + "}" * (MAX_DEPTH + 2)
    with pytest.raises(VendorReplyUnreadable):
        release(protocol).feed(Event(data=deep))


@pytest.mark.parametrize("protocol", WRITING)
def test_too_many_texts_at_once_are_refused(protocol: Protocol) -> None:
    stream = release(protocol)
    for place in range(MOST_OPEN):
        stream.feed(delta(protocol, "x", place))
    with pytest.raises(VendorReplyUnreadable):
        stream.feed(delta(protocol, "x", MOST_OPEN))


def test_texts_one_after_another_are_as_many_as_they_like() -> None:
    stream = release(Protocol.MESSAGES)
    for place in range(2 * MOST_OPEN):
        stream.feed(delta(Protocol.MESSAGES, "x", place))
        stream.feed(event({"type": "content_block_stop", "index": place}))


def _long_stream(protocol: Protocol) -> Iterator[Event]:
    for number in range(1500):
        yield delta(protocol, f"{number} " + "word <CLIENT_1> and <CLI" * 40)


@pytest.mark.parametrize("protocol", WRITING)
def test_memory_does_not_grow_with_the_stream(protocol: Protocol) -> None:
    stream = release(protocol)
    sizes: list[int] = []
    tracemalloc.start()
    try:
        for number, piece in enumerate(_long_stream(protocol)):
            stream.feed(piece)
            if number % 500 == 499:
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[-1] - sizes[0] < 32_000  # 1 MB went through in between


def test_lines_hold_what_some_clients_would_cut_or_could_not_write() -> None:
    written = event_data.write({"a": "\x85\u2028\u2029\ud83d", "b": "é😀"})
    assert written == '{"a":"\\u0085\\u2028\\u2029\\ud83d","b":"é😀"}'
    assert written.encode()


# --- a vendor that dies ---------------------------------------------------------------------------------


def test_an_error_in_a_chat_stream_is_what_the_sdk_raises_for() -> None:
    told = error_event(Protocol.CHAT, "vendor-timeout", "Too slow", "req_1")
    assert told.name is None
    error = json.loads(told.data)["error"]
    assert (error["code"], error["message"], error["request_id"]) == ("vendor-timeout", "Too slow", "req_1")


def test_an_error_in_a_message_stream_is_what_the_sdk_raises_for() -> None:
    told = error_event(Protocol.MESSAGES, "vendor-timeout", "Too slow", "req_1")
    body = json.loads(told.data)
    assert (told.name, body["type"], body["request_id"]) == ("error", "error", "req_1")
    assert body["error"] == {"type": "api_error", "message": "Too slow", "code": "vendor-timeout"}


def test_an_error_in_a_response_stream_has_the_documented_fields_and_those_the_sdk_raises_for() -> None:
    told = error_event(Protocol.RESPONSES, "vendor-timeout", "Too slow", "req_1", number=8)
    body = json.loads(told.data)
    assert (told.name, body["type"], body["code"], body["message"]) == ("error", "error", "vendor-timeout", "Too slow")
    assert body["sequence_number"] == 8
    assert body["error"]["request_id"] == "req_1"


@pytest.mark.parametrize("protocol", WRITING)
def test_what_waits_when_the_vendor_dies_comes_before_the_error(protocol: Protocol) -> None:
    stream = release(protocol)
    stream.feed(delta(protocol, "see CLIENT_1"))
    tail, error = (json.loads(told.data) for told in stream.fail("vendor-unreachable", "Gone", "req_1"))
    assert text_of(tail) == ANA
    assert error["error"]["code"] == "vendor-unreachable"
    if protocol is Protocol.RESPONSES:
        assert (tail["sequence_number"], error["sequence_number"]) == (5, 6)


@pytest.mark.parametrize("protocol", WRITING)
def test_the_vendors_own_error_comes_after_what_waits(protocol: Protocol) -> None:
    stream = release(protocol)
    stream.feed(delta(protocol, "USA"))
    told = stream.feed(event({"type": "error", "error": {"message": "overloaded, <CLIENT_1>"}}))
    assert text_of(json.loads(told[0].data)) == "USA"
    assert json.loads(told[1].data)["error"] == {"message": f"overloaded, {ANA}"}
