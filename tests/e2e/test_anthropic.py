"""Anthropic's Python client: typed objects as from the vendor itself, and nobody named to the vendor."""

import json
from typing import Any

import anthropic
import pytest
from anthropic.types import ToolParam

import canaries
from e2e.gateway_process import GatewayProcess
from e2e.people import LETTER, METADATA
from e2e.said import arguments
from e2e.said_in_messages import SIGNATURE
from e2e.scripted_vendor import ScriptedVendor

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("e2e")]

ALL = "; ".join(canaries.PLANTED)
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"to": {"type": "string", "default": "dana@okafor.example", "enum": ["danabuilds", "Sam Lee"]}},
}
TOOLS: list[ToolParam] = [{"name": "send_letter", "description": f"Not for {ALL}", "input_schema": SCHEMA}]
EVERYWHERE: list[Any] = [
    {"role": "user", "content": f"Hello, {ALL}"},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Is it Dana Okafor?", "signature": SIGNATURE},
            {"type": "text", "text": "I ask Sam Lee"},
            {"type": "tool_use", "id": "toolu_0", "name": "send_letter", "input": arguments(ALL)},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "toolu_0", "content": [{"type": "text", "text": ALL}]},
            {"type": "text", "text": LETTER, "cache_control": {"type": "ephemeral"}},
        ],
    },
]
ASKED: dict[str, Any] = {
    "max_tokens": 100,
    "messages": [{"role": "user", "content": LETTER}],
    "extra_body": {"metadata": {"user_id": "zephquill", **METADATA}},
}


def test_a_plain_message_is_restored_with_its_id_usage_and_stop_reason(
    anthropic_client: anthropic.Anthropic, vendor: ScriptedVendor
) -> None:
    reply = anthropic_client.messages.create(model="echo", **ASKED)
    (block,) = reply.content
    assert block.type == "text"
    assert block.text == f"You said: {LETTER}"
    assert (reply.id, reply.model, reply.stop_reason) == (f"msg_{len(vendor.received)}", "echo", "end_turn")
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cache_read_input_tokens) == (11, 7, 3)
    assert "metadata" not in vendor.last


def test_whatever_can_carry_text_reaches_the_vendor_without_people_and_comes_back_in_place(
    anthropic_client: anthropic.Anthropic, vendor: ScriptedVendor
) -> None:
    reply = anthropic_client.messages.create(
        **ASKED | {"messages": EVERYWHERE},
        model="everything",
        system=[{"type": "text", "text": f"You serve {ALL}"}],
        tools=TOOLS,
        stop_sequences=["Brightwater"],
    )
    call = reply.content[1]
    assert call.type == "tool_use"
    back: Any = call.input
    assert back["system"] == [{"type": "text", "text": f"You serve {ALL}"}]
    assert back["messages"] == EVERYWHERE
    assert back["tools"] == TOOLS
    assert back["stop_sequences"] == ["Brightwater"]
    assert vendor.last["messages"][1]["content"][0]["signature"] == SIGNATURE


async def test_an_asynchronous_stream_joins_to_the_same_message(anthropic_async: anthropic.AsyncAnthropic) -> None:
    whole = await anthropic_async.messages.create(model="thinking", **ASKED)
    async with anthropic_async.messages.stream(model="thinking", **ASKED) as stream:
        texts = [text async for text in stream.text_stream]
        streamed = await stream.get_final_message()
    assert "".join(texts) == f"You said: {LETTER}"
    assert len(texts) > 10, "a stream comes in pieces"
    thought, said = streamed.content
    assert thought.type == "thinking"
    assert (thought.thinking, thought.signature) == (f"Is this about {LETTER}?", SIGNATURE)
    assert said.type == "text"
    assert [block.model_dump() for block in whole.content] == [
        block.model_dump(include=set(type(block).model_fields)) for block in streamed.content
    ]
    assert (streamed.stop_reason, streamed.usage.output_tokens) == ("end_turn", 7)


def test_tools_are_called_with_real_values(anthropic_client: anthropic.Anthropic) -> None:
    reply = anthropic_client.messages.create(
        model="tools", tools=TOOLS, tool_choice={"type": "tool", "name": "send_letter"}, **ASKED
    )
    (call,) = reply.content
    assert call.type == "tool_use"
    assert (call.id, call.name, call.input) == ("toolu_0", "send_letter", arguments(LETTER))
    assert reply.stop_reason == "tool_use"


def test_parallel_calls_stream_as_json_that_stays_valid(anthropic_client: anthropic.Anthropic) -> None:
    partial: dict[int, str] = {}
    with anthropic_client.messages.stream(model="parallel", tools=TOOLS, **ASKED) as stream:
        for event in stream:
            if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                partial[event.index] = partial.get(event.index, "") + event.delta.partial_json
        final = stream.get_final_message()
    expected = [arguments(line) for line in LETTER.splitlines()]
    assert [json.loads(text) for text in partial.values()] == expected
    assert [block.input for block in final.content if block.type == "tool_use"] == expected
    assert [block.text for block in final.content if block.type == "text"] == [LETTER]


def test_a_tools_result_goes_back_in_the_next_turn_with_the_same_pseudonyms(
    anthropic_client: anthropic.Anthropic, vendor: ScriptedVendor
) -> None:
    first = anthropic_client.messages.create(model="tools", tools=TOOLS, **ASKED)
    before = vendor.last["messages"][0]["content"]
    result = {"type": "tool_result", "tool_use_id": "toolu_0", "content": f"Sent, {LETTER}"}
    history = [
        *ASKED["messages"],
        {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]},
        {"role": "user", "content": [result]},
    ]
    second = anthropic_client.messages.create(model="echo", tools=TOOLS, **ASKED | {"messages": history})
    assert second.content[0].type == "text"
    assert second.content[0].text == f"You said: Sent, {LETTER}"
    assert vendor.last["messages"][0]["content"] == before
    assert vendor.last["messages"][2]["content"][0]["content"] == f"Sent, {before}"


def test_tokens_are_counted_of_what_the_vendor_would_see(
    anthropic_client: anthropic.Anthropic, vendor: ScriptedVendor
) -> None:
    counted = anthropic_client.messages.count_tokens(
        model="echo", messages=[{"role": "user", "content": "Dana Okafor wrote"}], system="Zephyrine Quillfeather"
    )
    assert counted.input_tokens == len(vendor.received[-1].body)
    assert vendor.received[-1].path == "/v1/messages/count_tokens"


def test_the_clients_raw_response_carries_our_headers(
    anthropic_client: anthropic.Anthropic, gateway: GatewayProcess, vendor: ScriptedVendor
) -> None:
    raw = anthropic_client.messages.with_raw_response.create(model="echo", **ASKED)
    assert raw.headers["request-id"] == raw.headers["x-request-id"]
    share = gateway.share(raw.headers["x-ai-gateway-share-id"])
    assert share["body"].encode() == vendor.received[-1].body
    assert share["outcome"]["status"] == "released"


def test_models_are_listed_in_this_vendors_shape(anthropic_client: anthropic.Anthropic) -> None:
    assert [model.id for model in anthropic_client.models.list()] == ["assistant"]
    assert anthropic_client.models.retrieve("assistant").type == "model"
