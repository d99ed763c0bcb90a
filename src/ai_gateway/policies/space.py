"""Everything that can be asked of a policy: the decision space, over the policy's own words.

A rule looks at few things. Of each thing that a rule may look at, one value of every kind that it tells apart is
supposed, and all of them together; what no rule of either policy looks at is left at one value. ``tests/properties``
holds this against people supposed at random.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ai_gateway.model import ConsentState, Role, Treatment, Visibility
from ai_gateway.policies.hypothesis import REGION_OF, Author, Person, Supposed
from ai_gateway.policies.policy import ConsentRule, FeaturePolicy, InputRule, Policies, VendorRole
from ai_gateway.policies.vocabulary import LOCAL

World = Mapping[str, str]
"""What is supposed, in words: ``{"region": "EEA", "consent": "given"}``."""

_REGIONS: Mapping[str, str | None] = {
    **{(regime.value if regime else "none of these"): code for regime, code in REGION_OF.items()},
    "unknown": None,
}
_PROFILES: Mapping[str, Mapping[str, object]] = {
    "public": {},
    "private": {"profile": Visibility.PRIVATE},
    "not registered": {"registered": False},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the policies compared; ``feature`` None where it has no such feature."""

    policies: Policies
    feature: FeaturePolicy | None

    def rule(self, name: str) -> InputRule | None:
        return self.feature.inputs.get(name) if self.feature else None


def worlds(sides: Sequence[Side], vendor: str, name: str, source: str) -> Iterator[tuple[World, Supposed]]:
    """Of one input from one source, shared with one vendor."""
    dimensions = dict(_dimensions(sides, vendor, name))
    for values in product(*dimensions.values()):
        world = dict(zip(dimensions, values, strict=True))
        yield world, _supposed(world, name, source)


def _dimensions(sides: Sequence[Side], vendor: str, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    rules = [(side, rule) for side in sides if (rule := side.rule(name)) is not None]
    if any(rule.treatment is Treatment.PUBLIC_ONLY for _, rule in rules):
        yield "visibility", tuple(one.value for one in Visibility)
        yield "profile", tuple(_PROFILES)
    if any(_consent_matters(side, rule) for side, rule in rules):
        yield "author", tuple(one.value for one in Author)
        yield "consent", ("given", "missing")
    roles = frozenset[Role]().union(*(side.feature.opt_in.roles for side in sides if side.feature))
    if roles:
        others = sorted(set(Role) - roles)[:1]
        yield "role", (*sorted(role.value for role in roles), *(role.value for role in others))
        yield "opted in", ("yes", "no")
    profiles = [side.policies.vendors[key] for side in sides for key in side.policies.vendors if key == vendor]
    if any(profile.country != LOCAL for profile in profiles):
        yield "region", tuple(_REGIONS)
    if any(side.policies.taxonomy.categories[rule.category].sensitive for side, rule in rules):
        yield "limits sensitive", ("no", "yes")
    if any(profile.role is not VendorRole.SERVICE_PROVIDER for profile in profiles):
        yield "opted out of sale", ("no", "yes")


def _consent_matters(side: Side, rule: InputRule) -> bool:
    return rule.consent is ConsentRule.AUTHOR or bool(side.policies.taxonomy.categories[rule.category].consent_purposes)


def _supposed(world: World, name: str, source: str) -> Supposed:
    person = Person(
        role=Role(world.get("role", Role.CLIENT)),
        region=_REGIONS[world["region"]] if "region" in world else "US",
        opted_in=world.get("opted in") != "no",
        limits_sensitive=world.get("limits sensitive") == "yes",
        opted_out_of_sale=world.get("opted out of sale") == "yes",
    )
    person = replace(person, **_PROFILES[world.get("profile", "public")])  # type: ignore[arg-type]  # its own fields
    return Supposed(
        input=name,
        source=source,
        visibility=Visibility(world.get("visibility", Visibility.PUBLIC)),
        author=Author(world.get("author", Author.NOBODY)),
        consent=ConsentState.GIVEN if world.get("consent") == "given" else None,
        about=(person,),
    )


Cover = Mapping[str, tuple[str, ...]]
"""A set of worlds: of each dimension the values, left out where every value is in it."""


def covers(found: Sequence[World], every: Mapping[str, tuple[str, ...]]) -> tuple[Cover, ...]:
    """The worlds as few sets, by joining those that differ in one dimension alone. ``every`` are all values."""
    sets: list[dict[str, tuple[str, ...]]] = [{key: (value,) for key, value in world.items()} for world in found]
    for dimension in every:
        joined: dict[tuple[tuple[str, tuple[str, ...]], ...], dict[str, tuple[str, ...]]] = {}
        for one in sets:
            rest = tuple((key, values) for key, values in one.items() if key != dimension)
            before = joined.get(rest)
            if before is None:
                joined[rest] = dict(one)
            else:
                before[dimension] = (*before[dimension], *(v for v in one[dimension] if v not in before[dimension]))
        sets = list(joined.values())
    return tuple({key: values for key, values in one.items() if len(values) < len(every[key])} for one in sets)


def values_of(found: Sequence[World]) -> Mapping[str, tuple[str, ...]]:
    """Every value of every dimension among these worlds."""
    every: dict[str, dict[str, None]] = {}
    for world in found:
        for key, value in world.items():
            every.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in every.items()}
