"""``POST /v1/chat/completions``, in OpenAI's protocol."""

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
    "/v1/chat/completions",
    response_class=Response,
    responses=vendor_answers("openai", *RAISES, streams=True),
    openapi_extra=documented("ChatCompletionRequest", "As OpenAI's; what cannot be inspected is refused."),
)
async def chat_completions(
    request: Request, caller: Runs, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """A chat completion, whole or streamed: treated, on record, sent, restored. `model` names a feature or an alias."""
    return await exchange(Protocol.CHAT, request, caller, services, idempotency_key)
