"""Replies as the protocols document them: what is read of each, and that litellm reads the same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import httpx
import orjson
import pytest

from ai_gateway.adapters.litellm_translation import load
from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.adapters.vendor_replies import parse
from ai_gateway.adapters.vendor_transport import Answer
from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.model import Completion, Outbound, VendorName
from ai_gateway.policies.policy import UnexpectedPersonalData
from ai_gateway.protocols.finish import FINISH_REASONS
from ai_gateway.protocols.protocol import Speech
from ai_gateway.protocols.sse import Reader
from ai_gateway.treatment.egress import clear
from ai_gateway.treatment.streaming import stream_of
from ai_gateway.treatment.treat import Treatment
from fakes import LiteralDetector
from reply_streams import cut, streamed
from treatment_samples import budgeted, item, permission, rule
from treatment_samples import outbound as sent

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("litellm")]

TREATMENT = Treatment(LiteralDetector(), PresidioOperators())
EVERYTHING = rule(unexpected=UnexpectedPersonalData.KEEP)
TEXT = "Dear <CLIENT_1>,\n\nI can start “soon”. — <PROFESSIONAL_1>"
Json = Mapping[str, Any]


def chat(message: Json | None = None, finish: str = "stop", **other: Any) -> Json:
    return {
        "id": "chatcmpl-B9MBs8",
        "object": "chat.completion",
        "created": 1_741_569_952,
        "model": "gpt-4.1-mini-2025-04-14",
        "choices": [
            {
                "index": 0,
                "message": message or {"role": "assistant", "content": TEXT, "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": finish,
            }
        ],
        "usage": {
            "prompt_tokens": 19,
            "completion_tokens": 10,
            "total_tokens": 29,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        **other,
    }


def message(content: list[Json] | None = None, stop: str = "end_turn", **usage: int) -> Json:
    return {
        "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [{"type": "text", "text": TEXT}] if content is None else content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 19, "output_tokens": 10, **usage},
    }


def generated(parts: list[Json] | None = None, finish: str = "STOP", **other: Any) -> Json:
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": [{"text": TEXT}] if parts is None else parts},
                "finishReason": finish,
                "index": 0,
            }
        ],
        "usageMetadata": {"promptTokenCount": 19, "candidatesTokenCount": 10, "totalTokenCount": 29},
        "modelVersion": "gemini-2.5-flash",
        "responseId": "r-17",
        **other,
    }


@dataclass(frozen=True, kw_only=True)
class Case:
    says: str
    provider: str
    reply: Json
    text: str = TEXT
    finish: str = "stop"
    litellm_finish: str | None = None
    tokens: tuple[int | None, int | None] = (19, 10)

    @property
    def model(self) -> str:
        return {"anthropic": "claude-sonnet-4-5", "gemini": "gemini-2.5-flash"}.get(self.provider, "gpt-4.1-mini")

    @property
    def protocol(self) -> Speech:
        return {"anthropic": Speech.ANTHROPIC, "gemini": Speech.GEMINI}.get(self.provider, Speech.OPENAI)


THINKING = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
    {"type": "text", "text": TEXT},
]
CASES = (
    Case(says="a chat completion", provider="openai", reply=chat()),
    Case(says="one cut off at its limit", provider="openai", reply=chat(finish="length"), finish="length"),
    Case(
        says="one cut off by the vendor",
        provider="openai",
        reply=chat({"role": "assistant", "content": ""}, finish="content_filter"),
        text="",
        finish="content_filter",
    ),
    Case(
        says="a refusal",
        provider="openai",
        reply=chat({"role": "assistant", "content": None, "refusal": "I cannot help with that."}),
        text="I cannot help with that.",
        finish="refusal",
        litellm_finish="stop",
    ),
    Case(says="a Mistral completion", provider="mistral", reply=chat(id="cmpl-1", model="mistral-small-2506")),
    Case(
        says="a Mistral completion with its thinking",
        provider="mistral",
        reply=chat({"role": "assistant", "content": THINKING}),
    ),
    Case(says="a message", provider="anthropic", reply=message()),
    Case(
        says="a message in two blocks, after its thinking",
        provider="anthropic",
        reply=message(
            [
                {"type": "thinking", "thinking": "Hm.", "signature": "s"},
                {"type": "text", "text": TEXT[:9]},
                {"type": "text", "text": TEXT[9:]},
            ]
        ),
    ),
    Case(says="a message cut off", provider="anthropic", reply=message(stop="max_tokens"), finish="length"),
    Case(
        says="a message that is a refusal",
        provider="anthropic",
        reply=message([], stop="refusal"),
        text="",
        finish="refusal",
        litellm_finish="content_filter",
    ),
    Case(
        says="a message whose prompt was cached",
        provider="anthropic",
        reply=message(cache_creation_input_tokens=4, cache_read_input_tokens=100),
        tokens=(123, 10),
    ),
    Case(says="generated content", provider="gemini", reply=generated()),
    Case(
        says="generated content in parts, after its thoughts",
        provider="gemini",
        reply=generated(
            [{"text": "Hm.", "thought": True}, {"text": TEXT[:7]}, {"text": TEXT[7:]}],
            usageMetadata={
                "promptTokenCount": 19,
                "candidatesTokenCount": 6,
                "thoughtsTokenCount": 4,
                "totalTokenCount": 29,
            },
        ),
    ),
    Case(says="generated content cut off", provider="gemini", reply=generated(finish="MAX_TOKENS"), finish="length"),
    Case(
        says="generated content of no part",
        provider="gemini",
        reply=generated(candidates=[{"finishReason": "MAX_TOKENS", "content": {"role": "model"}}]),
        text="",
        finish="length",
    ),
    Case(
        says="a prompt that was blocked",
        provider="gemini",
        reply={
            "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
            "usageMetadata": {"promptTokenCount": 19, "totalTokenCount": 19},
            "modelVersion": "gemini-2.5-flash",
        },
        text="",
        finish="content_filter",
        tokens=(19, None),
    ),
    Case(
        says="content that was blocked",
        provider="gemini",
        reply=generated([], finish="SAFETY"),
        text="",
        finish="content_filter",
    ),
)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)


def read(protocol: Speech, body: bytes, kind: str = "application/json", model: str = "m-1") -> Completion:
    outbound = Outbound(
        vendor=VendorName("v"), model=model, method="POST", url="https://v.example", headers={}, body=b""
    )
    return parse(protocol, Answer(status=200, headers={"content-type": kind}, body=body, attempts=2), outbound)


@every_case
def test_what_a_documented_reply_says_is_read(case: Case) -> None:
    body = orjson.dumps(case.reply)
    completion = read(case.protocol, body)
    assert completion.text == case.text
    assert completion.finish_reason == case.finish
    assert completion.finish_reason in FINISH_REASONS
    assert (completion.input_tokens, completion.output_tokens) == case.tokens
    assert completion.attempts == 2
    assert completion.body_length == len(body)


class _NoLog:
    """In place of litellm's logger, which its transformations require."""

    def __init__(self) -> None:
        self.optional_params: dict[str, Any] = {}
        self.model_call_details: dict[str, Any] = {}

    def post_call(self, *_args: object, **_named: object) -> None:
        """Nothing is logged."""


