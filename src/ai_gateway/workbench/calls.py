"""A case as the call that a service would make."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ai_gateway.documents import did_you_mean
from ai_gateway.errors import NotFound
from ai_gateway.model import Call, FeatureName, Item, SubjectId, Visibility
from ai_gateway.policies.policy import FeaturePolicy, InputRule, Policies, VendorChoice
from ai_gateway.prompts.cases import Case
from ai_gateway.prompts.people import Placed
from ai_gateway.prompts.prompt import Prompt, PromptVersions


def call_of(case: Case, policy: FeaturePolicy, version: int) -> Call:
    """What a case does not say follows from the policy: an input's first source, and public where it has to be."""
    return Call(
        feature=FeatureName(policy.name),
        actor=SubjectId(case.actor),
        items=tuple(_items(case, policy)),
        parameters=MappingProxyType(dict(case.parameters)),
        prompt_label=f"v{version}",
        gpc=case.gpc,
    )


def _items(case: Case, policy: FeaturePolicy) -> Iterator[Item]:
    for name, several in case.texts.items():
        rule = policy.inputs.get(name)
        for index, placed in enumerate(several):
            many = rule.many if rule is not None else len(several) > 1
            yield _item(f"{name}[{index}]" if many else name, name, placed, rule, SubjectId(case.actor))


def _item(path: str, name: str, placed: Placed, rule: InputRule | None, actor: SubjectId) -> Item:
    public = rule is not None and rule.public_only
    return Item(
        path=path,
        input=name,
        text=placed.text,
        source=placed.source or (min(rule.sources) if rule is not None and rule.sources else ""),
        visibility=placed.visibility or (Visibility.PUBLIC if public else Visibility.PRIVATE),
        about=tuple(map(SubjectId, placed.about)) or (actor,),
        author=SubjectId(placed.author) if placed.author is not None else None,
    )


def version_of(versions: PromptVersions, asked: str) -> int:
    """``v2``, ``2``, a label, or ``newest``. Raises ``NotFound``."""
    number = asked.removeprefix("v")
    if asked == "newest":
        return max(versions.versions)
    if number.isdigit() and int(number) in versions.versions:
        return int(number)
    if asked in versions.labels and versions.labels[asked] in versions.versions:
        return versions.labels[asked]
    known = [*(f"v{one}" for one in sorted(versions.versions)), *versions.labels]
    raise NotFound(
        f"{versions.name} has no such version or label{did_you_mean(asked, known)}; there are: {', '.join(known)}"
    )


def case_of(prompt: Prompt, asked: str) -> Case:
    """By name, or by number among all cases (from 1). Raises ``NotFound``."""
    named: Mapping[str, Case] = {case.name: case for case in prompt.cases}
    if asked in named:
        return named[asked]
    if asked.isdigit() and 1 <= int(asked) <= len(prompt.cases):
        return prompt.cases[int(asked) - 1]
    raise NotFound(
        f"{prompt.file} has no such example or test{did_you_mean(asked, named)}; there are: {', '.join(named)}"
    )


def choice_of(policies: Policies, policy: FeaturePolicy, asked: str) -> VendorChoice:
    """``vendor/model`` or ``model``: any model, in ``vendors.yaml``, of a vendor that the feature's policy may use.

    Raises ``NotFound``.
    """
    vendors = dict.fromkeys(choice.vendor for choice in policy.vendors)
    known = {
        f"{vendor}/{model}": VendorChoice(vendor=vendor, model=model, ref=policies.vendors[vendor].ref)
        for vendor in vendors
        for model in policies.vendors[vendor].models
    } | {f"{choice.vendor}/{choice.model}": choice for choice in policy.vendors}
    found = known.get(asked) or next((one for one in known.values() if one.model == asked), None)
    if found is None:
        near = did_you_mean(asked, known)
        raise NotFound(f"No vendor of {policy.file} has this model{near}: {', '.join(known)}")
    return found
