"""The decision space leaves nothing out: what differs for anybody supposed at random differs in it, too."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ai_gateway.model import AgeStatus, ConsentState, FeatureName, Permission, Role, Treatment, Visibility
from ai_gateway.policies.hypothesis import Author, Person, Supposed, decided, outcome, question
from ai_gateway.policies.policy import ConsentRule, Policies, VendorRole
from ai_gateway.policies.recorded import UNKNOWN, Candidate
from ai_gateway.policies.regions import Regime
from ai_gateway.policies.space import Side, worlds
from ai_gateway.sharelog.asked import asked_facts
from ai_gateway.sharelog.replay import recorded
from builders_policies import PROPOSAL, SUMMARY, choice_of, shipped, with_feature, with_vendor

FEATURES = st.sampled_from([PROPOSAL, SUMMARY, FeatureName("assistant")])


@st.composite
def candidates(draw: st.DrawFn) -> Policies:
    """The shipped policies with one thing changed, past the loader."""
    policies, name = shipped(), draw(FEATURES)
    feature = policies.features[name]
    rule = feature.inputs[draw(st.sampled_from(sorted(feature.inputs)))]
    treatment = draw(st.sampled_from([Treatment.WITHHOLD, Treatment.PUBLIC_ONLY, Treatment.REDACT, rule.treatment]))
    changes: dict[str, Any] = {
        "treatment": treatment,
        "public_only": treatment is Treatment.PUBLIC_ONLY,
        "consent": draw(st.sampled_from(ConsentRule)),
    }
    deed = draw(st.sampled_from(["input", "roles", "transfers", "role", "drop"]))
    if deed == "input":
        return with_feature(policies, name, inputs={**feature.inputs, rule.name: replace(rule, **changes)})
    if deed == "roles":
        roles = draw(st.frozensets(st.sampled_from(Role), max_size=2))
        return with_feature(policies, name, opt_in=replace(feature.opt_in, roles=roles))
    if deed == "drop":
        return with_feature(policies, name, inputs={k: v for k, v in feature.inputs.items() if k != rule.name})
    if deed == "role":
        return with_vendor(policies, "openai", role=VendorRole.THIRD_PARTY)
    kept = draw(st.frozensets(st.sampled_from(Regime)))
    return with_vendor(policies, "openai", transfers={regime.value: "adequacy" for regime in kept})


PEOPLE = st.builds(
    Person,
    role=st.sampled_from(Role),
    region=st.sampled_from(["US-CA", "FR", "GB", "CH", None, "XX"]),
    age=st.sampled_from([AgeStatus.ADULT, AgeStatus.UNKNOWN]),
    profile=st.sampled_from(Visibility),
    registered=st.booleans(),
    opted_in=st.booleans(),
    opted_out=st.booleans(),
    restricted=st.booleans(),
    erased=st.booleans(),
    limits_sensitive=st.booleans(),
    opted_out_of_sale=st.booleans(),
)


@st.composite
def supposed(draw: st.DrawFn, name: FeatureName) -> Supposed:
    feature = shipped().features[name]
    rule = feature.inputs[draw(st.sampled_from(sorted(feature.inputs)))]
    return Supposed(
        input=rule.name,
        source=draw(st.sampled_from(sorted(rule.sources))),
        visibility=draw(st.sampled_from(Visibility)),
        author=draw(st.sampled_from(Author)),
        consent=draw(st.sampled_from([None, *ConsentState])),
        about=(draw(PEOPLE),),
    )


@settings(max_examples=150, deadline=None)
@given(candidates(), FEATURES, st.sampled_from(["openai", "standin"]), st.data())
def test_whatever_differs_for_somebody_differs_in_the_space(
    candidate: Policies, name: FeatureName, vendor: str, data: st.DataObject
) -> None:
    one = data.draw(supposed(name))

    def differs(somebody: Supposed) -> bool:
        was, now = (
            outcome(policies, policies.features[name], choice_of(policies.features[name], vendor), somebody)
            for policies in (shipped(), candidate)
        )
        return (was.action, was.treatment) != (now.action, now.treatment)

    sides = [Side(policies=policies, feature=policies.features[name]) for policies in (shipped(), candidate)]
    if differs(one):
        assert any(differs(other) for _, other in worlds(sides, vendor, one.input, one.source))


@settings(max_examples=60, deadline=None)
@given(candidates(), FEATURES, st.data())
def test_a_replay_tells_what_happens_or_that_it_cannot_be_told(
    candidate: Policies, name: FeatureName, data: st.DataObject
) -> None:
    """Against the decision itself, on calls whose people are known to the test and not to the leaf."""
    policies = shipped()
    texts = tuple(data.draw(st.lists(supposed(name), min_size=1, max_size=4)))
    vendor = data.draw(st.sampled_from(["openai", "standin"]))
    actor = data.draw(st.sampled_from([Person(role=Role.AGENCY), Person(role=Role.AGENCY, opted_in=False)]))
    then = decided(
        question(policies, policies.features[name], choice_of(policies.features[name], vendor), texts, actor)
    )
    feature = candidate.features[name]
    now = decided(question(candidate, feature, choice_of(feature, vendor), texts, actor))
    permitted = isinstance(then, Permission)
    leaf = {
        "feature": name,
        "vendor": vendor,
        "model": choice_of(feature, vendor).model if permitted else None,
        "policy": then.policy_digest,
        "decision": "permitted" if permitted else "denied",
        "reasons": [] if isinstance(then, Permission) else [{"code": one.code} for one in then.reasons],
        "asked": asked_facts(then),
        "segments": [],
    }
    effect = Candidate(candidate).effect(recorded(leaf), policies)
    assert effect.after in (UNKNOWN, "permitted" if isinstance(now, Permission) else "denied")
    if isinstance(now, Permission):
        told = {(one.text.input, one.after) for one in effect.texts}
        really = {(text.input, one.action.value) for text, one in zip(now.call.items, now.items, strict=True)}
        assert {pair for pair in told if pair[1] in ("shared", "withheld")} <= really
