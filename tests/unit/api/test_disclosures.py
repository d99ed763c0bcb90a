"""What a disclosure says of the person before it says what was shared about them."""

from typing import Any

import pytest

from ai_gateway.app.stores import eraser_of, open_stores
from ai_gateway.model import SubjectId
from ai_gateway.sharelog.erasure import Basis, Verification
from api_gateway import DRAFT, Running, run_of

pytestmark = pytest.mark.anyio
PERSON = {"role": "client", "known": {"names": ["Kim Sample"]}}


async def disclosed(gateway: Running, subject: str) -> dict[str, Any]:
    response = await gateway.client.post("/v1/disclosures", json={"subject": subject})
    assert response.status_code == 200
    told: dict[str, Any] = response.json()
    return told


async def listed(gateway: Running, subject: str) -> dict[str, Any]:
    page: dict[str, Any] = (await gateway.client.get("/v1/shares", params={"subject": subject})).json()
    return page


async def test_somebody_registered_gets_a_plain_answer(gateway: Running) -> None:
    await gateway.client.put("/v1/subjects/cli_90", json=PERSON)
    told = await disclosed(gateway, "cli_90")
    assert told["standing"] == {"state": "registered", "notice": None, "erased_since": None, "erasure": None}
    assert told["confirmation"]["shared_with_generative_ai_vendors"] is False
    assert (await listed(gateway, "cli_90"))["notice"] is None
    assert (await gateway.client.get("/v1/shares")).json()["notice"] is None


async def test_a_mistyped_id_is_told_apart_from_somebody_about_whom_nothing_was_shared(gateway: Running) -> None:
    told = await disclosed(gateway, "cli_9O")
    assert told["standing"]["state"] == "unknown"
    assert "mistyped" in told["standing"]["notice"]
    assert (await listed(gateway, "cli_9O"))["notice"] == told["standing"]["notice"]


async def test_somebody_whom_a_request_described_and_nobody_registered_is_told_as_such(gateway: Running) -> None:
    run = {**run_of(), "subjects": {"cli_91": PERSON}}
    run["inputs"] = {**run["inputs"], "job_post": {**run["inputs"]["job_post"], "about": ["cli_91"]}}
    assert (await gateway.client.post(f"{DRAFT}/runs", json=run)).status_code == 200
    told = await disclosed(gateway, "cli_91")
    assert told["standing"]["state"] == "not_registered"
    assert told["confirmation"]["shares"] == 1


async def test_an_erased_person_is_told_as_such_and_nothing_is_denied(gateway: Running) -> None:
    await gateway.client.put("/v1/subjects/cli_92", json=PERSON)
    async with open_stores(gateway.settings) as stores:
        eraser = eraser_of(stores, gateway.settings, {})
        await eraser.erase(SubjectId("cli_92"), Verification.ACCOUNT, Basis.GDPR_ERASE)
    told = await disclosed(gateway, "cli_92")
    standing, confirmation = told["standing"], told["confirmation"]
    assert (standing["state"], standing["erasure"]["step"]) == ("erased", "completed")
    assert standing["erased_since"]
    assert standing["erasure"]["kept"]
    assert confirmation["shared_with_generative_ai_vendors"] is None
    assert confirmation["shares"] is None
    assert "Kim" not in str(told)
    assert (await listed(gateway, "cli_92"))["notice"] == standing["notice"]
