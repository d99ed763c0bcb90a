"""The catalogue binds prompts and policies; a call is held against both before anything else happens."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ai_gateway.adapters.catalogue_files import load_catalogue
from ai_gateway.api.schemas import ID_PATTERN
from ai_gateway.errors import (
    ActorMissing,
    CallerNotAllowed,
    ConfigurationError,
    FeatureUnknown,
    GatewayError,
    InputUnknown,
    RequestInvalid,
    RequestTooLarge,
)
from ai_gateway.exchanges import Attribution, call_of, read
from ai_gateway.features import Catalogue, bind, feature_for, models_of, resolve
from ai_gateway.model import Call, Caller, CallerId, FeatureName, Item, ParameterValue, Right, SubjectId, Visibility
from ai_gateway.policies.policy import CallerRule, RuleRef, Unattributed
from ai_gateway.prompts.prompt import Prompt, PromptVersions
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.shape import Json

ROOT = Path(__file__).parents[2]
CALLER = Caller(id=CallerId("demo"), rights=frozenset({Right.FEATURES}))
PRO, CLIENT = SubjectId("pro_1"), SubjectId("cli_1")
FEATURE, ASSISTANT = FeatureName("proposal_draft"), FeatureName("assistant")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "prompts", ROOT / "policies")


def item(path: str, source: str, text: str = "Some text.") -> Item:
    name = path.partition("[")[0]
    return Item(path=path, input=name, text=text, source=source, visibility=Visibility.PRIVATE, about=(CLIENT,))


JOB_POST = item("job_post", "job_post.description")
PROFILE = item("profile", "profile.overview")


def call(*items: Item, parameters: Mapping[str, ParameterValue] | None = None) -> Call:
    return Call(feature=FEATURE, actor=PRO, items=items or (JOB_POST, PROFILE), parameters=parameters or {})


def test_a_call_of_the_right_shape_finds_its_feature(catalogue: Catalogue) -> None:
    message = item("messages[0]", "message.content")

    feature = resolve(catalogue, CALLER, call(JOB_POST, PROFILE, message, parameters={"tone": "warm", "words": 60}))

    assert feature.name == "proposal_draft"
    assert {label: prompt.version for label, prompt in feature.prompts.items()} == {"production": 1, "candidate": 2}


def test_a_label_chooses_the_prompt_whose_parameters_count(catalogue: Catalogue) -> None:
    candidate = replace(call(parameters={"questions": False}), prompt_label="candidate")

    assert resolve(catalogue, CALLER, candidate).prompts["candidate"].version == 2
    with pytest.raises(InputUnknown):
        resolve(catalogue, CALLER, replace(candidate, prompt_label="production"))


@pytest.mark.parametrize(
    ("caller", "error"),
    [
        (Caller(id=CallerId("demo"), rights=frozenset({Right.AUDIT})), CallerNotAllowed),
        (Caller(id=CallerId("stranger"), rights=frozenset({Right.FEATURES})), CallerNotAllowed),
    ],
)
def test_a_caller_needs_the_right_and_a_place_in_the_policy(
    catalogue: Catalogue, caller: Caller, error: type[GatewayError]
) -> None:
    with pytest.raises(error):
        resolve(catalogue, caller, call())


def test_an_unknown_feature_is_refused_with_the_nearest_name(catalogue: Catalogue) -> None:
    with pytest.raises(FeatureUnknown, match=r'did you mean "proposal_draft"'):
        resolve(catalogue, CALLER, replace(call(), feature=FeatureName("proposal_drafts")))


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (call(JOB_POST), RequestInvalid, "The input profile is missing."),
        (call(JOB_POST, PROFILE, PROFILE), RequestInvalid, "The input profile is one item, not a list."),
        (
            call(JOB_POST, PROFILE, item("message[0]", "x")),
            InputUnknown,
            'Item 3 is no input of this feature (did you mean "messages"?).',
        ),
        (
            call(JOB_POST, item("profile", "profile.overviw")),
            InputUnknown,
            'profile may not come from this source (did you mean "profile.overview"?).',
        ),
        (call(JOB_POST, item("profile", "message.content")), InputUnknown, "profile may not come from this source."),
        (
            call(JOB_POST, item("profile", "profile.overview", "x" * 20_001)),
            RequestTooLarge,
            "profile may have 20000 characters.",
        ),
        (
            call(JOB_POST, item("profile", "profile.overview", " \n")),
            RequestInvalid,
            "An item without text says nothing; leave it out.",
        ),
        (
            call(JOB_POST, replace(PROFILE, about=())),
            RequestInvalid,
            "An item names everybody it is about, under about.",
        ),
        (
            call(JOB_POST, PROFILE, *[item(f"messages[{n}]", "message.content") for n in range(51)]),
            RequestTooLarge,
            "messages may have 50 items.",
        ),
        (call(parameters={"tone": "loud"}), RequestInvalid, "The parameter tone must be one of plain, warm, formal."),
        (call(parameters={"words": 401}), RequestInvalid, "The parameter words must be a whole number from 60 to 400."),
        (
            call(parameters={"words": 100.5}),
            RequestInvalid,
            "The parameter words must be a whole number from 60 to 400.",
        ),
        (
            call(parameters={"words": True}),
            RequestInvalid,
            "The parameter words must be a whole number from 60 to 400.",
        ),
        (call(parameters={"tome": "warm"}), InputUnknown, 'Parameter 1 is not declared (did you mean "tone"?).'),
        (replace(call(), prompt_label="canary"), RequestInvalid, "No prompt has this label."),
    ],
)
def test_a_call_that_policy_and_prompt_do_not_list_is_refused(
    catalogue: Catalogue, given: Call, error: type[GatewayError], said: str
) -> None:
    with pytest.raises(error) as caught:
        resolve(catalogue, CALLER, given)

    assert caught.value.detail == said


def test_what_a_caller_wrote_is_never_quoted(catalogue: Catalogue) -> None:
    name = "dana@okafor.example"
    for given in (
        replace(call(), feature=FeatureName(name)),
        replace(call(), prompt_label=name),
        call(JOB_POST, PROFILE, item(name, name)),
        call(JOB_POST, item("profile", name)),
        call(parameters={name: name}),
        call(parameters={"tone": name}),
    ):
        with pytest.raises(GatewayError) as caught:
            resolve(catalogue, CALLER, given)
        assert name not in f"{caught.value} {caught.value.facts}"


def changed(catalogue: Catalogue, name: str, **changes: object) -> dict[str, PromptVersions]:
    """The shipped prompts, with one field of one feature's production prompt changed."""
    versions: dict[str, PromptVersions] = {}
    for feature in catalogue.features.values():
        if not feature.prompts:
            continue
        prompts: dict[int, Prompt] = {one.version: one for one in feature.prompts.values()}
        labels = {label: one.version for label, one in feature.prompts.items()}
        if feature.name == name:
            prompts[1] = replace(prompts[1], **changes)  # type: ignore[arg-type]
        versions[feature.name] = PromptVersions(name=feature.name, versions=prompts, labels=labels)
    return versions


