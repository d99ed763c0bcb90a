"""Which decisions change between two policies: not which lines, but which texts of whom, shared with whom and how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ai_gateway.model import Action, FeatureName, Treatment
from ai_gateway.policies.hypothesis import REFUSED, Outcome, outcome
from ai_gateway.policies.policy import FeaturePolicy, Policies, RuleRef, VendorChoice
from ai_gateway.policies.space import Cover, Side, World, covers, values_of, worlds

FEATURE_ABSENT = Outcome(
    action=REFUSED, treatment=Treatment.WITHHOLD, code="feature-unknown", rule="features/", source="policy L86"
)
_NOWHERE = RuleRef(rule="", source="")
MORE, LESS, OTHERWISE = "newly shared", "no longer shared", "shared otherwise"
OTHER_REASON = "same fate, another reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``when`` says for which people and texts; empty: for all. ``entities`` lists actions that differ."""

    kind: str
    feature: str
    vendor: str
    model: str
    input: str
    source: str
    category: str
    before: Outcome
    after: Outcome
    when: tuple[Cover, ...]
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``asked`` counts the decisions that were made on each side; ``besides`` says what differs and decides nothing."""

    changes: tuple[Change, ...]
    asked: int
    besides: tuple[str, ...]


def compare(old: Policies, new: Policies) -> Comparison:
    changes: list[Change] = []
    asked = 0
    for name in sorted(old.features.keys() | new.features.keys()):
        sides = (Side(policies=old, feature=old.features.get(name)), Side(policies=new, feature=new.features.get(name)))
        for vendor, model in _choices(sides):
            for input_, source in _texts(sides):
                found = [
                    (world, _outcome(sides[0], vendor, model, one), _outcome(sides[1], vendor, model, one))
                    for world, one in worlds(sides, vendor, input_, source)
                ]
                asked += len(found)
                changes += _changes(name, vendor, model, input_, source, sides, found)
    return Comparison(changes=tuple(changes), asked=asked, besides=tuple(_besides(old, new)))


def _choices(sides: tuple[Side, Side]) -> list[tuple[str, str]]:
    pairs = [(c.vendor, c.model) for side in sides if side.feature for c in side.feature.vendors]
    return list(dict.fromkeys(pairs))


def _texts(sides: tuple[Side, Side]) -> list[tuple[str, str]]:
    pairs = [
        (r.name, s) for side in sides if side.feature for r in side.feature.inputs.values() for s in sorted(r.sources)
    ]
    return list(dict.fromkeys(pairs))


def _outcome(side: Side, vendor: str, model: str, one: object) -> Outcome:
    if side.feature is None:
        return FEATURE_ABSENT
    return outcome(side.policies, side.feature, _choice(side.feature, vendor, model), one)  # type: ignore[arg-type]


def _choice(feature: FeaturePolicy, vendor: str, model: str) -> VendorChoice:
    """The feature's own, or one that it does not list: then ``decide`` says so."""
    for choice in feature.vendors:
        if (choice.vendor, choice.model) == (vendor, model):
            return choice
    return VendorChoice(vendor=vendor, model=model, ref=_NOWHERE)  # type: ignore[arg-type]  # a name, listed or not


_Found = list[tuple[World, Outcome, Outcome]]
_Key = tuple[str, str, str, tuple[str, ...]]


def _changes(
    name: FeatureName, vendor: str, model: str, input_: str, source: str, sides: tuple[Side, Side], found: _Found
) -> Iterator[Change]:
    every = values_of([world for world, _, _ in found])
    groups: dict[_Key, list[tuple[World, Outcome, Outcome]]] = {}
    for world, before, after in found:
        kind, entities = _kind(before, after), _entities(before, after)
        if kind:
            groups.setdefault((kind, before.said, after.said, entities), []).append((world, before, after))
    for (kind, _, _, entities), members in groups.items():
        rule = sides[1].rule(input_) or sides[0].rule(input_)
        cover = covers([world for world, _, _ in members], every)
        yield Change(
            kind=kind,
            feature=name,
            vendor=vendor,
            model=model,
            input=input_,
            source=source,
            category=rule.category if rule else "",
            before=members[0][1],
            after=members[0][2],
            when=tuple(one for one in cover if one),
            entities=entities,
        )


