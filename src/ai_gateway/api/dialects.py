"""Errors as each vendor's SDK expects them, so that it raises its own exception classes, with our code and request id.

Sources: OpenAI's *Error codes* and Anthropic's *Errors* reference pages; the SDKs choose a class by status alone.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Scope

from ai_gateway.api.problems import headers_of, problem
from ai_gateway.errors import GatewayError, ShareRefused, VendorRejected


class Dialect(StrEnum):
    OPENAI = "openai"
    ANTHROPIC = "anthropic"


_OPENAI_PATHS = ("/v1/chat/completions", "/v1/responses", "/v1/embeddings")
_ANTHROPIC_PATHS = ("/v1/messages",)
_EITHER = "/v1/models"
_BY_STATUS: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "invalid_request_error",
    413: "request_too_large",
    415: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
_BAD_REQUEST, _UNPROCESSABLE = 400, 422
_CLIENTS_FAULT = (400, 404, 413, 422)
_TOLD_REASONS = _TOLD_PLACES = 3


def dialect_of(scope: Scope) -> Dialect | None:
    """Which vendor's client is asking, by the path; for the list of models, by Anthropic's version header."""
    path: str = scope["path"]
    if path.startswith(_OPENAI_PATHS):
        return Dialect.OPENAI
    if path.startswith(_ANTHROPIC_PATHS):
        return Dialect.ANTHROPIC
    if path.startswith(_EITHER):
        marked = any(name == b"anthropic-version" for name, _ in scope["headers"])
        return Dialect.ANTHROPIC if marked else Dialect.OPENAI
    return None


def answer(scope: Scope, error: GatewayError, request_id: str) -> Response:
    """The error for whoever asks: in a vendor's shape on its routes, else as problem details."""
    dialect = dialect_of(scope)
    if dialect is None:
        return problem(error, request_id)
    status = status_of(error)
    body, headers = error_body(dialect, error, request_id), headers_of(error)
    if dialect is Dialect.ANTHROPIC:
        headers["request-id"] = request_id
    if status >= 500 and isinstance(error, VendorRejected):  # noqa: PLR2004
        headers["x-should-retry"] = "false"
    return Response(orjson.dumps(body), status, headers=headers, media_type="application/json")


def status_of(error: GatewayError) -> int:
    """Vendors answer 400 to a request they do not understand, and so do we to their clients. A vendor's own complaint
    about what the client wrote is the client's to mend, and keeps its status."""
    given = error.facts.get("status")
    if isinstance(error, VendorRejected) and given in _CLIENTS_FAULT:
        return int(given)
    return _BAD_REQUEST if error.status == _UNPROCESSABLE else error.status


def error_body(dialect: Dialect, error: GatewayError, request_id: str) -> Mapping[str, Any]:
    kind = _BY_STATUS.get(status_of(error), "api_error")
    said = {"message": _message(error), "type": kind}
    if dialect is Dialect.ANTHROPIC:
        return {"type": "error", "error": {**said, "code": error.code}, "request_id": request_id}
    places = _places(error)
    param = places[0].removeprefix("/").replace("/", ".") if places else None
    return {"error": {**said, "param": param, "code": error.code, "request_id": request_id}}


def _message(error: GatewayError) -> str:
    """All a client shows is the message: it holds the place, the reasons and the code."""
    told, reasons, places = error.detail, error.facts.get("reasons"), _places(error)
    if places:
        told = f"{told.rstrip('.')} (at {', '.join(places[:_TOLD_PLACES])})"
    if isinstance(error, ShareRefused) and isinstance(reasons, list):
        codes = dict.fromkeys(f"{one['code']} ({one['rule']})" for one in reasons if isinstance(one, dict))
        told = f"{told.rstrip('.')}: {'; '.join(list(codes)[:_TOLD_REASONS])}"
    return f"{told} [{error.code}]"


def _places(error: GatewayError) -> list[str]:
    """Where in the request it is: pointers, which hold no word of the client's own."""
    given = error.facts.get("places", error.facts.get("at"))
    return [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str) and one]
