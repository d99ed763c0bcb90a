"""Laws of requests in a vendor's protocol: refused, or nobody leaves and everybody comes back in place."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import canaries
from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.budget import fit
from ai_gateway.errors import EgressRefused, RequestInvalid, RequestTooLarge, ShapeRefused, ShareRefused
from ai_gateway.exchanges import Attribution, call_of, read
from ai_gateway.model import (
    BudgetedPrompt,
    CallerId,
    Choices,
    Completion,
    FeatureName,
    Known,
    Outbound,
    Permission,
    Role,
    SubjectId,
)
from ai_gateway.policies.decide import decide
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.requests import REQUESTS
from ai_gateway.protocols.shape import Json, Place
from ai_gateway.protocols.walk import rewrite
from ai_gateway.treatment.egress import clear
from ai_gateway.treatment.treat import Treatment
from builders_policies import consents, shipped, subject
from nightly import examples
from request_samples import Maker, alike, opened

EXAMPLES = 2_000
ASSISTANT = FeatureName("assistant")
ACTOR = subject(
    SubjectId("pro_1"),
    role=Role.INDEPENDENT_PROFESSIONAL,
    choices=Choices(opted_in=frozenset({ASSISTANT})),
    known=Known(
        names=("Zephyrine Quillfeather", "Dana Okafor"),
        emails=("zephyrine@quillfeather.example", "dana@okafor.example"),
        phones=("415-555-0173",),
        handles=("zephquill", "danabuilds"),
    ),
)
OTHER = subject(
    SubjectId("cli_1"),
    role=Role.CLIENT,
    known=Known(names=("Sam Lee",), emails=("sam.lee@brightwater.example",), organizations=("Brightwater",)),
)
PEOPLE = {person.id: person for person in (ACTOR, OTHER)}
TREATMENT = Treatment(StackDetector(tiers=[PatternDetector()]), PresidioOperators())
SAID = Attribution(actor=ACTOR.id, about=(OTHER.id,))
seeds = st.integers(0, 2**32).map(Random)


class Characters:
    """``ports.TokenCounter``, generous."""

    def count(self, texts: Sequence[str], encoding: str) -> int:
        return sum(map(len, texts)) // 100


def treated(protocol: Protocol, body: Json, runner: asyncio.Runner) -> BudgetedPrompt:
    policies = shipped()
    feature = policies.features[ASSISTANT]
    call = call_of(read(protocol, body), ASSISTANT, CallerId("marketplace"), SAID)
    choice = next(choice for choice in feature.vendors if choice.vendor == "standin")
    decision = decide(policies, feature, choice, call, PEOPLE, consents())
    if not isinstance(decision, Permission):
        raise ShareRefused  # a request without any text, or without any that is allowed
    model = policies.vendors[choice.vendor].models[choice.model]
    return fit(runner.run(TREATMENT.treat(decision)), None, feature.budget, model, Characters())


def sent(prompt: BudgetedPrompt) -> bytes:
    assert prompt.exchange is not None
    outbound = Outbound(
        vendor=next(iter(shipped().vendors)),
        model="gpt-x",
        method="POST",
        url="http://127.0.0.1:1/v1",
        headers={"content-type": "application/json"},
        body=json.dumps(prompt.exchange.body).encode(),
    )
    return clear(outbound, prompt).outbound.body


def echoed(prompt: BudgetedPrompt, body: bytes, runner: asyncio.Runner) -> Any:
    """The vendor says all of it back, as the arguments of a call."""
    arguments = json.dumps(opened(json.loads(body)), ensure_ascii=False)
    call: Json = {"id": "call_1", "type": "function", "function": {"name": "repeat", "arguments": arguments}}
    reply: Json = {"choices": [{"index": 0, "message": {"role": "assistant", "tool_calls": [call]}}]}
    completion = Completion(text="", finish_reason="stop", model="m", body_length=1, reply=reply)
    rule = shipped().features[ASSISTANT].output
    released = json.loads(runner.run(TREATMENT.release(completion, prompt, rule)).text)
    return json.loads(released["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])


def expected(protocol: Protocol, body: Json) -> Any:
    """Without what is dropped; a participant's name is written as the protocol allows it."""

    def as_is(_place: Place, text: str) -> str:
        return text

    return rewrite(REQUESTS[protocol], body, as_is)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


def try_one(runner: asyncio.Runner, protocol: Protocol, random: Random) -> str:
    """How one request ended; fails where a person left, or did not come back in place."""
    maker = Maker(random, mischief=random.choice((0.0, 0.0, 0.0, 0.0, 0.02)))
    body = maker.make(REQUESTS[protocol])
    if not isinstance(body, dict):
        body = {"model": "m", "messages": body, "input": body}
    body.pop("stream", None)
    try:
        prompt = treated(protocol, body, runner)
        out = sent(prompt)
    except (ShapeRefused, RequestInvalid, RequestTooLarge, EgressRefused, ShareRefused) as refusal:
        return f"{refusal.code} {refusal.facts.get('at', refusal.facts.get('places'))}"
    assert canaries.traces([out, json.dumps(json.loads(out), ensure_ascii=False)]) == []
    assert alike(echoed(prompt, out, runner)) == alike(opened(expected(protocol, body)))
    return "sent"


def test_a_request_is_refused_or_nobody_leaves_and_everybody_comes_back_in_place(runner: asyncio.Runner) -> None:
    """Most are sent, or the law would say little."""
    ended: Counter[str] = Counter()

    @examples(EXAMPLES)
    @given(st.sampled_from(list(Protocol)), seeds)
    def law(protocol: Protocol, random: Random) -> None:
        ended[try_one(runner, protocol, random)] += 1

    law()
    assert ended.total() >= EXAMPLES
    assert ended["sent"] > 0.6 * ended.total(), ended
