"""Laws of streamed replies: however a vendor cuts its stream, the client joins the restored whole."""

import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ai_gateway.protocols.deltas import StreamRelease
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.replies import restored
from ai_gateway.protocols.restoring_json import InJson
from ai_gateway.protocols.sse import Event, Reader
from ai_gateway.treatment.placeholder import LONGEST
from ai_gateway.treatment.stream import Restorer
from nightly import examples
from reply_streams import cut
from stream_samples import (
    STEMS,
    back,
    back_throughout,
    bodies,
    chat_events,
    chat_joined,
    message_events,
    message_joined,
    pieces,
    released,
    response_events,
    response_joined,
    restorers,
)

mentions = st.sampled_from(
    [
        *("<CLIENT_1>", "<CLIENT_1_FIRST>", "<PERSON_2>", "<AMOUNT_1>", "CLIENT_1", "[PERSON_2]", "< client 1 >"),
        *("\\<CLIENT_1>", "\\<client\\_1\\>", "&lt;CLIENT_1&gt;", "\\u003cCLIENT_1\\u003e", "<CLIENT_1", "<CLIENT_12>"),
        *("<PERSON_3>", "Dr. <PERSON_3>", "Prof. ", "dr", "."),
        *("<PERSON_4>", "Sr. <PERSON_4>", "<CLIENT_1> Sr. ", "met Garcia ", "Sr. ", "El ", "Mr. "),
        *("USA", "<", "\\", "[", "&", "%3", " ", "\n", '"', "{", "}", ",", ":", "😀", "é", "\u2028", "\x85", "data: "),
    ]
)
texts = st.lists(st.one_of(mentions, st.text(max_size=4)), max_size=8).map("".join)
seeds = st.integers(0, 2**32).map(Random)
leaves = st.one_of(texts, st.integers(-10, 10**6), st.booleans(), st.none())
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
objects = st.dictionaries(texts, values, max_size=3)


def written(value: Any, random: Random) -> str:
    """As JSON, one way or another of writing it."""
    text = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice((None, None, 2)))
    if random.random() < 0.5:
        text = text.replace("<", "\\u003c").replace(">", "\\u003E")
    return text.replace("/", "\\/") if random.random() < 0.3 else text


arguments = st.builds(written, objects, seeds)
choices = st.fixed_dictionaries(
    {"reasoning_content": texts, "content": texts, "refusal": texts, "calls": st.lists(arguments, max_size=2)}
)
blocks = st.one_of(st.tuples(st.sampled_from(["text", "thinking"]), texts), st.tuples(st.just("tool_use"), arguments))
items = st.one_of(
    st.tuples(st.sampled_from(["output_text", "refusal", "reasoning", "custom_tool_call"]), texts),
    st.tuples(st.just("function_call"), arguments),
)


def received(protocol: Protocol, events: list[Event], random: Random) -> list[dict[str, Any]]:
    """What a client reads of the vendor's bytes, which end their lines in some way and arrive cut anywhere."""
    sent = b"".join(event.encode() for event in events).replace(b"\n", random.choice((b"\n", b"\r\n", b"\r")))
    return bodies(Reader().feed(sent_on(protocol, cut(sent, random))))


@examples(700)
@given(st.lists(choices, min_size=1, max_size=3), seeds)
def test_joined_chat_chunks_are_the_restored_whole(said: list[dict[str, Any]], random: Random) -> None:
    joined = chat_joined(received(Protocol.CHAT, chat_events(said, random), random), len(said))
    for choice, whole in zip(said, joined, strict=True):
        for kind in ("reasoning_content", "content", "refusal"):
            assert whole[kind] == back(choice[kind])
        assert whole["tokens"] == whole["content"]
        assert whole["finish_reason"] == "stop"
        for number, arguments in enumerate(choice["calls"]):
            call = whole["calls"][number]
            assert json.loads(call["arguments"]) == back_throughout(json.loads(arguments))
            assert (call["id"], call["name"]) == (f"call_{number}", "SEND_MAIL")
        unstreamed: Any = {**choice, "calls": [{"function": {"arguments": one}} for one in choice["calls"]]}
        streamed = {kind: whole[kind] for kind in ("reasoning_content", "content", "refusal")}
        calls = [{"function": {"arguments": call["arguments"]}} for _, call in sorted(whole["calls"].items())]
        assert restored(unstreamed, restorers) == {**streamed, "calls": calls}


