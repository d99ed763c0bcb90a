"""A recorded share, as far as its leaf says what was decided about, put to a changed policy.

What the leaf does not say is supposed in every way that fits what was decided then. Where all ways lead to one end,
that is what would have happened; where they do not, it cannot be told, and is said to be so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ai_gateway.model import Action, AgeStatus, ConsentState, Permission, Role, Visibility
from ai_gateway.policies.codes import Code
from ai_gateway.policies.hypothesis import (
    REFUSED,
    REGION_OF,
    Author,
    Outcome,
    Person,
    Supposed,
    call_reasons,
    decided,
    outcomes,
    question,
)
from ai_gateway.policies.policy import FeaturePolicy, Policies, VendorChoice
from ai_gateway.policies.regions import Regime

UNKNOWN = "cannot be told"


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
    """What one leaf says. ``reasons`` are a refusal's codes. Equal ones have equal answers: no text has a part in it."""

    feature: str
    vendor: str
    model: str | None
    policy: str
    permitted: bool
    reasons: tuple[str, ...]
    asked: tuple[AskedText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEffect:
    """What would become of one line's texts. ``after`` is ``shared``, ``withheld``, ``refused`` or ``UNKNOWN``."""

    text: AskedText
    before: str
    after: str
    code: str
    treatment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """``after``: ``permitted``, ``denied`` or ``UNKNOWN``."""

    before: str
    after: str
    code: str
    texts: tuple[TextEffect, ...]


PERMITTED, DENIED = "permitted", "denied"
_STAYS = frozenset({Code.SUBJECT_UNKNOWN.value, Code.ITEM_ABOUT_NOBODY.value})
"""No policy lets these pass."""
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
_MOST_WORLDS = 4_096


def effect(call: RecordedCall, then: Policies | None, candidate: Policies) -> Effect:
    """``then`` are the policies it was decided under, where they are known: they rule worlds out."""
    before = PERMITTED if call.permitted else DENIED
    feature = candidate.features.get(call.feature)  # type: ignore[call-overload]  # a name from a leaf
    if feature is None:
        return _ended(call, before, "feature-unknown")
    if _STAYS & set(call.reasons):
        return _ended(call, before, call.reasons[0])
    actors = tuple(_actors(call))
    choice = _choice(feature, call)
    if not all(text.input in feature.inputs for text in call.asked):
        return _ended(call, before, Code.INPUT_UNKNOWN.value)
    fates = [_fates(call, text, then, candidate, feature, choice) for text in call.asked]
    best = [next((one for one, fate in found if fate.action == Action.SHARED), found[0][0]) for found in fates]
    worst = [next((one for one, fate in found if fate.action != Action.SHARED), found[0][0]) for found in fates]
    ends = {_end(candidate, feature, choice, supposed, actor) for supposed in (best, worst) for actor in actors}
    after, code = next(iter(ends)) if len({end for end, _ in ends}) == 1 else (UNKNOWN, UNKNOWN)
    texts = tuple(_text_effect(text, found, after) for text, found in zip(call.asked, fates, strict=True))
    return Effect(before=before, after=after, code=code, texts=texts)


def _ended(call: RecordedCall, before: str, code: str) -> Effect:
    texts = tuple(
        TextEffect(text=text, before=_before(text), after=REFUSED, code=code, treatment="") for text in call.asked
    )
    return Effect(before=before, after=DENIED, code=code, texts=texts)


def _before(text: AskedText) -> str:
    return text.action or REFUSED


def _choice(feature: FeaturePolicy, call: RecordedCall) -> VendorChoice:
    """The vendor of the record; a refusal's says no model."""
    for choice in feature.vendors:
        if choice.vendor == call.vendor and call.model in (None, choice.model):
            return choice
    return VendorChoice(vendor=call.vendor, model=call.model or "", ref=feature.ref)  # type: ignore[arg-type]


def _actors(call: RecordedCall) -> Iterator[Person]:
    """Every standing of the actor that fits the record: a refusal names all of the call's own reasons."""
    if call.permitted or any(text.action is not None for text in call.asked):
        yield _actor(call.reasons)
        return
    yield _actor(call.reasons)
    yield _actor((Code.ACTOR_NOT_OPTED_IN.value,))


def _actor(reasons: Sequence[str]) -> Person:
    return Person(
        role=Role.INDEPENDENT_PROFESSIONAL,
        age=AgeStatus.MINOR if Code.MINOR in reasons else AgeStatus.ADULT,
        erased=Code.ACTOR_ERASED in reasons,
        restricted=Code.ACTOR_RESTRICTED in reasons,
        opted_out=Code.ACTOR_OPTED_OUT in reasons,
        opted_in=Code.ACTOR_NOT_OPTED_IN not in reasons,
    )


_Fate = tuple[Supposed, Outcome]


def _fates(
    call: RecordedCall,
    text: AskedText,
    then: Policies | None,
    candidate: Policies,
    feature: FeaturePolicy,
    choice: VendorChoice,
) -> list[_Fate]:
    """Every world that fits, with what the candidate makes of the text in it. One of each kind of end is kept."""
    was = then.features.get(call.feature) if then else None  # type: ignore[call-overload]
    found: dict[Outcome, Supposed] = {}
    every = list(_worlds(call, text, feature, was, candidate))
    fitting = [one for one in every if _fits(call, text, one, then, was)] or every
    for one in fitting:
        (fate,) = outcomes(question(candidate, feature, choice, (one,)))
        found.setdefault(fate, one)
    return [(one, fate) for fate, one in found.items()]


def _fits(call: RecordedCall, text: AskedText, one: Supposed, then: Policies | None, was: FeaturePolicy | None) -> bool:
    if then is None or was is None or text.action is None or text.input not in was.inputs:
        return True
    (fate,) = outcomes(question(then, was, _choice(was, call), (one,)))
    return (fate.action, fate.code) == (text.action, text.code)


def _worlds(
    call: RecordedCall, text: AskedText, feature: FeaturePolicy, was: FeaturePolicy | None, candidate: Policies
) -> Iterator[Supposed]:
    rule = feature.inputs[text.input]
    listed = rule.sources | (was.inputs[text.input].sources if was and text.input in was.inputs else frozenset())
    asked_roles = tuple(sorted(role.value for role in feature.opt_in.roles))
    dimensions: tuple[Sequence[object], ...] = (
        sorted(listed) if text.source is None else (text.source,),
        [one.value for one in Visibility] if text.visibility is None else (text.visibility,),
        tuple(_AUTHORS) if text.author is None else (text.author,),
        ((), *((one.value,) for one in Regime), tuple(one.value for one in Regime))
        if text.regimes is None
        else (text.regimes,),
        ((), asked_roles) if text.lacking is None and asked_roles else (text.lacking or (),),
        tuple(_PROFILES) if text.profiles is None else (text.profiles,),
        _consents(text),
        _stopped(text),
        ({}, {"limits_sensitive": True}) if _sensitive(candidate, feature, text) else ({},),
        ({}, {"opted_out_of_sale": True}) if _third_party(candidate, call) else ({},),
    )
    for number, values in enumerate(product(*dimensions)):
        if number >= _MOST_WORLDS:
            return
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
    if text.code in _STOPPED:
        return (_STOPPED[Code(text.code)],)
    return ({}, {"opted_out": True}) if text.code in (Code.POLICY_WITHHOLDS, None) else ({},)


def _sensitive(candidate: Policies, feature: FeaturePolicy, text: AskedText) -> bool:
    category = candidate.taxonomy.categories[feature.inputs[text.input].category]
    return category.sensitive and text.code != Code.SENSITIVE_LIMITED


def _third_party(candidate: Policies, call: RecordedCall) -> bool:
    vendor = candidate.vendors.get(call.vendor)  # type: ignore[call-overload]
    return vendor is not None and vendor.role.value != "service_provider"


def _end(
    candidate: Policies, feature: FeaturePolicy, choice: VendorChoice, supposed: Sequence[Supposed], actor: Person
) -> tuple[str, str]:
    decision = decided(question(candidate, feature, choice, supposed, actor))
    if isinstance(decision, Permission):
        return PERMITTED, ""
    first = (*call_reasons(decision), *decision.reasons)[0]
    return DENIED, first.code


def _text_effect(text: AskedText, found: Sequence[_Fate], call_after: str) -> TextEffect:
    before = _before(text)
    actions = {fate.action for _, fate in found}
    codes = sorted({fate.code for _, fate in found})
    if len(actions) > 1 or (call_after == UNKNOWN and Action.SHARED in actions):
        return TextEffect(text=text, before=before, after=UNKNOWN, code=" or ".join(codes), treatment="")
    fate = found[0][1]
    after = fate.action if call_after != DENIED or fate.action != Action.SHARED else REFUSED
    return TextEffect(text=text, before=before, after=after, code=" or ".join(codes), treatment=fate.treatment.value)
