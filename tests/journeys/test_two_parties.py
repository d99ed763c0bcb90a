"""A professional drafts a proposal to a client: who is named, who consented, what a vendor saw, who can read of it."""

from typing import Any

import pytest

from api_gateway import Running

pytestmark = pytest.mark.anyio

PROFESSIONAL: dict[str, Any] = {
    "role": "independent_professional",
    "region": "US-CA",
    "age_status": "adult",
    "profile_visibility": "public",
    "known": {
        "names": ["Zephyrine Quillfeather"],
        "emails": ["zephyrine@quillfeather.example"],
        "phones": ["+1 415-555-0173"],
        "handles": ["zephquill"],
        "addresses": ["12 Larkspur Lane, Oakland, CA 94607"],
    },
}
CLIENT: dict[str, Any] = {
    "role": "client",
    "region": "US-NY",
    "age_status": "adult",
    "known": {
        "names": ["Sam Lee"],
        "emails": ["sam.lee@brightwater.example"],
        "phones": ["(212) 555-0117"],
        "handles": ["samatbrightwater"],
        "organizations": ["Brightwater LLC"],
        "urls": ["https://brightwater.example/book"],
        "addresses": ["301 Harbor Street, Albany, NY 12207"],
    },
}
COLLEAGUE: dict[str, Any] = {
    "role": "client",
    "region": "US-NY",
    "age_status": "adult",
    "known": {"names": ["Imogen Vale"]},
}

RUN: dict[str, Any] = {
    "actor": "pro_1",
    "inputs": {
        "job_post": {
            "text": (
                "Brightwater LLC needs a booking page. Sam Lee answers at sam.lee@brightwater.example, "
                "(212) 555-0117 or @samatbrightwater; our page is https://brightwater.example/book and our desk is at "
                "301 Harbor Street, Albany, NY 12207."
            ),
            "source": "job_post.description",
            "visibility": "public",
            "about": ["cli_1"],
        },
        "profile": {
            "text": (
                "I'm ZEPHYRINE QUILLFEATHER, a developer. Write to zephyrine@quillfeather.example, call 415.555.0173, "
                "find me as @zephquill or at 12 Larkspur Lane, Oakland, CA 94607."
            ),
            "source": "profile.overview",
            "visibility": "public",
            "about": ["pro_1"],
        },
        "messages": [
            {
                "text": "Hello Zephyrine, could you start in May? Sam",
                "source": "message.content",
                "author": "cli_1",
                "about": ["cli_1", "pro_1"],
            },
            {
                "text": "Between us, Zephyrine: nobody else has answered. Imogen",
                "source": "message.content",
                "author": "cli_2",
                "about": ["cli_2", "pro_1"],
            },
        ],
    },
    "parameters": {"tone": "warm"},
}
IDENTIFIERS = (
    "zephyrine",
    "quillfeather",
    "555-0173",
    "555.0173",
    "zephquill",
    "larkspur lane",
    "sam lee",
    "brightwater",
    "555-0117",
    "harbor street",
    "imogen",
)


async def register(gateway: Running) -> None:
    people = {"pro_1": PROFESSIONAL, "cli_1": CLIENT, "cli_2": COLLEAGUE}
    for subject, said in people.items():
        assert (await gateway.client.put(f"/v1/subjects/{subject}", json=said)).status_code == 200
    chosen = {"opted_in": ["proposal_draft"]}
    assert (await gateway.client.put("/v1/subjects/pro_1/choices", json=chosen)).status_code == 200
    consent = {"purpose": "provide", "state": "given", "notice_version": "2025-06", "channel": "settings/messages"}
    assert (await gateway.client.post("/v1/subjects/cli_1/consents", json=consent)).status_code == 201