@examples(700)
@given(st.lists(blocks, max_size=4), seeds)
def test_joined_message_blocks_are_the_restored_whole(said: list[tuple[str, str]], random: Random) -> None:
    joined = message_joined(received(Protocol.MESSAGES, message_events(said, random), random))
    for (kind, text), whole in zip(said, joined, strict=True):
        if kind == "tool_use":
            unstreamed = restored({"type": kind, "input": json.loads(text)}, restorers)
            assert {"type": kind, "input": json.loads(whole)} == unstreamed
        else:
            assert whole == back(text)
            assert restored({"type": kind, "text": text}, restorers) == {"type": kind, "text": whole}


@examples(700)
@given(st.lists(items, max_size=4), seeds)
def test_joined_response_deltas_are_the_restored_whole_and_every_copy_of_it(
    said: list[tuple[str, str]], random: Random
) -> None:
    told = received(Protocol.RESPONSES, response_events(said, random), random)
    assert [body["sequence_number"] for body in told] == list(range(len(told)))
    for index, copies in response_joined(told).items():
        kind, text = said[index]
        assert len(set(copies)) == 1
        if kind == "function_call":
            assert json.loads(copies[0]) == back_throughout(json.loads(text))
        else:
            assert copies[0] == back(text)
        assert restored({STEMS[kind][1]: text}, restorers) == {STEMS[kind][1]: copies[0]}


@examples(400)
@given(objects, seeds)
@example({"<CLIENT_1>": "<CLIENT_1>", "CLIENT_1": {"id": "CLIENT_1"}}, Random(1))
@example({"a": ["\\", "\\<CLIENT_1>", "\ud83d", "\ude00<PERSON_2>"]}, Random(2))
def test_arguments_stay_valid_json_with_their_keys(value: dict[str, Any], random: Random) -> None:
    text = written(value, random)
    restorer, out = InJson(restorers), ""
    for piece in pieces(text, random):
        out += restorer.feed(piece)
        out.encode()
    assert json.loads(out + restorer.finish()) == json.loads(json.dumps(back_throughout(json.loads(text))))


@examples(300)
@given(st.one_of(texts, arguments), seeds, st.integers(0, 200))
def test_broken_json_is_restored_alike_however_it_is_cut(text: str, random: Random, stop: int) -> None:
    text = text[:stop]
    whole, cut = InJson(restorers), InJson(restorers)
    assert whole.feed(text) + whole.finish() == "".join(map(cut.feed, pieces(text, random))) + cut.finish()


@examples(150)
@given(st.lists(choices, min_size=1, max_size=2), seeds)
def test_structured_output_stays_valid_json(said: list[dict[str, Any]], random: Random) -> None:
    said = [{**choice, "content": (choice["calls"] or ['{"to":"<CLIENT_1>"}'])[0]} for choice in said]
    told = released(Protocol.CHAT, chat_events(said, random), structured=True)
    for choice, whole in zip(said, chat_joined(bodies(told), len(said)), strict=True):
        assert json.loads(whole["content"]) == back_throughout(json.loads(choice["content"]))
        assert restored({"content": choice["content"]}, restorers, structured=True) == {"content": whole["content"]}
        assert whole["reasoning_content"] == back(choice["reasoning_content"])


def scripted(protocol: Protocol, random: Random, text: str, arguments: str) -> list[Event]:
    match protocol:
        case Protocol.CHAT:
            said = {"reasoning_content": text, "content": text, "refusal": "", "calls": [arguments]}
            return chat_events([said], random)
        case Protocol.MESSAGES:
            return message_events([("thinking", text), ("text", text), ("tool_use", arguments)], random)
        case _:
            return response_events([("output_text", text), ("function_call", arguments)], random)


WRITING = [Protocol.CHAT, Protocol.MESSAGES, Protocol.RESPONSES]


def sent_on(protocol: Protocol, parts: list[bytes]) -> bytes:
    reader, release = Reader(), StreamRelease(protocol, restorers)
    events = [out for part in parts for event in reader.feed(part) for out in release.feed(event)]
    return b"".join(event.encode() for event in (*events, *release.finish()))


