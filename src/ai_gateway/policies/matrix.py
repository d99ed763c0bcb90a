"""Every feature against every category of personal information and every vendor: what is shared, how, on which terms.

The cells are decisions of ``decide`` about somebody whose standing stops nothing, in each region; nothing is read off
the files twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ai_gateway.model import Action, ConsentState, Treatment, Visibility
from ai_gateway.policies.hypothesis import REGION_OF, Author, Outcome, Person, Supposed, outcome
from ai_gateway.policies.policy import Category, ConsentRule, FeaturePolicy, InputRule, Policies, VendorChoice

NEVER = "never shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """``regions`` are those whose people are shared (``EEA``, ``UK``, ``CH``, ``elsewhere``, ``unknown``),
    ``otherwise`` why others are not. ``entities`` groups entity types by action."""

    feature: str
    purpose: str
    category: str
    category_name: str
    input: str
    sources: tuple[str, ...]
    vendor: str
    legal_name: str
    country: str
    model: str
    retention_days: int
    treatment: str
    terms: tuple[str, ...]
    regions: tuple[str, ...]
    otherwise: tuple[str, ...]
    entities: tuple[str, ...]
    rests_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """``digests`` say which files it is of."""

    notice: str
    cells: tuple[Cell, ...]
    digests: tuple[tuple[str, str], ...]


def matrix(policies: Policies) -> Matrix:
    taxonomy = policies.taxonomy
    digests = [("policies", policies.digest), ("taxonomy", taxonomy.digest)]
    digests += [(f"policy of {name}", policies.features[name].digest) for name in sorted(policies.features)]
    return Matrix(notice=taxonomy.notice_version, cells=tuple(_cells(policies)), digests=tuple(digests))


def _cells(policies: Policies) -> Iterator[Cell]:
    for name in sorted(policies.features):
        feature = policies.features[name]
        for category in policies.taxonomy.categories.values():
            rules = [rule for rule in feature.inputs.values() if rule.category == category.code]
            for choice in feature.vendors:
                for rule in rules:
                    yield _cell(policies, feature, category, rule, choice)
                if not rules:
                    yield _never(policies, feature, category, choice)


def _cell(
    policies: Policies, feature: FeaturePolicy, category: Category, rule: InputRule, choice: VendorChoice
) -> Cell:
    found = {region: _decided(policies, feature, rule, choice, code) for region, code in _regions()}
    shared = {region: one for region, one in found.items() if one.action == Action.SHARED}
    kept = sorted(
        {f"{one.code}: {', '.join(_of(found, one.code))}" for one in found.values() if one.action != "shared"}
    )
    return _filled(
        policies,
        feature,
        category,
        choice,
        input=rule.name,
        sources=tuple(sorted(rule.sources)),
        treatment=rule.treatment.value if shared else NEVER,
        terms=tuple(_terms(feature, category, rule)) if shared else (),
        regions=tuple(shared),
        otherwise=tuple(kept),
        entities=tuple(_entities(rule)) if shared else (),
        rests_on=rule.ref.source,
    )


def _never(policies: Policies, feature: FeaturePolicy, category: Category, choice: VendorChoice) -> Cell:
    return _filled(
        policies,
        feature,
        category,
        choice,
        input="",
        sources=(),
        treatment=NEVER,
        terms=(),
        regions=(),
        otherwise=("no input of the feature takes it",),
        entities=(),
        rests_on=feature.ref.source,
    )


def _filled(
    policies: Policies, feature: FeaturePolicy, category: Category, choice: VendorChoice, **facts: object
) -> Cell:
    vendor = policies.vendors[choice.vendor]
    return Cell(
        feature=feature.name,
        purpose=feature.purpose.value,
        category=category.code,
        category_name=category.name,
        vendor=vendor.name,
        legal_name=vendor.legal_name,
        country=vendor.country,
        model=choice.model,
        retention_days=vendor.retention_days,
        **facts,  # type: ignore[arg-type]  # the rest of the fields
    )


def _regions() -> Iterator[tuple[str, str | None]]:
    for regime, code in REGION_OF.items():
        yield (regime.value if regime else "elsewhere"), code
    yield "unknown", None


def _decided(
    policies: Policies, feature: FeaturePolicy, rule: InputRule, choice: VendorChoice, region: str | None
) -> Outcome:
    """Of the rule's first source, about somebody who consented and whose profile is public."""
    one = Supposed(
        input=rule.name,
        source=min(rule.sources),
        visibility=Visibility.PUBLIC,
        author=Author.OTHER,
        consent=ConsentState.GIVEN,
        about=(Person(region=region),),
    )
    return outcome(policies, feature, choice, one)


def _of(found: dict[str, Outcome], code: str) -> list[str]:
    return [region for region, one in found.items() if one.code == code]


def _terms(feature: FeaturePolicy, category: Category, rule: InputRule) -> Iterator[str]:
    roles = ", ".join(sorted(feature.opt_in.roles))
    yield f"the actor opted in{f', and every {roles}' if roles else ''}"
    if rule.consent is ConsentRule.AUTHOR or category.consent_purposes:
        yield "its author consented to the purpose, unless that is the actor"
    if rule.treatment is Treatment.PUBLIC_ONLY:
        yield "public at the moment of sharing"
    if category.sensitive:
        yield "nobody concerned limited the use of sensitive information"


def _entities(rule: InputRule) -> Iterator[str]:
    for action in Treatment:
        kinds = [kind for kind, stated in rule.entities.items() if stated is action]
        if kinds:
            yield f"{action}: {', '.join(kinds)}"
