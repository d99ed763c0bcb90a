"""The languages of a call's texts, for the rule that asks."""

from collections.abc import Mapping

from ai_gateway.model import Call
from ai_gateway.policies.policy import FeaturePolicy
from ai_gateway.policies.vocabulary import TOOL_INPUT
from ai_gateway.ports import Languages


def spoken(languages: Languages, policy: FeaturePolicy, call: Call) -> Mapping[str, str]:
    """Of what people wrote, by the item's path; empty where no rule asks. Definitions and results of tools are no
    language."""
    rule = policy.languages
    if rule is None or rule.names is None or (rule.unattributed and not call.unattributed):
        return {}
    told = ((item.path, languages.of(item.text)) for item in call.items if item.input != TOOL_INPUT)
    return {path: language for path, language in told if language is not None}