@examples(2_000)
@given(st.sampled_from(WRITING), texts, arguments, seeds)
def test_any_split_of_the_vendors_bytes_sends_the_same_bytes_on(
    protocol: Protocol, text: str, arguments: str, random: Random
) -> None:
    stream = b"".join(event.encode() for event in scripted(protocol, random, text, arguments))
    assert sent_on(protocol, cut(stream, random, 40)) == sent_on(protocol, [stream])


@pytest.mark.parametrize("protocol", WRITING)
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_a_stream_cut_at_any_one_byte_sends_the_same_bytes_on(protocol: Protocol, ending: bytes) -> None:
    events = scripted(protocol, Random(4), "Für 李 😀 <PERSON_2>", '{"an":"\\u003cCLIENT_1>"}')
    plain = [Event(data=json.dumps(json.loads(e.data), ensure_ascii=False), name=e.name) for e in events[:12]]
    encodable = [event for event in plain if not any("\ud800" <= char <= "\udfff" for char in event.data)]
    stream = b"".join(event.encode() for event in encodable).replace(b"\n", ending)
    whole = sent_on(protocol, [stream])
    assert all(sent_on(protocol, [stream[:cut], stream[cut:]]) == whole for cut in range(len(stream)))
    assert sent_on(protocol, [bytes([byte]) for byte in stream]) == whole


@examples(300)
@given(st.sampled_from(WRITING), texts, arguments, seeds, st.integers(0, 60))
def test_a_stream_that_just_stops_loses_nothing_and_holds_back_little(
    protocol: Protocol, text: str, arguments: str, random: Random, stop: int
) -> None:
    made: list[Restorer] = []

    def watched(write: Callable[[str], str]) -> Restorer:
        made.append(restorers(write))
        return made[-1]

    events = [event for event in scripted(protocol, random, text, arguments) if event.data != "[DONE]"][:stop]
    release, out = StreamRelease(protocol, watched), list[Event]()
    for event in events:
        out += release.feed(event)
        assert all(restorer.held <= LONGEST for restorer in made)
    out += release.finish()
    assert release.finish() == []
    expected = {key: _back(key, text) for key, text in _spoken(bodies(events)).items()}
    assert _ended(_spoken(bodies(out))) == _ended(expected)


def _ended(spoken: dict[str, str]) -> dict[str, str]:
    """Half a pair at the very end of JSON is kept as its escape; elsewhere it stands as one mark."""
    return {key: re.sub(r"\\u[dD][89a-bA-B][0-9a-fA-F]{2}$", "\ufffd", text) for key, text in spoken.items()}


def _back(key: str, text: str) -> str:
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "rguments" not in key and "json" not in key:
        return back(paired)
    restorer = InJson(restorers)
    return restorer.feed(paired) + restorer.finish()


def _spoken(told: list[dict[str, Any]]) -> dict[str, str]:
    """Per channel: what its deltas say, joined; halves of pairs that never met stand as one mark."""
    spoken: dict[str, str] = {}
    for body in told:
        for key, text in (*_said_in_chunk(body), *_said_in_event(body)):
            spoken[key] = spoken.get(key, "") + text
    paired = {key: text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for key, text in spoken.items()}
    return {key: text for key, text in paired.items() if text}


def _said_in_chunk(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for choice in body.get("choices", ()):
        for kind, value in choice["delta"].items():
            if kind == "tool_calls":
                yield "arguments", value[0]["function"]["arguments"]
            elif kind != "role":
                yield kind, value


def _said_in_event(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    match str(body.get("type")).rpartition(".")[2]:
        case "content_block_start":
            block = body["content_block"]
            yield f"{body['index']} {block['type']}", block.get("text", block.get("thinking", ""))
        case "content_block_delta" if "signature" not in body["delta"]:
            kind = body["delta"]["type"].removesuffix("_delta")
            yield f"{body['index']} {kind}", next(text for name, text in body["delta"].items() if name != "type")
        case "delta":
            yield f"{body['output_index']} {body['type']}", body["delta"]
        case "added" if "part" in body:
            yield f"{body['output_index']} response.output_text.delta", body["part"]["text"]
        case _:
            pass
