"""What the routes of all vendor protocols do: read whose request it is, run it, answer in that protocol."""

from dataclasses import replace
from typing import Any

from fastapi import Request
from starlette.responses import Response

from ai_gateway.api.attribution import attribution
from ai_gateway.api.dialects import Dialect, dialect_of
from ai_gateway.api.limits import body_of, json_of
from ai_gateway.api.services import Services
from ai_gateway.api.streams import EventStream
from ai_gateway.api.visit import Observer, current
from ai_gateway.errors import (
    ActorMissing,
    DetectorUnavailable,
    EgressRefused,
    FeaturesNotServed,
    FeatureUnknown,
    GatewayError,
    PromptTooLong,
    RequestInvalid,
    ShapeNotOffered,
    ShapeRefused,
    ShareLogUnavailable,
    ShareRefused,
    SubjectConflict,
    SubjectUnknown,
    VendorError,
    VendorRateLimited,
    VendorRejected,
    VendorTimeout,
)
from ai_gateway.exchanges import call_of, read
from ai_gateway.features import feature_for, uninspected
from ai_gateway.model import Caller, Opened, Reply
from ai_gateway.protocols.protocol import Protocol

RAISES = (
    ActorMissing,
    DetectorUnavailable,
    EgressRefused,
    FeaturesNotServed,
    FeatureUnknown,
    PromptTooLong,
    ShapeNotOffered,
    ShapeRefused,
    ShareLogUnavailable,
    ShareRefused,
    SubjectConflict,
    SubjectUnknown,
    VendorError,
    VendorRateLimited,
    VendorRejected,
    VendorTimeout,
)


async def exchange(
    protocol: Protocol, request: Request, caller: Caller, services: Services, key: str | None = None
) -> Response:
    """``key`` is the idempotency key: what was answered whole is answered again, and never shared twice."""
    body, visit = json_of(request.scope), current(request.scope)
    asked = read(protocol, body)
    said = attribution(request.headers, body)
    feature = said.feature or feature_for(services.gateway.catalogue, caller, asked.model)
    visit.feature = services.feature(feature)
    asked = replace(asked, passing=uninspected(services.gateway.catalogue, feature))
    extra = {"request-id": visit.request_id} if dialect_of(request.scope) is Dialect.ANTHROPIC else {}

    if asked.stream:
        if key is not None:
            raise RequestInvalid("A streamed reply is not kept, so it cannot be repeated by an idempotency key.")
        pieces = services.gateway.stream(caller, call_of(asked, feature, caller.id, said), visit.request_id)
        return EventStream(pieces, visit, _Told(services.observer, feature), extra)
    what = (request.scope["path"].encode(), repr(said).encode(), body_of(request.scope)) if key is not None else ()
    async with services.idempotency.attempt(caller.id, key, b"\0".join(what)) as attempt:
        if attempt.replay is not None:
            visit.again(attempt.replay.share)
            return _json(attempt.replay.body, extra)
        call = call_of(asked, feature, caller.id, said, attempt.once)
        reply = await services.gateway.answer(caller, call)
        visit.answered(reply)
        services.observer.replied(feature, reply)
        answer = reply.output.encode()
        attempt.keep(answer, reply.shares[-1].id, about=call.people())
    return _json(answer, extra)


class _Told:
    """``api.streams.Telling``: the protocol has its own words for all of it, and the flow has said them."""

    def __init__(self, observer: Observer, feature: str) -> None:
        self._observer, self._feature = observer, feature

    def opened(self, opened: Opened) -> bytes:  # noqa: ARG002
        return b""

    def answered(self, reply: Reply) -> bytes:
        self._observer.replied(self._feature, reply)
        return b""

    def failed(self, error: GatewayError) -> bytes:  # noqa: ARG002
        return b""


def _json(answer: bytes, extra: dict[str, str]) -> Response:
    return Response(answer, media_type="application/json", headers=extra)


def documented(schema: str, about: str) -> dict[str, Any]:
    """The request body for the API's description: its shape is the vendor's, and checked field by field."""
    shape = {"type": "object", "title": schema, "description": about, "additionalProperties": True}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": shape}}}}
