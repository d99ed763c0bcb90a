"""The stand-in's replies in the shapes of OpenAI's chat completions and Anthropic's messages, whole and streamed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import orjson

from ai_gateway.standin.reading import Turn
from ai_gateway.standin.writing import write

MODELS = ("standin-1",)
_CREATED = 1_750_000_000  # a reply depends on its request alone
_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_TURN = 4

Json = Mapping[str, object]


class NotUnderstood(ValueError):
    """The request is not of the protocol's shape; the message is for the reply and quotes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A reply before it has a protocol's shape. ``finish`` is ``stop`` or ``length``."""

    id: str
    model: str
    text: str
    finish: str
    input_tokens: int
    output_tokens: int

    def pieces(self) -> Iterator[str]:
        """The text in pieces of a word each, as a stream has them."""
        words = self.text.split(" ")
        yield from (f" {word}" if index else word for index, word in enumerate(words))


def answer(request: Json, text: str | None = None) -> Written:
    """Write a reply to a request of either protocol, or wrap ``text`` as one, within its ``max_tokens``."""
    turns = read_turns(request)
    model = request.get("model")
    if not isinstance(model, str):
        raise NotUnderstood("model is missing")
    whole = write(turns) if text is None else text
    limit = request.get("max_completion_tokens", request.get("max_tokens"))
    most = limit * _CHARACTERS_PER_TOKEN if isinstance(limit, int) else len(whole)
    cut = whole if len(whole) <= most else whole[:most].rsplit(" ", 1)[0]
    return Written(
        id=hashlib.sha256(orjson.dumps(request)).hexdigest()[:24],
        model=model,
        text=cut,
        finish="stop" if cut == whole else "length",
        input_tokens=sum(_tokens(turn.text) + _TOKENS_PER_TURN for turn in turns),
        output_tokens=_tokens(cut),
    )


def read_turns(request: Json) -> Sequence[Turn]:
    """The messages of either protocol (Anthropic's ``system`` as the first)."""
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise NotUnderstood("messages is missing or empty")
    system = request.get("system")
    turns = [] if system is None else [Turn(role="system", text=_content(system))]
    for message in cast("list[object]", messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise NotUnderstood("a message has no role")
        role = "system" if message["role"] == "developer" else message["role"]
        turns.append(Turn(role=role, text=_content(message.get("content"))))
    return turns


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(block.get("text", "")) for block in content if isinstance(block, dict))
    raise NotUnderstood("a message has no content")


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def chat_completion(reply: Written, finish: str | None = None) -> Json:
    return {
        "id": f"chatcmpl-{reply.id}",
        "object": "chat.completion",
        "created": _CREATED,
        "model": reply.model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.text, "refusal": None},
                "logprobs": None,
                "finish_reason": finish or reply.finish,
            }
        ],
        "usage": {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
    }


def chat_chunks(reply: Written, *, with_usage: bool) -> Iterator[bytes]:
    """Server-sent events of a streamed chat completion, ended by ``[DONE]``."""
    head = {"id": f"chatcmpl-{reply.id}", "object": "chat.completion.chunk", "created": _CREATED, "model": reply.model}

    def event(delta: Json, finish: str | None = None) -> bytes:
        return _event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield event({"role": "assistant", "content": ""})
    for piece in reply.pieces():
        yield event({"content": piece})
    yield event({}, reply.finish)
    if with_usage:
        yield _event({**head, "choices": [], "usage": chat_completion(reply)["usage"]})
    yield b"data: [DONE]\n\n"


def message(reply: Written, finish: str | None = None) -> Json:
    return {
        "id": f"msg_{reply.id}",
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": [{"type": "text", "text": reply.text}],
        "stop_reason": finish or _stop_reason(reply),
        "stop_sequence": None,
        "usage": {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens},
    }


def message_events(reply: Written) -> Iterator[bytes]:
    """Server-sent events of a streamed message, from ``message_start`` to ``message_stop``."""
    started = {**message(reply), "content": [], "stop_reason": None}
    yield _event({"type": "message_start", "message": started}, "message_start")
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield _event(block, "content_block_start")
    for piece in reply.pieces():
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        yield _event(delta, "content_block_delta")
    yield _event({"type": "content_block_stop", "index": 0}, "content_block_stop")
    ended = {"stop_reason": _stop_reason(reply), "stop_sequence": None}
    usage = {"output_tokens": reply.output_tokens}
    yield _event({"type": "message_delta", "delta": ended, "usage": usage}, "message_delta")
    yield _event({"type": "message_stop"}, "message_stop")


def _stop_reason(reply: Written) -> str:
    return "end_turn" if reply.finish == "stop" else "max_tokens"


def _event(data: Json, name: str | None = None) -> bytes:
    head = b"" if name is None else b"event: " + name.encode() + b"\n"
    return head + b"data: " + orjson.dumps(data) + b"\n\n"


def models() -> Json:
    entries = [{"id": name, "object": "model", "created": _CREATED, "owned_by": "standin"} for name in MODELS]
    return {"object": "list", "data": entries}


def chat_error(status: int, why: str) -> Json:
    return {"error": {"message": why, "type": _error_type(status), "param": None, "code": None}}


def message_error(status: int, why: str) -> Json:
    return {"type": "error", "error": {"type": _error_type(status), "message": why}}


_ERROR_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
_SERVER_ERRORS = 500


def _error_type(status: int) -> str:
    return _ERROR_TYPES.get(status, "server_error" if status >= _SERVER_ERRORS else "invalid_request_error")
