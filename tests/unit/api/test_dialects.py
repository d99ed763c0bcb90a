"""Errors in the shapes that vendors' SDKs read."""

import json
from typing import Any

import pytest

from ai_gateway.api.dialects import Dialect, answer, dialect_of
from ai_gateway.api.reference import errors_of
from ai_gateway.errors import (
    CallerUnknown,
    ContentNotInspectable,
    EgressRefused,
    GatewayBusy,
    GatewayError,
    MethodNotAllowed,
    PromptTooLong,
    ShareRefused,
    VendorRejected,
)


def scope(path: str, **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"path": path, "headers": pairs}


def told(path: str, error: GatewayError) -> tuple[int, Any]:
    response = answer(scope(path), error, "req_1")
    return response.status_code, json.loads(bytes(response.body))


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/v1/chat/completions", Dialect.OPENAI),
        ("/v1/responses/resp_1", Dialect.OPENAI),
        ("/v1/embeddings", Dialect.OPENAI),
        ("/v1/messages", Dialect.ANTHROPIC),
        ("/v1/messages/count_tokens", Dialect.ANTHROPIC),
        ("/v1/models", Dialect.OPENAI),
        ("/v1/features/x/runs", None),
        ("/healthz", None),
    ],
)
def test_the_path_says_whose_client_asks(path: str, dialect: Dialect | None) -> None:
    assert dialect_of(scope(path)) is dialect


def test_anthropics_client_asks_for_models_with_its_version() -> None:
    assert dialect_of(scope("/v1/models", anthropic_version="2023-06-01")) is Dialect.ANTHROPIC


@pytest.mark.parametrize("error", [error for error in errors_of() if not error.__subclasses__()])
def test_every_error_has_either_shape_with_our_code_and_the_request_id(error: type[GatewayError]) -> None:
    status, openai = told("/v1/responses", error())
    assert set(openai["error"]) == {"message", "type", "param", "code", "request_id"}
    assert openai["error"]["code"] == error.code
    assert told("/v1/messages", error()) == (
        status,
        {
            "type": "error",
            "error": {name: openai["error"][name] for name in ("message", "type", "code")},
            "request_id": "req_1",
        },
    )


def test_an_error_names_its_place_and_its_reasons() -> None:
    _, placed = told("/v1/chat/completions", ContentNotInspectable("no images", at="/messages/0/content/1"))
    assert placed["error"]["param"] == "messages.0.content.1"
    held = EgressRefused("An identifier is left.", places=["/tools/0/function/name", "/messages/1/*"], count=2)
    _, kept = told("/v1/chat/completions", held)
    assert kept["error"]["param"] == "tools.0.function.name"
    assert "(at /tools/0/function/name, /messages/1/*)" in kept["error"]["message"]
    assert "/messages/1/*" in told("/v1/messages", held)[1]["error"]["message"]
    reasons = [{"code": "actor-not-opted-in", "rule": "features/assistant.yaml#/opt_in", "source": "policy L87"}]
    status, refused = told("/v1/messages", ShareRefused(reasons=reasons))
    assert status == 403
    assert "actor-not-opted-in (features/assistant.yaml#/opt_in)" in refused["error"]["message"]


def test_statuses_are_those_of_the_vendors() -> None:
    assert told("/v1/messages", PromptTooLong())[0] == 400
    assert told("/v1/messages", CallerUnknown())[1]["error"]["type"] == "authentication_error"
    assert told("/v1/messages", VendorRejected(status=413))[0] == 413
    assert told("/v1/chat/completions", MethodNotAllowed())[1]["error"]["type"] == "invalid_request_error"
    assert told("/v1/messages", VendorRejected(status=451))[0] == 502


def test_a_client_is_told_when_to_come_back_and_when_not_to() -> None:
    assert answer(scope("/v1/messages"), GatewayBusy(retry_after=3), "req_1").headers["retry-after"] == "3"
    assert answer(scope("/v1/messages"), VendorRejected(), "req_1").headers["x-should-retry"] == "false"
