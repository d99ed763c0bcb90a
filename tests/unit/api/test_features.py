import json
from unittest import mock

import pytest

from ai_gateway import samples
from ai_gateway.api.answers import PreviewAnswer, RunAnswer
from ai_gateway.model import Call, Caller, Right
from ai_gateway.pipeline import Preview
from ai_gateway.standin import Step
from api_gateway import DRAFT, Running, run_of
from canaries import traces

pytestmark = pytest.mark.anyio


async def test_a_run_answers_with_what_was_shared_and_why(gateway: Running) -> None:
    response = await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    answer = RunAnswer.model_validate(response.json())
    assert response.status_code == 200
    assert answer.id.startswith("run_")
    assert [share.vendor for share in answer.shares] == ["standin"]
    assert {decision.input: decision.action for decision in answer.decisions} == {
        "job_post": "shared",
        "profile": "shared",
        "messages[0]": "shared",
        "messages[1]": "withheld",
        "messages[2]": "shared",
    }


async def test_the_vendor_receives_no_identifier_of_anybody(gateway: Running) -> None:
    for feature in samples.FEATURES:
        response = await gateway.client.post(f"/v1/features/{feature}/runs", json=run_of(feature))
        assert response.status_code == 200, response.json()
    assert traces([request.raw() for request in gateway.standin.captured]) == []


async def test_the_answer_carries_its_share_its_request_and_its_timing(gateway: Running) -> None:
    response = await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    headers = response.headers
    assert headers["x-ai-gateway-share-id"] == response.json()["shares"][-1]["id"]
    assert headers["x-request-id"].startswith("req_")
    steps = {step.partition(";")[0] for step in headers["server-timing"].split(", ")}
    assert {"registry", "decide", "treat", "budget", "check", "record", "vendor", "release"} <= steps
    assert 0 < float(headers["x-ai-gateway-overhead-ms"]) < 60_000


async def test_a_preview_shows_the_body_that_a_run_sends_and_sends_nothing(gateway: Running) -> None:
    before = gateway.standin.captured.total
    response = await gateway.client.post(f"{DRAFT}/preview", json=run_of())
    shown = PreviewAnswer.model_validate(response.json())
    assert gateway.standin.captured.total == before
    await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    assert gateway.standin.captured[-1].body.decode() == shown.body
    assert [m.content for m in shown.messages] == [m["content"] for m in json.loads(shown.body)["messages"]]


async def test_a_preview_is_not_on_record(gateway: Running) -> None:
    async def newest() -> str:
        share: str = (await gateway.client.get("/v1/shares?limit=1")).json()["shares"][0]["id"]
        return share

    await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    before = await newest()
    await gateway.client.post(f"{DRAFT}/preview", json=run_of())
    assert await newest() == before