def test_prompts_and_policies_that_agree_are_bound(catalogue: Catalogue) -> None:
    bound = bind(catalogue.policies, changed(catalogue, ""))

    assert bound == catalogue


def test_every_disagreement_between_prompt_and_policy_is_told_at_once(catalogue: Catalogue) -> None:
    inputs = dict(catalogue.features[FEATURE].prompts["production"].inputs)
    inputs["job_post"] = replace(inputs["job_post"], required=False)
    inputs["profile"] = replace(inputs["profile"], many=True)
    inputs["message"] = replace(inputs.pop("messages"), name="message")

    with pytest.raises(ConfigurationError) as caught:
        bind(catalogue.policies, changed(catalogue, "proposal_draft", inputs=inputs))

    file, at = "proposal_draft/v1.prompt", "#/input/schema"
    assert caught.value.problems == (
        f"{file}:10:5: {at}: job_post is optional here and required in features/proposal_draft.yaml",
        f"{file}:10:5: {at}: messages is missing; features/proposal_draft.yaml has a rule for it",
        f"{file}:11:5: {at}: profile holds many texts here and one in features/proposal_draft.yaml",
        (
            f"{file}:12:5: {at}: message is free text without a rule in features/proposal_draft.yaml"
            ' (did you mean "messages"?); free text is a treated input'
        ),
    )


