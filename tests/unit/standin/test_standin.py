"""The stand-in vendor, through the eyes of a client."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import orjson
import pytest
from openai import AsyncOpenAI

from ai_gateway.standin import Standin, Step, serve_standin

pytestmark = pytest.mark.anyio

FENCE = "=====1====="
PROPOSAL: list[dict[str, str]] = [
    {"role": "system", "content": "You draft proposals for a professional. Keep placeholders such as <PERSON_9>."},
    {
        "role": "user",
        "content": f"""The job post:
{FENCE}
We are looking for a designer for our new shop. Ask <PERSON_1> at <EMAIL_1>.
The launch is in six weeks.
{FENCE}

My profile:
{FENCE}
I'm <PROFESSIONAL_1>. I have drawn logos for nine years. My work is at <URL_1>.
{FENCE}

Messages about this job so far, oldest first:
{FENCE}
Could <ORG_1> see a draft first?
{FENCE}
It has to work in print: <CLIENT_1>
{FENCE}

Draft my proposal in about 160 words, in a plain tone.
""",
    },
]
SUMMARY: list[dict[str, str]] = [
    {"role": "system", "content": "Write a neutral summary of the public profile."},
    {
        "role": "user",
        "content": "Overview: I am <PERSON_1>. I have worked for courts. I translate for a living. My desk is tidy.",
    },
]


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with serve_standin() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def post(client: aiohttp.ClientSession, url: str, body: Mapping[str, Any] | bytes) -> tuple[int, dict[str, Any]]:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    async with client.post(url, data=raw, headers={"content-type": "application/json"}) as response:
        return response.status, orjson.loads(await response.read())


async def test_a_proposal_greets_the_client_is_signed_and_uses_what_it_was_given(
    standin: Standin, client: aiohttp.ClientSession
) -> None:
    _, reply = await post(
        client, f"{standin.openai_base}/chat/completions", {"model": "standin-1", "messages": PROPOSAL}
    )
    text = reply["choices"][0]["message"]["content"]
    assert text.startswith("Hello <CLIENT_1>,")
    assert text.endswith("<PROFESSIONAL_1>")
    assert all(token in text for token in ("<PERSON_1>", "<EMAIL_1>", "<ORG_1>", "<URL_1>"))
    assert "<PERSON_9>" not in text, "an example out of the instructions is not a person"
    assert "a designer for our new shop" in text
    assert "I have drawn logos for nine years." in text


async def test_a_summary_lets_the_profile_speak(standin: Standin, client: aiohttp.ClientSession) -> None:
    _, reply = await post(
        client, f"{standin.openai_base}/chat/completions", {"model": "standin-1", "messages": SUMMARY}
    )
    assert reply["choices"][0]["message"]["content"] == (
        "This professional describes the work so: “I have worked for courts. I translate for a living.”"
    )


@pytest.mark.parametrize(
    ("last", "summary"),
    [
        (
            "Summarise this person in at most 2 sentences, as one paragraph.",
            (
                "<PROFESSIONAL_1> describes the work so: “I restore pianos.” "
                "The portfolio lists, among other things: “Restored an upright for <ORG_1>.”"
            ),
        ),
        (
            "Summarise this person in at most 4 sentences, as a list of bullet points.",
            (
                "- <PROFESSIONAL_1> describes the work so: “I restore pianos.”\n"
                "- The portfolio lists, among other things: “Restored an upright for <ORG_1>.”\n"
                "- A client writes: “<PROFESSIONAL_1> saved our concert.”"
            ),
        ),
    ],
)
async def test_a_summary_is_as_long_and_of_the_form_that_was_asked_for(
    standin: Standin, client: aiohttp.ClientSession, last: str, summary: str
) -> None:
    content = f"""The profile:
{FENCE}
<PROFESSIONAL_1> is my name. I restore pianos.
{FENCE}

Portfolio and skills:
{FENCE}
Skills: tuning, French polishing.
{FENCE}
Restored an upright for <ORG_1>.
{FENCE}

Reviews by clients:
{FENCE}
<PROFESSIONAL_1> saved our concert.
{FENCE}

