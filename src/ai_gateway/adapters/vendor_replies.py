"""Reads a vendor's reply, and of it only what a ``Completion`` holds.

Written here rather than left to litellm's ``transform_response``, which takes longer than the whole call, invents ids,
turns unknown finish reasons into ``stop`` and quotes the reply in its errors. Contract tests hold the two together.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, NoReturn, cast

import orjson

from ai_gateway.adapters.vendor_transport import Answer
from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.model import Completion, Outbound
from ai_gateway.protocols.finish import finish_of
from ai_gateway.protocols.protocol import Speech
from ai_gateway.protocols.tokens import tokens_of

_LONGEST_NAME = 200

Json = Mapping[str, object]


class _Read(NamedTuple):
    text: str
    finish: str
    model: object
    id: object
    tokens: tuple[int | None, int | None]
    """Read and written."""


def parse(protocol: Speech, answer: Answer, outbound: Outbound) -> Completion:
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
        input_tokens=read.tokens[0],
        output_tokens=read.tokens[1],
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
    return _Read(text, finish, reply.get("model"), reply.get("id"), tokens_of(_usage(reply.get("usage"))))


def _openai_text(content: object) -> str:
    """Text, nothing, or (Mistral's reasoning models) a list of blocks of which those of text are the answer."""
    where = "/choices/0/message/content"
    return _blocks(content, where) if isinstance(content, list) else _text("" if content is None else content, where)


def _anthropic(reply: Json) -> _Read:
    return _Read(
        _blocks(reply.get("content"), "/content"),
        finish_of(reply.get("stop_reason")),
        reply.get("model"),
        reply.get("id"),
        tokens_of(_usage(reply.get("usage"))),
    )


def _gemini(reply: Json) -> _Read:
    blocked = _usage(reply.get("promptFeedback")).get("blockReason") is not None
    text, finish = "", "content_filter"
    if not blocked:
        candidate = _record(_list(reply.get("candidates"), "/candidates", 1)[0], "/candidates/0")
        finish = finish_of(candidate.get("finishReason"))
        content = candidate.get("content")
        # A candidate that was cut off before its first word has no parts.
        parts = _record(content, "/candidates/0/content").get("parts", []) if content is not None else []
        text = _blocks(parts, "/candidates/0/content/parts")
    tokens = tokens_of(_usage(reply.get("usageMetadata")))
    return _Read(text, finish, reply.get("modelVersion"), reply.get("responseId"), tokens)


_READERS: Mapping[Speech, Callable[[Json], _Read]] = {
    Speech.OPENAI: _openai,
    Speech.ANTHROPIC: _anthropic,
    Speech.GEMINI: _gemini,
}


def _blocks(value: object, where: str) -> str:
    """The joined text of those blocks that are the answer: neither thinking (``thought: true``) nor of another type."""
    texts: list[str] = []
    for index, entry in enumerate(_list(value, where, 0)):
        block = _record(entry, f"{where}/{index}")
        if block.get("type", "text") == "text" and block.get("thought") is not True and "text" in block:
            texts.append(_text(block["text"], f"{where}/{index}/text"))
    return "".join(texts)


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


def name_of(value: object) -> str | None:
    """A vendor's identifier, if it looks like one: short, printable, without spaces."""
    fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable() and " " not in value
    return cast("str", value) if fits else None


def _unreadable(where: str, wanted: str) -> NoReturn:
    raise VendorReplyUnreadable(f"The vendor's reply does not have {wanted} at {where}.", at=where)
