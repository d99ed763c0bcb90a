"""Reads a vendor's reply, and of it only what a ``Completion`` holds.

Written here rather than left to litellm's ``transform_response``, which takes longer than the whole call, invents ids,
turns unknown finish reasons into ``stop`` and quotes the reply in its errors. Contract tests hold the two together.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, NoReturn, cast

import orjson

from ai_gateway.adapters.vendor_protocols import ProtocolName
from ai_gateway.adapters.vendor_transport import Answer
from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.model import Completion, Outbound

_LONGEST_NAME = 200
_MOST_TOKENS = 100_000_000

FINISH_REASONS = frozenset({"stop", "length", "content_filter", "refusal", "tool_use", "other"})
"""What ``Completion.finish_reason`` may be. ``refusal``: the model declined; ``content_filter``: its vendor did."""

_FINISH: Mapping[str, str] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "tool_use": "tool_use",
    "content_filter": "content_filter",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
}

Json = Mapping[str, object]


class _Read(NamedTuple):
    text: str
    finish: str
    model: object
    id: object
    input_tokens: object
    output_tokens: object


def parse(protocol: ProtocolName, answer: Answer, outbound: Outbound) -> Completion:
    """Raises ``VendorReplyUnreadable`` for everything that is not the documented shape, naming the place."""
    if not is_json(answer.headers):
        raise VendorReplyUnreadable("The vendor's reply is not JSON by its content type.", vendor=outbound.vendor)
    try:
        reply = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise VendorReplyUnreadable("The vendor's reply is not valid JSON.", vendor=outbound.vendor) from None
    read = _READERS[protocol](_record(reply, "/"))
    return Completion(
        text=read.text,
        finish_reason=read.finish,
        model=name_of(read.model) or outbound.model,
        vendor_response_id=name_of(read.id),
        input_tokens=count(read.input_tokens),
        output_tokens=count(read.output_tokens),
        attempts=answer.attempts,
        body_length=len(answer.body),
    )


def is_json(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _openai(reply: Json) -> _Read:
    choice = _record(_list(reply.get("choices"), "/choices", 1)[0], "/choices/0")
    message = _record(choice.get("message"), "/choices/0/message")
    refusal = message.get("refusal")
    text, finish = _openai_text(message.get("content")), finish_of(choice.get("finish_reason"))
    if isinstance(refusal, str) and refusal and not text:
        text, finish = refusal, "refusal"
    usage = _usage(reply.get("usage"))
    return _Read(
        text, finish, reply.get("model"), reply.get("id"), usage.get("prompt_tokens"), usage.get("completion_tokens")
    )


def _openai_text(content: object) -> str:
    """Text, nothing, or (Mistral's reasoning models) a list of blocks of which those of text are the answer."""
    where = "/choices/0/message/content"
    return _blocks(content, where) if isinstance(content, list) else _text("" if content is None else content, where)


def _anthropic(reply: Json) -> _Read:
    usage = _usage(reply.get("usage"))
    cached = [usage.get(name) for name in ("cache_creation_input_tokens", "cache_read_input_tokens")]
    tokens = count(usage.get("input_tokens"))
    if tokens is not None:  # Anthropic counts what came from its cache apart
        tokens += sum(count(n) or 0 for n in cached)
    return _Read(
        _blocks(reply.get("content"), "/content"),
        finish_of(reply.get("stop_reason")),
        reply.get("model"),
        reply.get("id"),
        tokens,
        usage.get("output_tokens"),
    )


def _gemini(reply: Json) -> _Read:
    usage = _usage(reply.get("usageMetadata"))
    blocked = _usage(reply.get("promptFeedback")).get("blockReason") is not None
    text, finish = "", "content_filter"
    if not blocked:
        candidate = _record(_list(reply.get("candidates"), "/candidates", 1)[0], "/candidates/0")
        finish = finish_of(candidate.get("finishReason"))
        content = candidate.get("content")
        # A candidate that was cut off before its first word has no parts.
        parts = _record(content, "/candidates/0/content").get("parts", []) if content is not None else []
        text = _blocks(parts, "/candidates/0/content/parts")
    written, thought = (count(usage.get(name)) for name in ("candidatesTokenCount", "thoughtsTokenCount"))
    output = None if written is None and thought is None else (written or 0) + (thought or 0)
    return _Read(
        text, finish, reply.get("modelVersion"), reply.get("responseId"), usage.get("promptTokenCount"), output
    )


_READERS: Mapping[ProtocolName, Callable[[Json], _Read]] = {
    ProtocolName.OPENAI: _openai,
    ProtocolName.ANTHROPIC: _anthropic,
    ProtocolName.GEMINI: _gemini,
}


def _blocks(value: object, where: str) -> str:
    """The joined text of those blocks that are the answer: neither thinking (``thought: true``) nor of another type."""
    texts: list[str] = []
    for index, entry in enumerate(_list(value, where, 0)):
        block = _record(entry, f"{where}/{index}")
        if block.get("type", "text") == "text" and block.get("thought") is not True and "text" in block:
            texts.append(_text(block["text"], f"{where}/{index}/text"))
    return "".join(texts)


def finish_of(value: object) -> str:
    """One of ``FINISH_REASONS``."""
    return _FINISH.get(value, "other") if isinstance(value, str) else "other"


def _record(value: object, where: str) -> Json:
    return cast("Json", value) if isinstance(value, dict) else _unreadable(where, "an object")


def _list(value: object, where: str, least: int) -> list[object]:
    if not isinstance(value, list) or len(cast("list[object]", value)) < least:
        _unreadable(where, f"a list of at least {least}")
    return cast("list[object]", value)


def _text(value: object, where: str) -> str:
    return value if isinstance(value, str) else _unreadable(where, "a string")


def _usage(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def name_of(value: object) -> str | None:
    """A vendor's identifier, if it looks like one: short, printable, without spaces."""
    fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable() and " " not in value
    return cast("str", value) if fits else None


def _unreadable(where: str, wanted: str) -> NoReturn:
    raise VendorReplyUnreadable(f"The vendor's reply does not have {wanted} at {where}.", at=where)
