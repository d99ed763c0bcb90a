"""Errors as RFC 9457 problem details. No member of one ever quotes what a request held."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ai_gateway.api.fields import BRANCHES, body_shape, fields_at, no_field
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
_OF_TEXT = frozenset(("string_too_short", "string_too_long", "string_pattern_mismatch"))
_REGION = "must be a country of ISO 3166, with its subdivision where laws differ: US-CA, DE"
_NO_ID = (
    "The path names nothing that can exist: an id begins with a letter or digit and has at most 128 of letters, digits "
    "and _ . : -, a share's is shr_ and 32 hexadecimal digits; it is never an e-mail address or a name"
)

_WORDS: Mapping[str, str] = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_too_long": "must have at most {max_length} {characters}",
    "string_too_short": "must have at least {min_length} {characters}",
    "string_pattern_mismatch": "must match {pattern}",
    "too_long": "must have at most {max_length} {entries}",
    "too_short": "must have at least {min_length} {entries}",
    "enum": "must be one of {expected}",
    "literal_error": "must be {expected}",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be an array",
    "tuple_type": "must be an array",
    "frozen_set_type": "must be an array",
}
"""Our own words per kind of mistake, with the schema's bounds. Pydantic's message may quote the input; these cannot."""


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
        told = self.tell(mistakes, body_shape(request.scope.get("route")))
        first = f"{told[0]['at'] or 'the body'} {told[0]['problem']}"
        others = len(_founded(mistakes)) - 1
        more = f" (and {others} more, see problems)" if others else ""
        return await gateway_error(request, RequestInvalid(first + more, problems=told))

    def tell(self, mistakes: Sequence[Mapping[str, Any]], shape: type[BaseModel] | None = None) -> list[dict[str, str]]:
        """The first of pydantic's mistakes, each with its place and our words. ``shape`` is the body's, and knows the
        fields that somebody may have meant."""
        return [self._tell(mistake, shape) for mistake in _founded(mistakes)[:MAX_PROBLEMS]]

    def _tell(self, mistake: Mapping[str, Any], shape: type[BaseModel] | None) -> dict[str, str]:
        told, steps = mistake["type"], mistake["loc"]
        if told == "extra_forbidden":
            said = no_field(str(steps[-1]), () if shape is None else fields_at(shape, steps[1:-1]))
        elif steps[-1:] == ("region",) and told in _OF_TEXT:
            said = _REGION
        else:
            said = _in_words(told, mistake.get("ctx", {}))
        return {"at": self.path(steps), "problem": said}

    def path(self, steps: Sequence[str | int]) -> str:
        """``inputs.messages[0].text``, from pydantic's ``("body", "inputs", "messages", "many", 0, "text")``."""
        path = ""
        for step in steps[1:]:
            if isinstance(step, int):
                path += f"[{step}]"
            elif step not in BRANCHES:
                path += "." + (step if any(step in known for known in self.names) else "*")
        return path.lstrip(".")


def _founded(mistakes: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Without those that only follow from others: pydantic counts no entry that has a mistake in it."""
    inside = {steps[:end] for mistake in mistakes for steps in (mistake["loc"],) for end in range(1, len(steps))}
    return [one for one in mistakes if one["type"] != "too_short" or one["loc"] not in inside]


def _in_words(told: str, context: Mapping[str, object]) -> str:
    words = _WORDS.get(told)
    if words is None:
        return "is not valid"
    shown = {name: _expected(value) for name, value in context.items() if name != "error"}
    is_one = 1 in (shown.get("max_length"), shown.get("min_length"))
    counted = {"characters": "character", "entries": "entry"} if is_one else {n: n for n in ("characters", "entries")}
    return words.format(**shown, **counted)


def _expected(value: object) -> object:
    return str(value).replace("'", "") if isinstance(value, str) else value
