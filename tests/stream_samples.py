"""Vendors' streamed replies, cut at random, and what a client makes of them; six invented pseudonyms."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, TypeVar

from ai_gateway.model import EntityType, Pseudonym, SubjectId
from ai_gateway.protocols.deltas import StreamRelease
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.restoring import Restorers
from ai_gateway.protocols.sse import Event, Reader
from ai_gateway.treatment.stream import Restorer, restore

Body = dict[str, Any]
T = TypeVar("T")

VALUES = {
    "<CLIENT_1>": 'Zoë "Bo" \\ O\'Neil\n😀',
    "<CLIENT_1_FIRST>": "Zoë",
    "<PERSON_2>": "李\u2028Ünal",
    "<AMOUNT_1>": "1500",
    "<PERSON_3>": 'Prof. Dr. "Q" Quill',
    "<PERSON_4>": "Sr. Mr. Vale",
}
PSEUDONYMS = tuple(
    Pseudonym(token=token, entity=EntityType("PERSON"), value=value, subject=SubjectId("cli_9"))
    for token, value in VALUES.items()
)


def restorers(write: Callable[[str], str]) -> Restorer:
    return Restorer(PSEUDONYMS, VALUES, write)


def back(text: str) -> str:
    """The whole text, restored by the core alone."""
    return restore(text, restorers(str))


def back_throughout(value: Any) -> Any:
    """Every string but the keys."""
    match value:
        case str():
            return back(value)
        case list():
            return [back_throughout(one) for one in value]
        case dict():
            return {key: back_throughout(inner) for key, inner in value.items()}
        case _:
            return value


def released(
    protocol: Protocol, events: Sequence[Event], *, structured: bool = False, made: Restorers = restorers
) -> list[Event]:
    release = StreamRelease(protocol, made, structured=structured)
    return [*(out for event in events for out in release.feed(event)), *release.finish()]


def bodies(events: Sequence[Event]) -> list[Body]:
    """As a client reads them: from bytes."""
    read = Reader().feed(b"".join(event.encode() for event in events))
    return [json.loads(event.data) for event in read if not event.comment and event.data != "[DONE]"]


def event(body: Body, *, named: bool = False, escaped: bool = True) -> Event:
    return Event(data=json.dumps(body, ensure_ascii=escaped), name=body["type"] if named else None)


def pieces(text: str, random: Random) -> list[str]:
    """Cut anywhere, between the halves of a surrogate pair too; some pieces are empty."""
    units = re.sub(
        "[\U00010000-\U0010ffff]",
        lambda found: "".join(
            chr(int.from_bytes(found.group().encode("utf-16-be")[at : at + 2], "big")) for at in (0, 2)
        ),
        text,
    )
    most = random.choice((1, 2, 7, 40, max(len(units), 1)))
    cut: list[str] = []
    while units:
        size = random.randint(0, most)
        cut.append(units[:size])
        units = units[size:]
    return cut


def merged(queues: Sequence[Sequence[T]], random: Random) -> Iterator[T]:
    """All of them, each in its order, interleaved."""
    waiting = [list(queue) for queue in queues if queue]
    while waiting:
        queue = random.choice(waiting)
        yield queue.pop(0)
        waiting = [queue for queue in waiting if queue]


# --- chat ---------------------------------------------------------------------------------------------


def chat_events(choices: Sequence[Body], random: Random) -> list[Event]:
    """Each choice: ``reasoning_content``, ``content``, ``refusal`` (texts), ``calls`` (arguments)."""
    told = [
        _chunk(index, delta, ends="stop" if delta is last else None)
        for index, delta, last in merged(
            [_deltas(index, choice, random) for index, choice in enumerate(choices)], random
        )
    ]
    usage = {**_head(), "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12}}
    return [*(event(body, escaped=True) for body in (*told, usage)), Event(data="[DONE]")]


def _head() -> Body:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 7, "model": "m-1"}


def _chunk(index: int, delta: Body, ends: str | None) -> Body:
    tokens = delta.get("content")
    entry = {"token": tokens, "logprob": -0.5, "bytes": [1], "top_logprobs": []}
    logprobs = {"content": [entry], "refusal": None} if isinstance(tokens, str) else None
    return {**_head(), "choices": [{"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": ends}]}


def _deltas(index: int, choice: Body, random: Random) -> list[tuple[int, Body, Body]]:
    thoughts: list[Body] = [{"reasoning_content": piece} for piece in pieces(choice["reasoning_content"], random)]
    texts: list[list[Body]] = [
        [{kind: piece} for piece in pieces(choice[kind], random)] for kind in ("content", "refusal")
    ]
    calls = [_call_deltas(number, written, random) for number, written in enumerate(choice["calls"])]
    deltas = [{"role": "assistant"}, *thoughts, *merged([*texts, *calls], random)]
    if random.random() < 0.5:
        deltas.append({})
    return [(index, delta, deltas[-1]) for delta in deltas]


def _call_deltas(number: int, written: str, random: Random) -> list[Body]:
    begun = {"index": number, "id": f"call_{number}", "type": "function"}
    first = {"tool_calls": [{**begun, "function": {"name": "SEND_MAIL", "arguments": ""}}]}
    more = pieces(written, random)
    return [first, *({"tool_calls": [{"index": number, "function": {"arguments": piece}}]} for piece in more)]


def chat_joined(told: Sequence[Body], choices: int) -> list[Body]:
    joined: list[Body] = [
        {"reasoning_content": "", "content": "", "refusal": "", "calls": {}, "tokens": "", "finish_reason": None}
        for _ in range(choices)
    ]
    for body in told:
        for choice in body["choices"]:
            whole = joined[choice["index"]]
            assert whole["finish_reason"] is None, "nothing follows a choice's finish reason"
            whole["finish_reason"] = choice["finish_reason"]
            for kind in ("reasoning_content", "content", "refusal"):
                whole[kind] += choice["delta"].get(kind) or ""
            for call in choice["delta"].get("tool_calls", ()):
                written = whole["calls"].setdefault(call["index"], {"id": "", "name": "", "arguments": ""})
                written["id"] += call.get("id", "")
                written["name"] += call["function"].get("name", "")
                written["arguments"] += call["function"].get("arguments", "")
            for token in (choice.get("logprobs") or {}).get("content") or ():
                whole["tokens"] += token["token"]
    return joined


# --- messages -----------------------------------------------------------------------------------------


def message_events(blocks: Sequence[tuple[str, str]], random: Random) -> list[Event]:
    """Each block: ``text``, ``thinking`` or ``tool_use``, and its text or arguments."""
    started = {
        "type": "message_start",
        "message": {"id": "msg_1", "type": "message", "role": "assistant", "content": []},
    }
    ended = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 9},
    }
    within = merged([_block_events(index, *block, random) for index, block in enumerate(blocks)], random)
    told: list[Body] = [started, {"type": "ping"}, *within, ended, {"type": "message_stop"}]
    return [event(body, named=True, escaped=True) for body in told]


_DELTAS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_use": ("input_json_delta", "partial_json"),
}


def _block_events(index: int, kind: str, text: str, random: Random) -> list[Body]:
    delta, field = _DELTAS[kind]
    cut = pieces(text, random)
    block: Body = {"type": kind, field: cut.pop(0) if cut and random.random() < 0.3 else ""}
    if kind == "tool_use":
        cut = pieces(text, random)
        block = {"type": kind, "id": f"toolu_{index}", "name": "SEND_MAIL", "input": {}}
    deltas: list[Body] = [{"type": delta, field: piece} for piece in cut]
    if kind == "thinking":
        deltas.append({"type": "signature_delta", "signature": "EqQBCLIENT_1"})
    told = [{"type": "content_block_delta", "index": index, "delta": one} for one in deltas]
    return [
        {"type": "content_block_start", "index": index, "content_block": block},
        *told,
        {"type": "content_block_stop", "index": index},
    ]


def message_joined(told: Sequence[Body]) -> list[str]:
    """Per block its text, thoughts or arguments; a thought's signature comes last."""
    joined: dict[int, str] = {}
    stopped: set[int] = set()
    for body in told:
        match body["type"]:
            case "content_block_start":
                block = body["content_block"]
                joined[body["index"]] = block.get("text", block.get("thinking", ""))
            case "content_block_delta":
                assert body["index"] not in stopped, "nothing follows a block's stop"
                delta = body["delta"]
                if delta["type"] == "signature_delta":
                    assert delta["signature"] == "EqQBCLIENT_1"
                    stopped.add(body["index"])
                else:
                    joined[body["index"]] += delta[_FIELDS[delta["type"]]]
            case "content_block_stop":
                stopped.add(body["index"])
            case _:
                pass
    return [joined[index] for index in sorted(joined)]


