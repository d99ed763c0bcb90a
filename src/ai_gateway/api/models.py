"""``GET /v1/models``: what a caller may name as its model, in the shape that whoever asks reads."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ai_gateway.api.answers import respond
from ai_gateway.api.auth import Runs
from ai_gateway.api.dialects import Dialect, dialect_of
from ai_gateway.api.reference import vendor_answers
from ai_gateway.api.services import Given
from ai_gateway.api.visit import current
from ai_gateway.errors import FeaturesNotServed, FeatureUnknown
from ai_gateway.features import feature_for, models_of

router = APIRouter(prefix="/v1/models", tags=["models"])

_LONGEST_NAME = 256


@router.get("", response_class=Response, responses=vendor_answers("openai", FeaturesNotServed))
async def models(request: Request, caller: Runs, services: Given) -> Response:
    """The caller's features and aliases. With an `anthropic-version` header in Anthropic's shape, else in OpenAI's."""
    names = models_of(services.gateway.catalogue, caller)
    if dialect_of(request.scope) is Dialect.ANTHROPIC:
        listed = [_anthropic(name) for name in names]
        ends = {"first_id": names[0], "last_id": names[-1]} if names else {"first_id": None, "last_id": None}
        return _marked(request, respond({"data": listed, "has_more": False, **ends}))
    return respond({"object": "list", "data": [_openai(name) for name in names]})


@router.get(
    "/{model:path}", response_class=Response, responses=vendor_answers("openai", FeaturesNotServed, FeatureUnknown)
)
async def model(model: str, request: Request, caller: Runs, services: Given) -> Response:
    """One name that the caller may use as its model, the caller's default for any other name included."""
    if not 0 < len(model) <= _LONGEST_NAME:
        raise FeatureUnknown("A model's name is shorter.")
    feature_for(services.gateway.catalogue, caller, model)
    if dialect_of(request.scope) is Dialect.ANTHROPIC:
        return _marked(request, respond(_anthropic(model)))
    return respond(_openai(model))


def _marked(request: Request, answer: Response) -> Response:
    """With the header in which Anthropic's SDK looks for the request's id."""
    answer.headers["request-id"] = current(request.scope).request_id
    return answer


def _openai(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "ai-gateway"}


def _anthropic(name: str) -> dict[str, Any]:
    return {"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"}
