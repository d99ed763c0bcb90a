"""What goes wrong, as the clients' own exceptions, with our code and request id; what may not pass, refused unsent."""

import json
from typing import Any

import anthropic
import httpx
import openai
import pytest

import canaries
from e2e.gateway_process import KEY, GatewayProcess
from e2e.people import ABOUT, ACTOR, HEADERS, METADATA, OWN
from e2e.scripted_vendor import ScriptedVendor

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("e2e")]

USER: list[Any] = [{"role": "user", "content": OWN}]
JSON = {"content-type": "application/json"}
VENDORS = [
    (400, 400, "vendor-rejected", openai.BadRequestError, anthropic.BadRequestError),
    (401, 502, "vendor-credentials", openai.InternalServerError, anthropic.InternalServerError),
    (403, 502, "vendor-credentials", openai.InternalServerError, anthropic.InternalServerError),
    (404, 404, "vendor-rejected", openai.NotFoundError, anthropic.NotFoundError),
    (408, 504, "vendor-timeout", openai.InternalServerError, anthropic.DeadlineExceededError),
    (409, 502, "vendor-rejected", openai.InternalServerError, anthropic.InternalServerError),
    (422, 422, "vendor-rejected", openai.UnprocessableEntityError, anthropic.UnprocessableEntityError),
    (429, 429, "vendor-rate-limited", openai.RateLimitError, anthropic.RateLimitError),
    (500, 502, "vendor-error", openai.InternalServerError, anthropic.InternalServerError),
    (503, 502, "vendor-unreachable", openai.InternalServerError, anthropic.InternalServerError),
    (529, 502, "vendor-unreachable", openai.InternalServerError, anthropic.InternalServerError),
]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("theirs", "ours", "code", "raised", "_other"), VENDORS)
def test_a_vendors_error_raises_openais_own_exception_with_our_code(
    openai_client: openai.OpenAI,
    gateway: GatewayProcess,
    theirs: int,
    ours: int,
    code: str,
    raised: type[openai.APIStatusError],
    _other: object,
    *,
    streamed: bool,
) -> None:
    with pytest.raises(openai.APIStatusError) as failed:
        openai_client.chat.completions.create(
            model=f"error.{theirs}", messages=USER, metadata=METADATA, stream=streamed
        )
    error = failed.value
    assert type(error) is raised
    assert (error.status_code, error.code, error.type is not None) == (ours, code, True)
    assert error.request_id == error.response.headers["x-request-id"]
    assert canaries.traces([str(error), error.response.content]) == []
    if theirs == 429:
        assert error.response.headers["retry-after"] == "7"
    settled = gateway.shares(1)[0]
    assert settled["outcome"]["status"] == code


@pytest.mark.parametrize(("theirs", "ours", "code", "_other", "raised"), VENDORS)
def test_a_vendors_error_raises_anthropics_own_exception_with_our_code(
    anthropic_client: anthropic.Anthropic,
    theirs: int,
    ours: int,
    code: str,
    _other: object,
    raised: type[anthropic.APIStatusError],
) -> None:
    with pytest.raises(anthropic.APIStatusError) as failed:
        anthropic_client.messages.create(model=f"error.{theirs}", messages=USER, max_tokens=9)
    error = failed.value
    assert type(error) is raised
    assert error.status_code == ours
    body: Any = error.body
    assert (body["type"], body["error"]["code"], body["request_id"]) == ("error", code, error.request_id)
    assert canaries.traces([str(error)]) == []


def test_a_reply_that_is_no_json_is_an_error(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as failed:
        openai_client.chat.completions.create(model="malformed", messages=USER)
    assert failed.value.code == "vendor-reply-unreadable"


def test_a_connection_cut_within_the_reply_is_an_error(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as failed:
        openai_client.chat.completions.create(model="cut", messages=USER)
    assert failed.value.code == "vendor-unreachable"


def test_a_stream_cut_by_the_vendor_raises_in_openais_client_and_is_settled(
    openai_client: openai.OpenAI, gateway: GatewayProcess
) -> None:
    said: list[str] = []
    stream = openai_client.chat.completions.create(model="echo.cut", messages=USER, stream=True)
    with pytest.raises(openai.APIError) as failed:
        said.extend(chunk.choices[0].delta.content or "" for chunk in stream)
    assert "".join(said).startswith("You said: ")
    body: Any = failed.value.body
    assert (body["code"], body["request_id"][:4]) == ("vendor-unreachable", "req_")
    assert gateway.shares(1)[0]["outcome"]["status"] == "vendor-unreachable"


def test_a_stream_of_responses_cut_by_the_vendor_raises_too(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIError) as failed:
        list(openai_client.responses.create(model="echo.cut", input=OWN, stream=True))
    assert failed.value.code == "vendor-unreachable"


def test_a_stream_cut_by_the_vendor_raises_in_anthropics_client(
    anthropic_client: anthropic.Anthropic, gateway: GatewayProcess
) -> None:
    with (
        pytest.raises(anthropic.APIStatusError) as failed,
        anthropic_client.messages.stream(model="echo.cut", messages=USER, max_tokens=9) as stream,
    ):
        stream.until_done()
    body: Any = failed.value.body
    assert body["error"]["code"] == "vendor-unreachable"
    assert gateway.shares(1)[0]["outcome"]["status"] == "vendor-unreachable"


def test_another_key_is_refused_in_both_shapes(gateway: GatewayProcess) -> None:
    with (
        openai.OpenAI(base_url=gateway.openai_base, api_key="another", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as openais,
    ):
        client.chat.completions.create(model="echo", messages=USER)
    assert openais.value.code == "caller-unknown"
    with (
        anthropic.Anthropic(base_url=gateway.base, api_key="another", max_retries=0) as other,
        pytest.raises(anthropic.AuthenticationError) as anthropics,
    ):
        other.messages.create(model="echo", messages=USER, max_tokens=9)
    assert anthropics.value.request_id is not None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"api_base": "http://elsewhere.example/v1"}, "routing-refused"),
        ({"api_key": "another"}, "routing-refused"),
        ({"extra_body": {"messages": USER}}, "routing-refused"),
        ({"extra_headers": {"authorization": "Bearer another"}}, "routing-refused"),
        ({"provider": {"order": ["another"]}}, "routing-refused"),
        ({"store": True}, "server-state-refused"),
        ({"invented": OWN}, "field-unknown"),
        ({"web_search_options": {}}, "content-not-inspectable"),
        ({"audio": {"voice": "alloy", "format": "mp3"}}, "content-not-inspectable"),
        ({"tools": [{"type": "web_search"}]}, "content-not-inspectable"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_what_may_not_pass_is_refused_unsent(
    openai_client: openai.OpenAI, vendor: ScriptedVendor, body: dict[str, Any], code: str
) -> None:
    before = len(vendor.received)
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.chat.completions.create(model="echo", messages=USER, extra_body=body)
    assert refused.value.code == code
    assert refused.value.param is not None
    assert refused.value.param.startswith(next(iter(body)) if "invented" not in body else "*")
    assert code in refused.value.message
    assert canaries.traces([refused.value.response.content]) == []
    assert len(vendor.received) == before


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "https://pictures.example/dana-okafor.png"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "invented", "text": "Dana Okafor"},
    ],
    ids=lambda part: str(part["type"]),
)
def test_content_that_cannot_be_inspected_is_refused_unsent(
    openai_client: openai.OpenAI, vendor: ScriptedVendor, part: Any
) -> None:
    before = len(vendor.received)
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.chat.completions.create(model="echo", messages=[{"role": "user", "content": [part]}])
    assert refused.value.code == "content-not-inspectable"
    assert len(vendor.received) == before


