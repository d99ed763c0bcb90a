"""Files of the right shape to values. Names are not looked up here and nothing is refused: ``agree`` does both."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ai_gateway.documents import Value
from ai_gateway.model import (
    CallerId,
    CategoryCode,
    Coarseness,
    Coarser,
    EntityType,
    FeatureName,
    Purpose,
    Role,
    Treatment,
    VendorName,
)
from ai_gateway.policies.parts import Part
from ai_gateway.policies.policy import (
    Budget,
    CallerRule,
    Category,
    ConsentRule,
    DataSource,
    FeatureKind,
    FeaturePolicy,
    InputRule,
    LanguageRule,
    OptInRule,
    OutputRule,
    RuleRef,
    Unattributed,
    UnexpectedPersonalData,
    UninspectedRule,
    VendorChoice,
    VendorModel,
    VendorProfile,
    VendorRole,
)
from ai_gateway.policies.vocabulary import (
    ANY_LANGUAGE,
    COARSER_FORMS,
    DETECTED_LANGUAGES,
    ENTITY_TYPES,
    NOT_STATED,
    QUASI_IDENTIFIERS,
    SHAREABLE,
    Requests,
    SourceVisibility,
)
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.shape import Uninspected


def digest(*values: Value) -> str:
    """SHA-256 (hex) over JSON with sorted keys and no spaces: the same values give the same digest, however written."""
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def category(code: str, part: Part) -> Category:
    consent = part.part("with_consent").texts("purposes") if "with_consent" in part else ()
    return Category(
        code=CategoryCode(code),
        name=part.text("name"),
        alias=part.text_or_none("alias"),
        examples=part.texts("examples"),
        sources=part.texts("sources"),
        purposes=_purposes(part.texts("purposes")),
        consent_purposes=_purposes(consent),
        recipients=None if part.values["recipients"] == NOT_STATED else part.texts("recipients"),
        sold_or_shared=None if part.values["sold_or_shared"] == NOT_STATED else part.flag("sold_or_shared"),
        sensitive="sensitive" in part,
        ref=part.ref,
    )


def data_source(name: str, part: Part) -> DataSource:
    return DataSource(
        name=name,
        category=CategoryCode(part.text("category")),
        visibility=SourceVisibility(part.text("visibility")),
        ref=part.ref,
    )


def vendor(name: str, part: Part) -> VendorProfile:
    models = {
        model: VendorModel(name=model, context_tokens=inner.whole("context_tokens"), encoding=inner.text("encoding"))
        for model, inner in part.part("models").named()
    }
    no_store: dict[str, bool | str] = {
        key: value for key, value in part.part("no_store").values.items() if isinstance(value, bool | str)
    }
    transfers = part.part("transfers")
    return VendorProfile(
        name=VendorName(name),
        legal_name=part.text("legal_name"),
        role=VendorRole(part.text("role")),
        country=part.text("country"),
        region=part.text("region"),
        transfers=MappingProxyType({regime: transfers.text(regime) for regime in transfers.values}),
        dpa=part.text("dpa"),
        retention_days=part.whole("retention_days"),
        trains_on_data=part.flag("trains_on_data"),
        provider=part.text("provider"),
        api_base=part.text_or_none("api_base"),
        api_base_env=part.text_or_none("api_base_env"),
        credential_env=part.text_or_none("credential_env"),
        no_store=MappingProxyType(no_store),
        models=MappingProxyType(models),
        timeout_seconds=float(part.whole("timeout_seconds")),
        subprocessors=part.text_or_none("subprocessors"),
        any_model="any_model" in part and part.flag("any_model"),
        ref=part.ref,
    )


def feature(part: Part, digest_of: str) -> FeaturePolicy:
    defaults = _actions(part)
    inputs = {name: _input(name, inner, defaults) for name, inner in part.part("inputs").named()}
    opt_in, output, budget = part.part("opt_in"), part.part("output"), part.part("budget")
    return FeaturePolicy(
        name=FeatureName(part.text("feature")),
        purpose=Purpose(part.text("purpose")),
        callers=frozenset(CallerId(name) for name in part.part("callers").texts("names")),
        vendors=tuple(
            VendorChoice(
                vendor=VendorName(choice.text("vendor")),
                model=choice.text("model"),
                ref=choice.ref,
                protocols=frozenset(map(Protocol, choice.texts("protocols") if "protocols" in choice else ())),
            )
            for choice in part.listed("vendors")
        ),
        opt_in=OptInRule(actor=opt_in.flag("actor"), roles=_roles(opt_in), ref=opt_in.ref),
        inputs=MappingProxyType(inputs),
        public_sources=frozenset(part.part("public_sources").texts("names")),
        output=OutputRule(
            unexpected=UnexpectedPersonalData(output.text("unexpected")),
            restore_roles=_roles(output, "restore_roles"),
            ref=output.ref,
        ),
        budget=Budget(
            max_input_tokens=budget.whole("max_input_tokens"),
            max_output_tokens=budget.whole("max_output_tokens"),
            drop_order=budget.texts("drop_order"),
            ref=budget.ref,
        ),
        significant_decision=part.flag("significant_decision"),
        human_in_loop=part.flag("human_in_loop"),
        file=part.file,
        digest=digest_of,
        ref=part.ref,
        kind=FeatureKind(part.text("kind")) if "kind" in part else FeatureKind.PROMPT,
        uninspected=_uninspected(part.part("uninspected")) if "uninspected" in part else None,
        languages=_languages(part),
    )


def _languages(part: Part) -> LanguageRule | None:
    if "languages" in part:
        stated = part.part("languages")
        names = frozenset(stated.texts("names"))
        return LanguageRule(
            names=None if ANY_LANGUAGE in names else names,
            unattributed=stated.text("of") == Requests.UNATTRIBUTED,
            ref=stated.ref,
        )
    is_exchange = "kind" in part and part.text("kind") == FeatureKind.EXCHANGE
    return LanguageRule(names=DETECTED_LANGUAGES, unattributed=True, ref=part.ref) if is_exchange else None


def _uninspected(part: Part) -> UninspectedRule:
    return UninspectedRule(shapes=frozenset(map(Uninspected, part.texts("shapes"))), ref=part.ref)


def caller(name: str, part: Part) -> CallerRule:
    models = part.part("models").named() if "models" in part else ()
    default = part.part("default_feature").text("feature") if "default_feature" in part else None
    return CallerRule(
        caller=CallerId(name),
        unattributed=Unattributed(part.text("unattributed")),
        default_feature=FeatureName(default) if default is not None else None,
        models=MappingProxyType({alias: FeatureName(inner.text("feature")) for alias, inner in models}),
        ref=part.ref,
    )


@dataclass(frozen=True, slots=True)
class _Action:
    """What one rule says of one entity type."""

    treatment: Treatment
    ref: RuleRef
    coarser: Coarser | None


_Actions = Mapping[EntityType, _Action]


def _input(name: str, part: Part, defaults: _Actions) -> InputRule:
    treatment = Treatment(part.text("treatment"))
    stated = {**defaults, **_actions(part)}
    many = "many" in part and part.flag("many")
    return InputRule(
        name=name,
        category=CategoryCode(part.text("category")),
        sources=frozenset(part.texts("sources")),
        public_only=treatment is Treatment.PUBLIC_ONLY,
        consent=ConsentRule(part.text("consent")),
        treatment=treatment,
        entities=MappingProxyType(
            {kind: stated[kind].treatment if kind in stated else implied(treatment, kind) for kind in ENTITY_TYPES}
        ),
        required=part.flag("required"),
        many=many,
        max_characters=part.whole("max_characters"),
        max_items=part.whole("max_items") if "max_items" in part else 1,
        ref=part.ref,
        entity_refs=MappingProxyType({kind: action.ref for kind, action in stated.items()}),
        coarser=MappingProxyType({kind: action.coarser for kind, action in stated.items() if action.coarser}),
    )


def implied(treatment: Treatment, kind: EntityType) -> Treatment:
    """What a treatment does to an entity type that no rule names: the more private reading of its word. What tells of a
    person only together with other things is left to the rules."""
    if kind in QUASI_IDENTIFIERS:
        return Treatment.SHARE
    if treatment is Treatment.PSEUDONYMIZE:
        return Treatment.PSEUDONYMIZE
    if treatment is Treatment.SHARE and kind in SHAREABLE:
        return Treatment.SHARE
    return Treatment.REDACT


def _actions(part: Part) -> _Actions:
    return {
        EntityType(kind): _Action(Treatment(group.text("action")), group.ref, _coarser(group, EntityType(kind)))
        for group in part.listed("entities")
        for kind in group.texts("types")
    }


def _coarser(group: Part, kind: EntityType) -> Coarser | None:
    forms = COARSER_FORMS.get(kind, ())
    if group.text("action") != Treatment.GENERALIZE or not forms:
        return None
    industries = group.part("industries") if "industries" in group else None
    return Coarser(
        to=Coarseness(group.text("to")) if "to" in group else forms[0],
        industries=MappingProxyType({name: industries.text(name) for name in industries.values} if industries else {}),
    )


def _purposes(names: Iterable[str]) -> frozenset[Purpose]:
    return frozenset(Purpose(name) for name in names)


def _roles(part: Part, key: str = "roles") -> frozenset[Role]:
    return frozenset(Role(name) for name in part.texts(key))