@every_case
async def test_the_same_reply_streamed_says_the_same(case: Case) -> None:
    whole = read(case.protocol, orjson.dumps(case.reply))
    prompt = budgeted(await TREATMENT.treat(permission([item("Write.")])))
    cleared = clear(replace(sent(prompt), speech=case.protocol), prompt)
    for seed in range(5):
        random = Random(seed)
        stream = stream_of(TREATMENT, cleared, EVERYTHING)
        pieces = [await stream.feed(part) for part in cut(streamed(case.protocol, case.reply, random), random)]
        told = Reader().feed(b"".join((*pieces, await stream.finish())))
        assert "".join(orjson.loads(event.data)["text"] for event in told) == whole.text
        completion = stream.completion("m-1")
        for fact in ("finish_reason", "model", "vendor_response_id", "input_tokens", "output_tokens"):
            assert getattr(completion, fact) == getattr(whole, fact), fact


@pytest.mark.filterwarnings("ignore:.*ReadOnly:UserWarning")  # litellm's own types
@every_case
def test_litellm_reads_the_same(case: Case) -> None:
    load()
    from litellm.types.utils import LlmProviders, ModelResponse
    from litellm.utils import ProviderConfigManager

    config: Any = ProviderConfigManager.get_provider_chat_config(model=case.model, provider=LlmProviders(case.provider))
    theirs = config.transform_response(
        model=case.model,
        raw_response=httpx.Response(200, json=case.reply),
        model_response=ModelResponse(),
        logging_obj=_NoLog(),
        request_data={},
        messages=[],
        optional_params={},
        litellm_params={},
        encoding=None,
    )
    ours = read(case.protocol, orjson.dumps(case.reply))
    said = theirs.choices[0].message.content
    if ours.finish_reason != "refusal":
        assert ours.text == (said or "")
    assert theirs.choices[0].finish_reason == (case.litellm_finish or ours.finish_reason)
    assert theirs.usage.prompt_tokens == ours.input_tokens
    assert theirs.usage.completion_tokens == (ours.output_tokens or 0)