{last}"""
    messages = [SUMMARY[0], {"role": "user", "content": content}]
    _, reply = await post(
        client, f"{standin.openai_base}/chat/completions", {"model": "standin-1", "messages": messages}
    )
    assert reply["choices"][0]["message"]["content"] == summary


async def test_a_question_out_of_the_blue_gets_a_short_answer(standin: Standin, client: aiohttp.ClientSession) -> None:
    messages = [{"role": "user", "content": "Please remember that <PERSON_2> called."}]
    _, reply = await post(
        client, f"{standin.openai_base}/chat/completions", {"model": "standin-1", "messages": messages}
    )
    assert reply["choices"][0]["message"]["content"] == (
        "Understood. Please remember that <PERSON_2> called. I am happy to include <PERSON_2> in our first call."
    )


async def test_the_same_request_gets_the_same_reply(standin: Standin, client: aiohttp.ClientSession) -> None:
    request = {"model": "standin-1", "messages": PROPOSAL}
    replies = [await post(client, f"{standin.openai_base}/chat/completions", request) for _ in range(2)]
    assert replies[0] == replies[1]


async def test_anthropics_protocol_gets_the_same_words(standin: Standin, client: aiohttp.ClientSession) -> None:
    request = {
        "model": "standin-1",
        "max_tokens": 2000,
        "system": [{"type": "text", "text": PROPOSAL[0]["content"]}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": PROPOSAL[1]["content"]}]}],
    }
    status, reply = await post(client, f"{standin.url}/v1/messages", request)
    _, other = await post(client, f"{standin.openai_base}/chat/completions", {"model": "x", "messages": PROPOSAL})
    assert status == 200
    assert reply["content"][0]["text"] == other["choices"][0]["message"]["content"]
    assert reply["stop_reason"] == "end_turn"
    assert reply["usage"]["output_tokens"] == other["usage"]["completion_tokens"] > 20


async def test_a_limit_of_tokens_cuts_between_words_and_says_so(
    standin: Standin, client: aiohttp.ClientSession
) -> None:
    request = {"model": "m", "messages": PROPOSAL, "max_tokens": 20}
    _, reply = await post(client, f"{standin.openai_base}/chat/completions", request)
    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["usage"]["completion_tokens"] <= 20


async def test_openais_own_client_works_streamed_and_not(standin: Standin) -> None:
    async with AsyncOpenAI(base_url=standin.openai_base, api_key="any", max_retries=0) as openai:
        messages: Any = PROPOSAL
        whole = await openai.chat.completions.create(model="standin-1", messages=messages)
        stream = await openai.chat.completions.create(
            model="standin-1", messages=messages, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        names = [model.id async for model in openai.models.list()]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == (
        whole.choices[0].message.content
    )
    assert chunks[-1].usage == whole.usage
    assert "standin-1" in names


async def test_a_streamed_message_has_every_event_in_order(standin: Standin, client: aiohttp.ClientSession) -> None:
    request = {"model": "m", "max_tokens": 900, "messages": PROPOSAL[1:], "stream": True}
    async with client.post(f"{standin.url}/v1/messages", json=request) as response:
        assert response.content_type == "text/event-stream"
        events = (await response.text()).strip().split("\n\n")
    names = [event.split("\n")[0].removeprefix("event: ") for event in events]
    assert names[:2] == ["message_start", "content_block_start"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(names[2:-3]) == {"content_block_delta"}


async def test_what_was_received_can_be_looked_at_and_is_bounded(client: aiohttp.ClientSession) -> None:
    async with serve_standin(keep=2) as standin:
        for number in range(3):
            messages = [{"role": "user", "content": f"message {number}"}]
            await post(client, f"{standin.openai_base}/chat/completions", {"model": "m", "messages": messages})
        async with client.get(f"{standin.url}/captured") as response:
            shown = await response.json()
        assert shown["total"] == 3
        assert [orjson.loads(request["body"])["messages"][0]["content"] for request in shown["requests"]] == [
            "message 1",
            "message 2",
        ]
        async with client.delete(f"{standin.url}/captured") as response:
            assert response.status == 204
        assert len(standin.captured) == 0


async def test_a_script_by_http_makes_the_next_requests_fail_and_then_it_is_well_again(
    standin: Standin, client: aiohttp.ClientSession
) -> None:
    steps = {
        "steps": [{"status": 429, "headers": {"retry-after": "2"}}, {"body": "{", "status": 200}, {"cut": "before"}]
    }
    async with client.post(f"{standin.url}/script", json=steps) as response:
        assert response.status == 204
    url, request = f"{standin.openai_base}/chat/completions", {"model": "m", "messages": PROPOSAL}
    async with client.post(url, json=request) as response:
        assert (response.status, response.headers["retry-after"]) == (429, "2")
    async with client.post(url, json=request) as response:
        assert await response.text() == "{"
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.post(url, json=request)
    assert (await post(client, url, request))[0] == 200


@pytest.mark.parametrize("script", [b"[]", b"{", b"{}", b'{"steps": [{"unknown": 1}]}', b'{"steps": [7]}'])
async def test_a_script_of_another_shape_is_refused(
    standin: Standin, client: aiohttp.ClientSession, script: bytes
) -> None:
    async with client.post(f"{standin.url}/script", data=script) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"model": "m"}', b'{"model": "m", "messages": []}', b'{"messages": [{}]}']
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_a_request_of_another_shape_is_refused_in_the_protocols_own_words(
    standin: Standin, client: aiohttp.ClientSession, path: str, body: bytes
) -> None:
    status, reply = await post(client, standin.url + path, body)
    assert status == 400
    assert reply["error"]["type"] == "invalid_request_error"


async def test_a_request_to_the_wrong_place_is_refused_and_captured_all_the_same(
    standin: Standin, client: aiohttp.ClientSession
) -> None:
    status, _ = await post(client, f"{standin.url}/v2/other?x=1", b"{}")
    assert status == 404
    assert standin.captured[-1].target == "/v2/other?x=1"
    assert b"/v2/other?x=1" in standin.captured[-1].raw()


async def test_a_step_can_say_what_to_answer(client: aiohttp.ClientSession) -> None:
    async with serve_standin(script=[Step(text="Exactly this.", finish="content_filter")]) as standin:
        url = f"{standin.openai_base}/chat/completions"
        _, reply = await post(client, url, {"model": "m", "messages": PROPOSAL})
    assert reply["choices"][0]["message"]["content"] == "Exactly this."
    assert reply["choices"][0]["finish_reason"] == "content_filter"


def test_it_runs_as_a_process_of_its_own_and_says_where() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ai_gateway.standin"], stdout=subprocess.PIPE, env=dict(os.environ)
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert asyncio.run(_models(url))["object"] == "list"
    finally:
        process.terminate()
        process.communicate(timeout=10)


async def _models(url: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/v1/models") as response:
        read: dict[str, Any] = await response.json()
        return read
