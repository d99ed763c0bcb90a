from datetime import UTC, datetime

import pytest

from ai_gateway.api.shares import _PARAMETERS, ShareAnswer, SharesAnswer
from ai_gateway.sharelog import search as searching
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


async def test_a_list_is_narrowed_by_feature_vendor_state_and_time(gateway: Running) -> None:
    share = await shared(gateway)
    await gateway.client.post(f"{DRAFT}/runs", json={**run_of(), "actor": "cli_12"})
    one = (await gateway.client.get(f"/v1/shares/{share}")).json()
    day = datetime.fromtimestamp(one["at"] / 1000, UTC).strftime("%Y-%m-%d")
    asked = {
        "feature": "proposal_draft",
        "vendor": one["facts"]["vendor"],
        "state": "settled",
        "since": day,
        "until": day,
    }
    page = SharesAnswer.model_validate((await gateway.client.get("/v1/shares", params=asked)).json())
    assert page.shares[0].id == share
    assert {shown.state for shown in page.shares} == {"settled"}
    assert (page.stopped_early, page.looked >= len(page.shares)) == (False, True)
    for other in (
        {"feature": "assistant"},
        {"state": "in_doubt"},
        {"until": f"{day}T00:00:00Z", "since": "2020-01-01"},
    ):
        answer = (await gateway.client.get("/v1/shares", params={**asked, **other})).json()
        assert (answer["shares"], answer["next"], answer["notice"]) == ([], None, None), other


async def test_a_search_that_stopped_early_says_so_and_goes_on(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gateway.client.post(f"{DRAFT}/runs", json={**run_of(), "actor": "cli_12"})
    for _ in range(3):
        await shared(gateway)
    monkeypatch.setattr(searching, "LOOKED_AT_MOST", 2)
    monkeypatch.setattr(searching, "_STRETCH", 2)
    first = (await gateway.client.get("/v1/shares?state=denied")).json()
    assert (first["shares"], first["looked"], first["stopped_early"]) == ([], 2, True)
    then = (await gateway.client.get(f"/v1/shares?state=denied&after={first['next']}")).json()
    assert [share["state"] for share in then["shares"]] == ["denied"]
    told = (await gateway.client.get("/v1/shares?vendor=opena1")).json()
    assert (told["shares"], told["stopped_early"]) == ([], True)
    assert 'did you mean "openai"' in told["notice"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("feature=proposal_drafft", 'feature names none in force (did you mean "proposal_draft"?)'),
        ("vendor=opena1", 'vendor names none in force (did you mean "openai"?)'),
        ("state=doubtful", "state must be one of settled, in_doubt or denied"),
        ("since=yesterday", "since must be a day (2026-03-31, UTC) or a time as RFC 3339 writes it"),
        ("since=2026-03-31T09:00:00+02:00", "is written %2B"),
        ("since=2026-05-02&until=2026-05-01", "until must be later than since"),
        (f"after=shr_{'0' * 32}", "after must be the `next` of the page before: there is no such share"),
        ("feature=", "feature must have at least 1 character"),
        ("limit=0", "limit must be at least 1"),
    ],
)
async def test_what_a_list_cannot_be_narrowed_to_is_refused_with_what_may_be_meant(
    gateway: Running, query: str, said: str
) -> None:
    response = await gateway.client.get(f"/v1/shares?{query}")
    told = response.json()
    assert (response.status_code, told["code"]) == (422, "request-invalid")
    assert said in told["detail"]
    assert [one["at"] for one in told["problems"]] == [said.split(" ", maxsplit=1)[0] if "%2B" not in said else "since"]


async def test_a_name_that_no_file_has_beside_a_person_is_answered_with_all_there_is_to_say(gateway: Running) -> None:
    response = await gateway.client.get("/v1/shares?vendor=opena1&subject=cli_404")
    told = response.json()
    assert (response.status_code, told["shares"]) == (200, [])
    assert 'The vendor names none in force (did you mean "openai"?).' in told["notice"]
    assert "The id is not registered" in told["notice"]
    for more in ("state=denied", "since=2026-01-01", "until=2026-01-01", "feature=assistant"):
        answer = await gateway.client.get(f"/v1/shares?vendor=opena1&{more}")
        assert (answer.status_code, "did you mean" in answer.json()["notice"]) == (200, True), more


async def test_a_parameter_that_a_list_does_not_have_is_refused_with_the_one_that_may_be_meant(
    gateway: Running,
) -> None:
    response = await gateway.client.get("/v1/shares?featur=assistant&dana%20okafor=1&limit=2")
    told = response.json()
    assert (response.status_code, told["code"]) == (422, "request-invalid")
    assert [one["at"] for one in told["problems"]] == ["*", "*"]
    assert "is not a parameter of this list; its parameters are subject, feature," in told["problems"][0]["problem"]
    assert 'is not a parameter of this list (did you mean "feature"?)' in told["problems"][1]["problem"]
    assert "okafor" not in response.text


async def test_every_parameter_that_the_description_has_is_one(gateway: Running) -> None:
    described = gateway.app.openapi()["paths"]["/v1/shares"]["get"]["parameters"]
    assert {one["name"] for one in described if one["in"] == "query"} == set(_PARAMETERS)


async def test_a_list_that_cannot_go_on_is_no_reading(gateway: Running) -> None:
    entries = (await gateway.app.state.console.log.tree()).size
    for query in (f"after=shr_{'f' * 32}", "subjekt=cli_9"):
        assert (await gateway.client.get(f"/v1/shares?{query}")).status_code == 422
    assert (await gateway.app.state.console.log.tree()).size == entries


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=nonsense", "subject=Dana%20Okafor"])
async def test_a_query_that_cannot_be_right_is_refused(gateway: Running, query: str) -> None:
    response = await gateway.client.get(f"/v1/shares?{query}")
    assert (response.status_code, response.json()["code"]) == (422, "request-invalid")
    assert "Okafor" not in response.text


async def test_a_share_that_never_was_is_not_found(gateway: Running) -> None:
    response = await gateway.client.get("/v1/shares/shr_" + "0" * 32)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