def _kind(before: Outcome, after: Outcome) -> str:
    was, is_ = before.action == Action.SHARED, after.action == Action.SHARED
    if was != is_:
        return MORE if is_ else LESS
    if was and (before.treatment is not after.treatment or _entities(before, after)):
        return OTHERWISE
    return OTHER_REASON if (before.action, before.code) != (after.action, after.code) else ""


def _entities(before: Outcome, after: Outcome) -> tuple[str, ...]:
    if not (before.entities and after.entities):
        return ()
    kinds = sorted(before.entities.keys() | after.entities.keys())
    both = ((kind, before.entities.get(kind), after.entities.get(kind)) for kind in kinds)
    return tuple(f"{kind}: {was} to {is_}" for kind, was, is_ in both if was is not is_)


def _besides(old: Policies, new: Policies) -> Iterator[str]:
    for name in sorted(old.features.keys() & new.features.keys()):
        yield from _of_feature(old.features[name], new.features[name])
    for vendor in sorted(old.vendors.keys() & new.vendors.keys()):
        a, b = old.vendors[vendor], new.vendors[vendor]
        for field in ("legal_name", "role", "country", "region", "retention_days", "dpa", "api_base", "trains_on_data"):
            if getattr(a, field) != getattr(b, field):
                yield f"vendor {vendor}: {field}: {getattr(a, field)} to {getattr(b, field)}"
    yield from _of_tables("retention", _retention(old), _retention(new))
    yield from _of_tables("caller", _callers(old), _callers(new))


def _of_feature(a: FeaturePolicy, b: FeaturePolicy) -> Iterator[str]:
    told: Mapping[str, tuple[object, object]] = {
        "purpose": (a.purpose.value, b.purpose.value),
        "callers": (sorted(a.callers), sorted(b.callers)),
        "order of vendors": ([c.vendor for c in a.vendors], [c.vendor for c in b.vendors]),
        "personal data nobody sent in, in replies": (a.output.unexpected.value, b.output.unexpected.value),
        "restored in replies": (sorted(a.output.restore_roles), sorted(b.output.restore_roles)),
        "max_input_tokens": (a.budget.max_input_tokens, b.budget.max_input_tokens),
        "max_output_tokens": (a.budget.max_output_tokens, b.budget.max_output_tokens),
        "drop_order": (list(a.budget.drop_order), list(b.budget.drop_order)),
        "significant_decision": (a.significant_decision, b.significant_decision),
        "human_in_loop": (a.human_in_loop, b.human_in_loop),
        "required inputs": (_required(a), _required(b)),
        "languages": (_languages(a), _languages(b)),
        "uninspected": (_uninspected(a), _uninspected(b)),
    }
    for what, (was, is_) in told.items():
        if was != is_:
            yield f"{a.name}: {what}: {was} to {is_}"


def _required(feature: FeaturePolicy) -> list[str]:
    return sorted(name for name, rule in feature.inputs.items() if rule.required)


def _languages(feature: FeaturePolicy) -> str:
    rule = feature.languages
    if rule is None or rule.names is None:
        return "any"
    return f"{', '.join(sorted(rule.names))}{' of requests that name no actor' if rule.unattributed else ''}"


def _uninspected(feature: FeaturePolicy) -> list[str]:
    return sorted(feature.uninspected.shapes) if feature.uninspected else []


def _retention(policies: Policies) -> dict[str, str]:
    return {name.value: f"{kept.months} months" for name, kept in (policies.retention or {}).items()}


def _callers(policies: Policies) -> dict[str, str]:
    return {
        name: f"unattributed {rule.unattributed}, default {rule.default_feature}, {dict(rule.models)}"
        for name, rule in policies.callers.items()
    }


def _of_tables(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{what} {name}: {old.get(name, 'absent')} to {new.get(name, 'absent')}"
