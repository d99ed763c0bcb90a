"""A recorded share, as far as its leaf says what was decided about, put to a changed policy.

What the leaf does not say is supposed in every way that fits what was decided then. Where all ways lead to one end,
that is what would have happened; where they do not, it cannot be told, and is said to be so.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ai_gateway.model import Action, AgeStatus, FeatureName, Permission, Role
from ai_gateway.policies.codes import Code
from ai_gateway.policies.hypothesis import (
    REFUSED,
    Outcome,
    Person,
    Supposed,
    call_reasons,
    decided,
    outcomes,
    question,
)
from ai_gateway.policies.policy import FeaturePolicy, Policies, VendorChoice
from ai_gateway.policies.question import Question
from ai_gateway.policies.supposing import AskedText, RecordedCall, Setting, relevant, worlds

UNKNOWN = "cannot be told"


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
MOST_REMEMBERED = 100_000
T = TypeVar("T")


_Fate = tuple[Supposed, Outcome]


class Candidate:
    """Changed policies, asked of one recorded call after another. Answers are remembered, and there are as many
    as kinds of text and of ends; ``MOST_REMEMBERED`` bounds them."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._fates: dict[Hashable, tuple[_Fate, ...]] = {}
        self._known: dict[Hashable, _Known] = {}
        self._ends: dict[Hashable, tuple[str, str]] = {}

    def effect(self, call: RecordedCall, then: Policies | None) -> Effect:
        """``then`` are the policies it was decided under, where they are known: they rule worlds out."""
        before = PERMITTED if call.permitted else DENIED
        feature = self._policies.features.get(FeatureName(call.feature))
        if feature is None:
            return _ended(call, before, "feature-unknown")
        if _STAYS & set(call.reasons):
            return _ended(call, before, call.reasons[0])
        if not all(text.input in feature.inputs for text in call.asked):
            return _ended(call, before, Code.INPUT_UNKNOWN.value)
        was = then.features.get(FeatureName(call.feature)) if then else None
        setting = Setting(call, feature, _choice(feature, call), then, was)
        if (end := _language(call, was, feature)) is not None:
            return _ended(call, before, Code.LANGUAGE_NOT_TAKEN.value, end)
        known = [self._known_of(setting, text) for text in call.asked]
        sides = {frozenset(one.best for one in known), frozenset(one.worst for one in known)}
        ends = {self._end(setting, kinds, known, actor) for kinds in sides for actor in _actors(call)}
        after, code = next(iter(ends)) if len({end for end, _ in ends}) == 1 else (UNKNOWN, UNKNOWN)
        return Effect(before=before, after=after, code=code, texts=tuple(one.effect(after) for one in known))

    def _known_of(self, setting: Setting, text: AskedText) -> "_Known":
        call = setting.call
        key = (call.feature, call.vendor, call.model, call.policy, text)
        known = self._known.get(key)
        if known is None:
            known = _remember(self._known, key, _Known(text, self._fates_of(setting, text)))
        return known

    def _fates_of(self, setting: Setting, text: AskedText) -> "tuple[_Fate, ...]":
        call = setting.call
        text = relevant(setting, text, self._policies)
        key = (call.feature, call.vendor, call.model, call.policy, text)
        found = self._fates.get(key)
        if found is None:
            found = _remember(self._fates, key, tuple(_fates(setting, text, self._policies)))
        return found

    def _end(
        self, setting: Setting, kinds: frozenset["_Kind"], known: "Sequence[_Known]", actor: Person
    ) -> tuple[str, str]:
        """Of a whole call. What becomes of it depends on what becomes of its texts, so one of each kind stands for
        all."""
        call = setting.call
        key = (call.feature, call.vendor, call.model, actor, kinds)
        end = self._ends.get(key)
        if end is None:
            ones = {_kind(fate): fate[0] for one in known for fate in one.fates}
            q = question(
                self._policies, setting.feature, setting.choice, tuple(ones[kind] for kind in sorted(kinds)), actor
            )
            end = _remember(self._ends, key, _end(q))
        return end


_Kind = tuple[str, str, str]


