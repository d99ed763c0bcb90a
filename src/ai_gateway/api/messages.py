"""``POST /v1/messages`` and its ``count_tokens``, in Anthropic's protocol."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ai_gateway.api.auth import Runs
from ai_gateway.api.exchanges import RAISES, documented, exchange
from ai_gateway.api.features import IdempotencyKey
from ai_gateway.api.reference import vendor_answers
from ai_gateway.api.services import Given
from ai_gateway.protocols.protocol import Protocol

router = APIRouter(tags=["Anthropic's protocol"])


@router.post(
    "/v1/messages",
    response_class=Response,
    responses=vendor_answers("anthropic", *RAISES, streams=True),
    openapi_extra=documented("MessageRequest", "As Anthropic's; what cannot be inspected is refused."),
)
async def messages(request: Request, caller: Runs, services: Given, idempotency_key: IdempotencyKey = None) -> Response:
    """A message, whole or streamed: treated, on record, sent, restored. `model` names a feature or an alias."""
    return await exchange(Protocol.MESSAGES, request, caller, services, idempotency_key)


@router.post(
    "/v1/messages/count_tokens",
    response_class=Response,
    responses=vendor_answers("anthropic", *RAISES),
    openapi_extra=documented("CountTokensRequest", "As Anthropic's Count Message tokens."),
)
async def count_tokens(
    request: Request, caller: Runs, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Tokens as the vendor counts them, of the treated request: a share like any other."""
    return await exchange(Protocol.COUNT_TOKENS, request, caller, services, idempotency_key)
