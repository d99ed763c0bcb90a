"""Every error in one place: for the API's description, and for ``docs/reference/errors.md``."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ai_gateway.api.answers import ProblemShape
from ai_gateway.api.auth import SCHEMES
from ai_gateway.api.dialects import Dialect, error_body, status_of
from ai_gateway.api.problems import MEDIA_TYPE, TYPE
from ai_gateway.errors import (
    CallerNotAllowed,
    CallerUnknown,
    ConfigurationError,
    GatewayBusy,
    GatewayError,
    MediaTypeUnsupported,
    RequestInvalid,
    RequestTooLarge,
    RequestUnreadable,
)

_ALWAYS = (GatewayError, CallerUnknown, CallerNotAllowed, GatewayBusy, RequestInvalid)
_WITH_BODY = (RequestTooLarge, RequestUnreadable, MediaTypeUnsupported)


def problems(*errors: type[GatewayError], body: bool = True) -> dict[int | str, dict[str, Any]]:
    """The documented error responses of a route: by status, with an example per code."""
    by_status: dict[int | str, dict[str, Any]] = defaultdict(dict)
    for error in dict.fromkeys((*_ALWAYS, *(_WITH_BODY if body else ()), *errors)):
        by_status[error.status][error.code] = {"summary": error.title, "value": _example(error)}
    return {
        status: {
            "description": "; ".join(f"`{code}`" for code in examples),
            "model": ProblemShape,
            "content": {MEDIA_TYPE: {"examples": examples}},
        }
        for status, examples in sorted(by_status.items(), key=lambda entry: str(entry[0]))
    }


def vendor_answers(dialect: str, *errors: type[GatewayError], streams: bool = False) -> dict[int | str, dict[str, Any]]:
    """The responses of a route in a vendor's protocol: errors by status, with an example per code in that shape."""
    by_status: dict[int | str, dict[str, Any]] = defaultdict(dict)
    known: tuple[type[GatewayError], ...] = (*_ALWAYS, *_WITH_BODY, *errors)
    for error in dict.fromkeys(known):
        example = error_body(Dialect(dialect), error(), "req_0198c0ffee7a7b1c8d2e3f4a5b6c7d8e")
        by_status[status_of(error())][error.code] = {"summary": error.title, "value": example}
    told: dict[int | str, dict[str, Any]] = {
        status: {
            "description": "; ".join(f"`{code}`" for code in examples),
            "content": {"application/json": {"examples": examples}},
        }
        for status, examples in sorted(by_status.items(), key=lambda entry: str(entry[0]))
    }
    kinds: dict[str, dict[str, Any]] = {"application/json": {}}
    if streams:
        kinds["text/event-stream"] = {}
    return {200: {"description": "As the vendor answers it", "content": kinds}, **told}


def _example(error: type[GatewayError]) -> dict[str, Any]:
    return {
        "type": TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.title,
        "code": error.code,
        "request_id": "req_0198c0ffee7a7b1c8d2e3f4a5b6c7d8e",
    }


def describe(api: dict[str, Any]) -> None:
    """Put each error's schema under the media type that errors have; the framework puts it under plain JSON, and adds
    errors of its own where it knows of none. And say how callers authenticate, which happens before it."""
    api["components"]["securitySchemes"] = SCHEMES
    for path, methods in api["paths"].items():
        if path.startswith("/v1/"):
            for operation in methods.values():
                operation["security"] = [{name: []} for name in SCHEMES]
    for operation in (operation for methods in api["paths"].values() for operation in methods.values()):
        if "HTTPValidationError" in str(operation["responses"].get("422", "")):
            del operation["responses"]["422"]
        for answer in operation["responses"].values():
            content = answer.get("content", {})
            if MEDIA_TYPE in content and "application/json" in content:
                content[MEDIA_TYPE]["schema"] = content.pop("application/json")["schema"]
    for name in ("HTTPValidationError", "ValidationError"):
        api["components"]["schemas"].pop(name, None)


def errors_of(base: type[GatewayError] = GatewayError) -> Iterator[type[GatewayError]]:
    """Every class of error, each before those derived from it."""
    yield base
    for derived in base.__subclasses__():
        if derived.__module__ == base.__module__:
            yield from errors_of(derived)


def errors_table() -> str:
    """The table of ``docs/reference/errors.md``."""
    rows = ["| Code | Status | What it means |", "|---|---|---|"]
    served = [error for error in errors_of() if error is not ConfigurationError]
    rows += [f"| `{error.code}` | {error.status} | {error.title} |" for error in served]
    return "\n".join(rows)
