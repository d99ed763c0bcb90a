"""The chain of rules that made a decision: each rule that was asked, in the order of asking, and what it said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ai_gateway.model import Reason
from ai_gateway.policies.call_rules import CALL_RULES, FOUNDATIONS
from ai_gateway.policies.hypothesis import Outcome, outcomes
from ai_gateway.policies.item_rules import ITEM_RULES, why_shared
from ai_gateway.policies.question import Question

PASSES, STOPS, NOT_ASKED = "passes", "stops it", "not asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``rule`` is the rule's name in code; ``at`` and ``rests_on`` say which clause gave the reason, if one did."""

    about: str
    rule: str
    says: str
    code: str = ""
    at: str = ""
    rests_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    outcome: Outcome
    steps: tuple[Step, ...]


def trace(q: Question) -> Trace:
    """Of the call's first item. The rules are those of ``decide``; the outcome is its own."""
    return Trace(outcome=outcomes(q)[0], steps=tuple(_steps(q)))


def _steps(q: Question) -> Iterator[Step]:
    item = q.call.items[0]
    stopped = False
    for look in FOUNDATIONS:
        reason = next(look(q), None)
        stopped = stopped or reason is not None
        yield _step("call", look, reason)
    if stopped:
        for later in CALL_RULES:
            yield Step(about="call", rule=_name(later), says=NOT_ASKED)
        for after in ITEM_RULES:
            yield Step(about="text", rule=_name(after), says=NOT_ASKED)
        return
    for look in CALL_RULES:
        yield _step("call", look, next(look(q), None))
    rule = q.feature.inputs[item.input]
    withheld = False
    for ask in ITEM_RULES:
        if withheld:
            yield Step(about="text", rule=_name(ask), says=NOT_ASKED)
            continue
        reason = ask(q, item, rule)
        withheld = reason is not None
        yield _step("text", ask, reason)
    if not withheld:
        why = why_shared(q, item, rule)
        yield Step(about="text", rule="why shared", says=PASSES, code=why.code, at=why.rule, rests_on=why.source)


def _step(about: str, rule: Callable[..., object], reason: Reason | None) -> Step:
    if reason is None:
        return Step(about=about, rule=_name(rule), says=PASSES)
    return Step(about=about, rule=_name(rule), says=STOPS, code=reason.code, at=reason.rule, rests_on=reason.source)


def _name(rule: Callable[..., object]) -> str:
    return rule.__name__.replace("_", " ")
