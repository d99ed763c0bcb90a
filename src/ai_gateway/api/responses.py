"""``POST /v1/responses``, in OpenAI's protocol."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ai_gateway.api.auth import Runs
from ai_gateway.api.exchanges import RAISES, documented, exchange
from ai_gateway.api.features import IdempotencyKey
from ai_gateway.api.reference import vendor_answers
from ai_gateway.api.services import Given
from ai_gateway.protocols.protocol import Protocol

router = APIRouter(tags=["OpenAI's protocol"])


@router.post(
    "/v1/responses",
    response_class=Response,
    responses=vendor_answers("openai", *RAISES, streams=True),
    openapi_extra=documented("ResponseRequest", "As OpenAI's Responses, without state on the vendor's side."),
)
async def responses(
    request: Request, caller: Runs, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """A response, whole or streamed. The vendor keeps nothing: send the history, not `previous_response_id`."""
    return await exchange(Protocol.RESPONSES, request, caller, services, idempotency_key)
