"""Candidate policies are asked about real calls, and have no say in them."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from ai_gateway.adapters.folder_snapshot import snapshot, write_out
from ai_gateway.adapters.logging import configure
from ai_gateway.app.shadow import WAITING, Shadow, open_shadow
from ai_gateway.config import Settings
from ai_gateway.model import Decision, Permission
from builders_policies import (
    POLICIES_FOLDER,
    PROPOSAL,
    choice_of,
    consent,
    consents,
    message,
    people,
    proposal_call,
    shipped,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_out(snapshot(POLICIES_FOLDER), tmp_path / "candidate")
    return tmp_path / "candidate"


def change(folder: Path, old: str, new: str, file: str = "features/proposal_draft.yaml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
async def shadow(folder: Path) -> AsyncIterator[Shadow]:
    change(folder, "treatment: pseudonymize\n    consent: author", "treatment: withhold\n    consent: author")
    async with open_shadow(Settings(shadow_policies=folder)) as opened:
        assert opened is not None
        yield opened


def decide(shadow: Shadow) -> Decision:
    policies = shipped()
    feature = policies.features[PROPOSAL]
    call = proposal_call(message(index=0), message(index=1))
    return shadow.decide(policies, feature, choice_of(feature), call, people(), consents(consent()))


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_difference_is_counted_and_the_call_is_decided_by_the_policies_in_force(shadow: Shadow) -> None:
    labels = {
        "feature": "proposal_draft",
        "vendor": "standin",
        "input": "messages",
        "in_force": "pseudonymize",
        "candidate": "policy-withholds",
    }
    before = counted("ai_gateway_shadow_differences_total", **labels)
    decision = decide(shadow)
    assert isinstance(decision, Permission)
    assert all(one.action == "shared" for one in decision.items)
    await shadow.settled()
    assert counted("ai_gateway_shadow_differences_total", **labels) == before + 2


async def test_what_differed_is_logged_in_ids_and_counts(shadow: Shadow) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    configure("info", out)
    try:
        decide(shadow)
        await shadow.settled()
        shadow.tell()
    finally:
        root.handlers[:], root.level = handlers, level
    said = json.loads(out.getvalue().splitlines()[-1])
    assert said["message"] == "candidate policies differ"
    assert said["most"] == [
        {
            "feature": "proposal_draft",
            "vendor": "standin",
            "input": "messages",
            "was": "pseudonymize",
            "is": "policy-withholds",
            "n": 2,
        }
    ]


async def test_a_call_never_waits_for_the_candidate_and_what_does_not_fit_is_counted(shadow: Shadow) -> None:
    before = counted("ai_gateway_shadow_decisions_total", result="left_out")
    for _ in range(WAITING + 5):  # nothing of it is asked before this test waits for something
        assert isinstance(decide(shadow), Permission)
    assert counted("ai_gateway_shadow_decisions_total", result="left_out") == before + 5
    await shadow.settled()


async def test_a_candidate_that_cannot_be_asked_fails_no_call(shadow: Shadow) -> None:
    before = counted("ai_gateway_shadow_decisions_total", result="failed")
    assert shadow._candidate is not None
    shadow._candidate = replace(shadow._candidate, vendors={}, taxonomy=None)  # type: ignore[arg-type]
    assert isinstance(decide(shadow), Permission)
    await shadow.settled()
    assert counted("ai_gateway_shadow_decisions_total", result="failed") == before + 1


async def test_a_candidate_that_is_not_valid_is_not_asked_until_it_is(folder: Path) -> None:
    change(folder, "purpose: provide", "purpose: provde")
    shadow = Shadow(folder, 60)
    await shadow.look()
    assert shadow._candidate is None
    assert isinstance(decide(shadow), Permission)
    change(folder, "purpose: provde", "purpose: provide")
    await shadow.look()
    assert shadow._candidate is not None


async def test_nothing_is_asked_without_the_setting() -> None:
    async with open_shadow(Settings()) as shadow:
        assert shadow is None
    await asyncio.sleep(0)
