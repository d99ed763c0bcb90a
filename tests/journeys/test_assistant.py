"""The shipped assistant, for a service that speaks a vendor's protocol: who may ask, and what is on record of it."""

from typing import Any

import pytest

from ai_gateway.model import Right
from api_gateway import Running

pytestmark = pytest.mark.anyio

HELLO: dict[str, Any] = {
    "model": "gpt-4.1",
    "messages": [{"role": "user", "content": "Write to Zephyrine Quillfeather, zephyrine@quillfeather.example."}],
}
CHAT = "/v1/chat/completions"
PERSON: dict[str, Any] = {"role": "independent_professional", "region": "US-CA", "age_status": "adult"}


async def opt_in(gateway: Running, subject: str, *features: str) -> None:
    assert (await gateway.client.put(f"/v1/subjects/{subject}", json=PERSON)).status_code == 200
    choices = {"opted_in": list(features)}
    assert (await gateway.client.put(f"/v1/subjects/{subject}/choices", json=choices)).status_code == 200


async def test_a_person_who_opted_in_is_answered_and_can_be_told_what_was_shared(gateway: Running) -> None:
    await opt_in(gateway, "pro_70", "assistant")
    response = await gateway.client.post(CHAT, json=HELLO, headers={"x-ai-gateway-actor": "pro_70"})

    assert response.status_code == 200, response.text
    assert "quillfeather" not in gateway.standin.captured[-1].body.decode().lower()
    assert b'"model":"standin-1"' in gateway.standin.captured[-1].body
    share = (await gateway.client.get(f"/v1/shares/{response.headers['x-ai-gateway-share-id']}")).json()
    assert share["facts"]["feature"] == "assistant"
    assert share["facts"]["feature_version"] == "chat@1"
    assert [item["source"] for item in share["items"]] == ["chat.user"]
    theirs = (await gateway.client.get("/v1/shares", params={"subject": "pro_70"})).json()["shares"]
    assert [one["id"] for one in theirs] == [share["id"]]


async def test_without_an_opt_in_it_is_refused_with_its_rule(gateway: Running) -> None:
    await opt_in(gateway, "pro_71")
    sent = len(gateway.standin.captured)
    response = await gateway.client.post(CHAT, json=HELLO, headers={"x-ai-gateway-actor": "pro_71"})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "share-refused"
    assert "actor-not-opted-in (features/assistant.yaml#/opt_in)" in response.json()["error"]["message"]
    assert len(gateway.standin.captured) == sent


async def test_a_request_that_names_nobody_is_refused_unless_the_callers_policy_allows_it(gateway: Running) -> None:
    refused = await gateway.client.post(CHAT, json=HELLO)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "actor-missing")
    demo = await gateway.key(Right.FEATURES, caller="demo")
    allowed = await gateway.client.post(CHAT, json=HELLO, headers=demo)
    assert allowed.status_code == 200
    share = (await gateway.client.get(f"/v1/shares/{allowed.headers['x-ai-gateway-share-id']}")).json()
    assert [(person["subject"], person["role"]) for person in share["people"]] == [
        ("unattributed@demo", "site_visitor")
    ]


async def test_a_request_of_nobody_in_a_language_that_detection_was_not_measured_in_is_refused(
    gateway: Running,
) -> None:
    demo = await gateway.key(Right.FEATURES, caller="demo")
    russian = [{"role": "user", "content": "Напиши письмо для Светланы, что встреча будет во вторник утром."}]
    sent = len(gateway.standin.captured)
    refused = await gateway.client.post(CHAT, json=HELLO | {"messages": russian}, headers=demo)
    assert refused.status_code == 403
    assert "language-not-taken (features/assistant.yaml#/languages)" in refused.json()["error"]["message"]
    assert len(gateway.standin.captured) == sent
    await opt_in(gateway, "pro_72", "assistant")
    asked = await gateway.client.post(
        CHAT, json=HELLO | {"messages": russian}, headers={"x-ai-gateway-actor": "pro_72"}
    )
    assert asked.status_code == 200, asked.text


async def test_nobody_can_ask_in_the_name_of_nobody(gateway: Running) -> None:
    response = await gateway.client.post(CHAT, json=HELLO, headers={"x-ai-gateway-actor": "unattributed@demo"})
    assert response.json()["error"]["code"] == "request-invalid"


async def test_a_protocol_that_no_vendor_speaks_is_refused_and_nothing_is_on_record(gateway: Running) -> None:
    demo = await gateway.key(Right.FEATURES, caller="demo")
    before = (await gateway.client.get("/v1/shares", params={"limit": 1})).json()["shares"]
    message = {"model": "m", "max_tokens": 5, "messages": HELLO["messages"]}
    response = await gateway.client.post("/v1/messages", json=message, headers=demo)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "shape-not-offered")
    assert (await gateway.client.get("/v1/shares", params={"limit": 1})).json()["shares"] == before


async def test_a_feature_with_a_prompt_of_its_own_is_no_model_and_the_assistant_no_run(gateway: Running) -> None:
    demo = await gateway.key(Right.FEATURES, caller="demo")
    response = await gateway.client.post(CHAT, json={**HELLO, "model": "proposal_draft"}, headers=demo)
    assert "prompt of its own" in response.json()["error"]["message"]
    run = {"actor": "pro_70", "inputs": {"user": {"text": "x", "source": "chat.user", "about": ["pro_70"]}}}
    assert (await gateway.client.post("/v1/features/assistant/runs", json=run)).json()["code"] == "request-invalid"


async def test_a_stranger_is_refused_in_the_protocols_shape(gateway: Running) -> None:
    headers = {"authorization": "Bearer sk-none"}
    assert (await gateway.client.post(CHAT, json=HELLO, headers=headers)).json()["error"]["code"] == "caller-unknown"
    response = await gateway.client.post("/v1/messages", json=HELLO, headers=headers)
    assert response.json()["error"]["type"] == "authentication_error"


async def test_either_header_carries_the_key(gateway: Running) -> None:
    key = (await gateway.key(Right.FEATURES, caller="demo"))["authorization"].removeprefix("Bearer ")
    headers = {"authorization": f"Bearer {key}", "x-api-key": key}
    assert (await gateway.client.get("/v1/models", headers=headers)).status_code == 200
