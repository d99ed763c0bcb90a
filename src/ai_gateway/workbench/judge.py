"""Whether what came of a case is what its assertions say."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ai_gateway.model import Treatment
from ai_gateway.prompts.assertions import DECISION, ENTITIES, IS_JSON, OUTBOUND, REFUSED, TOKENS, base
from ai_gateway.prompts.cases import Assertion
from ai_gateway.workbench.trial import Tried

_LONGEST = 200
_SECONDS_OF_TEXT = 200_000
"""A pattern is tried on at most so many characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``said`` is for people: what was asserted, and where it failed what was there instead."""

    assertion: Assertion
    passed: bool
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A case with what came of it. ``trouble`` is why it could not be judged: refused, nothing recorded."""

    tried: Tried
    verdicts: tuple[Verdict, ...]
    trouble: str = ""

    @property
    def passed(self) -> bool:
        return not self.trouble and all(verdict.passed for verdict in self.verdicts)


def judge(tried: Tried) -> Judged:
    """A refusal that a decision assertion expects is an answer; any other error is trouble, whatever is asserted."""
    assertions = tried.case.assertions
    expected = any(one.kind == DECISION and _value(one).get("action") == REFUSED for one in assertions)
    trouble = "" if tried.error is None or (expected and tried.refusals) else told(tried)
    judged = [one for one in assertions if tried.reply is not None or one.kind == DECISION or _leaves(one, tried)]
    verdicts = tuple(_judge(one, tried) for one in judged)
    return Judged(tried=tried, verdicts=verdicts, trouble=trouble)


def told(tried: Tried) -> str:
    """The error in a line, with every reason of a refusal."""
    if tried.error is None:
        return ""
    reasons = "; ".join(f"{one['code']} ({one['rule']}, {one['source']})" for one in tried.refusals)
    return f"{tried.error.code}: {tried.error.detail}" + (f" [{reasons}]" if reasons else "")


def _leaves(assertion: Assertion, tried: Tried) -> bool:
    """What is asserted of the outbound text can be judged without a reply."""
    outbound = assertion.kind.startswith(OUTBOUND) or assertion.kind in (ENTITIES, TOKENS)
    return outbound and (tried.cleared is not None or tried.error is not None)


def _judge(assertion: Assertion, tried: Tried) -> Verdict:
    match assertion.kind:
        case kind if kind == DECISION:
            passed, instead = _decided(_value(assertion), tried)
        case kind if kind == ENTITIES:
            passed, instead = _counted(_value(assertion), tried)
        case kind if kind == TOKENS:
            count = tried.cleared.prompt.input_tokens if tried.cleared is not None else 0
            passed, instead = 0 < count <= cast("int", assertion.value), f"{count} tokens"
        case _:
            passed, instead = _compared(assertion, tried)
    wanted = f"{assertion.kind} {_short(assertion.value)}".strip()
    return Verdict(assertion=assertion, passed=passed, said=wanted if passed else f"{wanted}; there was: {instead}")


def _compared(assertion: Assertion, tried: Tried) -> tuple[bool, str]:
    outbound = assertion.kind.startswith(OUTBOUND)
    text = tried.outbound_text if outbound else (tried.reply.output if tried.reply is not None else "")
    kind, negated = base(assertion.kind)
    if outbound and tried.cleared is None:
        return negated, "nothing, for nothing would leave"
    return COMPARED[kind](text, assertion.value) is not negated, _short(text) if text else "an empty text"


def _any(compare: Callable[[str, str], bool]) -> Callable[[str, object], bool]:
    return lambda text, value: any(compare(text, one) for one in cast("Sequence[str]", value))


def _all(compare: Callable[[str, str], bool]) -> Callable[[str, object], bool]:
    return lambda text, value: all(compare(text, one) for one in cast("Sequence[str]", value))


def _contains(text: str, value: object) -> bool:
    return str(value) in text


def _icontains(text: str, value: object) -> bool:
    return str(value).casefold() in text.casefold()


def _is_json(text: str, _value: object) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


COMPARED: Mapping[str, Callable[[str, object], bool]] = {
    "equals": lambda text, value: text == value,
    "contains": _contains,
    "icontains": _icontains,
    "starts-with": lambda text, value: text.startswith(str(value)),
    "regex": lambda text, value: re.search(str(value), text[:_SECONDS_OF_TEXT]) is not None,
    "contains-any": _any(_contains),
    "contains-all": _all(_contains),
    "icontains-any": _any(_icontains),
    "icontains-all": _all(_icontains),
    IS_JSON: _is_json,
}


def _decided(wanted: Mapping[str, object], tried: Tried) -> tuple[bool, str]:
    """Some decision, or some reason of a refusal, is as wanted in all that is said of it."""
    made: list[Mapping[str, str]] = [
        {"item": one.item, "action": one.action, "code": one.reason.code, "treatment": one.treatment}
        for one in tried.decisions
    ]
    made += [{"action": REFUSED, "item": "", "treatment": Treatment.WITHHOLD} | dict(one) for one in tried.refusals]
    passed = any(all(one.get(key) == value for key, value in wanted.items()) for one in made)
    near = [one for one in made if one["item"] == wanted.get("item")] or made
    told_of = (f"{one['item'] or 'the call'} {one['action']} ({one['code']})" for one in near)
    return passed, ", ".join(told_of) or "no decision"


def _counted(wanted: Mapping[str, object], tried: Tried) -> tuple[bool, str]:
    passed = all(tried.entities.get(kind, 0) == count for kind, count in wanted.items())
    return passed, ", ".join(f"{count} {kind}" for kind, count in sorted(tried.entities.items())) or "none removed"


def _value(assertion: Assertion) -> Mapping[str, object]:
    return assertion.value if isinstance(assertion.value, dict) else {}


def _short(value: object) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