async def test_a_repeated_request_is_answered_again_and_shared_once(gateway: Running) -> None:
    headers = {"idempotency-key": "order-17"}
    first = await gateway.client.post(f"{DRAFT}/runs", json=run_of(), headers=headers)
    sent = gateway.standin.captured.total
    again = await gateway.client.post(f"{DRAFT}/runs", json=run_of(), headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-ai-gateway-share-id"] == first.headers["x-ai-gateway-share-id"]
    assert gateway.standin.captured.total == sent


async def test_an_idempotency_key_is_for_one_request(gateway: Running) -> None:
    headers = {"idempotency-key": "order-18"}
    await gateway.client.post(f"{DRAFT}/runs", json=run_of(), headers=headers)
    other = await gateway.client.post(f"{DRAFT}/runs", json={**run_of(), "parameters": {}}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-conflict")


async def test_who_did_not_opt_in_is_refused_with_the_rule(gateway: Running) -> None:
    response = await gateway.client.post(f"{DRAFT}/runs", json={**run_of(), "actor": "cli_12"})
    body = response.json()
    assert (response.status_code, body["code"]) == (403, "share-refused")
    assert any("opt" in reason["code"] for reason in body["reasons"])
    assert all(reason["rule"] and reason["source"] for reason in body["reasons"])


@pytest.mark.parametrize("value", ["0", "true", "1,1", "11", ""])
async def test_only_the_exact_value_one_is_global_privacy_control(gateway: Running, value: str) -> None:
    seen: list[bool] = []
    answer = gateway.services.gateway.preview

    async def watch(caller: Caller, call: Call) -> Preview:
        seen.append(call.gpc)
        return await answer(caller, call)

    with mock.patch.object(gateway.services.gateway, "preview", watch):
        await gateway.client.post(f"{DRAFT}/preview", json=run_of(), headers={"sec-gpc": value, "dnt": "1"})
        await gateway.client.post(f"{DRAFT}/preview", json=run_of(), headers={"sec-gpc": "1"})
    assert seen == [False, True]


async def test_an_unknown_feature_is_refused_by_name_only_if_it_is_ours(gateway: Running) -> None:
    response = await gateway.client.post("/v1/features/zephyrine_quillfeather/runs", json=run_of())
    assert (response.status_code, response.json()["code"]) == (404, "feature-unknown")
    assert "zephyrine" not in response.text


async def test_stream_is_true_or_false(gateway: Running) -> None:
    response = await gateway.client.post(f"{DRAFT}/runs", json={**run_of(), "stream": "yes"})
    assert response.json()["problems"] == [{"at": "stream", "problem": "must be true or false"}]


async def test_a_misspelt_field_is_told_with_the_one_that_was_meant_and_those_there_are(gateway: Running) -> None:
    said = run_of()
    said["inputs"]["job_post"]["Visiblity"] = said["inputs"]["job_post"].pop("visibility")
    for route in ("preview", "runs"):
        response = await gateway.client.post(f"{DRAFT}/{route}", json={**said, "tyme": "Zephyrine"})
        assert (response.status_code, response.json()["code"]) == (422, "request-invalid")
        told = {one["at"]: one["problem"] for one in response.json()["problems"]}
        assert told["inputs.job_post.*"] == (
            'is not a field of this object (did you mean "visibility"?); '
            "its fields are text, source, about, visibility, author"
        )
        assert told["*"] == (
            "is not a field of this object; its fields are actor, subjects, inputs, parameters, conversation, stream"
        )
        assert "Visiblity" not in response.text
        assert "tyme" not in response.text


async def test_a_misspelt_identifier_is_told_wherever_it_stands(gateway: Running) -> None:
    said = {**run_of(), "subjects": {"cli_9": {"role": "client", "known": {"email": ["x@sample.example"]}}}}
    (told,) = (await gateway.client.post(f"{DRAFT}/preview", json=said)).json()["problems"]
    assert told["at"] == "subjects.*.known.*"
    assert '(did you mean "emails"?); its fields are names, emails,' in told["problem"]
    disclosed = await gateway.client.post("/v1/disclosures", json={"subject": "cli_9", "untl": 0, "since": "x"})
    told = {one["at"]: one["problem"] for one in disclosed.json()["problems"]}
    assert told["since"] == "must be a whole number"
    assert 'did you mean "until"?' in told["*"]


async def test_a_thousand_unknown_fields_get_a_short_answer(gateway: Running) -> None:
    said = {**run_of(), **{f"Ottoline{n}" + "x" * 50: 1 for n in range(1_000)}}
    response = await gateway.client.post(f"{DRAFT}/preview", json=said)
    assert len(response.json()["problems"]) == 20
    assert "(and 999 more, see problems)" in response.json()["detail"]
    assert len(response.content) < 5_000
    assert "Ottoline" not in response.text
    response = await gateway.client.post(f"{DRAFT}/preview", json={**said, "Zephyrine": 1})
    assert "(and more than 999 more, see problems)" in response.json()["detail"]


async def test_numbers_of_one_are_told_in_the_singular_and_only_what_is_wrong_is_told(gateway: Running) -> None:
    said = run_of()
    said["inputs"]["messages"] = [{"text": "Yes.", "source": "message.content", "about": []}]
    response = await gateway.client.post(f"{DRAFT}/preview", json=said)
    assert response.json()["problems"] == [{"at": "inputs.messages[0].about", "problem": "must have at least 1 entry"}]
    empty = {**run_of(), "subjects": {"cli_9": {"role": "client", "known": {"names": [""]}}}}
    (told,) = (await gateway.client.post(f"{DRAFT}/preview", json=empty)).json()["problems"]
    assert told["problem"] == "must have at least 1 character"


KINDS = "must be true or false, a whole number, a number or a string"
NAMED = "has a name that must match ^[a-z][a-z0-9_]{0,63}$"


@pytest.mark.parametrize(
    ("parameters", "at", "problem"),
    [
        ({"tone": None}, "parameters.tone", KINDS),
        ({"tone": {"a": 1}}, "parameters.tone", KINDS),
        ({"tone": "x" * 65}, "parameters.tone", "must have at most 64 characters"),
        ({"Zephyrine": {"a": 1}}, "parameters.*", f"{NAMED}; its value {KINDS}"),
        ({"Zephyrine": 1}, "parameters.*", NAMED),
        ({"[key]": 1}, "parameters.*", NAMED),
        ({"int": []}, "parameters.*", KINDS),
    ],
)
async def test_what_is_wrong_at_one_place_is_told_in_one_sentence(
    gateway: Running, parameters: dict[str, object], at: str, problem: str
) -> None:
    for route in ("preview", "runs"):
        response = await gateway.client.post(f"{DRAFT}/{route}", json={**run_of(), "parameters": parameters})
        assert response.json()["problems"] == [{"at": at, "problem": problem}]
        assert response.json()["detail"] == f"{at} {problem}"


async def test_a_name_that_a_kind_of_value_has_too_is_a_step_like_others(gateway: Running) -> None:
    item = {"text": "Yes.", "source": "message.content", "about": ["cli_9"], "txt": 1}
    said = {**run_of(), "subjects": {"many": {"role": "clnt"}, "[key]": {"role": "client", "regon": "US"}}}
    said["inputs"] |= {"bool": item, "one": [item], "many": 5}
    told: dict[str, str] = {}
    for one in (await gateway.client.post(f"{DRAFT}/preview", json=said)).json()["problems"]:
        told.setdefault(one["at"], one["problem"])
    assert {"inputs.*.*", "inputs.*[0].*", "inputs.*", "subjects.*.role", "subjects.*.*", "subjects.*"} == set(told)
    assert told["inputs.*"] == "must be an object"
    assert told["subjects.*"].startswith("has a name that must match")
    for at, meant in (("inputs.*.*", "text"), ("inputs.*[0].*", "text"), ("subjects.*.*", "region")):
        assert f'did you mean "{meant}"?' in told[at]


async def test_a_caller_that_the_policy_does_not_list_is_refused(gateway: Running) -> None:
    headers = await gateway.key(Right.FEATURES, caller="newsletter")
    response = await gateway.client.post(f"{DRAFT}/runs", json=run_of(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "caller-not-allowed")


async def test_a_vendor_that_fails_is_told_with_its_code(gateway: Running) -> None:
    gateway.standin.script.add([Step(status=429, headers={"retry-after": "3"})])
    response = await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    assert (response.status_code, response.json()["code"]) == (429, "vendor-rate-limited")
    assert response.headers["retry-after"] == "3"
