"""Marks say of every treated character what it was; joined, the parts are the text that is sent, to the letter."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.catalogue_files import load_versions
from ai_gateway.adapters.memory_registry import registry_of
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.features import Catalogue
from ai_gateway.model import BudgetedPrompt, FeatureName, Outbound, VendorName
from ai_gateway.ports import Languages, TokenCounter, Vendor
from ai_gateway.prompts.cases import Case
from ai_gateway.prompts.people import Placed
from ai_gateway.treatment.treat import Treatment
from ai_gateway.workbench.cost import Price, Prices, cost
from ai_gateway.workbench.trial import Bench, Tried
from fakes import LiteralDetector

ROOT = Path(__file__).parents[3]
POLICIES = load_policies(ROOT / "policies")
VERSIONS = load_versions(ROOT / "prompts" / "proposal_draft")
PROMPT = VERSIONS.versions[2]
FOUND = {"1983-04-05": "DATE_OF_BIRTH", "Albany": "LOCATION", "4111 1111 1111 1111": "CREDIT_CARD"}


class Words(TokenCounter):
    def count(self, texts: Sequence[str], encoding: str) -> int:
        return sum(len(text.split()) for text in texts)


class Door:
    """Makes a body, and is never sent one."""

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        messages = [{"role": one.role, "content": one.content} for one in prompt.messages]
        body = json.dumps({"model": "m", "messages": messages}).encode()
        return Outbound(vendor=vendor, model="m", method="POST", url="https://vendor.example/v1", headers={}, body=body)


class English(Languages):
    def of(self, text: str) -> str | None:
        return "en"


class Known(Prices):
    def price(self, provider: str, model: str) -> Price | None:
        return None if model == "default" else Price(per_million_in=2.0, per_million_out=4.0, table="invented")


def bench() -> Bench:
    return Bench(
        policy=POLICIES.features[FeatureName("proposal_draft")],
        versions=VERSIONS,
        catalogue=Catalogue(features={}, policies=POLICIES),
        treatment=Treatment(LiteralDetector(FOUND), PresidioOperators()),
        tokens=Words(),
        languages=English(),
        prices=Known(),
        log=cast("Any", None),  # a preview records nothing
        vendor=cast("Vendor", Door()),
        registry=registry_of,
        recordings={},
    )


def case(**texts: str | list[str]) -> Case:
    def placed(name: str, text: str) -> Placed:
        assert VERSIONS.people is not None
        return Placed(text=text).within(VERSIONS.people.places[name])

    return replace(
        PROMPT.cases[0],
        texts={
            n: tuple(placed(n, t) for t in ([given] if isinstance(given, str) else given)) for n, given in texts.items()
        },
    )


async def previewed(**texts: str | list[str]) -> Tried:
    return await bench().preview(case(**texts), PROMPT)


@pytest.mark.anyio
async def test_each_entity_is_marked_on_both_sides_with_its_treatment_and_its_rule() -> None:
    tried = await previewed(
        job_post="Ask Tobias Fennimore, born 1983-04-05.", profile="I am Noor Halloran.", messages=["Hi Noor. Tobias"]
    )
    pair = bench().marked(tried)
    assert pair is not None

    went_in = {part.text: part.mark for one in pair.items for part in one.parts if part.mark is not None}
    left = [
        (part.text, part.mark.entity, str(part.mark.treatment))
        for one in pair.messages
        for part in one.parts
        if part.mark
    ]

    assert set(went_in) == {"Tobias Fennimore", "1983-04-05", "Noor Halloran", "Noor", "Tobias"}
    assert left == [
        ("<CLIENT_1>", "PERSON", "pseudonymize"),
        ("[redacted: date of birth]", "DATE_OF_BIRTH", "redact"),
        ("<PROFESSIONAL_1>", "PERSON", "pseudonymize"),
        ("<PROFESSIONAL_1_FIRST>", "PERSON", "pseudonymize"),
        ("<CLIENT_1_FIRST>", "PERSON", "pseudonymize"),
    ]
    assert "features/proposal_draft.yaml#/entities/3 (policy L86; policy L162)" in went_in["Tobias Fennimore"].why


PIECES = st.sampled_from(
    (
        "Tobias Fennimore",
        "Noor Halloran",
        "Tobias",
        "noor",
        "Albany",
        "1983-04-05",
        "<CLIENT_1>",
        "=====1=====",
        "\ue000",
        "\ue001",
        "{{ fence }}",
        " ",
        "\n",
        "a boat, ",
    )
)
TEXTS = st.lists(PIECES, min_size=1, max_size=12).map(" ".join).filter(str.strip)


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3))
def test_the_parts_joined_are_what_goes_in_and_what_leaves(job_post: str, profile: str, messages: list[str]) -> None:
    import asyncio

    texts: dict[str, str | list[str]] = {"job_post": job_post, "profile": profile, "messages": messages}
    tried = asyncio.run(previewed(**texts))
    assume(tried.cleared is not None)  # the last check refuses what this detector is too plain to see
    assert tried.cleared is not None
    pair = bench().marked(tried)
    assert pair is not None
    assert [one.text for one in pair.messages] == [message.content for message in tried.cleared.prompt.messages]
    assert [one.text for one in pair.items] == [
        item.text for item in tried.cleared.prompt.treated.permission.call.items
    ]
    for one in pair.items:
        assert all(one.text[mark.start : mark.end] == part.text for part in one.parts if (mark := part.mark))


def test_a_cost_is_of_the_prompt_and_at_most_of_the_longest_reply() -> None:
    policy = POLICIES.features[FeatureName("proposal_draft")]
    choices = {choice.vendor: choice for choice in policy.vendors}
    known = cost(POLICIES, choices[VendorName("openai")], (1_000, 500), Known())
    unknown = cost(POLICIES, choices[VendorName("self_hosted")], (1_000, 500), Known())
    assert (known.prompt, known.most) == (0.002, 0.004)
    assert (unknown.prompt, unknown.most) == (None, None)
