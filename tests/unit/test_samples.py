"""The demo's people and texts are bodies that the API takes, of features that are shipped, about nobody who exists."""

import json
import re
from pathlib import Path

import pytest

from ai_gateway import samples
from ai_gateway.adapters.catalogue_files import load_catalogue
from ai_gateway.api.schemas import ChosenFeatures, ConsentReport, FeatureRun, RegisteredSubject
from ai_gateway.features import resolve
from ai_gateway.model import Caller, CallerId, Right, SubjectId

ROOT = Path(__file__).parents[2]
DEMO = Caller(id=CallerId("demo"), rights=frozenset({Right.FEATURES}))
REGISTRY = samples.read("registry")


@pytest.mark.parametrize("feature", samples.FEATURES)
def test_a_sample_run_is_a_call_that_its_feature_takes(feature: str) -> None:
    run = FeatureRun.model_validate_json(json.dumps(samples.read(feature)))
    call = run.call(feature, gpc=False)

    assert resolve(load_catalogue(ROOT / "prompts", ROOT / "policies"), DEMO, call).name == feature
    assert set(call.people()) <= {SubjectId(id_) for id_ in REGISTRY["subjects"]}


def test_the_registry_is_made_of_bodies_that_the_api_takes() -> None:
    for subject in REGISTRY["subjects"].values():
        RegisteredSubject.model_validate_json(json.dumps(subject))
    for choices in REGISTRY["choices"].values():
        ChosenFeatures.model_validate_json(json.dumps(choices))
    for consent in REGISTRY["consents"]:
        ConsentReport.model_validate_json(json.dumps({key: consent[key] for key in consent if key != "subject"}))


def test_one_author_of_messages_consents_and_another_does_not() -> None:
    latest = {consent["subject"]: consent["state"] for consent in REGISTRY["consents"]}
    authors = [message["author"] for message in samples.read("proposal_draft")["inputs"]["messages"]]

    assert {author: latest[author] for author in authors} == {"cli_9": "given", "cli_12": "withdrawn"}
    assert len(authors) == 3


def test_nobody_in_the_samples_can_be_reached() -> None:
    text = json.dumps([samples.read(name) for name in ("registry", *samples.FEATURES)])

    domains = re.findall(r"(?:@|https?://)([a-z0-9.-]+\.[a-z]+)", text)
    phones = re.findall(r"\d{3}\)?[ -]\d{3}-\d{4}", text)

    assert domains
    assert all(domain.endswith(".example") for domain in domains)
    assert phones
    assert all(re.search(r"555-01\d\d$", phone) for phone in phones)
