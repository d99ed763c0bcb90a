import pytest

from ai_gateway.api.shares import ShareAnswer, SharesAnswer
from api_gateway import DRAFT, Running, run_of
from canaries import traces

pytestmark = pytest.mark.anyio


async def shared(gateway: Running) -> str:
    response = await gateway.client.post(f"{DRAFT}/runs", json=run_of())
    share: str = response.json()["shares"][-1]["id"]
    return share


async def test_a_share_is_shown_with_the_exact_body_that_was_sent(gateway: Running) -> None:
    share = await shared(gateway)
    answer = ShareAnswer.model_validate((await gateway.client.get(f"/v1/shares/{share}")).json())
    assert answer.body is not None
    assert answer.body.encode() == gateway.standin.captured[-1].body
    assert answer.state == "settled"
    assert answer.outcome is not None
    assert answer.outcome["status"] == "released"
    assert {fate["path"] for fate in answer.fates if fate["action"] == "withheld"} == {"messages[1]"}


async def test_both_sides_find_the_share_in_their_own_account(gateway: Running) -> None:
    share = await shared(gateway)
    for subject in ("pro_17", "cli_9", "cli_12"):
        page = SharesAnswer.model_validate((await gateway.client.get(f"/v1/shares?subject={subject}")).json())
        assert share in {one.id for one in page.shares}


async def test_a_persons_account_names_nobody_else_and_holds_no_body(gateway: Running) -> None:
    await shared(gateway)
    page = (await gateway.client.get("/v1/shares?subject=cli_12")).json()
    assert all(one["body"] is None for one in page["shares"])
    assert {person["subject"] for one in page["shares"] for person in one["people"]} == {"cli_12"}


async def test_pages_go_from_new_to_old_without_gaps(gateway: Running) -> None:
    for _ in range(3):
        await shared(gateway)
    whole = [one["id"] for one in (await gateway.client.get("/v1/shares?limit=200")).json()["shares"]]
    walked: list[str] = []
    after = ""
    while True:
        page = (await gateway.client.get(f"/v1/shares?limit=2{after}")).json()
        walked += [one["id"] for one in page["shares"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert walked == whole
    assert len(whole) >= 3


async def test_a_denial_is_on_record_with_its_reasons(gateway: Running) -> None:
    await gateway.client.post(f"{DRAFT}/runs", json={**run_of(), "actor": "cli_12"})
    newest = (await gateway.client.get("/v1/shares?limit=1")).json()["shares"][0]
    assert newest["state"] == "denied"
    assert newest["facts"]["reasons"]


async def test_the_public_facts_of_a_share_name_nobody(gateway: Running) -> None:
    share = await shared(gateway)
    facts = (await gateway.client.get(f"/v1/shares/{share}")).json()["facts"]
    assert traces([str(facts)]) == []
    assert "pro_17" not in str(facts)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=nonsense", "subject=Dana%20Okafor"])
async def test_a_query_that_cannot_be_right_is_refused(gateway: Running, query: str) -> None:
    response = await gateway.client.get(f"/v1/shares?{query}")
    assert (response.status_code, response.json()["code"]) == (422, "request-invalid")
    assert "Okafor" not in response.text


async def test_a_share_that_never_was_is_not_found(gateway: Running) -> None:
    response = await gateway.client.get("/v1/shares/shr_" + "0" * 32)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
