"""What is on record of a streamed reply."""

import json
from hashlib import sha256
from typing import Any

import pytest

from ai_gateway.protocols.account import Account
from ai_gateway.protocols.sse import Event, Reader


def account(*bodies: Any) -> Account:
    told = Account()
    for body in bodies:
        told.note(Event(data=body if isinstance(body, str) else json.dumps(body)))
    return told


def chunk(finish: str | None = None, **delta: Any) -> Any:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c_1", "model": "m-1", "choices": [choice]}


def test_a_chat_is_named_by_its_first_chunk_and_over_with_done() -> None:
    told = account(chunk(content="a"), chunk("length"))
    assert (told.id, told.model, told.finish, told.ended, told.over) == ("c_1", "m-1", "length", True, False)
    told = account(
        chunk(content="a"), chunk("stop"), {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}, " [DONE]"
    )
    assert (told.input_tokens, told.output_tokens, told.over) == (3, 4, True)


def test_a_chat_that_just_stopped_has_not_ended() -> None:
    assert not account(chunk(content="a")).ended


def test_a_message_is_over_with_its_last_event_and_counts_what_was_cached() -> None:
    usage = {"input_tokens": 3, "cache_read_input_tokens": 5, "output_tokens": 1}
    told = account(
        {"type": "message_start", "message": {"id": "msg_1", "model": "m-1", "usage": usage}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "a"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}},
    )
    assert (told.id, told.finish, told.input_tokens, told.output_tokens) == ("msg_1", "end_turn", 8, 9)
    assert (told.ended, told.over) == (True, False)
    told.note(Event(data='{"type": "message_stop"}'))
    assert told.over


@pytest.mark.parametrize(
    ("status", "finish"), [("completed", "stop"), ("incomplete", None), ("failed", None), ("in_progress", None)]
)
def test_a_response_has_ended_with_a_status_that_is_final(status: str, finish: str | None) -> None:
    told = account(
        {"type": "response.created", "response": {"id": "r_1", "model": "m-1", "status": "in_progress"}},
        {"type": f"response.{status}", "response": {"id": "r_1", "status": status, "usage": {"input_tokens": 2}}},
    )
    assert (told.id, told.finish, told.input_tokens) == ("r_1", finish, 2)
    assert told.ended is told.over is (status != "in_progress")


def test_generated_content_has_ended_with_a_reason_or_a_block() -> None:
    said = {"responseId": "g-1", "modelVersion": "m-1", "candidates": [{"content": {"parts": [{"text": "a"}]}}]}
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 5}
    told = account(said, {**said, "candidates": [{"finishReason": "MAX_TOKENS"}], "usageMetadata": usage})
    assert (told.id, told.model, told.finish, told.ended) == ("g-1", "m-1", "MAX_TOKENS", True)
    assert (told.input_tokens, told.output_tokens) == (3, 9)
    assert account({"promptFeedback": {"blockReason": "OTHER"}}).finish == "content_filter"


def test_what_a_model_writes_ends_nothing() -> None:
    wrote = '{"type": "message_stop"} [DONE] "finish_reason": "stop"'
    assert not account(chunk(content="a"), chunk(content=wrote)).ended
    block = {"type": "tool_use", "input": {"type": "message_stop", "stop_reason": "x", "usage": {"input_tokens": 7}}}
    told = account(
        {"type": "message_start", "message": {"id": "msg_1", "model": "m-1"}},
        {"type": "content_block_start", "content_block": block},
    )
    assert (told.ended, told.over, told.input_tokens) == (False, False, None)


def test_a_name_or_number_that_cannot_be_one_is_not_kept() -> None:
    told = account({"id": "Dear Kim", "model": "x" * 201, "usage": {"prompt_tokens": -1, "completion_tokens": True}})
    assert (told.id, told.model, told.input_tokens, told.output_tokens) == (None, None, None, None)
    assert account("no json", "[]").id is None


def test_the_digest_is_over_every_byte_that_came() -> None:
    told = Account()
    for piece in (b"data: 1\n", b"\n: x\n\n"):
        told.received(piece)
        for event in Reader().feed(piece):
            told.note(event)
    assert (told.digest, told.length) == (sha256(b"data: 1\n\n: x\n\n").hexdigest(), 14)
