"""The scripted vendor's messages, in Anthropic's protocol."""

import json
from collections.abc import Iterator

from e2e.said import Body, Said, event, pieces

USAGE = {"input_tokens": 11, "output_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 3}
SIGNATURE = "EqQBCgIYAhIM" + "Ab+/" * 20


def whole(request: Body, said: Said, number: int) -> Body:
    return {**_head(request, number), "content": _blocks(said), "stop_reason": finish(said), "usage": USAGE}


def _head(request: Body, number: int) -> Body:
    head = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": request["model"], "content": []}
    return {**head, "stop_reason": None, "stop_sequence": None, "usage": {**USAGE, "output_tokens": 1}}


def _blocks(said: Said) -> list[Body]:
    thinking = {"type": "thinking", "thinking": said.thinking, "signature": SIGNATURE}
    text = {"type": "text", "text": said.text or said.refusal, "citations": None}
    calls = [
        {"type": "tool_use", "id": f"toolu_{at}", "name": name, "input": args}
        for at, (name, args) in enumerate(said.calls)
    ]
    return [*([thinking] if said.thinking else []), *([text] if text["text"] else []), *calls]


def finish(said: Said) -> str:
    if said.refusal:
        return "refusal"
    return "tool_use" if said.calls else "end_turn"


def stream(request: Body, said: Said, number: int) -> Iterator[bytes]:
    yield _named({"type": "message_start", "message": _head(request, number)})
    yield _named({"type": "ping"})
    for index, block in enumerate(_blocks(said)):
        yield _named({"type": "content_block_start", "index": index, "content_block": _begun(block)})
        for delta in _deltas(block):
            yield _named({"type": "content_block_delta", "index": index, "delta": delta})
        yield _named({"type": "content_block_stop", "index": index})
    ended = {"stop_reason": finish(said), "stop_sequence": None}
    yield _named({"type": "message_delta", "delta": ended, "usage": {"output_tokens": USAGE["output_tokens"]}})
    yield _named({"type": "message_stop"})


def _begun(block: Body) -> Body:
    empty: Body = {"text": "", "thinking": "", "signature": "", "input": {}}
    return {field: empty.get(field, value) for field, value in block.items()}


def _deltas(block: Body) -> Iterator[Body]:
    match block["type"]:
        case "thinking":
            for piece in pieces(block["thinking"]):
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case "text":
            for piece in pieces(block["text"]):
                yield {"type": "text_delta", "text": piece}
        case _:
            yield {"type": "input_json_delta", "partial_json": ""}
            for piece in pieces(json.dumps(block["input"])):
                yield {"type": "input_json_delta", "partial_json": piece}


def _named(body: Body) -> bytes:
    return event(body, body["type"])


def error(status: int, message: str) -> Body:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": f"{message} {status}"}}
