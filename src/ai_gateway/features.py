"""The catalogue: each feature is a prompt (by label) and a policy, bound and checked against each other."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ai_gateway.documents import Position, did_you_mean
from ai_gateway.errors import (
    ActorMissing,
    CallerNotAllowed,
    ConfigurationError,
    FeatureUnknown,
    InputUnknown,
    RequestInvalid,
    RequestTooLarge,
)
from ai_gateway.model import Call, Caller, FeatureName, Item, Right
from ai_gateway.policies.policy import FeatureKind, FeaturePolicy, InputRule, Policies, Unattributed
from ai_gateway.prompts.prompt import DeclaredInput, Prompt, PromptVersions
from ai_gateway.protocols.shape import Uninspected

PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """``prompts`` maps a label (``production``, ``candidate``) to the prompt it points at, ``versions`` holds every
    version, labelled or not; an exchange has none."""

    name: FeatureName
    policy: FeaturePolicy
    prompts: Mapping[str, Prompt]
    versions: Mapping[int, Prompt] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that is in force, validated as a whole."""

    features: Mapping[FeatureName, Feature]
    policies: Policies


def bind(policies: Policies, prompts: Mapping[str, PromptVersions]) -> Catalogue:
    """Each policy with its prompt. Raises ``ConfigurationError`` with everything that does not fit together."""
    problems = sorted(_mismatches(policies, prompts))
    if problems:
        raise ConfigurationError(*problems)
    features = {name: _feature(policy, prompts.get(name)) for name, policy in policies.features.items()}
    return Catalogue(features=features, policies=policies)


def _feature(policy: FeaturePolicy, prompt: PromptVersions | None) -> Feature:
    labelled = prompt.labelled() if prompt is not None else {}
    return Feature(
        name=policy.name, policy=policy, prompts=labelled, versions=prompt.versions if prompt is not None else {}
    )


def _is_exchange(policy: FeaturePolicy) -> bool:
    return policy.kind is FeatureKind.EXCHANGE


def _mismatches(policies: Policies, prompts: Mapping[str, PromptVersions]) -> Iterator[str]:
    for feature, policy in policies.features.items():
        name = str(feature)
        if _is_exchange(policy):
            if name in prompts:
                yield f"{policy.file}: #/kind: an exchange has no prompt, but there is one of its name"
            continue
        if name not in prompts:
            near = did_you_mean(name, prompts.keys() - policies.features.keys())
            yield f"{policy.file}: #/feature: no prompt has the name of this feature{near}"
            continue
        labelled = prompts[name].labelled()
        if PRODUCTION not in labelled:
            yield f"{policy.file}: #/feature: the prompt of this feature has no {PRODUCTION} label"
        for prompt in {prompt.version: prompt for prompt in labelled.values()}.values():
            yield from mismatches(policy, prompt)
    for name, versions in prompts.items():
        if name not in policies.features:
            near = did_you_mean(name, {str(known) for known in policies.features.keys() - prompts.keys()})
            files = ", ".join(sorted(prompt.file for prompt in versions.versions.values()))
            yield f"{files}: #/name: no feature's policy has the name of this prompt{near}"


def mismatches(policy: FeaturePolicy, prompt: Prompt) -> Iterator[str]:
    """One line per input that prompt and policy do not mean alike, at its place in the prompt's file."""
    for name, declared in prompt.inputs.items():
        at = f"{prompt.file}:{declared.at.line}:{declared.at.column}: #/input/schema"
        rule = policy.inputs.get(name)
        if rule is None:
            near = did_you_mean(name, policy.inputs.keys() - prompt.inputs.keys())
            yield f"{at}: {name} is free text without a rule in {policy.file}{near}; free text is a treated input"
        else:
            yield from (f"{at}: {name} {what} in {policy.file}" for what in _disagreements(declared, rule))
    first = min((declared.at for declared in prompt.inputs.values()), default=Position(1, 1))
    at = f"{prompt.file}:{first.line}:{first.column}: #/input/schema"
    for name in policy.inputs.keys() - prompt.inputs.keys():
        yield f"{at}: {name} is missing; {policy.file} has a rule for it"
    for name in policy.inputs.keys() & prompt.parameters.keys():
        yield f"{at}: {name} is a parameter here and an input in {policy.file}"


def _disagreements(declared: DeclaredInput, rule: InputRule) -> Iterator[str]:
    if declared.many != rule.many:
        yield "holds many texts here and one" if declared.many else "holds one text here and many"
    if declared.required != rule.required:
        yield "is required here and optional" if declared.required else "is optional here and required"


def resolve(catalogue: Catalogue, caller: Caller, call: Call) -> Feature:
    """The feature a call asks for, once the caller may run it and the call has the shape its policy and prompt give it.

    Raises ``CallerNotAllowed``, ``FeatureUnknown``, ``InputUnknown``, ``RequestInvalid`` or ``RequestTooLarge``. What
    the caller wrote is never quoted: a message names positions, and names from the configuration.
    """
    if Right.FEATURES not in caller.rights:
        raise CallerNotAllowed("This API key may not run features; it needs the right features.", caller=caller.id)
    feature = catalogue.features.get(call.feature)
    if feature is None:
        raise FeatureUnknown(f"There is no such feature{did_you_mean(call.feature, catalogue.features)}.")
    if caller.id not in feature.policy.callers:
        raise CallerNotAllowed(
            f"This caller is not among those that {feature.policy.file} lists.", caller=caller.id, feature=feature.name
        )
    if call.exchange is None:
        _check_parameters(_prompt(feature, call.prompt_label), call)
    else:
        _check_exchange(catalogue, feature, caller, call)
    _check_items(feature.policy, call)
    return feature


