"""The scripted vendor's chat completions and embeddings."""

import base64
import json
import struct
from collections.abc import Iterator
from itertools import count
from typing import Any

from e2e.said import Body, Said, event, pieces, script

CREATED = 1_750_000_000
USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 1},
}
VECTOR = [0.5, -0.25, 0.125]


def whole(request: Body, said: Said, number: int) -> Body:
    return {
        **_head(request, number, "chat.completion"),
        "choices": [_choice(index, request, said) for index in range(request.get("n") or 1)],
        "usage": USAGE,
    }


def _head(request: Body, number: int, kind: str) -> Body:
    head = {"id": f"chatcmpl-{number}", "object": kind, "created": CREATED, "model": request["model"]}
    return {**head, "service_tier": "default", "system_fingerprint": "fp_1"}


def _choice(index: int, request: Body, said: Said) -> Body:
    message: Body = {"role": "assistant", "content": said.text or None, "refusal": said.refusal or None}
    message["annotations"] = []
    if said.thinking:
        message["reasoning_content"] = said.thinking
    if said.calls:
        message["tool_calls"] = [_call(at, name, args) for at, (name, args) in enumerate(said.calls)]
    return {"index": index, "message": message, "logprobs": _logprobs(request, said), "finish_reason": finish(said)}


def finish(said: Said) -> str:
    return "tool_calls" if said.calls else "stop"


def _call(at: int, name: str, args: Body) -> Body:
    return {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}


def _logprobs(request: Body, said: Said) -> Any:
    if not request.get("logprobs"):
        return None
    return {"content": [_token(piece) for piece in pieces(said.text)], "refusal": None}


def _token(piece: str) -> Body:
    other = {"token": piece, "logprob": -0.5, "bytes": list(piece.encode())}
    return {**other, "top_logprobs": [other]}


def stream(request: Body, said: Said, number: int) -> Iterator[bytes]:
    head = _head(request, number, "chat.completion.chunk")
    with_usage = (request.get("stream_options") or {}).get("include_usage") is True
    if with_usage:
        head["usage"] = None

    def chunk(index: int, delta: Body, finished: str | None = None, logprobs: Any = None) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finished}
        return event({**head, "choices": [choice]})

    choices = range(request.get("n") or 1)
    for index in choices:
        yield chunk(index, {"role": "assistant", "content": "", "refusal": None})
    for delta, tokens in _deltas(request, said):
        for index in choices:
            yield chunk(index, delta, logprobs=tokens)
    for index in choices:
        yield chunk(index, {}, finish(said))
    if with_usage:
        yield event({**head, "choices": [], "usage": USAGE})
    yield b"data: [DONE]\n\n"


def _deltas(request: Body, said: Said) -> Iterator[tuple[Body, Any]]:
    for field, text in (("reasoning_content", said.thinking), ("content", said.text), ("refusal", said.refusal)):
        for piece in pieces(text):
            tokens = {"content": [_token(piece)], "refusal": None} if request.get("logprobs") else None
            yield {field: piece}, tokens
    written = [(at, name, pieces(json.dumps(args))) for at, (name, args) in enumerate(said.calls)]
    for at, name, _ in written:
        head = {"index": at, "id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": ""}}
        yield {"tool_calls": [head]}, None
    while written:  # parallel calls take turns
        for going in list(written):
            more = next(going[2], None)
            if more is None:
                written.remove(going)
            else:
                yield {"tool_calls": [{"index": going[0], "function": {"arguments": more}}]}, None


def endless(request: Body, number: int, characters: int, piece: str) -> Iterator[bytes]:
    """A stream of so many characters."""
    head = _head(request, number, "chat.completion.chunk")
    yield event({**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
    one = event({**head, "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
    for at in count(0, len(piece)):
        if at >= characters:
            break
        yield one
    yield event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield b"data: [DONE]\n\n"


def vectors(request: Body) -> Body:
    inputs = request["input"] if isinstance(request["input"], list) else [request["input"]]
    packed = base64.b64encode(struct.pack(f"<{len(VECTOR)}f", *VECTOR)).decode()
    vector: Any = packed if request.get("encoding_format") == "base64" else VECTOR
    data = [{"object": "embedding", "index": at, "embedding": vector} for at in range(len(inputs))]
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    return {"object": "list", "data": data, "model": request["model"], "usage": usage}


def error(status: int, message: str) -> Body:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": f"vendors_{status}"}}


def is_structured(request: Body) -> bool:
    return "json" in script(request)
