"""The text of a streamed reply, read out of each vendor's events."""

import json
from typing import Any

import pytest

from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.protocols.dictation import Dictation
from ai_gateway.protocols.protocol import Speech
from ai_gateway.protocols.sse import Event


def dictated(speech: Speech, *bodies: Any) -> tuple[str, Dictation]:
    dictation = Dictation(speech)
    text = "".join(dictation.text(Event(data=json.dumps(body))) for body in bodies)
    return text + dictation.rest(), dictation


def chunk(delta: Any, index: int = 0) -> Any:
    return {"choices": [{"index": index, "delta": delta}]}


@pytest.mark.parametrize(
    ("speech", "bodies", "text"),
    [
        (Speech.OPENAI, [chunk({"content": "a"}), chunk({"content": None}), chunk({"content": "b"})], "ab"),
        (Speech.OPENAI, [chunk({"content": "a"}), chunk({"content": "x"}, 1), {"choices": [], "usage": {}}], "a"),
        (Speech.OPENAI, [chunk({"content": [{"type": "thinking", "thinking": "x"}]}), chunk({"content": "b"})], "b"),
        (Speech.OPENAI, [chunk({"content": [{"type": "text", "text": "a"}, {"text": "b"}]})], "ab"),
        (Speech.OPENAI, [chunk({"refusal": "no"}), chunk({"content": "a"})], "a"),
        (Speech.OPENAI, [chunk({"reasoning_content": "x"}), {"choices": "?"}, {"choices": [7]}], ""),
        (
            Speech.ANTHROPIC,
            [
                {"type": "content_block_start", "content_block": {"type": "text", "text": "a"}},
                {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "b"}},
                {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "x"}},
                {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": "x"}},
                {"type": "content_block_start", "content_block": {"type": "tool_use", "text": "x"}},
                {"type": "message_delta", "delta": {"type": "text_delta", "text": "x"}},
            ],
            "ab",
        ),
        (
            Speech.GEMINI,
            [
                {"candidates": [{"content": {"parts": [{"text": "x", "thought": True}, {"text": "a"}]}}]},
                {"candidates": [{"content": {"parts": [{"text": "b"}]}}, {"content": {"parts": [{"text": "x"}]}}]},
                {"candidates": [{"finishReason": "STOP"}]},
                {"promptFeedback": {}},
            ],
            "ab",
        ),
    ],
)
def test_only_what_is_the_answer_is_read(speech: Speech, bodies: list[Any], text: str) -> None:
    said, dictation = dictated(speech, *bodies)
    assert said == text
    assert not dictation.refused


def test_a_refusal_is_the_answer_when_there_is_no_other_and_told_at_the_end() -> None:
    dictation = Dictation(Speech.OPENAI)
    assert dictation.text(Event(data=json.dumps(chunk({"refusal": "I will "})))) == ""
    assert dictation.text(Event(data=json.dumps(chunk({"refusal": "not."})))) == ""
    assert (dictation.rest(), dictation.refused) == ("I will not.", True)


def test_a_refusal_without_end_is_no_reply() -> None:
    dictation = Dictation(Speech.OPENAI)
    event = Event(data=json.dumps(chunk({"refusal": "no " * 5_000})))
    dictation.text(event)
    with pytest.raises(VendorReplyUnreadable):
        dictation.text(event)


def test_comments_and_the_end_say_nothing() -> None:
    dictation = Dictation(Speech.ANTHROPIC)
    assert dictation.text(Event(comment=True)) == ""
    assert dictation.text(Event(data="[DONE]")) == ""


@pytest.mark.parametrize("data", ["7", "null", "<html>", '{"choices": [{"delta"'])
def test_an_event_that_nobody_can_read_is_no_part_of_a_reply(data: str) -> None:
    with pytest.raises(VendorReplyUnreadable):
        Dictation(Speech.OPENAI).text(Event(data=data))