_FIELDS = dict(_DELTAS.values())


# --- responses ----------------------------------------------------------------------------------------

STEMS = {
    "output_text": ("response.output_text", "text"),
    "refusal": ("response.refusal", "refusal"),
    "reasoning": ("response.reasoning_summary_text", "text"),
    "function_call": ("response.function_call_arguments", "arguments"),
    "custom_tool_call": ("response.custom_tool_call_input", "input"),
}


def response_events(items: Sequence[tuple[str, str]], random: Random) -> list[Event]:
    """Each item: a key of ``STEMS``, and its text."""
    whole = {"id": "resp_1", "object": "response", "status": "completed", "output": [_item(*item) for item in items]}
    begun = {**whole, "status": "in_progress", "output": []}
    within = merged([_item_events(index, *item, random) for index, item in enumerate(items)], random)
    told = [{"type": "response.created", "response": begun}, *within, {"type": "response.completed", "response": whole}]
    return [event({**body, "sequence_number": number}, named=True) for number, body in enumerate(told)]


def _item(kind: str, text: str) -> Body:
    _, field = STEMS[kind]
    match kind:
        case "output_text" | "refusal":
            return {"type": "message", "id": "msg_1", "content": [{"type": kind, field: text}]}
        case "reasoning":
            return {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": text}]}
        case _:
            return {"type": kind, "id": "fc_1", "call_id": "call_1", "name": "SEND_MAIL", field: text}


def _item_events(index: int, kind: str, text: str, random: Random) -> list[Body]:
    stem, field = STEMS[kind]
    part = {"output_text": {"content_index": 0}, "refusal": {"content_index": 0}, "reasoning": {"summary_index": 0}}
    place: Body = {"item_id": f"item_{index}", "output_index": index, **part.get(kind, {})}
    cut = pieces(text, random)
    begun = cut.pop(0) if cut and kind in ("output_text", "refusal") and random.random() < 0.3 else ""
    parts: tuple[list[Body], list[Body]] = ([], [])
    if kind in ("output_text", "refusal"):
        parts = (
            [{"type": "response.content_part.added", **place, "part": {"type": kind, field: begun}}],
            [{"type": "response.content_part.done", **place, "part": {"type": kind, field: text}}],
        )
    return [
        {"type": "response.output_item.added", "output_index": index, "item": _item(kind, "")},
        *parts[0],
        *({"type": f"{stem}.delta", **place, "delta": piece, "obfuscation": "xx"} for piece in cut),
        {"type": f"{stem}.done", **place, field: text},
        *parts[1],
        {"type": "response.output_item.done", "output_index": index, "item": _item(kind, text)},
    ]


def response_joined(told: Sequence[Body]) -> dict[int, list[str]]:
    """Per item: its deltas joined, and every complete copy of its text."""
    joined: dict[int, list[str]] = {}
    for body in told:
        stem, _, stage = body["type"].rpartition(".")
        copies = joined.setdefault(body["output_index"], [""]) if "output_index" in body else [""]
        if stage == "delta":
            assert len(copies) == 1, "nothing follows a text's complete copy"
            copies[0] += body["delta"]
        elif stage == "added" and "part" in body:
            copies[0] += text_of(body["part"])
        elif stage == "done":
            copies.append(text_of(body.get("item") or body.get("part") or body))
        elif stem == "response" and stage == "completed":
            for index, item in enumerate(body["response"]["output"]):
                joined[index].append(text_of(item))
    return joined


def text_of(thing: Body) -> str:
    inner = (thing.get("content") or thing.get("summary") or [thing])[0]
    return next(str(inner[field]) for _, field in STEMS.values() if field in inner)
