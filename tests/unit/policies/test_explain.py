from dataclasses import replace

from ai_gateway.model import FeatureName
from ai_gateway.policies.explain import Explanation, explain
from ai_gateway.policies.policy import RuleRef, UninspectedRule
from ai_gateway.policies.vocabulary import ENTITY_TYPES, StandingRule
from ai_gateway.protocols.shape import Uninspected
from builders_policies import PROPOSAL, SUMMARY, shipped


def said(explanation: Explanation) -> dict[str, tuple[str, str, str]]:
    return {clause.topic: (clause.says, clause.rule, clause.source) for clause in explanation.clauses}


def test_a_message_is_explained_by_the_rules_that_decide_about_it() -> None:
    explanation = explain(shipped(), shipped().features[PROPOSAL], "message.content")
    clauses = said(explanation)
    assert explanation.inputs == ("messages",)
    assert clauses["consent"] == ("author", "features/proposal_draft.yaml#/inputs/messages/consent", "policy L49")
    assert clauses["category"][0] == "Platform Communications: purpose provide stated"
    assert clauses["entity SECRET"][0] == "redact"
    assert clauses["vendor standin"][0] == "standin-1: on this machine, no transfer"
    assert clauses["vendor mistral"][0] == "mistral-small-latest: in FR; EEA no transfer, UK adequacy, CH adequacy"
    assert clauses["vendor self_hosted"][0].endswith("EEA not shared, UK not shared, CH not shared")


def test_every_entity_type_and_every_standing_rule_is_explained() -> None:
    explanation = explain(shipped(), shipped().features[SUMMARY], "profile.overview")
    topics = [clause.topic for clause in explanation.clauses]
    assert [topic for topic in topics if topic.startswith("entity ")] == [f"entity {kind}" for kind in ENTITY_TYPES]
    assert topics.count("always") == len(StandingRule)


def test_a_source_that_no_input_takes_is_explained_as_never_shared() -> None:
    for source in ("message.content", "account.suspension", "no.such_source"):
        explanation = explain(shipped(), shipped().features[SUMMARY], source)
        assert explanation.inputs == ()
        assert explanation.clauses[-1].says == "no input of this feature takes it: never shared"
        assert explanation.clauses[-1].rule == "taxonomy.yaml#/rules/listed_only"


def test_what_passes_uninspected_is_said() -> None:
    assistant = shipped().features[FeatureName("assistant")]
    rule = UninspectedRule(
        shapes=frozenset({Uninspected.IMAGES, Uninspected.AUDIO}),
        ref=RuleRef(rule="f.yaml#/uninspected", source="policy L1"),
    )
    clauses = said(explain(shipped(), replace(assistant, uninspected=rule), "chat.user"))
    assert clauses["uninspected"] == ("passes as it is: audio, images", "f.yaml#/uninspected", "policy L1")
    assert "uninspected" not in said(explain(shipped(), assistant, "chat.user"))


def test_every_clause_names_its_source() -> None:
    for feature in shipped().features.values():
        for source in shipped().taxonomy.sources:
            assert all(clause.source and clause.rule for clause in explain(shipped(), feature, source).clauses)