def test_a_feature_needs_a_prompt_and_a_prompt_a_feature(catalogue: Catalogue) -> None:
    prompts = changed(catalogue, "")
    prompts["profile_sumary"] = prompts.pop("profile_summary")

    with pytest.raises(ConfigurationError) as caught:
        bind(catalogue.policies, prompts)

    assert caught.value.problems == (
        (
            "features/profile_summary.yaml: #/feature: no prompt has the name of this feature"
            ' (did you mean "profile_sumary"?)'
        ),
        (
            "profile_summary/v1.prompt: #/name: no feature's policy has the name of this prompt"
            ' (did you mean "profile_summary"?)'
        ),
    )


def test_a_feature_without_a_production_prompt_is_refused(catalogue: Catalogue) -> None:
    prompts = changed(catalogue, "")
    prompts["proposal_draft"] = replace(prompts["proposal_draft"], labels={"candidate": 2})

    with pytest.raises(ConfigurationError, match="has no production label"):
        bind(catalogue.policies, prompts)


def test_an_exchange_has_no_prompt(catalogue: Catalogue) -> None:
    prompts = changed(catalogue, "")
    prompts["assistant"] = replace(prompts["proposal_draft"], name="assistant")

    with pytest.raises(ConfigurationError, match="an exchange has no prompt"):
        bind(catalogue.policies, prompts)


def with_callers(catalogue: Catalogue, **rule: object) -> Catalogue:
    caller = CallerRule(
        caller=CALLER.id,
        **{"unattributed": Unattributed.REFUSE, "ref": RuleRef(rule="callers.yaml#/x", source="policy L1"), **rule},  # type: ignore[arg-type]
    )
    return replace(catalogue, policies=replace(catalogue.policies, callers={CALLER.id: caller}))


def test_a_model_is_a_feature_or_an_alias_or_what_the_callers_policy_says_of_others(catalogue: Catalogue) -> None:
    known = with_callers(catalogue, models={"gpt-x": ASSISTANT}, default_feature=ASSISTANT)
    assert feature_for(known, CALLER, "assistant") == ASSISTANT
    assert feature_for(known, CALLER, "gpt-x") == ASSISTANT
    assert feature_for(known, CALLER, "any-other") == ASSISTANT
    assert models_of(known, CALLER) == ("assistant", "gpt-x")
    with pytest.raises(FeatureUnknown) as refused:
        feature_for(with_callers(catalogue), CALLER, "Zephyrine")
    assert "Zephyrine" not in f"{refused.value} {refused.value.facts}"


def chat(*, actor: str | None = None, feature: FeatureName = ASSISTANT) -> Call:
    body: Json = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
    said = Attribution(actor=SubjectId(actor) if actor else None)
    return call_of(read(Protocol.CHAT, body), feature, CALLER.id, said)


def test_a_request_that_names_nobody_runs_only_where_the_callers_policy_allows_it(catalogue: Catalogue) -> None:
    with pytest.raises(ActorMissing):
        resolve(with_callers(catalogue), CALLER, chat())
    with pytest.raises(ActorMissing):
        resolve(replace(catalogue, policies=replace(catalogue.policies, callers={})), CALLER, chat())
    allowed = with_callers(catalogue, unattributed=Unattributed.ALLOW)
    assert resolve(allowed, CALLER, chat()).name == ASSISTANT
    assert resolve(with_callers(catalogue), CALLER, chat(actor="pro_17")).name == ASSISTANT


def test_nobody_is_written_as_no_person_can_be() -> None:
    given = chat()
    assert given.unattributed
    assert given.actor == f"unattributed@{CALLER.id}"
    assert not re.fullmatch(ID_PATTERN, given.actor)


def test_a_feature_with_a_prompt_takes_no_exchange_and_an_exchange_is_not_run_as_a_prompt(catalogue: Catalogue) -> None:
    with pytest.raises(RequestInvalid, match="prompt of its own"):
        resolve(catalogue, CALLER, chat(actor="pro_17", feature=FeatureName("proposal_draft")))
    with pytest.raises(RequestInvalid, match="no prompt"):
        resolve(catalogue, CALLER, replace(call(), feature=ASSISTANT))
