"""The catalogue: each feature is a prompt (by label) and a policy, bound and checked against each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from ai_gateway.model import FeatureName
from ai_gateway.policies.policy import FeaturePolicy, Policies
from ai_gateway.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """``prompts`` maps a label (``production``, ``candidate``) to the prompt it points at."""

    name: FeatureName
    policy: FeaturePolicy
    prompts: Mapping[str, Prompt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that is in force, validated as a whole."""

    features: Mapping[FeatureName, Feature]
    policies: Policies
