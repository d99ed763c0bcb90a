"""OpenAI's Python client, chat completions: typed objects as from the vendor itself, and nobody named to the vendor."""

import json
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import BaseModel

import canaries
from e2e.gateway_process import GatewayProcess
from e2e.people import LETTER, METADATA
from e2e.said import arguments
from e2e.scripted_vendor import ScriptedVendor

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("e2e")]

ALL = "; ".join(canaries.PLANTED)
USER: list[ChatCompletionMessageParam] = [{"role": "user", "content": LETTER}]
SCHEMA: dict[str, object] = {
    "type": "object",
    "description": "Who: Sam Lee or Dana Okafor",
    "properties": {"to": {"type": "string", "default": "dana@okafor.example", "enum": ["danabuilds", "Sam Lee"]}},
}
TOOLS: list[ChatCompletionToolParam] = [
    {"type": "function", "function": {"name": name, "description": f"Not for {ALL}", "parameters": SCHEMA}}
    for name in ("send_letter", "look_up")
]
EVERYWHERE: list[Any] = [
    {"role": "system", "content": f"You serve {ALL}"},
    {"role": "developer", "content": [{"type": "text", "text": "Call Sam Lee"}]},
    {"role": "user", "name": "zephquill", "content": [{"type": "text", "text": f"Hello, {ALL}"}]},
    {
        "role": "assistant",
        "content": None,
        "refusal": "Not for Okafor",
        "tool_calls": [
            {"id": f"c{at}", "type": "function", "function": {"name": "send_letter", "arguments": written}}
            for at, written in enumerate((json.dumps(arguments(ALL)), '{"broken": "Dana Okafor'))
        ],
    },
    {"role": "tool", "tool_call_id": "c0", "content": json.dumps({"sent": ALL, "phone": 4155550173})},
    {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "dana@okafor.example is away"}]},
    {"role": "user", "content": LETTER},
]


class Letter(BaseModel):
    to: str
    lines: list[str]
    count: int


def test_a_plain_answer_is_restored_with_its_id_usage_and_finish_reason(
    openai_client: openai.OpenAI, vendor: ScriptedVendor
) -> None:
    reply = openai_client.chat.completions.create(model="echo", messages=USER, metadata=METADATA)
    assert reply.choices[0].message.content == f"You said: {LETTER}"
    assert reply.choices[0].finish_reason == "stop"
    assert (reply.object, reply.model, reply.created) == ("chat.completion", "echo", 1_750_000_000)
    assert reply.id == f"chatcmpl-{len(vendor.received)}"
    assert reply.system_fingerprint == "fp_1"
    assert reply.usage is not None
    assert reply.usage.prompt_tokens_details is not None
    assert (reply.usage.total_tokens, reply.usage.prompt_tokens_details.cached_tokens) == (18, 2)


def test_whatever_can_carry_text_reaches_the_vendor_without_people_and_comes_back_in_place(
    openai_client: openai.OpenAI, vendor: ScriptedVendor
) -> None:
    reply = openai_client.chat.completions.create(
        model="everything",
        messages=EVERYWHERE,
        tools=TOOLS,
        stop=["Brightwater"],
        prediction={"type": "content", "content": "Dear Dana Okafor"},
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "letter", "description": "To Sam Lee", "schema": SCHEMA},
        },
        user="zephquill",
        safety_identifier="danabuilds",
        metadata=METADATA,
    )
    assert canaries.traces([json.dumps(vendor.last)]) == []
    assert reply.choices[0].message.tool_calls is not None
    call = reply.choices[0].message.tool_calls[0]
    assert call.type == "function"
    back = json.loads(call.function.arguments)
    assert back["tools"] == TOOLS
    assert back["stop"] == ["Brightwater"]
    assert back["prediction"]["content"] == "Dear Dana Okafor"
    assert back["response_format"]["json_schema"]["schema"] == SCHEMA
    assert [turn["role"] for turn in back["messages"]] == [turn["role"] for turn in EVERYWHERE]
    assert back["messages"][0] == EVERYWHERE[0]
    assert back["messages"][3]["refusal"] == "Not for Okafor"
    assert json.loads(back["messages"][3]["tool_calls"][0]["function"]["arguments"]) == arguments(ALL)
    assert back["messages"][6] == EVERYWHERE[6]
    assert not {"user", "metadata", "safety_identifier"} & back.keys()


