"""Whether the callers' policy makes sense with the features."""

from collections.abc import Iterator, Mapping

from ai_gateway.documents import pointer as point
from ai_gateway.policies.agree import Finding, unknown
from ai_gateway.policies.policy import CallerRule, FeatureKind, FeaturePolicy


def caller_findings(
    rule: CallerRule, features: Mapping[str, FeaturePolicy], names: frozenset[str]
) -> Iterator[Finding]:
    """``features`` are those without mistakes of their own, ``names`` all there are."""
    place = point("callers", rule.caller)
    if rule.default_feature is not None:
        yield from _target(rule, rule.default_feature, place + "/default_feature/feature", features, names)
    for alias, feature in rule.models.items():
        at = place + point("models", alias)
        if alias in names:
            yield at, "is the name of a feature; an alias is another name"
        yield from _target(rule, feature, at + "/feature", features, names)


def _target(
    rule: CallerRule, name: str, at: str, features: Mapping[str, FeaturePolicy], names: frozenset[str]
) -> Iterator[Finding]:
    if name not in names:
        yield at, unknown("feature", name, names)
    feature = features.get(name)
    if feature is None:
        return
    if feature.kind is not FeatureKind.EXCHANGE:
        yield at, f'"{name}" has a prompt of its own; only a feature of the kind exchange takes a client\'s messages'
    if rule.caller not in feature.callers:
        yield at, f'"{name}" does not list the caller "{rule.caller}" under callers'
