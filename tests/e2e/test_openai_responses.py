"""OpenAI's Python client: responses, embeddings and the list of models."""

import json
from typing import Any

import openai
import pytest
from openai.types.responses import (
    FunctionToolParam,
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseReasoningItem,
)
from pydantic import BaseModel

import canaries
from e2e.people import LETTER, METADATA
from e2e.said import arguments
from e2e.said_in_chat import VECTOR
from e2e.scripted_vendor import ScriptedVendor

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("e2e")]

ALL = "; ".join(canaries.PLANTED)
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"to": {"type": "string", "default": "dana@okafor.example", "enum": ["danabuilds", "Sam Lee"]}},
}
TOOLS: list[FunctionToolParam] = [
    {"type": "function", "name": "send_letter", "description": f"Not for {ALL}", "parameters": SCHEMA, "strict": True}
]
EVERYWHERE: list[Any] = [
    {"role": "developer", "content": f"You serve {ALL}"},
    {"role": "user", "content": [{"type": "input_text", "text": f"Hello, {ALL}"}]},
    {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "It is Dana Okafor"}]},
    {"type": "function_call", "call_id": "c", "name": "send_letter", "arguments": json.dumps(arguments(ALL))},
    {"type": "function_call_output", "call_id": "c", "output": json.dumps({"sent": ALL, "phone": 4155550173})},
    {"role": "user", "content": LETTER},
]


class Letter(BaseModel):
    to: str
    lines: list[str]
    count: int


def test_a_plain_response_is_restored_with_what_it_repeats_of_the_request(
    openai_client: openai.OpenAI, vendor: ScriptedVendor
) -> None:
    reply = openai_client.responses.create(
        model="echo", input=LETTER, instructions=f"You serve {ALL}", tools=TOOLS, metadata=METADATA
    )
    assert reply.output_text == f"You said: {LETTER}"
    assert (reply.status, reply.id) == ("completed", f"resp_{len(vendor.received)}")
    assert reply.instructions == f"You serve {ALL}"
    assert reply.tools[0].to_dict() == TOOLS[0]
    assert reply.usage is not None
    assert (reply.usage.total_tokens, reply.usage.output_tokens_details.reasoning_tokens) == (18, 1)
    assert vendor.last["store"] is False


def test_whatever_can_carry_text_reaches_the_vendor_without_people_and_comes_back_in_place(
    openai_client: openai.OpenAI,
) -> None:
    reply = openai_client.responses.create(
        model="everything", input=EVERYWHERE, tools=TOOLS, user="zephquill", metadata=METADATA
    )
    call = reply.output[1]
    assert isinstance(call, ResponseFunctionToolCall)
    back = json.loads(call.arguments)
    assert back["input"][0] == EVERYWHERE[0]
    assert back["input"][2] == EVERYWHERE[2]
    assert json.loads(back["input"][3]["arguments"]) == arguments(ALL)
    assert back["input"][5] == EVERYWHERE[5]
    assert back["tools"] == TOOLS
    assert not {"user", "metadata"} & back.keys()


def test_function_calls_have_real_values(openai_client: openai.OpenAI) -> None:
    reply = openai_client.responses.create(model="parallel", input=LETTER, tools=TOOLS, metadata=METADATA)
    message, *calls = reply.output
    assert isinstance(message, ResponseOutputMessage)
    assert [(call.call_id, json.loads(call.arguments)) for call in calls if call.type == "function_call"] == [
        (f"call_{at}", arguments(line)) for at, line in enumerate(LETTER.splitlines())
    ]


async def test_streamed_events_and_their_done_copies_say_the_same(openai_async: openai.AsyncOpenAI) -> None:
    stream = await openai_async.responses.create(
        model="parallel", input=LETTER, tools=TOOLS, metadata=METADATA, stream=True
    )
    events = [event async for event in stream]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == LETTER
    assert [event.text for event in events if event.type == "response.output_text.done"] == [LETTER]
    for at, line in enumerate(LETTER.splitlines(), 1):
        deltas = [e for e in events if e.type == "response.function_call_arguments.delta" and e.output_index == at]
        (done,) = [e for e in events if e.type == "response.function_call_arguments.done" and e.output_index == at]
        assert "".join(event.delta for event in deltas) == done.arguments
        assert json.loads(done.arguments) == arguments(line)
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == LETTER


async def test_the_streaming_helper_ends_with_the_whole_response(openai_async: openai.AsyncOpenAI) -> None:
    async with openai_async.responses.stream(model="thinking", input=LETTER, metadata=METADATA) as stream:
        kinds = {event.type async for event in stream}
        final = await stream.get_final_response()
    assert {"response.reasoning_summary_text.delta", "response.output_text.delta", "response.completed"} <= kinds
    reasoning = final.output[0]
    assert isinstance(reasoning, ResponseReasoningItem)
    assert reasoning.summary[0].text == f"Is this about {LETTER}?"
    assert final.output_text == f"You said: {LETTER}"


def test_structured_output_is_parsed_whole_and_from_a_stream(openai_client: openai.OpenAI) -> None:
    expected = Letter(to=LETTER, lines=LETTER.splitlines(), count=3)
    whole = openai_client.responses.parse(model="json", input=LETTER, text_format=Letter, metadata=METADATA)
    assert whole.output_parsed == expected
    with openai_client.responses.stream(model="json", input=LETTER, text_format=Letter, metadata=METADATA) as stream:
        assert stream.get_final_response().output_parsed == expected


@pytest.mark.parametrize("streamed", [False, True])
def test_refusals_are_restored(openai_client: openai.OpenAI, *, streamed: bool) -> None:
    if streamed:
        with openai_client.responses.stream(model="refusal", input=LETTER, metadata=METADATA) as stream:
            reply: Any = stream.get_final_response()
    else:
        reply = openai_client.responses.create(model="refusal", input=LETTER, metadata=METADATA)
    assert reply.output[0].content[0].refusal == f"I will not write to {LETTER}"


@pytest.mark.parametrize("encoding", [None, "float", "base64"])
def test_embeddings_are_of_treated_texts_and_come_as_asked(
    openai_client: openai.OpenAI, vendor: ScriptedVendor, encoding: Any
) -> None:
    more = {} if encoding is None else {"encoding_format": encoding}
    texts = ["Dana Okafor is danabuilds", "Zephyrine Quillfeather, 415-555-0173"]
    reply = openai_client.embeddings.create(model="embed", input=texts, **more)
    assert [one.index for one in reply.data] == [0, 1]
    assert reply.usage.total_tokens == 5
    vector: Any = reply.data[0].embedding
    assert (isinstance(vector, str) and encoding == "base64") or vector == pytest.approx(VECTOR)
    assert vendor.last["input"][0] == "<PROFESSIONAL_1> is <HANDLE_1>"


async def test_embeddings_of_one_text_come_to_an_asynchronous_client(openai_async: openai.AsyncOpenAI) -> None:
    reply = await openai_async.embeddings.create(model="embed", input="Dana Okafor", dimensions=3)
    assert reply.data[0].embedding == pytest.approx(VECTOR)


async def test_models_are_listed_and_found_by_name(openai_async: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in openai_async.models.list()] == ["assistant"]
    assert (await openai_async.models.retrieve("assistant")).owned_by == "ai-gateway"