@pytest.mark.parametrize("protocol", list(Speech))
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"{",
        b'{"choices": [], "content": {}, "candidates": []}',
        b'{"choices": [null], "content": [null], "candidates": [null]}',
        orjson.dumps(
            {
                "choices": [{"message": {"content": 7}}],
                "content": [{"type": "text", "text": 7}],
                "candidates": [{"content": {"parts": [{"text": 7}]}}],
            }
        ),
        b'{"error": {"message": "secret of the reply"}}',
        b"\xff\xfe",
        b"[" * 5000 + b"]" * 5000,
    ],
    ids=range(12),
)
def test_any_other_shape_is_unreadable_and_is_not_quoted(protocol: Speech, body: bytes) -> None:
    with pytest.raises(VendorReplyUnreadable) as caught:
        read(protocol, body)
    assert "secret" not in f"{caught.value!r} {caught.value.facts!r}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("kind", ["text/html", "", "text/event-stream", "application/octet-stream"])
def test_a_reply_of_another_content_type_is_unreadable(kind: str) -> None:
    with pytest.raises(VendorReplyUnreadable, match="content type"):
        read(Speech.OPENAI, orjson.dumps(chat()), kind)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/problem+json"])
def test_parameters_and_case_of_the_content_type_do_not_matter(kind: str) -> None:
    assert read(Speech.OPENAI, orjson.dumps(chat()), kind).text == TEXT


@pytest.mark.parametrize(
    ("protocol", "reply"),
    [
        (Speech.OPENAI, chat(finish="a_new_reason")),
        (Speech.ANTHROPIC, message(stop="a_new_reason")),
        (Speech.GEMINI, generated(finish="A_NEW_REASON")),
    ],
)
def test_a_finish_reason_nobody_documented_is_not_taken_for_a_good_end(protocol: Speech, reply: Json) -> None:
    assert read(protocol, orjson.dumps(reply)).finish_reason == "other"


@pytest.mark.parametrize("name", [7, None, "", "two words", "x" * 201, "a\nb", "a\u0000b"])
def test_a_model_or_id_that_does_not_look_like_one_is_not_kept(name: object) -> None:
    completion = read(Speech.OPENAI, orjson.dumps(chat(model=name, id=name)), model="gpt-4.1-mini")
    assert completion.model == "gpt-4.1-mini"
    assert completion.vendor_response_id is None


@pytest.mark.parametrize("count", [-1, True, "7", 1.5, None, 10**12])
def test_a_token_count_that_is_none_is_not_made_up(count: object) -> None:
    reply = chat(usage={"prompt_tokens": count, "completion_tokens": count})
    completion = read(Speech.OPENAI, orjson.dumps(reply))
    assert (completion.input_tokens, completion.output_tokens) == (None, None)
