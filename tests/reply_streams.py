"""A vendor's whole reply to a prompt, as the same vendor would stream it; and bytes cut anywhere."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any

from ai_gateway.protocols.protocol import Speech
from ai_gateway.protocols.sse import Event

Body = dict[str, Any]


def streamed(speech: Speech, reply: Mapping[str, Any], random: Random) -> bytes:
    """Its texts in pieces, cut at random."""
    return b"".join(event.encode() for event in _STREAMS[speech](dict(reply), random))


def cut(stream: bytes, random: Random, most: int = 6) -> list[bytes]:
    places = sorted(random.randrange(len(stream) + 1) for _ in range(random.randrange(most + 1)))
    return [stream[start:end] for start, end in pairwise([0, *places, len(stream)])]


def chat_reply(text: str) -> Body:
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "chatcmpl-1", "model": "standin-1", "choices": [choice], "usage": {"completion_tokens": 2}}


def message_reply(text: str) -> Body:
    content = [{"type": "text", "text": text}]
    usage = {"input_tokens": 1, "output_tokens": 2}
    return {"id": "msg_1", "model": "standin-1", "content": content, "stop_reason": "end_turn", "usage": usage}


def generated_reply(text: str) -> Body:
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "usageMetadata": {"candidatesTokenCount": 2}, "responseId": "g-1"}


REPLIES: Mapping[Speech, Callable[[str], Body]] = {
    Speech.OPENAI: chat_reply,
    Speech.ANTHROPIC: message_reply,
    Speech.GEMINI: generated_reply,
}


def _pieces(text: str, random: Random) -> Iterator[str]:
    most = random.choice((1, 3, 12, max(len(text), 1)))
    while text:
        size = random.randint(1, most)
        yield text[:size]
        text = text[size:]


def _event(body: Body, name: str | None = None) -> Event:
    return Event(data=json.dumps(body, ensure_ascii=len(str(body)) % 2 == 0), name=name)


def _chat(reply: Body, random: Random) -> Iterator[Event]:
    head: Body = {name: reply[name] for name in ("id", "model") if name in reply}
    choice = reply["choices"][0]
    message = choice["message"]

    def chunk(delta: Body, finish: str | None = None) -> Event:
        return _event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield chunk({"role": "assistant", "content": ""})
    content = message.get("content") or ""
    for block in content if isinstance(content, list) else [content]:
        if isinstance(block, str):
            yield from (chunk({"content": piece}) for piece in _pieces(block, random))
        elif block["type"] == "text":
            yield from (chunk({"content": [{**block, "text": one}]}) for one in _pieces(block["text"], random))
        else:
            yield chunk({"content": [block]})
    yield from (chunk({"refusal": piece}) for piece in _pieces(message.get("refusal") or "", random))
    yield chunk({}, choice["finish_reason"])
    yield _event({**head, "choices": [], "usage": reply.get("usage", {})})
    yield Event(data="[DONE]")


def _message(reply: Body, random: Random) -> Iterator[Event]:
    usage = {**reply.get("usage", {}), "output_tokens": 1}
    yield _named({"type": "message_start", "message": {**reply, "content": [], "stop_reason": None, "usage": usage}})
    yield _named({"type": "ping"})
    for index, block in enumerate(reply["content"]):
        field = "thinking" if block["type"] == "thinking" else "text"
        yield _named({"type": "content_block_start", "index": index, "content_block": {**block, field: ""}})
        for piece in _pieces(block[field], random):
            delta = {"type": f"{block['type']}_delta", field: piece}
            yield _named({"type": "content_block_delta", "index": index, "delta": delta})
        yield _named({"type": "content_block_stop", "index": index})
    ended = {"stop_reason": reply["stop_reason"], "stop_sequence": None}
    written = {"output_tokens": reply.get("usage", {}).get("output_tokens")}
    yield _named({"type": "message_delta", "delta": ended, "usage": written})
    yield _named({"type": "message_stop"})


def _named(body: Body) -> Event:
    return _event(body, body["type"])


def _generated(reply: Body, random: Random) -> Iterator[Event]:
    """Each event is a reply of its own; the last one has the reason and the counts."""
    if "candidates" not in reply:
        yield _event(reply)
        return
    candidate = reply["candidates"][0]
    content = candidate.get("content") or {}
    head = {name: value for name, value in reply.items() if name not in ("candidates", "usageMetadata")}
    for part in _parts(content.get("parts", []), random):
        yield _event({**head, "candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]})
    ended = {**candidate, "content": {"role": "model", "parts": [{"text": ""}]}}
    yield _event({**reply, "candidates": [ended]})


def _parts(parts: Sequence[Body], random: Random) -> Iterator[Body]:
    for part in parts:
        yield from ({**part, "text": piece} for piece in _pieces(part["text"], random))


_STREAMS: Mapping[Speech, Callable[[Body, Random], Iterator[Event]]] = {
    Speech.OPENAI: _chat,
    Speech.ANTHROPIC: _message,
    Speech.GEMINI: _generated,
}
