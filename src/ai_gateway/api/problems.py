"""Errors as RFC 9457 problem details. No member of one ever quotes what a request held."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ai_gateway.api.fields import Place, body_shape
from ai_gateway.api.mistakes import Wrong, are_too_many, gathered
from ai_gateway.api.visit import current
from ai_gateway.errors import (
    GatewayError,
    MediaTypeUnsupported,
    MethodNotAllowed,
    NotFound,
    RequestInvalid,
    RequestTooLarge,
    RequestUnreadable,
    RouteUnknown,
)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:ai-gateway:error:"
MAX_PROBLEMS = 20
_NO_ID = (
    "The path names nothing that can exist: an id begins with a letter or digit and has at most 128 of letters, digits "
    "and _ . : -, a share's is shr_ and 32 hexadecimal digits; it is never an e-mail address or a name"
)


def problem(error: GatewayError, request_id: str) -> Response:
    body = problem_body(error, request_id)
    return Response(orjson.dumps(body), error.status, headers=headers_of(error), media_type=MEDIA_TYPE)


def problem_body(error: GatewayError, request_id: str) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "type": TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    }
    return {**error.facts, **told}


def headers_of(error: GatewayError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.status == 401:  # noqa: PLR2004 - RFC 9110 section 15.5.2
        headers["www-authenticate"] = "Bearer"
    retry_after = error.facts.get("retry_after")
    if isinstance(retry_after, int | float):
        headers["retry-after"] = str(max(1, round(retry_after)))
    elif error.status == 503:  # noqa: PLR2004
        headers["retry-after"] = "1"
    return headers


async def gateway_error(request: Request, error: GatewayError) -> Response:
    from ai_gateway.api.dialects import answer

    visit = current(request.scope)
    visit.failed(error)
    return answer(request.scope, error, visit.request_id)


async def http_error(request: Request, error: HTTPException) -> Response:
    """What the framework itself refuses: unknown paths, methods and bodies."""
    answer = await gateway_error(request, _known(error.status_code))
    if error.headers and "Allow" in error.headers:
        answer.headers["allow"] = error.headers["Allow"]
    return answer


def _known(status: int) -> GatewayError:
    known: dict[int, type[GatewayError]] = {
        404: RouteUnknown,
        405: MethodNotAllowed,
        413: RequestTooLarge,
        415: MediaTypeUnsupported,
    }
    return known.get(status, RequestUnreadable)()


class InvalidRequest:
    """Tells where a request departs from the documented shape. ``names`` are those that may be said back: fields of the
    schemas and names from the catalogue; whatever else a request uses as a name is shown as ``*``."""

    def __init__(self, *names: Container[str]) -> None:
        self.names = names

    async def __call__(self, request: Request, error: RequestValidationError) -> Response:
        mistakes = error.errors()
        if any(mistake["loc"][0] == "path" for mistake in mistakes):
            return await gateway_error(request, NotFound(_NO_ID))
        wrong = gathered(mistakes, body_shape(request.scope.get("route")))
        told = self._told(wrong)
        first = f"{told[0]['at'] or 'the body'} {told[0]['problem']}"
        others = len(wrong) - 1
        over = "more than " if are_too_many(mistakes) else ""
        more = f" (and {over}{others} more, see problems)" if others else ""
        return await gateway_error(request, RequestInvalid(first + more, problems=told))

    def tell(self, mistakes: Sequence[Mapping[str, Any]], shape: type[BaseModel] | None) -> list[dict[str, str]]:
        """What is wrong at the first places of all, each with our words. ``shape`` is the body's: it knows which steps
        of pydantic's are the request's own, and the fields that somebody may have meant."""
        return self._told(gathered(mistakes, shape))

    def _told(self, wrong: Sequence[Wrong]) -> list[dict[str, str]]:
        return [{"at": self._at(one.place), "problem": one.problem()} for one in wrong[:MAX_PROBLEMS]]

    def _at(self, place: Place) -> str:
        return ".".join(map(str, place.steps)) if place.is_ours else self.path(place.steps)

    def path(self, steps: Sequence[str | int]) -> str:
        """``inputs.messages[0].text``, from ``("inputs", "messages", 0, "text")``."""
        path = ""
        for step in steps:
            if isinstance(step, int):
                path += f"[{step}]"
            else:
                path += "." + (step if any(step in known for known in self.names) else "*")
        return path.lstrip(".")
