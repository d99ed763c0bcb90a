"""What a leaf does not say, supposed in every way that fits what it says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ai_gateway.model import ConsentState, Role, Visibility
from ai_gateway.policies.codes import Code
from ai_gateway.policies.hypothesis import REGION_OF, Author, Person, Supposed
from ai_gateway.policies.policy import ConsentRule, FeaturePolicy, InputRule, Policies, VendorChoice, VendorRole
from ai_gateway.policies.regions import Regime
from ai_gateway.policies.vocabulary import LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedText:
    """One line of a leaf's ``asked``. None: the leaf does not say. ``action`` and ``code`` are the decision then."""

    input: str
    source: str | None
    visibility: str | None
    author: str | None
    regimes: tuple[str, ...] | None
    lacking: tuple[str, ...] | None
    profiles: str | None
    action: str | None
    code: str | None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """What one leaf says. ``reasons`` are a refusal's codes. Equal ones have equal answers: texts have no part."""

    feature: str
    vendor: str
    model: str | None
    policy: str
    permitted: bool
    reasons: tuple[str, ...]
    asked: tuple[AskedText, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all texts of one kind of call have in common."""

    call: RecordedCall
    feature: FeaturePolicy
    choice: VendorChoice
    then: Policies | None
    was: FeaturePolicy | None


_STOPPED: Mapping[str, Mapping[str, bool]] = {
    Code.SUBJECT_ERASED: {"erased": True},
    Code.SUBJECT_RESTRICTED: {"restricted": True},
    Code.SUBJECT_OPTED_OUT: {"opted_out": True},
}
_PROFILES: Mapping[str, Mapping[str, object]] = {
    "public": {},
    "private": {"profile": Visibility.PRIVATE},
    "unregistered": {"registered": False},
}
_AUTHORS: Mapping[str, Author] = {"nobody": Author.NOBODY, "actor": Author.ACTOR, "other": Author.OTHER}


def relevant(setting: Setting, text: AskedText, candidate: Policies) -> AskedText:
    """Without what no rule looks at, then or now: texts that differ in nothing else have one answer."""
    sides = [(candidate, setting.feature)]
    if setting.then is not None and setting.was is not None:
        sides.append((setting.then, setting.was))
    rules = [(side, feature.inputs[text.input]) for side, feature in sides if text.input in feature.inputs]
    vendors = [side.vendors[name] for side, _ in sides for name in side.vendors if name == setting.call.vendor]
    if not any(rule.public_only for _, rule in rules):
        text = replace(text, visibility="public", profiles="public")
    if not any(_consent_matters(side, rule) for side, rule in rules):
        text = replace(text, author="nobody")
    if not any(feature.opt_in.roles for _, feature in sides):
        text = replace(text, lacking=())
    if all(vendor.country == LOCAL for vendor in vendors):
        text = replace(text, regimes=())
    return replace(text, count=1)


def _consent_matters(policies: Policies, rule: InputRule) -> bool:
    return rule.consent is ConsentRule.AUTHOR or bool(policies.taxonomy.categories[rule.category].consent_purposes)


def worlds(setting: Setting, text: AskedText, candidate: Policies) -> Iterator[Supposed]:
    feature, was = setting.feature, setting.was
    listed = feature.inputs[text.input].sources
    if was is not None and text.input in was.inputs:
        listed |= was.inputs[text.input].sources
    asked_roles = tuple(sorted(role.value for role in feature.opt_in.roles))
    any_regimes = ((), *((one.value,) for one in Regime), tuple(one.value for one in Regime))
    dimensions: tuple[Sequence[object], ...] = (
        sorted(listed) if text.source is None else (text.source,),
        [one.value for one in Visibility] if text.visibility is None else (text.visibility,),
        tuple(_AUTHORS) if text.author is None else (text.author,),
        any_regimes if text.regimes is None else (text.regimes,),
        ((), asked_roles) if text.lacking is None and asked_roles else (text.lacking or (),),
        tuple(_PROFILES) if text.profiles is None else (text.profiles,),
        _consents(text),
        _stopped(text),
        ({}, {"limits_sensitive": True}) if _sensitive(candidate, feature, text) else ({},),
        ({}, {"opted_out_of_sale": True}) if _third_party(candidate, setting.call) else ({},),
    )
    for values in product(*dimensions):
        yield _supposed(text, values)


def _supposed(text: AskedText, values: tuple[object, ...]) -> Supposed:
    source, visibility, author, regimes, lacking, profile, consent, stopped, limits, sale = values
    facts = {**_PROFILES[str(profile)], **stopped, **limits, **sale}  # type: ignore[dict-item]
    regions = _regions(regimes)  # type: ignore[arg-type]
    people = [Person(region=region, **facts) for region in regions]  # type: ignore[arg-type]
    people += [Person(role=Role(role), opted_in=False, **facts) for role in lacking]  # type: ignore[arg-type, attr-defined]
    return Supposed(
        input=text.input,
        source=str(source),
        visibility=Visibility(str(visibility)),
        author=_AUTHORS[str(author)],
        consent=consent,  # type: ignore[arg-type]
        about=tuple(people),
    )


def _regions(regimes: Sequence[str]) -> list[str | None]:
    """One person for each regime. All of them together are an unknown region, or people of each: to be strictest, the
    first."""
    if len(regimes) == len(Regime):
        return [None]
    return [REGION_OF[Regime(one)] for one in regimes] or [REGION_OF[None]]


def _consents(text: AskedText) -> tuple[ConsentState | None, ...]:
    if text.code == Code.ALLOWED_BY_CONSENT:
        return (ConsentState.GIVEN,)
    if text.code is not None and text.code.startswith("message-consent-"):
        return (None,)
    return (ConsentState.GIVEN, None)


def _stopped(text: AskedText) -> tuple[Mapping[str, bool], ...]:
    """What stands in every policy's way. The rules that follow were asked, so where one of them told, nothing did."""
    if text.code is not None and text.code in _STOPPED:
        return (_STOPPED[Code(text.code)],)
    return ({}, {"opted_out": True}) if text.code in (Code.POLICY_WITHHOLDS, None) else ({},)


def _sensitive(candidate: Policies, feature: FeaturePolicy, text: AskedText) -> bool:
    category = candidate.taxonomy.categories[feature.inputs[text.input].category]
    return category.sensitive and text.code != Code.SENSITIVE_LIMITED


def _third_party(candidate: Policies, call: RecordedCall) -> bool:
    vendor = candidate.vendors.get(call.vendor)  # type: ignore[call-overload]
    return vendor is not None and vendor.role is not VendorRole.SERVICE_PROVIDER
