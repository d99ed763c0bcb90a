"""The languages of a call's texts, for the rule that asks."""

from collections.abc import Mapping

from ai_gateway.model import Call, Consents, Decision, Subject, SubjectId
from ai_gateway.policies.decide import Decide, decide
from ai_gateway.policies.policy import FeaturePolicy, Policies, VendorChoice
from ai_gateway.policies.vocabulary import TOOL_INPUT
from ai_gateway.ports import Languages


def knowing(languages: Languages) -> Decide:
    """``decide``, told the languages of the texts where a rule asks for them."""

    def deciding(
        policies: Policies,
        feature: FeaturePolicy,
        choice: VendorChoice,
        call: Call,
        subjects: Mapping[SubjectId, Subject],
        consents: Consents,
    ) -> Decision:
        return decide(policies, feature, choice, call, subjects, consents, spoken(languages, feature, call))

    return deciding


def spoken(languages: Languages, policy: FeaturePolicy, call: Call) -> Mapping[str, str]:
    """Of what people wrote, by the item's path; empty where no rule asks. Definitions and results of tools are no
    language."""
    rule = policy.languages
    if rule is None or rule.names is None or (rule.unattributed and not call.unattributed):
        return {}
    told = ((item.path, languages.of(item.text)) for item in call.items if item.input != TOOL_INPUT)
    return {path: language for path, language in told if language is not None}
