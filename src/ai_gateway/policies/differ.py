"""What two decisions on one call say differently, in counts: ``shadow`` tells it of policies that are not in force."""

from collections import Counter
from dataclasses import dataclass

from ai_gateway.model import Action, Decision, ItemDecision, Refusal
from ai_gateway.policies.hypothesis import call_reasons

SHARED, WITHHELD, REFUSED = "shared", "withheld", "refused"
WHOLE_CALL = ""
ABSENT = "feature-unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """``input`` is empty for the call as a whole. ``in_force`` and ``candidate`` are a treatment or a reason's code."""

    feature: str
    vendor: str
    input: str
    in_force: str
    candidate: str


def differences(in_force: Decision, candidate: Decision) -> Counter[Difference]:
    """How many texts of one call, and whether the call itself, would end otherwise."""
    found: Counter[Difference] = Counter()
    inputs = {item.path: item.input for item in in_force.call.items}
    feature, vendor = in_force.feature, in_force.vendor
    then = {one.item: one for one in candidate.items}
    for one in in_force.items:
        other = then.get(one.item)
        if other is not None and _differ(one, other):
            found[Difference(feature, vendor, inputs[one.item], _said(one), _said(other, one))] += 1
    was, now = _ended(in_force), _ended(candidate)
    if was != now:
        found[Difference(feature, vendor, WHOLE_CALL, was, now)] += 1
    return found


def absent(in_force: Decision) -> Counter[Difference]:
    """The candidate has no such feature."""
    was = _ended(in_force)
    if was == ABSENT:
        return Counter()
    return Counter([Difference(in_force.feature, in_force.vendor, WHOLE_CALL, was, ABSENT)])


def _differ(one: ItemDecision, other: ItemDecision) -> bool:
    entities = one.action is Action.SHARED and one.entities != other.entities
    return _said(one) != _said(other) or entities


def _said(one: ItemDecision, beside: ItemDecision | None = None) -> str:
    if one.action is not Action.SHARED:
        return one.reason.code
    alike = beside is not None and _said(beside) == one.treatment.value
    return f"{one.treatment}, other entity actions" if alike else one.treatment.value


def _ended(decision: Decision) -> str:
    if not isinstance(decision, Refusal):
        return "permitted"
    return (*call_reasons(decision), *decision.reasons)[0].code
