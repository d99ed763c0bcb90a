"""Whether a call may be shared with a vendor, and what of it. Everything is denied unless a rule allows it.

Pure: the same policies, call, people and consents give the same decision, with a reason for every item.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from ai_gateway.model import (
    Action,
    Call,
    Consents,
    Decision,
    Item,
    ItemDecision,
    Permission,
    Reason,
    Refusal,
    Subject,
    SubjectId,
    Treatment,
)
from ai_gateway.policies.call_rules import CALL_RULES, FOUNDATIONS, CallRule
from ai_gateway.policies.codes import Code
from ai_gateway.policies.item_rules import ITEM_RULES, consent_used, why_shared
from ai_gateway.policies.policy import FeaturePolicy, Policies, VendorChoice
from ai_gateway.policies.question import Question, concerned
from ai_gateway.policies.vocabulary import StandingRule

Decide = Callable[
    [Policies, FeaturePolicy, VendorChoice, Call, Mapping[SubjectId, Subject], Consents],
    Decision,
]
"""``decide``, or what does the same and something besides."""


def decide(
    policies: Policies,
    feature: FeaturePolicy,
    choice: VendorChoice,
    call: Call,
    subjects: Mapping[SubjectId, Subject],
    consents: Consents,
    languages: Mapping[str, str] = MappingProxyType({}),
) -> Decision:
    """A ``Permission`` with every item's decision, or a ``Refusal`` with every reason.

    1. What must hold before anything can be asked: vendor, inputs, sources and people are known.
    2. The rules about the whole call.
    3. The rules about each item: one that any rule withholds is withheld.
    4. What is left must be enough: every required input, and something at all.
    """
    q = Question(
        policies=policies,
        feature=feature,
        choice=choice,
        call=call,
        subjects=subjects,
        consents=consents,
        languages=languages,
    )
    reasons = _asked(FOUNDATIONS, q)
    if reasons:
        return _refuse(q, reasons, ())
    reasons = _asked(CALL_RULES, q)
    items = tuple(_decide_item(q, item) for item in call.items)
    reasons = (*reasons, *_not_enough(q, items))
    return _refuse(q, reasons, items) if reasons else _permit(q, items)


def _asked(rules: tuple[CallRule, ...], q: Question) -> tuple[Reason, ...]:
    return tuple(reason for rule in rules for reason in rule(q))


def _decide_item(q: Question, item: Item) -> ItemDecision:
    rule = q.feature.inputs[item.input]
    withheld = next((reason for look in ITEM_RULES if (reason := look(q, item, rule)) is not None), None)
    return ItemDecision(
        item=item.path,
        action=Action.WITHHELD if withheld else Action.SHARED,
        treatment=Treatment.WITHHOLD if withheld else rule.treatment,
        category=rule.category,
        reason=withheld or why_shared(q, item, rule),
        about=concerned(item),
        entities=rule.entities,
        coarser=rule.coarser,
    )


def _not_enough(q: Question, items: tuple[ItemDecision, ...]) -> Iterator[Reason]:
    decided = list(zip(q.call.items, items, strict=True))
    for rule in q.feature.inputs.values():
        mine = [(item, decision) for item, decision in decided if item.input == rule.name]
        if not rule.required or any(decision.action is Action.SHARED for _, decision in mine):
            continue
        if not mine:
            yield q.because(Code.REQUIRED_INPUT_MISSING, rule.ref)
        for item, decision in mine:
            yield q.because(Code.REQUIRED_INPUT_WITHHELD, rule.ref, item)
            yield decision.reason
    textless = q.call.exchange is not None and not items
    if not textless and not any(decision.action is Action.SHARED for decision in items):
        yield q.because(Code.NOTHING_TO_SHARE, StandingRule.LISTED_ONLY)
        yield from (decision.reason for decision in items)


def _permit(q: Question, items: tuple[ItemDecision, ...]) -> Permission:
    """The only place where a permission is made."""
    shared = [item for item, decision in zip(q.call.items, items, strict=True) if decision.action is Action.SHARED]
    consents = (consent_used(q, item, q.feature.inputs[item.input]) for item in shared)
    return Permission(
        feature=q.name,
        purpose=q.purpose,
        vendor=q.choice.vendor,
        model=q.choice.model,
        call=q.call,
        subjects=q.subjects,
        items=items,
        consents=tuple(dict.fromkeys(used for used in consents if used is not None)),
        policy_digest=q.feature.digest,
        taxonomy_digest=q.policies.taxonomy.digest,
    )


def _refuse(q: Question, reasons: tuple[Reason, ...], items: tuple[ItemDecision, ...]) -> Refusal:
    return Refusal(
        feature=q.name,
        purpose=q.purpose,
        vendor=q.choice.vendor,
        call=q.call,
        subjects=q.subjects,
        reasons=tuple(dict.fromkeys(reasons)),
        items=items,
        policy_digest=q.feature.digest,
        taxonomy_digest=q.policies.taxonomy.digest,
    )
