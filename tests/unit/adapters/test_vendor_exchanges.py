"""A vendor's whole reply to a client's own request, as it came."""

import json
from typing import Any

import pytest

from ai_gateway.adapters.vendor_exchanges import read
from ai_gateway.adapters.vendor_transport import Answer
from ai_gateway.errors import VendorError, VendorReplyUnreadable, VendorUnreachable
from ai_gateway.model import Completion, Outbound, VendorName
from ai_gateway.protocols.protocol import Protocol

SENT = Outbound(vendor=VendorName("v"), model="m-1", method="POST", url="https://v.example", headers={}, body=b"")


def replied(body: bytes, protocol: Protocol = Protocol.CHAT) -> Completion:
    answer = Answer(status=200, headers={"content-type": "application/json"}, body=body, attempts=1)
    return read(protocol, answer, SENT)


def test_half_a_sign_and_a_long_number_are_read_as_they_are() -> None:
    body = b'{"content": [{"input": {"half": "\\ud83d", "number": 12345678901234567890123}}]}'
    said: Any = replied(body, Protocol.MESSAGES).reply
    assert said["content"][0]["input"] == {"half": "\ud83d", "number": 12345678901234567890123}


@pytest.mark.parametrize(
    ("protocol", "reply", "finish", "tokens"),
    [
        (
            Protocol.CHAT,
            {"choices": [{"finish_reason": "tool_calls"}], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
            "tool_use",
            (3, 4),
        ),
        (
            Protocol.MESSAGES,
            {
                "content": [],
                "stop_reason": "max_tokens",
                "usage": {"input_tokens": 3, "cache_read_input_tokens": 2, "output_tokens": 4},
            },
            "length",
            (5, 4),
        ),
        (
            Protocol.RESPONSES,
            {"status": "completed", "output": [], "usage": {"input_tokens": 3, "output_tokens": 4}},
            "stop",
            (3, 4),
        ),
        (Protocol.COUNT_TOKENS, {"input_tokens": 3}, "other", (None, None)),
    ],
)
def test_what_goes_on_record_is_read_in_every_protocol(
    protocol: Protocol, reply: dict[str, Any], finish: str, tokens: tuple[int | None, int | None]
) -> None:
    completion = replied(json.dumps({"id": "r_1", **reply}).encode(), protocol)
    assert (completion.finish_reason, completion.vendor_response_id, completion.model) == (finish, "r_1", "m-1")
    assert (completion.input_tokens, completion.output_tokens) == tokens


def test_vectors_are_passed_on_as_they_came() -> None:
    body = b'{"data": [{"embedding": [0.10, 1e-3]}]}'
    completion = replied(body, Protocol.EMBEDDINGS)
    assert (completion.text, completion.reply) == (body.decode(), None)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000], ids=["none", "list", "cut", "bytes", "deep"]
)
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(VendorReplyUnreadable):
        replied(body)


@pytest.mark.parametrize(
    ("protocol", "reply", "kind"),
    [
        (Protocol.CHAT, {"error": {"message": "Zoe", "type": "overloaded_error"}}, VendorUnreachable),
        (Protocol.MESSAGES, {"type": "error", "error": {"type": "Zoe"}}, VendorError),
        (Protocol.EMBEDDINGS, {"error": "Zoe"}, VendorError),
        (Protocol.CHAT, {}, VendorReplyUnreadable),
        (Protocol.RESPONSES, {"error": None}, VendorReplyUnreadable),
        (Protocol.COUNT_TOKENS, {"type": "message"}, VendorReplyUnreadable),
    ],
)
def test_a_200_that_holds_an_error_or_no_reply_is_a_failure_of_the_vendors(
    protocol: Protocol, reply: dict[str, Any], kind: type[VendorError]
) -> None:
    with pytest.raises(VendorError) as failed:
        replied(json.dumps(reply).encode(), protocol)
    assert type(failed.value) is kind
    assert "Zoe" not in str(failed.value)


def test_a_response_that_failed_is_one_all_the_same() -> None:
    body = {"id": "r_1", "status": "failed", "error": {"code": "server_error"}, "output": []}
    assert replied(json.dumps(body).encode(), Protocol.RESPONSES).finish_reason == "other"
