"""Whose request it is: our headers, or metadata."""

import json
from typing import Any

import pytest

from ai_gateway.api.attribution import attribution
from ai_gateway.errors import RequestInvalid
from ai_gateway.protocols.shape import Json

KNOWN = {"cli_9": {"role": "client", "known": {"names": ["Sam Lee"]}}}


def test_headers_and_metadata_say_the_same_things() -> None:
    by_header = attribution(
        {"x-ai-gateway-actor": "pro_17", "x-ai-gateway-feature": "assistant", "x-ai-gateway-conversation": "c-1"}, {}
    )
    metadata: Json = {"actor": "pro_17", "feature": "assistant", "conversation": "c-1"}
    assert attribution({}, {"metadata": metadata}) == by_header
    assert (by_header.actor, by_header.feature, by_header.conversation) == ("pro_17", "assistant", "c-1")


def test_without_either_nobody_asks() -> None:
    said = attribution({"user-agent": "x"}, {"model": "m", "metadata": {"order": "7"}})
    assert said.actor is None
    assert not said.subjects


@pytest.mark.parametrize("subjects", [KNOWN, json.dumps(KNOWN)])
def test_people_are_described_as_in_a_feature_run(subjects: Any) -> None:
    said = attribution({}, {"metadata": {"subjects": subjects}})
    assert [person.known.names for person in said.subjects.values()] == [("Sam Lee",)]
    assert "Sam Lee" not in repr(said)


@pytest.mark.parametrize("subjects", ["cli_9, pro_17", ["cli_9", "pro_17"]])
def test_registered_people_are_named_by_their_ids(subjects: Any) -> None:
    assert attribution({}, {"metadata": {"subjects": subjects}}).about == ("cli_9", "pro_17")


def test_global_privacy_control_holds_here_too() -> None:
    assert attribution({"sec-gpc": "1"}, {}).gpc
    assert not attribution({"sec-gpc": "true"}, {}).gpc


@pytest.mark.parametrize(
    ("headers", "metadata"),
    [
        ({"x-ai-gateway-actor": "Dana Okafor"}, {}),
        ({"x-ai-gateway-actor": "unattributed@marketplace"}, {}),
        ({"x-ai-gateway-actor": "pro_17"}, {"actor": "pro_18"}),
        ({"x-ai-gateway-feature": "Okafor"}, {}),
        ({}, {"actor": 7}),
        ({}, {"subjects": "Dana Okafor"}),
        ({}, {"subjects": "{"}),
        ({}, {"subjects": 5}),
        ({}, {"subjects": {"Dana Okafor": {"role": "client"}}}),
        ({}, {"subjects": {"cli_9": {"role": "Okafor"}}}),
        ({}, {"subjects": {"cli_9": {"role": "client", "Okafor": 1}}}),
        ({}, {"subjects": [f"p{n}" for n in range(33)]}),
    ],
)
def test_what_names_nobody_is_refused_without_repeating_it(headers: dict[str, str], metadata: Any) -> None:
    with pytest.raises(RequestInvalid) as refused:
        attribution(headers, {"metadata": metadata})
    assert "Okafor" not in f"{refused.value} {refused.value.facts} {refused.value.__cause__}"


def test_a_person_who_is_described_twice_is_refused() -> None:
    with pytest.raises(RequestInvalid):
        attribution({}, {"metadata": {"subjects": '{"cli_9": {"role": "client"}, "cli_9": {"role": "agency"}}'}})