def _prompt(feature: Feature, label: str) -> Prompt:
    if _is_exchange(feature.policy):
        raise RequestInvalid("This feature has no prompt: name it as the model of a chat completion, or the like.")
    prompt = feature.prompts.get(label)
    if prompt is None:
        raise RequestInvalid("No prompt has this label.", labels=sorted(feature.prompts))
    return prompt


def _check_exchange(catalogue: Catalogue, feature: Feature, caller: Caller, call: Call) -> None:
    if not _is_exchange(feature.policy):
        raise RequestInvalid(
            "This feature has a prompt of its own; run it at /v1/features/{feature}/runs.", feature=feature.name
        )
    rule = catalogue.policies.callers.get(caller.id)
    if call.unattributed and (rule is None or rule.unattributed is not Unattributed.ALLOW):
        raise ActorMissing(
            "Say whose request this is: send the header X-AI-Gateway-Actor, or metadata with an actor.",
            rule=rule.ref.rule if rule else "callers.yaml#/callers",
        )


def feature_for(catalogue: Catalogue, caller: Caller, model: str) -> FeatureName:
    """The feature that a caller's request for ``model`` runs as: of that name, by alias, or the caller's default.

    Raises ``FeatureUnknown``; the model's name is the client's, and not repeated.
    """
    if model in catalogue.features:
        return FeatureName(model)
    rule = catalogue.policies.callers.get(caller.id)
    if rule is not None and model in rule.models:
        return rule.models[model]
    if rule is None or rule.default_feature is None:
        raise FeatureUnknown(
            "The model is the name of no feature and no alias of this caller, and its policy names no default feature.",
            models=sorted(models_of(catalogue, caller)),
        )
    return rule.default_feature


def uninspected(catalogue: Catalogue, feature: FeatureName) -> frozenset[Uninspected]:
    """What may pass in this feature's exchanges though nobody can look into it."""
    known = catalogue.features.get(feature)
    rule = known.policy.uninspected if known is not None else None
    return rule.shapes if rule is not None else frozenset()


def models_of(catalogue: Catalogue, caller: Caller) -> tuple[str, ...]:
    """What the caller may name as ``model``: features that take exchanges, then aliases."""
    policies, rule = catalogue.policies.features, catalogue.policies.callers.get(caller.id)
    own = (str(name) for name, policy in policies.items() if _is_exchange(policy) and caller.id in policy.callers)
    return (*sorted(own), *(rule.models if rule else ()))


def _check_items(policy: FeaturePolicy, call: Call) -> None:
    for number, item in enumerate(call.items, start=1):
        rule = policy.inputs.get(item.input)
        if rule is None:
            near = did_you_mean(item.input, policy.inputs)
            raise InputUnknown(f"Item {number} is no input of this feature{near}.", inputs=sorted(policy.inputs))
        _check_item(rule, item)
    counts = Counter(item.input for item in call.items)
    for name, rule in policy.inputs.items():
        _check_count(rule, counts[name])


def _check_item(rule: InputRule, item: Item) -> None:
    """From here on ``item.path`` is safe to tell: its name is the policy's."""
    if item.source not in rule.sources:
        near = did_you_mean(item.source, rule.sources)
        raise InputUnknown(
            f"{rule.name} may not come from this source{near}.", item=item.path, sources=sorted(rule.sources)
        )
    if len(item.text) > rule.max_characters:
        raise RequestTooLarge(
            f"{rule.name} may have {rule.max_characters} characters.", item=item.path, characters=len(item.text)
        )
    if not item.text.strip():
        raise RequestInvalid("An item without text says nothing; leave it out.", item=item.path)
    if not item.about:
        raise RequestInvalid("An item names everybody it is about, under about.", item=item.path)


def _check_count(rule: InputRule, count: int) -> None:
    if rule.required and count == 0:
        raise RequestInvalid(f"The input {rule.name} is missing.", input=rule.name)
    if not rule.many and count > 1:
        raise RequestInvalid(f"The input {rule.name} is one item, not a list.", input=rule.name, given=count)
    if count > rule.max_items:
        raise RequestTooLarge(f"{rule.name} may have {rule.max_items} items.", input=rule.name, given=count)


def _check_parameters(prompt: Prompt, call: Call) -> None:
    for number, name in enumerate(call.parameters, start=1):
        if name not in prompt.parameters:
            near = did_you_mean(name, prompt.parameters)
            raise InputUnknown(f"Parameter {number} is not declared{near}.", parameters=sorted(prompt.parameters))
    for name, parameter in prompt.parameters.items():
        if name in call.parameters:
            wrong = parameter.wrong_with(call.parameters[name])
        else:
            wrong = "must be given" if parameter.default is None else ""
        if wrong:
            raise RequestInvalid(f"The parameter {name} {wrong}.", parameter=name)
