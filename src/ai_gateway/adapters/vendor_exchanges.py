"""A client's own request on its way to a vendor that speaks its protocol, and what is read of the reply."""

import json
from collections.abc import Mapping
from typing import cast

import orjson

from ai_gateway.adapters.vendor_doors import Door
from ai_gateway.adapters.vendor_replies import is_json, name_of
from ai_gateway.adapters.vendor_transport import Answer
from ai_gateway.errors import ShapeNotOffered, VendorReplyUnreadable
from ai_gateway.model import BudgetedPrompt, Completion, Outbound, TreatedExchange
from ai_gateway.protocols.complaints import complaint_in
from ai_gateway.protocols.finish import finish_of
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.shape import Json
from ai_gateway.protocols.tokens import tokens_of

_KEEPS = frozenset({Protocol.CHAT, Protocol.RESPONSES})
"""Where a vendor would keep what it received, unless told not to."""
_HOLDS: Mapping[Protocol, str] = {
    Protocol.CHAT: "choices",
    Protocol.RESPONSES: "output",
    Protocol.EMBEDDINGS: "data",
    Protocol.MESSAGES: "content",
    Protocol.COUNT_TOKENS: "input_tokens",
}
"""What a reply is a reply by: some vendors answer 200 with an error."""
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def outbound(door: Door, prompt: BudgetedPrompt, exchange: TreatedExchange) -> Outbound:
    """The exact request. Its body is the treated one, which was rebuilt from an allow-list; what the policy says stands
    above what the client said. Raises ``ShapeNotOffered``."""
    end = door.protocol.exchanges.get(exchange.protocol)
    if end is None or not isinstance(exchange.body, dict):
        raise ShapeNotOffered("The vendor does not speak this protocol.", vendor=door.profile.name)
    model = prompt.treated.permission.model
    body: dict[str, Json] = {**exchange.body, "model": exchange.model if door.profile.any_model else model}
    for limit in _LIMITS:
        asked = body.get(limit)
        if isinstance(asked, int):
            body[limit] = min(asked, prompt.max_output_tokens)
    if exchange.protocol in _KEEPS:
        body |= door.profile.no_store
    return Outbound(
        vendor=door.profile.name,
        model=model,
        method="POST",
        url=door.protocol.root(door.address()) + end,
        headers=door.headers(stream=exchange.stream),
        body=orjson.dumps(body),
    )


def read(protocol: Protocol, answer: Answer, sent: Outbound) -> Completion:
    """The whole reply. Vectors are not walked: they are passed on as they came."""
    if not is_json(answer.headers):
        raise VendorReplyUnreadable("The vendor's reply is not JSON by its content type.", vendor=sent.vendor)
    try:
        text = answer.body.decode()
        # Not orjson: it refuses half a surrogate pair and rounds long numbers, and a stream would pass both.
        reply = cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        raise VendorReplyUnreadable("The vendor's reply is not valid JSON.", vendor=sent.vendor) from None
    if not isinstance(reply, dict):
        raise VendorReplyUnreadable("The vendor's reply is not an object.", vendor=sent.vendor)
    if _HOLDS[protocol] not in reply:
        raise complaint_in(reply) or VendorReplyUnreadable(
            f"The vendor's reply does not have {_HOLDS[protocol]}.", vendor=sent.vendor
        )
    given = reply.get("usage")
    tokens_read, tokens_written = tokens_of(given if isinstance(given, dict) else {})
    return Completion(
        text=text,
        finish_reason=finish_of(_finish(reply)),
        model=name_of(reply.get("model")) or sent.model,
        vendor_response_id=name_of(reply.get("id")),
        input_tokens=tokens_read,
        output_tokens=tokens_written,
        attempts=answer.attempts,
        body_length=len(answer.body),
        reply=None if protocol is Protocol.EMBEDDINGS else reply,
    )


def _finish(reply: dict[str, Json]) -> Json:
    choices = reply.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0].get("finish_reason")
    return reply.get("stop_reason") or ("stop" if reply.get("status") == "completed" else None)
