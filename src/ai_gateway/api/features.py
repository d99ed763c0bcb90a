"""``POST /v1/features/{feature}/runs`` and ``…/preview``."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response

from ai_gateway.api.answers import PreviewAnswer, RunAnswer, preview_answer, reply_answer, respond
from ai_gateway.api.auth import Runs, holding
from ai_gateway.api.limits import ParsedRoute, body_of
from ai_gateway.api.reference import problems
from ai_gateway.api.run_streams import STREAMED, run_stream
from ai_gateway.api.schemas import NAME_PATTERN, FeatureRun
from ai_gateway.api.services import Given, services_of
from ai_gateway.api.visit import current
from ai_gateway.errors import (
    CoordinationUnavailable,
    DetectorDeadline,
    DetectorUnavailable,
    EgressRefused,
    FeaturesNotServed,
    FeatureUnknown,
    IdempotencyConflict,
    IdempotencyInProgress,
    IdempotencyOutcomeUnknown,
    InputUnknown,
    PromptTooLong,
    ReplyRefused,
    ShareLogUnavailable,
    ShareRefused,
    StoreUnavailable,
    SubjectConflict,
    SubjectUnknown,
    VendorCredentials,
    VendorError,
    VendorRateLimited,
    VendorRejected,
    VendorReplyUnreadable,
    VendorTimeout,
    VendorUnconfigured,
    VendorUnreachable,
)
from ai_gateway.model import Right

router = APIRouter(prefix="/v1/features", tags=["features"], route_class=ParsedRoute)

FeatureName = Annotated[str, Path(pattern=NAME_PATTERN, max_length=64, examples=["proposal_draft"])]
IdempotencyKey = Annotated[
    str | None,
    Header(description="1 to 255 printable ASCII characters. A repeated request with it never shares twice."),
]
SecGpc = Annotated[
    str | None,
    Header(
        alias="Sec-GPC",
        description="`1`, and only `1`: the actor's browser asked for Global Privacy Control; holds for this call.",
    ),
]
_ASKING = (
    FeaturesNotServed,
    FeatureUnknown,
    InputUnknown,
    SubjectUnknown,
    SubjectConflict,
    ShareRefused,
    EgressRefused,
    PromptTooLong,
    DetectorUnavailable,
    DetectorDeadline,
    StoreUnavailable,
    CoordinationUnavailable,
    VendorUnconfigured,
)
_SHARING = (
    ShareLogUnavailable,
    ReplyRefused,
    IdempotencyConflict,
    IdempotencyInProgress,
    IdempotencyOutcomeUnknown,
    VendorError,
    VendorUnreachable,
    VendorTimeout,
    VendorRateLimited,
    VendorCredentials,
    VendorRejected,
    VendorReplyUnreadable,
)


@router.post("/{feature}/runs", response_model=RunAnswer, responses=STREAMED | problems(*_ASKING, *_SHARING))
async def run(
    feature: FeatureName,
    asked: FeatureRun,
    request: Request,
    idempotency_key: IdempotencyKey = None,
    sec_gpc: SecGpc = None,
) -> Response:
    """Run a feature: decide, treat, put on record, ask a vendor, put the names back. Whole, or with `stream: true` as
    the vendor writes.

    The response carries `x-ai-gateway-share-id`, `x-ai-gateway-overhead-ms` (all but waiting for the vendor) and
    `server-timing` by step.
    """
    caller, services = holding(Right.FEATURES, request.scope), services_of(request.scope)
    visit = current(request.scope)
    visit.feature = services.feature(feature)
    gpc = sec_gpc == "1"
    if asked.stream:
        return run_stream(caller, asked.call(feature, gpc=gpc), services, visit, idempotency_key)
    fingerprint = b"\0".join((request.scope["path"].encode(), b"gpc" if gpc else b"", body_of(request.scope)))
    async with services.idempotency.attempt(caller.id, idempotency_key, fingerprint) as attempt:
        if attempt.replay is not None:
            visit.again(attempt.replay.share)
            return Response(attempt.replay.body, media_type="application/json")
        call = asked.call(feature, gpc=gpc, once=attempt.once)
        reply = await services.gateway.answer(caller, call)
        visit.answered(reply)
        services.observer.replied(feature, reply)
        answer = orjson.dumps(reply_answer(reply))
        attempt.keep(answer, reply.shares[-1].id, about=call.people())
    return Response(answer, media_type="application/json")


@router.post("/{feature}/preview", response_model=PreviewAnswer, responses=problems(*_ASKING))
async def preview(
    feature: FeatureName,
    asked: FeatureRun,
    request: Request,
    caller: Runs,
    services: Given,
    sec_gpc: SecGpc = None,
) -> Response:
    """Show what would be shared, with whom and why, down to the vendor's exact request. Sends and records nothing."""
    current(request.scope).feature = services.feature(feature)
    shown = await services.gateway.preview(caller, asked.call(feature, gpc=sec_gpc == "1"))
    vendor = services.gateway.catalogue.policies.vendors[shown.outbound.vendor]
    return respond(preview_answer(shown, vendor.legal_name, vendor.region))