async def test_an_asynchronous_client_gets_the_same(
    openai_client: openai.OpenAI, openai_async: openai.AsyncOpenAI
) -> None:
    plain = openai_client.chat.completions.create(model="parallel", messages=USER, tools=TOOLS, metadata=METADATA)
    again = await openai_async.chat.completions.create(model="parallel", messages=USER, tools=TOOLS, metadata=METADATA)
    assert plain.choices == again.choices


async def test_an_asynchronous_stream_joins_to_the_same_text(openai_async: openai.AsyncOpenAI) -> None:
    stream = await openai_async.chat.completions.create(
        model="echo", messages=USER, metadata=METADATA, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == f"You said: {LETTER}"
    assert len({chunk.id for chunk in chunks}) == 1
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert (chunks[-1].usage.total_tokens, chunks[-1].choices) == (18, [])
    assert len(chunks) > 20, "a stream comes in pieces"


def test_the_streaming_helper_accumulates_what_an_unstreamed_call_answers(openai_client: openai.OpenAI) -> None:
    with openai_client.chat.completions.stream(
        model="parallel", messages=USER, tools=TOOLS, metadata=METADATA
    ) as stream:
        kinds = {event.type for event in stream}
        streamed = stream.get_final_completion()
    whole = openai_client.chat.completions.create(model="parallel", messages=USER, tools=TOOLS, metadata=METADATA)
    assert {"chunk", "content.delta", "content.done", "tool_calls.function.arguments.done"} <= kinds
    assert streamed.choices[0].message.content == whole.choices[0].message.content == LETTER
    assert _calls(streamed.choices[0].message) == _calls(whole.choices[0].message)
    assert streamed.choices[0].finish_reason == "tool_calls"


def test_tool_calls_come_back_with_valid_arguments_and_real_values(openai_client: openai.OpenAI) -> None:
    reply = openai_client.chat.completions.create(
        model="tools",
        messages=USER,
        tools=TOOLS,
        tool_choice={"type": "function", "function": {"name": "send_letter"}},
        metadata=METADATA,
    )
    assert _calls(reply.choices[0].message) == [("call_0", "send_letter", arguments(LETTER))]
    assert reply.choices[0].finish_reason == "tool_calls"


def test_parallel_tool_calls_keep_their_order_ids_and_values(openai_client: openai.OpenAI) -> None:
    reply = openai_client.chat.completions.create(
        model="parallel", messages=USER, tools=TOOLS, parallel_tool_calls=True, metadata=METADATA
    )
    expected = [(f"call_{at}", "send_letter", arguments(line)) for at, line in enumerate(LETTER.splitlines())]
    assert _calls(reply.choices[0].message) == expected


def test_a_tools_answer_goes_back_in_the_next_turn(openai_client: openai.OpenAI, vendor: ScriptedVendor) -> None:
    first = openai_client.chat.completions.create(model="tools", messages=USER, tools=TOOLS, metadata=METADATA)
    message = first.choices[0].message
    history: list[Any] = [
        *USER,
        message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": "call_0", "content": f"Sent, {LETTER}"},
    ]
    before = vendor.last["messages"][0]["content"]
    second = openai_client.chat.completions.create(model="echo", messages=history, tools=TOOLS, metadata=METADATA)
    assert second.choices[0].message.content == f"You said: Sent, {LETTER}"
    assert vendor.last["messages"][0]["content"] == before, "the same people, the same pseudonyms"
    assert vendor.last["messages"][2]["content"] == f"Sent, {before}"


def test_structured_output_is_parsed_into_the_clients_own_type(
    openai_client: openai.OpenAI, vendor: ScriptedVendor
) -> None:
    reply = openai_client.chat.completions.parse(model="json", messages=USER, response_format=Letter, metadata=METADATA)
    assert reply.choices[0].message.parsed == Letter(to=LETTER, lines=LETTER.splitlines(), count=3)
    assert vendor.last["response_format"]["json_schema"]["strict"] is True


def test_structured_output_is_parsed_from_a_stream(openai_client: openai.OpenAI) -> None:
    with openai_client.chat.completions.stream(
        model="json", messages=USER, response_format=Letter, metadata=METADATA
    ) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.parsed == Letter(to=LETTER, lines=LETTER.splitlines(), count=3)


@pytest.mark.parametrize("streamed", [False, True])
def test_refusals_are_restored(openai_client: openai.OpenAI, *, streamed: bool) -> None:
    if streamed:
        with openai_client.chat.completions.stream(model="refusal", messages=USER, metadata=METADATA) as stream:
            message: Any = stream.get_final_completion().choices[0].message
    else:
        reply = openai_client.chat.completions.create(model="refusal", messages=USER, metadata=METADATA)
        message = reply.choices[0].message
    assert message.refusal == f"I will not write to {LETTER}"
    assert not message.content


@pytest.mark.parametrize("streamed", [False, True])
def test_two_choices_and_their_tokens_are_restored(openai_client: openai.OpenAI, *, streamed: bool) -> None:
    asked: dict[str, Any] = {"model": "echo", "messages": USER, "n": 2, "logprobs": True, "top_logprobs": 1}
    if streamed:
        with openai_client.chat.completions.stream(**asked, metadata=METADATA) as stream:
            choices: list[Any] = list(stream.get_final_completion().choices)
    else:
        choices = list(openai_client.chat.completions.create(**asked, metadata=METADATA).choices)
    assert [choice.index for choice in choices] == [0, 1]
    for choice in choices:
        assert choice.message.content == f"You said: {LETTER}"
        assert "".join(token.token for token in choice.logprobs.content) == f"You said: {LETTER}"


@pytest.mark.parametrize("streamed", [False, True])
def test_reasoning_is_restored(openai_client: openai.OpenAI, *, streamed: bool) -> None:
    asked: dict[str, Any] = {"model": "thinking", "messages": USER, "metadata": METADATA}
    if streamed:
        deltas = [chunk.choices[0].delta for chunk in openai_client.chat.completions.create(**asked, stream=True)]
        thought = "".join((delta.model_extra or {}).get("reasoning_content") or "" for delta in deltas)
    else:
        message = openai_client.chat.completions.create(**asked).choices[0].message
        thought = (message.model_extra or {})["reasoning_content"]
    assert thought == f"Is this about {LETTER}?"


def test_the_clients_raw_response_carries_our_headers_and_the_share_on_record(
    openai_client: openai.OpenAI, gateway: GatewayProcess, vendor: ScriptedVendor
) -> None:
    raw = openai_client.chat.completions.with_raw_response.create(model="echo", messages=USER, metadata=METADATA)
    assert raw.headers["x-request-id"] == raw.request_id
    assert float(raw.headers["x-ai-gateway-overhead-ms"]) > 0
    assert "vendor;dur=" in raw.headers["server-timing"]
    share = gateway.share(raw.headers["x-ai-gateway-share-id"])
    assert share["body"].encode() == vendor.received[-1].body
    assert share["outcome"]["status"] == "released"


def test_a_streamed_response_carries_our_headers_too(openai_client: openai.OpenAI, gateway: GatewayProcess) -> None:
    with openai_client.chat.completions.with_streaming_response.create(
        model="echo", messages=USER, metadata=METADATA, stream=True
    ) as raw:
        assert raw.headers["content-type"].startswith("text/event-stream")
        lines = list(raw.iter_lines())
    assert lines[-2] == "data: [DONE]"
    share = gateway.share(raw.headers["x-ai-gateway-share-id"])
    assert share["outcome"]["status"] == "released"
    assert (share["outcome"]["finish_reason"], raw.headers["x-request-id"][:4]) == ("stop", "req_")


def _calls(message: Any) -> list[tuple[str, str, Any]]:
    return [(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls]
