"""Recorded shares, decided again under other policies: what would have been, and what cannot be told."""

from dataclasses import replace

import pytest

from ai_gateway.model import Call, Choices, Decision, Permission, Subject, Treatment
from ai_gateway.policies.policy import ConsentRule, Policies
from ai_gateway.policies.recorded import UNKNOWN, Candidate, Effect
from ai_gateway.policies.supposing import RecordedCall
from ai_gateway.sharelog.asked import asked_facts
from ai_gateway.sharelog.replay import recorded
from builders_policies import (
    CLIENT,
    PRO,
    PROPOSAL,
    consent,
    decided,
    message,
    proposal_call,
    shipped,
    subject,
    summary_call,
    with_feature,
    with_vendor,
)


def leaf_of(decision: Decision) -> dict[str, object]:
    permitted = isinstance(decision, Permission)
    reasons = () if isinstance(decision, Permission) else decision.reasons
    return {
        "feature": decision.feature,
        "vendor": decision.vendor,
        "model": decision.model if isinstance(decision, Permission) else None,
        "policy": decision.policy_digest,
        "decision": "permitted" if permitted else "denied",
        "reasons": [{"code": one.code} for one in reasons],
        "asked": asked_facts(decision),
        "segments": [],
    }


def put(
    call: Call, candidate: Policies, *people: Subject, events: tuple[object, ...] = (), vendor: str = "standin"
) -> Effect:
    decision = decided(call, *people, events=events, vendor=vendor)  # type: ignore[arg-type]
    return Candidate(candidate).effect(recorded(leaf_of(decision)), shipped())


def ends(effect: Effect) -> dict[tuple[str, str | None], str]:
    return {(one.text.input, one.text.author): one.after for one in effect.texts}


def with_input(name: str, **facts: object) -> Policies:
    feature = shipped().features[PROPOSAL]
    rule = replace(feature.inputs[name], **facts)  # type: ignore[arg-type]
    return with_feature(shipped(), PROPOSAL, inputs={**feature.inputs, name: rule})


@pytest.mark.parametrize("events", [(), (consent(),)], ids=["withheld", "shared"])
def test_under_the_same_policies_everything_ends_as_it_did(events: tuple[object, ...]) -> None:
    effect = put(proposal_call(message(), message(PRO, 1)), shipped(), events=events)
    assert (effect.before, effect.after) == ("permitted", "permitted")
    assert [(one.before, one.text.count) for one in effect.texts] == [(one.after, 1) for one in effect.texts]


def test_a_lost_mechanism_withholds_what_concerns_the_people_it_covered() -> None:
    candidate = with_vendor(shipped(), "openai", transfers={"EEA": "standard_contractual_clauses"})
    of_uk = put(proposal_call(), candidate, subject(CLIENT, region="GB"), vendor="openai")
    assert (of_uk.after, of_uk.code) == ("denied", "required-input-withheld")
    of_eea = put(proposal_call(), candidate, subject(CLIENT, region="DE"), vendor="openai")
    assert of_eea.after == "permitted"


def test_a_message_that_was_withheld_would_be_shared_where_no_consent_is_asked_for_it() -> None:
    taxonomy = shipped().taxonomy
    free = {
        code: replace(one, consent_purposes=frozenset(), sensitive=False) for code, one in taxonomy.categories.items()
    }
    candidate = with_input("messages", consent=ConsentRule.NONE)
    candidate = replace(candidate, taxonomy=replace(taxonomy, categories=free))
    effect = put(proposal_call(message()), candidate)
    assert ends(effect)["messages", "other"] == "shared"


def test_consent_nobody_asked_for_then_cannot_be_told_now() -> None:
    call = proposal_call()
    call = replace(call, items=tuple(replace(one, author=CLIENT) for one in call.items))
    effect = put(call, with_input("job_post", consent=ConsentRule.AUTHOR))
    assert ends(effect)["job_post", "other"] == UNKNOWN
    assert effect.after == UNKNOWN


def test_the_actors_own_text_needs_nobodys_consent_and_is_told() -> None:
    call = proposal_call()
    call = replace(call, items=tuple(replace(one, author=PRO) for one in call.items))
    assert put(call, with_input("job_post", consent=ConsentRule.AUTHOR)).after == "permitted"


def test_whoever_has_not_opted_in_is_on_record_so_that_it_can_be_asked_for_later() -> None:
    feature = shipped().features[PROPOSAL]
    roles = frozenset({subject(CLIENT).role})
    candidate = with_feature(shipped(), PROPOSAL, opt_in=replace(feature.opt_in, roles=roles))
    assert put(proposal_call(), candidate).after == "permitted"
    assert put(proposal_call(), candidate, subject(CLIENT, choices=Choices())).after == "denied"


def test_what_no_policy_lets_pass_stays_denied() -> None:
    out = subject(PRO, choices=Choices())
    effect = put(proposal_call(), shipped(), out)
    assert (effect.before, effect.after, effect.code) == ("denied", "denied", "actor-not-opted-in")


def test_a_feature_vendor_or_input_that_is_gone_denies() -> None:
    gone = replace(shipped(), features={})
    assert put(summary_call(), gone).code == "feature-unknown"
    feature = shipped().features[PROPOSAL]
    no_vendor = with_feature(shipped(), PROPOSAL, vendors=feature.vendors[:1])
    assert put(proposal_call(), no_vendor).code == "vendor-not-listed"
    no_input = with_feature(shipped(), PROPOSAL, inputs={"job_post": feature.inputs["job_post"]})
    assert put(proposal_call(), no_input).code == "input-unknown"


def test_a_leaf_of_before_texts_were_listed_is_told_where_nothing_else_matters() -> None:
    old = {
        "feature": "proposal_draft",
        "vendor": "standin",
        "model": "standin-1",
        "policy": "ab",
        "decision": "permitted",
        "segments": [
            {"kind": "body"},
            {"kind": "item", "input": "job_post", "source": "job_post.title", "visibility": "public"},
            {"kind": "item", "input": "profile", "source": "profile.title", "visibility": "public"},
        ],
        "withheld": [{"input": "messages", "code": "message-consent-missing"}],
    }
    call: RecordedCall = recorded(old)
    assert Candidate(shipped()).effect(call, shipped()).after == "permitted"
    withholding = with_input("profile", treatment=Treatment.WITHHOLD, required=False)
    effect = Candidate(withholding).effect(call, None)
    assert {one.text.input: one.after for one in effect.texts}["profile"] == "withheld"
    asking = with_input("job_post", consent=ConsentRule.AUTHOR)
    assert Candidate(asking).effect(call, None).after == UNKNOWN