def _kind(fate: "_Fate") -> _Kind:
    """Input, action and code."""
    return fate[0].input, fate[1].action, fate[1].code


class _Known:
    """All that there is to say of one line of a leaf, found once."""

    def __init__(self, text: AskedText, fates: "tuple[_Fate, ...]") -> None:
        self.text, self.fates = text, fates
        self.best = _kind(next((one for one in fates if one[1].action == Action.SHARED), fates[0]))
        self.worst = _kind(next((one for one in fates if one[1].action != Action.SHARED), fates[0]))
        self._effects: dict[str, TextEffect] = {}

    def effect(self, call_after: str) -> TextEffect:
        if call_after not in self._effects:
            self._effects[call_after] = _text_effect(self.text, self.fates, call_after)
        return self._effects[call_after]


def _remember(held: dict[Hashable, T], key: Hashable, value: T) -> T:
    if len(held) >= MOST_REMEMBERED:
        held.clear()
    held[key] = value
    return value


def _ended(call: RecordedCall, before: str, code: str, after: str = DENIED) -> Effect:
    """Of a call that is denied, or of which nothing can be told."""
    fate = REFUSED if after == DENIED else UNKNOWN
    texts = tuple(
        TextEffect(text=text, before=_before(text), after=fate, code=code, treatment="") for text in call.asked
    )
    return Effect(before=before, after=after, code=code, texts=texts)


def _language(call: RecordedCall, was: FeaturePolicy | None, feature: FeaturePolicy) -> str | None:
    """No leaf says in which language a text was. None: languages have no part in it; else how it ends."""
    then, now = (_names(was) if was else None), _names(feature)
    if Code.LANGUAGE_NOT_TAKEN.value in call.reasons:
        if now == ANY:
            return None
        return DENIED if then == now else UNKNOWN
    if now in (ANY, then):
        return None
    wider = then is not None and then[0] is not None and now[0] is not None and then[0] <= now[0]
    return None if wider and then is not None and then[1] == now[1] else UNKNOWN


ANY: tuple[frozenset[str] | None, bool] = (None, False)


def _names(feature: FeaturePolicy) -> tuple[frozenset[str] | None, bool]:
    rule = feature.languages
    return ANY if rule is None or rule.names is None else (frozenset(rule.names), rule.unattributed)


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


def _fates(setting: Setting, text: AskedText, candidate: Policies) -> Iterator[_Fate]:
    """Every world that fits, with what the candidate makes of the text in it. One of each kind of end is given."""
    every = list(worlds(setting, text, candidate))
    found: dict[tuple[str, str], _Fate] = {}
    for one in [one for one in every if _fits(setting, text, one)] or every:
        (fate,) = outcomes(question(candidate, setting.feature, setting.choice, (one,)))
        found.setdefault((fate.action, fate.code), (one, fate))
    return iter(found.values())


def _fits(setting: Setting, text: AskedText, one: Supposed) -> bool:
    was = setting.was
    if setting.then is None or was is None or text.action is None or text.input not in was.inputs:
        return True
    (fate,) = outcomes(question(setting.then, was, _choice(was, setting.call), (one,)))
    return (fate.action, fate.code) == (text.action, text.code or fate.code)


def _end(q: Question) -> tuple[str, str]:
    decision = decided(q)
    if isinstance(decision, Permission):
        return PERMITTED, ""
    return DENIED, (*call_reasons(decision), *decision.reasons)[0].code


def _text_effect(text: AskedText, found: Sequence[_Fate], call_after: str) -> TextEffect:
    before = _before(text)
    actions = {fate.action for _, fate in found}
    codes = sorted({fate.code for _, fate in found})
    if len(actions) > 1 or (call_after == UNKNOWN and Action.SHARED in actions):
        return TextEffect(text=text, before=before, after=UNKNOWN, code=" or ".join(codes), treatment="")
    fate = found[0][1]
    after = fate.action if call_after != DENIED or fate.action != Action.SHARED else REFUSED
    return TextEffect(text=text, before=before, after=after, code=" or ".join(codes), treatment=fate.treatment.value)
