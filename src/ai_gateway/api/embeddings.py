"""``POST /v1/embeddings``, in OpenAI's protocol."""

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
    "/v1/embeddings",
    response_class=Response,
    responses=vendor_answers("openai", *RAISES),
    openapi_extra=documented("EmbeddingRequest", "As OpenAI's Embeddings, of text; tokens cannot be inspected."),
)
async def embeddings(
    request: Request, caller: Runs, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Vectors of treated texts."""
    return await exchange(Protocol.EMBEDDINGS, request, caller, services, idempotency_key)
