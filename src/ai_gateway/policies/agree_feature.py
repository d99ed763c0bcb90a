"""Whether a feature's policy makes sense with the taxonomy and the vendors."""

from collections.abc import Callable, Iterator

from ai_gateway.documents import pointer as point
from ai_gateway.model import EntityType, Treatment
from ai_gateway.policies.agree import Finding, Known, unknown
from ai_gateway.policies.parts import Part
from ai_gateway.policies.policy import (
    ConsentRule,
    FeatureKind,
    FeaturePolicy,
    InputRule,
    RuleRef,
    UnexpectedPersonalData,
    VendorRole,
)
from ai_gateway.policies.vocabulary import (
    ANY_LANGUAGE,
    COARSER_FORMS,
    ENTITY_TYPES,
    EXCHANGE_INPUTS,
    SHAREABLE,
    SourceVisibility,
)
from ai_gateway.protocols.protocol import Protocol


def feature_findings(feature: FeaturePolicy, part: Part, known: Known) -> Iterator[Finding]:
    """Every contradiction of one policy. ``part`` is the file it was made from."""
    for check in (_identity, _decisions, _vendors, _public_sources, _budget, _exchange):
        yield from check(feature, known)
    yield from _languages(feature, part)
    for listing in (part, *(part.part("inputs").part(name) for name in feature.inputs)):
        yield from _repeated_types(listing)
        yield from _coarser(listing)
    for rule in feature.inputs.values():
        for look in _INPUT_CHECKS:
            yield from look(feature, rule, known)


def _languages(feature: FeaturePolicy, part: Part) -> Iterator[Finding]:
    if "languages" not in part:
        return
    names = part.part("languages").texts("names")
    if ANY_LANGUAGE in names and len(names) > 1:
        yield "/languages/names", '"any" stands alone'
    if feature.languages is not None and feature.languages.unattributed and feature.kind is not FeatureKind.EXCHANGE:
        yield "/languages/of", "every run of a prompt names its actor: all"


def _identity(feature: FeaturePolicy, _: Known) -> Iterator[Finding]:
    if feature.file != f"features/{feature.name}.yaml":
        yield "/feature", f"the file's name says otherwise; this belongs in features/{feature.name}.yaml"


def _decisions(feature: FeaturePolicy, _: Known) -> Iterator[Finding]:
    if feature.significant_decision and not feature.human_in_loop:
        yield "/human_in_loop", "a significant decision needs a human in the loop: true"


def _vendors(feature: FeaturePolicy, known: Known) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for index, choice in enumerate(feature.vendors):
        place = point("vendors", index)
        if (choice.vendor, choice.model) in seen:
            yield place, "is listed twice"
        seen.add((choice.vendor, choice.model))
        vendor = known.vendors.get(choice.vendor)
        if choice.vendor not in known.vendor_names:
            yield place + "/vendor", unknown("vendor", choice.vendor, known.vendor_names)
        if vendor is None:
            continue
        if vendor.role is VendorRole.THIRD_PARTY:
            yield place + "/vendor", f'"{vendor.name}" is a third party; features share with service providers only'
        model = vendor.models.get(choice.model)
        if model is None:
            yield place + "/model", unknown(f"model of {vendor.name}", choice.model, frozenset(vendor.models))
        elif choice.protocols == frozenset({Protocol.EMBEDDINGS}):
            continue  # nothing is written, and each text counts by itself
        elif feature.budget.max_input_tokens + feature.budget.max_output_tokens > model.context_tokens:
            yield (
                "/budget",
                f'is more than the {model.context_tokens} tokens that "{model.name}" of {vendor.name} takes',
            )


def _public_sources(feature: FeaturePolicy, known: Known) -> Iterator[Finding]:
    for name in sorted(feature.public_sources):
        if name not in known.source_names:
            yield "/public_sources/names", unknown("source", name, known.source_names)
        elif name in known.sources and known.sources[name].visibility in _NOT_PUBLIC:
            yield "/public_sources/names", f'"{name}" is never public data'


def _budget(feature: FeaturePolicy, _: Known) -> Iterator[Finding]:
    names = frozenset(feature.inputs)
    for index, name in enumerate(feature.budget.drop_order):
        place = point("budget", "drop_order", index)
        if name not in names:
            yield place, unknown("input", name, names)
        elif feature.inputs[name].required and not feature.inputs[name].many:
            yield place, f'"{name}" is required and a single item: it cannot be left out'


def _exchange(feature: FeaturePolicy, _: Known) -> Iterator[Finding]:
    """What cannot be kept of a client's own messages is refused here rather than not done."""
    if feature.kind is not FeatureKind.EXCHANGE:
        for index, choice in enumerate(feature.vendors):
            if choice.protocols:
                yield point("vendors", index, "protocols"), "is for features of the kind exchange"
        if feature.uninspected is not None:
            yield "/uninspected", "is for features of the kind exchange"
        return
    for name in sorted(EXCHANGE_INPUTS.symmetric_difference(feature.inputs)):
        what = "is no input of an exchange" if name in feature.inputs else "is an input of every exchange"
        yield "/inputs", f'"{name}" {what}; it has {", ".join(sorted(EXCHANGE_INPUTS))}'
    for rule in feature.inputs.values():
        if not rule.many or rule.required:
            yield _place(rule), "an exchange has any number of each input: many: true, required: false"
    if feature.budget.drop_order:
        yield "/budget/drop_order", "nothing is left out of a client's own messages: []"
    if feature.output.unexpected is not UnexpectedPersonalData.KEEP:
        yield "/output/unexpected", "a reply that streams is not held back to be searched: keep"


