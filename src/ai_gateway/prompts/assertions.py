"""What a test may assert, in promptfoo's form: of the reply, of what leaves, and of what was decided."""

import re
from collections.abc import Callable

from ai_gateway.documents import Value, did_you_mean
from ai_gateway.model import Action, Treatment
from ai_gateway.prompts.cases import Assertion
from ai_gateway.prompts.fields import Fields

ONE_TEXT = ("equals", "contains", "icontains", "starts-with", "regex")
TEXTS = ("contains-any", "contains-all", "icontains-any", "icontains-all")
IS_JSON = "is-json"
OUTBOUND = "outbound-"
DECISION, ENTITIES, TOKENS = "decision", "entities", "tokens"
REFUSED = "refused"

ON_REPLY = tuple(f"{negation}{kind}" for negation in ("", "not-") for kind in (*ONE_TEXT, *TEXTS, IS_JSON))
ON_OUTBOUND = tuple(f"{OUTBOUND}{negation}{kind}" for negation in ("", "not-") for kind in (*ONE_TEXT, *TEXTS))
ON_FLOW = (DECISION, ENTITIES, TOKENS)
ASSERTIONS = (*ON_REPLY, *ON_OUTBOUND, *ON_FLOW)
"""promptfoo's assertions that need nothing but the reply's text, the same on what leaves, and ours on the flow."""

_RUNS_CODE = "runs code of the file's author, and a prompt file holds none; say it with regex, contains or is-json"
_ASKS_A_MODEL = "asks a model to judge, which would be a share of its own; say it with contains-all or regex"
_VARIES = "depends on the machine and the hour; `prompts eval` shows it beside the assertions"
NOT_SUPPORTED = {
    **dict.fromkeys(("javascript", "python", "ruby", "webhook"), _RUNS_CODE),
    **dict.fromkeys(
        (
            "llm-rubric",
            "model-graded-closedqa",
            "factuality",
            "answer-relevance",
            "context-recall",
            "g-eval",
            "similar",
        ),
        _ASKS_A_MODEL,
    ),
    **dict.fromkeys(("latency", "cost", "perplexity"), _VARIES),
}
"""promptfoo's assertions that are left out on purpose, and why."""

MAX_ASSERTIONS = 50
_DECISION = ("item", "action", "code", "treatment")
_ACTIONS = (*Action, REFUSED)


def base(kind: str) -> tuple[str, bool]:
    """``outbound-not-regex`` → ``("regex", True)``: the comparison, and whether it is turned round."""
    plain = kind.removeprefix(OUTBOUND)
    return plain.removeprefix("not-"), plain.startswith("not-")


def read_assertions(test: Fields) -> tuple[Assertion, ...]:
    """Those under ``assert``; every problem goes to the fields' list."""
    if not test.data.get("assert"):
        what = "a test without assertions can never fail; say what must come of it"
        test.report("assert", what, code="test-without-assertions")
        return ()
    return tuple(_read(one) for one in test.mappings("assert", maximum=MAX_ASSERTIONS))


def _read(given: Fields) -> Assertion:
    given.only("type", "value")
    kind, value = given.data.get("type"), given.data.get("value")
    if not isinstance(kind, str) or kind not in ASSERTIONS:
        _unknown(given, kind)
        kind = ON_REPLY[0]
    elif wrong := _VALUES[base(kind)[0]](given, value):
        given.report("value", wrong, code="assertion-value")
    return Assertion(kind=kind, value=value, line=given.position("type").line)


def _unknown(given: Fields, kind: Value) -> None:
    plain = kind.removeprefix("not-") if isinstance(kind, str) else ""
    if plain in NOT_SUPPORTED:
        given.report("type", f"{plain} {NOT_SUPPORTED[plain]}", code="assertion-unsupported")
        return
    near = did_you_mean(kind, ASSERTIONS) if isinstance(kind, str) else ""
    told = ", ".join((*ONE_TEXT, *TEXTS, IS_JSON, *ON_FLOW))
    what = f"must be one of {told}; with not- before it, or outbound- for what leaves{near}"
    given.report("type", what, code="assertion-unknown")


def _one_text(_given: Fields, value: Value) -> str:
    return "" if isinstance(value, str) and value else "must be a text"


def _pattern(_given: Fields, value: Value) -> str:
    if not isinstance(value, str) or not value:
        return "must be a text"
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError):
        return "is not a regular expression"
    return ""


def _texts(_given: Fields, value: Value) -> str:
    fits = isinstance(value, list) and value and all(isinstance(one, str) and one for one in value)
    return "" if fits else "must be a list of texts"


def _nothing(_given: Fields, value: Value) -> str:
    return "" if value is None else "takes no value; assert what the JSON holds with regex"


def _decision(given: Fields, value: Value) -> str:
    if not isinstance(value, dict) or not value:
        return "must be a mapping: {item: messages[0], action: withheld, code: message-consent-missing}"
    inner = given.mapping("value")
    inner.only(*_DECISION)
    for key in value:
        if key == "action":
            inner.choice(key, *_ACTIONS)
        elif key == "treatment":
            inner.choice(key, *Treatment)
        elif key in _DECISION:
            inner.text(key)
    return ""


def _entities(given: Fields, value: Value) -> str:
    if not isinstance(value, dict) or not value:
        return "must be a mapping of entity types to how many are removed: {PERSON: 2}"
    inner = given.mapping("value")
    for key in value:
        inner.whole(key, 0, 100_000)
    return ""


def _tokens(given: Fields, _value: Value) -> str:
    given.whole("value", 1, 10_000_000)
    return ""


_VALUES: dict[str, Callable[[Fields, Value], str]] = {
    **dict.fromkeys(ONE_TEXT, _one_text),
    "regex": _pattern,
    **dict.fromkeys(TEXTS, _texts),
    IS_JSON: _nothing,
    DECISION: _decision,
    ENTITIES: _entities,
    TOKENS: _tokens,
}
"""Per comparison: what is wrong with its value; ``""`` when nothing is."""
