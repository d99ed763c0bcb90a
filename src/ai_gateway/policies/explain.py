"""Which rules decide about one source in one feature, told from the same values that decide."""

from collections.abc import Iterator
from dataclasses import dataclass

from ai_gateway.model import EntityType
from ai_gateway.policies.policy import FeaturePolicy, InputRule, Policies, RuleRef, VendorProfile
from ai_gateway.policies.regions import Regime, regime_of
from ai_gateway.policies.vocabulary import LOCAL, StandingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing a rule says. ``topic`` groups clauses (``category``, ``consent``, ``entity PERSON`` …)."""

    topic: str
    says: str
    rule: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """``inputs`` are the feature's inputs that take the source; none means that nothing from it is ever shared."""

    feature: str
    source: str
    inputs: tuple[str, ...]
    clauses: tuple[Clause, ...]


def explain(policies: Policies, feature: FeaturePolicy, source: str) -> Explanation:
    """What holds for text from ``source`` (``profile.overview``) in ``feature``. An unknown source is explained too."""
    rules = tuple(rule for rule in feature.inputs.values() if source in rule.sources)
    return Explanation(
        feature=feature.name,
        source=source,
        inputs=tuple(rule.name for rule in rules),
        clauses=tuple(_clauses(policies, feature, source, rules)),
    )


def _clauses(policies: Policies, feature: FeaturePolicy, source: str, rules: tuple[InputRule, ...]) -> Iterator[Clause]:
    standing = policies.taxonomy.rules
    known = policies.taxonomy.sources.get(source)
    if known is not None:
        yield _clause("source", f"belongs to {known.category}; public by: {known.visibility}", known.ref)
    if not rules:
        yield _clause("input", "no input of this feature takes it: never shared", standing[StandingRule.LISTED_ONLY])
        return
    yield _clause("purpose", feature.purpose, feature.ref)
    roles = ", ".join(sorted(feature.opt_in.roles))
    yield _clause("opt-in", f"the actor{f' and every {roles}' if roles else ''}", feature.opt_in.ref)
    if feature.uninspected is not None:
        shapes = ", ".join(sorted(feature.uninspected.shapes))
        yield _clause("uninspected", f"passes as it is: {shapes}", feature.uninspected.ref)
    if feature.languages is not None and feature.languages.names is not None:
        whose = " of requests that name no actor" if feature.languages.unattributed else ""
        names = ", ".join(sorted(feature.languages.names))
        yield _clause("languages", f"texts{whose} in: {names}", feature.languages.ref)
    for rule in rules:
        yield from _input(policies, feature, rule)
    for choice in feature.vendors:
        vendor = policies.vendors[choice.vendor]
        yield _clause(f"vendor {vendor.name}", f"{choice.model}: {_transfers(vendor)}", vendor.ref)
    for name, ref in standing.items():
        yield _clause("always", name.replace("_", " "), ref)


def _input(policies: Policies, feature: FeaturePolicy, rule: InputRule) -> Iterator[Clause]:
    category = policies.taxonomy.categories[rule.category]
    stated = "stated" if feature.purpose in category.purposes else "stated with consent"
    yield _clause(f"input {rule.name}", f"treatment: {rule.treatment}", rule.ref)
    yield _clause("category", f"{category.name}: purpose {feature.purpose} {stated}", category.ref)
    yield _clause("consent", rule.consent, RuleRef(rule=f"{rule.ref.rule}/consent", source=rule.ref.source))
    for kind, action in rule.entities.items():
        to = f", to its {rule.coarser[kind].to}" if kind in rule.coarser else ""
        yield _clause(f"entity {kind}", f"{action}{to}", _entity_ref(rule, kind))


def _entity_ref(rule: InputRule, kind: EntityType) -> RuleRef:
    implied = RuleRef(rule=f"{rule.ref.rule}/treatment", source=rule.ref.source)
    return rule.entity_refs.get(kind, implied)


def _transfers(vendor: VendorProfile) -> str:
    if vendor.country == LOCAL:
        return "on this machine, no transfer"
    covered = (f"{regime} {_mechanism(vendor, regime)}" for regime in Regime)
    return f"in {vendor.country}; " + ", ".join(covered)


def _mechanism(vendor: VendorProfile, regime: Regime) -> str:
    return "no transfer" if regime_of(vendor.country) is regime else vendor.transfers.get(regime, "not shared")


def _clause(topic: str, says: str, ref: RuleRef) -> Clause:
    return Clause(topic=topic, says=str(says), rule=ref.rule, source=ref.source)