def _coarser(part: Part) -> Iterator[Finding]:
    """``to`` and ``industries`` where they mean nothing, or are missing."""
    for group in part.listed("entities"):
        generalizes = group.text("action") == Treatment.GENERALIZE
        kinds = [EntityType(kind) for kind in group.texts("types")]
        for key in ("to", "industries"):
            if key in group and not generalizes:
                yield group.pointer + point(key), "goes with action: generalize"
        if not generalizes:
            continue
        for kind in kinds:
            forms = COARSER_FORMS.get(kind, ())
            if "to" in group and forms and group.text("to") not in forms:
                yield group.pointer + "/to", f'"{kind}" becomes one of: {", ".join(forms)}'
        employers = EntityType("ORGANIZATION") in kinds
        if employers != ("industries" in group):
            what = "says under industries which employer is what" if employers else "is for ORGANIZATION alone"
            yield group.pointer + ("" if employers else "/industries"), what


def _repeated_types(part: Part) -> Iterator[Finding]:
    seen: set[str] = set()
    for group in part.listed("entities"):
        for index, kind in enumerate(group.texts("types")):
            if kind in seen:
                yield group.pointer + point("types", index), f'"{kind}" already has an action here'
            seen.add(kind)


# --- one input ----------------------------------------------------------------------------------------


def _place(rule: InputRule) -> str:
    return point("inputs", rule.name)


def _category(feature: FeaturePolicy, rule: InputRule, known: Known) -> Iterator[Finding]:
    place = _place(rule) + "/category"
    if rule.category not in known.category_names:
        yield place, unknown("category", rule.category, known.category_names)
        return
    category = known.categories.get(rule.category)
    if category is None:
        return
    if feature.purpose not in category.purposes | category.consent_purposes:
        yield place, f'the notice does not name "{feature.purpose}" among the purposes of "{category.code}"'
    if category.sensitive and not category.consent_purposes and rule.treatment is not Treatment.WITHHOLD:
        yield place, f'"{category.code}" is sensitive and never leaves: treatment: withhold'
    if category.consent_purposes and rule.consent is ConsentRule.NONE:
        yield (
            _place(rule) + "/consent",
            f'"{category.code}" holds messages: their authors must consent (consent: author)',
        )


def _sources(feature: FeaturePolicy, rule: InputRule, known: Known) -> Iterator[Finding]:
    place = _place(rule) + "/sources"
    for name in sorted(rule.sources):
        source = known.sources.get(name)
        if name not in known.source_names:
            yield place, unknown("source", name, known.source_names)
        if source is None:
            continue
        if source.visibility is SourceVisibility.NEVER:
            yield place, f'"{name}" may not be an input of any feature ({source.ref.source})'
        if source.category != rule.category and rule.category in known.category_names:
            yield place, f'"{name}" belongs to the category "{source.category}", not to "{rule.category}"'
        if rule.public_only and (name not in feature.public_sources or source.visibility in _NOT_PUBLIC):
            yield place, f'"{name}" is not among the feature\'s public_sources, so public_only would never share it'


def _count(_: FeaturePolicy, rule: InputRule, __: Known) -> Iterator[Finding]:
    if not rule.many and rule.max_items != 1:
        yield _place(rule) + "/max_items", "is more than one item; say many: true"
    if rule.required and rule.treatment is Treatment.WITHHOLD:
        yield _place(rule) + "/required", "what is always withheld cannot be required"


def _entities(_: FeaturePolicy, rule: InputRule, known: Known) -> Iterator[Finding]:
    for kind in ENTITY_TYPES:
        action, place = rule.entities[kind], _where(rule, rule.entity_refs.get(kind))
        category = known.categories.get(known.entities[kind]) if kind in known.entities else None
        if action is Treatment.GENERALIZE and kind not in COARSER_FORMS:
            yield place, f'"{kind}" has no coarser form; only {", ".join(sorted(COARSER_FORMS))} can be generalized'
        if action is Treatment.SHARE and kind not in SHAREABLE:
            yield place, f'"{kind}" identifies people and is never shared as it is; use redact or pseudonymize'
        elif category is not None and category.sensitive and action is not Treatment.REDACT:
            yield place, f'"{kind}" belongs to "{category.code}", which is sensitive: its only action is redact'


def _where(rule: InputRule, ref: RuleRef | None) -> str:
    return ref.rule.partition("#")[2] if ref else _place(rule) + "/treatment"


_NOT_PUBLIC = (SourceVisibility.PRIVATE, SourceVisibility.NEVER)
_INPUT_CHECKS: tuple[Callable[[FeaturePolicy, InputRule, Known], Iterator[Finding]], ...] = (
    _category,
    _sources,
    _count,
    _entities,
)