async def test_a_proposal_is_drafted_without_a_vendor_learning_who_anybody_is(gateway: Running) -> None:
    await register(gateway)
    before = len(gateway.standin.captured)

    response = await gateway.client.post("/v1/features/proposal_draft/runs", json=RUN)

    assert response.status_code == 200, response.text
    answer = response.json()
    (received,) = list(gateway.standin.captured)[before:]
    raw = received.raw().decode().lower()
    assert [identifier for identifier in IDENTIFIERS if identifier in raw] == []
    assert "could you start in may" in raw
    assert "nobody else has answered" not in raw

    assert "Sam" in answer["output"]
    assert "ZEPHYRINE QUILLFEATHER" in answer["output"]
    assert "<CLIENT" not in answer["output"]
    assert "<PROFESSIONAL" not in answer["output"]

    withheld = [decision for decision in answer["decisions"] if decision["action"] == "withheld"]
    assert [(decision["input"], decision["code"]) for decision in withheld] == [
        ("messages[1]", "message-consent-missing")
    ]
    assert withheld[0]["source"] == "policy L49"

    share = answer["shares"][-1]["id"]
    assert response.headers["x-ai-gateway-share-id"] == share
    for person in ("pro_1", "cli_2"):
        page = (await gateway.client.get("/v1/shares", params={"subject": person})).json()
        (mine,) = [one for one in page["shares"] if one["id"] == share]
        assert ("messages[1]", "withheld", person) in {(f["path"], f["action"], f["subject"]) for f in mine["fates"]}
    page = (await gateway.client.get("/v1/shares", params={"subject": "cli_1"})).json()
    assert share in {one["id"] for one in page["shares"]}


async def test_a_withdrawal_holds_for_the_next_request(gateway: Running) -> None:
    await register(gateway)
    consent = {"purpose": "provide", "state": "withdrawn", "notice_version": "2025-06", "channel": "settings/messages"}
    assert (await gateway.client.post("/v1/subjects/cli_1/consents", json=consent)).status_code == 201
    before = len(gateway.standin.captured)

    answer = (await gateway.client.post("/v1/features/proposal_draft/runs", json=RUN)).json()

    codes = {decision["input"]: decision["code"] for decision in answer["decisions"]}
    assert codes["messages[0]"] == "message-consent-withdrawn"
    (received,) = list(gateway.standin.captured)[before:]
    assert b"could you start in May" not in received.raw()


async def test_nobody_who_did_not_opt_in_is_drafted_for_and_nothing_is_sent(gateway: Running) -> None:
    await register(gateway)
    assert (await gateway.client.put("/v1/subjects/pro_1/choices", json={})).status_code == 200
    before = len(gateway.standin.captured)

    response = await gateway.client.post("/v1/features/proposal_draft/runs", json=RUN)

    assert response.status_code == 403
    problem = response.json()
    assert problem["code"] == "share-refused"
    assert [reason["code"] for reason in problem["reasons"]] == ["actor-not-opted-in"]
    assert list(gateway.standin.captured)[before:] == []


async def test_a_preview_shows_the_exact_request_and_sends_nothing(gateway: Running) -> None:
    await register(gateway)
    before = len(gateway.standin.captured)

    shown = (await gateway.client.post("/v1/features/proposal_draft/preview", json=RUN)).json()

    assert list(gateway.standin.captured)[before:] == []
    sent = (await gateway.client.post("/v1/features/proposal_draft/runs", json=RUN)).json()
    (received,) = list(gateway.standin.captured)[before:]
    assert shown["body"].encode() == received.body
    assert shown["decisions"] == sent["decisions"]


async def test_a_repeated_request_never_shares_twice(gateway: Running) -> None:
    await register(gateway)
    before = len(gateway.standin.captured)
    headers = {"Idempotency-Key": "draft-of-may"}

    first = await gateway.client.post("/v1/features/proposal_draft/runs", json=RUN, headers=headers)
    second = await gateway.client.post("/v1/features/proposal_draft/runs", json=RUN, headers=headers)

    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert len(list(gateway.standin.captured)[before:]) == 1
    other = await gateway.client.post(
        "/v1/features/proposal_draft/runs", json={**RUN, "parameters": {"tone": "plain"}}, headers=headers
    )
    assert other.json()["code"] == "idempotency-conflict"