@pytest.mark.parametrize(
    "more",
    [
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"background": True},
        {"store": True},
        {"prompt": {"id": "pmpt_1"}},
    ],
    ids=lambda more: str(next(iter(more))),
)
def test_state_on_the_vendors_side_is_refused(openai_client: openai.OpenAI, more: Any) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.responses.create(model="echo", input=OWN, **more)
    assert refused.value.code == "server-state-refused"


def test_tokenised_input_is_refused(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.embeddings.create(model="embed", input=[[1, 2, 3]])
    assert refused.value.code == "content-not-inspectable"


def test_images_are_refused_in_anthropics_shape(anthropic_client: anthropic.Anthropic) -> None:
    image: Any = {"type": "image", "source": {"type": "url", "url": "https://pictures.example/a.png"}}
    with pytest.raises(anthropic.BadRequestError) as refused:
        anthropic_client.messages.create(model="echo", max_tokens=9, messages=[{"role": "user", "content": [image]}])
    body: Any = refused.value.body
    assert body["error"]["code"] == "content-not-inspectable"


def test_the_clients_headers_and_queries_never_reach_the_vendor(
    openai_client: openai.OpenAI, vendor: ScriptedVendor
) -> None:
    openai_client.chat.completions.create(
        model="echo",
        messages=USER,
        extra_headers={"x-forwarded-for": "203.0.113.9", "openai-organization": "danabuilds", "x-name": "Dana Okafor"},
        extra_query={"who": "Dana Okafor"},
    )
    head = vendor.received[-1].head.decode().lower()
    assert KEY not in head
    assert "x-ai-gateway" not in head
    assert not [name for name in ("stainless", "forwarded", "openai-organization", "x-name", "who=") if name in head]


def test_a_clients_own_retry_after_a_broken_vendor_is_a_share_of_its_own(
    openai_client: openai.OpenAI, gateway: GatewayProcess
) -> None:
    before = len(gateway.shares())
    with pytest.raises(openai.InternalServerError):
        openai_client.with_options(max_retries=1).chat.completions.create(model="error.500", messages=USER)
    assert len(gateway.shares()) == before + 2


# --- requests as curl sends them ---------------------------------------------------------------------


def test_curl_gets_plain_json_with_an_error_to_act_on(gateway: GatewayProcess) -> None:
    answer = gateway.http.post("/v1/chat/completions", content=b'{"model": "echo", "messages": [', headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "request-unreadable"
    assert answer.headers["x-request-id"] == answer.json()["error"]["request_id"]
    missing = gateway.http.post("/v1/chat/completions", json={"model": "echo"})
    assert (missing.status_code, missing.json()["error"]["type"]) == (400, "invalid_request_error")
    assert "messages" in missing.json()["error"]["message"]


def test_curl_gets_a_stream_ended_by_done(gateway: GatewayProcess) -> None:
    body = {"model": "echo", "stream": True, "messages": USER, "metadata": {"actor": ACTOR, "subjects": ABOUT}}
    with gateway.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    told = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    said = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in told)
    assert said == f"You said: {OWN}"


def test_anthropics_key_header_works_and_a_request_without_any_key_is_refused(gateway: GatewayProcess) -> None:
    body = {"model": "echo", "max_tokens": 9, "messages": USER}
    with httpx.Client(base_url=gateway.base) as bare:
        named = bare.post("/v1/messages", json=body, headers={"x-api-key": KEY, **HEADERS})
        nameless = bare.post("/v1/messages", json=body)
    assert named.json()["content"][0]["text"] == f"You said: {OWN}"
    assert (nameless.status_code, nameless.json()["error"]["type"]) == (401, "authentication_error")


def test_a_path_that_is_not_served_answers_in_json(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        openai_client.batches.list()
