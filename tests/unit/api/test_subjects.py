import pytest

from ai_gateway.api.answers import ConsentsAnswer, SubjectAnswer
from api_gateway import Running

pytestmark = pytest.mark.anyio

PERSON = {
    "role": "client",
    "region": "US-CA",
    "age_status": "adult",
    "known": {"names": ["Ottoline Brackenridge"], "emails": ["ottoline@brackenridge.example"]},
}


async def test_a_person_is_registered_and_shown_with_identifiers_counted_not_read_back(gateway: Running) -> None:
    put = await gateway.client.put("/v1/subjects/cli_70", json=PERSON)
    shown = await gateway.client.get("/v1/subjects/cli_70")
    answer = SubjectAnswer.model_validate(shown.json())
    assert put.json() == shown.json()
    assert (answer.known["names"], answer.known["emails"], answer.known["phones"]) == (1, 1, 0)
    assert "Ottoline" not in shown.text


async def test_registering_again_keeps_the_choices(gateway: Running) -> None:
    await gateway.client.put("/v1/subjects/cli_71", json=PERSON)
    await gateway.client.put("/v1/subjects/cli_71/choices", json={"opted_in": ["proposal_draft"], "gpc": True})
    again = await gateway.client.put("/v1/subjects/cli_71", json={**PERSON, "region": "DE"})
    assert again.json()["region"] == "DE"
    assert again.json()["choices"]["opted_in"] == ["proposal_draft"]
    assert again.json()["choices"]["gpc"] is True


async def test_choices_left_out_fall_back_to_the_more_private_one(gateway: Running) -> None:
    await gateway.client.put("/v1/subjects/cli_72", json=PERSON)
    await gateway.client.put("/v1/subjects/cli_72/choices", json={"opted_in": ["proposal_draft"]})
    await gateway.client.put("/v1/subjects/cli_72/choices", json={"limit_sensitive": True})
    chosen = (await gateway.client.get("/v1/subjects/cli_72/choices")).json()
    assert (chosen["opted_in"], chosen["limit_sensitive"]) == ([], True)


async def test_a_choice_names_features_that_exist(gateway: Running) -> None:
    await gateway.client.put("/v1/subjects/cli_73", json=PERSON)
    response = await gateway.client.put("/v1/subjects/cli_73/choices", json={"opted_in": ["propsal_draft"]})
    assert (response.status_code, response.json()["code"]) == (422, "input-unknown")
    assert "propsal" not in response.text


async def test_a_feature_is_not_chosen_both_ways(gateway: Running) -> None:
    await gateway.client.put("/v1/subjects/cli_74", json={"role": "client"})
    both = {"opted_in": ["proposal_draft"], "opted_out": ["proposal_draft"]}
    response = await gateway.client.put("/v1/subjects/cli_74/choices", json=both)
    assert (response.status_code, response.json()["code"]) == (422, "request-invalid")
    assert response.json()["problems"][0]["at"] == "opted_out"


@pytest.mark.parametrize("path", ["/v1/subjects/cli_none", "/v1/subjects/cli_none/choices"])
async def test_nobody_is_shown_who_is_not_registered(gateway: Running, path: str) -> None:
    response = await gateway.client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("subject", ["dana@okafor.example", "Dana%20Okafor", "x" * 200, "..%2F..%2Fetc"])
async def test_what_cannot_be_an_id_is_not_found_and_not_said_back(gateway: Running, subject: str) -> None:
    response = await gateway.client.get(f"/v1/subjects/{subject}")
    assert response.status_code == 404
    assert subject not in response.text
    assert "an id begins with" in response.text or response.json()["code"] == "route-unknown"


async def test_consent_is_given_and_withdrawn_with_a_receipt_each(gateway: Running) -> None:
    await gateway.client.put("/v1/subjects/cli_74", json=PERSON)
    said = {"purpose": "provide", "state": "given", "notice_version": "2025-06", "channel": "settings"}
    given = await gateway.client.post("/v1/subjects/cli_74/consents", json=said)
    taken = await gateway.client.post("/v1/subjects/cli_74/consents", json={**said, "state": "withdrawn"})
    assert (given.status_code, taken.status_code) == (201, 201)
    assert taken.json()["earlier_events"][0]["record_id"] == given.json()["record_id"]
    history = ConsentsAnswer.model_validate((await gateway.client.get("/v1/subjects/cli_74/consents")).json())
    assert [receipt["event"]["event_state"] for receipt in history.receipts] == ["given", "withdrawn"]


async def test_a_receipt_names_the_vendors_that_may_receive(gateway: Running) -> None:
    history = (await gateway.client.get("/v1/subjects/cli_9/consents")).json()
    assert [party["party_id"] for party in history["receipts"][0]["recipients"]] == ["standin"]


async def test_consent_of_somebody_unregistered_is_refused(gateway: Running) -> None:
    said = {"purpose": "provide", "state": "given", "notice_version": "2025-06", "channel": "settings"}
    response = await gateway.client.post("/v1/subjects/cli_none/consents", json=said)
    assert (response.status_code, response.json()["code"]) == (422, "subject-unknown")


async def test_a_withdrawal_holds_for_the_next_request(gateway: Running) -> None:
    from api_gateway import DRAFT, run_of

    async def fate() -> str:
        response = await gateway.client.post(f"{DRAFT}/preview", json=run_of())
        action: str = {d["input"]: d["action"] for d in response.json()["decisions"]}["messages[0]"]
        return action

    said = {"purpose": "provide", "notice_version": "2025-06", "channel": "settings"}
    assert await fate() == "shared"
    await gateway.client.post("/v1/subjects/cli_9/consents", json={**said, "state": "withdrawn"})
    assert await fate() == "withheld"
    await gateway.client.post("/v1/subjects/cli_9/consents", json={**said, "state": "given"})
    assert await fate() == "shared"
