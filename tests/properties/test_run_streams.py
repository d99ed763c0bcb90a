"""A law of feature runs: however the vendor cuts its stream, the pieces joined are the unstreamed answer."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.errors import ReplyRefused
from ai_gateway.model import BudgetedPrompt, ClearedOutbound, Completion, Released, Role
from ai_gateway.policies.policy import OutputRule, UnexpectedPersonalData
from ai_gateway.protocols.protocol import Speech
from ai_gateway.protocols.sse import Reader
from ai_gateway.treatment.streaming import stream_of
from ai_gateway.treatment.treat import Treatment
from fakes import LiteralDetector
from nightly import examples
from reply_streams import REPLIES, cut, streamed
from treatment_samples import budgeted, item, outbound, permission, rule

TREATMENT = Treatment(
    LiteralDetector({"Bo Stone": "PERSON", "Zoe": "PERSON", "10 Elm St": "ADDRESS"}), PresidioOperators()
)
WORDS = (
    *("<CLIENT_1>", "CLIENT_1", "< person 1 >", "\\<PERSON\\_1\\>", "<CLIENT_1", "<CLIENT_12>", "<PROFESSIONAL_1>"),
    *("Zoe", "Sam Lee", "Bo Stone", "Dana Okafor", "10 Elm St", "dana@okafor.example"),
    *("the work is done.", "And then?", "it goes on", "Dr. Stone", "👍", "é", "\n", "\n\n", "<", "&lt;", "x" * 90),
)
seeds = st.integers(0, 2**32).map(Random)
rules = st.sampled_from([rule(Role.CLIENT, unexpected=unexpected) for unexpected in UnexpectedPersonalData])


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def prompt(runner: asyncio.Runner) -> BudgetedPrompt:
    return budgeted(runner.run(TREATMENT.treat(permission([item("Sam Lee, Bo Stone, Dana Okafor")]))))


async def joined(prompt: BudgetedPrompt, speech: Speech, parts: list[bytes], output: OutputRule) -> Released | None:
    """What a client puts together, with what was done to it; None where the reply was refused."""
    stream = stream_of(
        TREATMENT, ClearedOutbound(outbound=replace(outbound(prompt), speech=speech), prompt=prompt), output
    )
    try:
        sent = b"".join([await stream.feed(part) for part in parts]) + await stream.finish()
    except ReplyRefused:
        return None
    told = (json.loads(event.data)["text"] for event in Reader().feed(sent))
    return replace(stream.released(), text="".join(told))


async def whole(prompt: BudgetedPrompt, text: str, output: OutputRule) -> Released | None:
    try:
        return await TREATMENT.release(Completion(text=text, finish_reason="stop", model="m"), prompt, output)
    except ReplyRefused:
        return None


@examples(2_000)
@given(st.sampled_from(list(Speech)), rules, seeds)
def test_any_split_of_a_runs_stream_gives_the_unstreamed_answer(
    runner: asyncio.Runner, prompt: BudgetedPrompt, speech: Speech, output: OutputRule, random: Random
) -> None:
    text = " ".join(random.choices(WORDS, k=random.choice((3, 10, 60))))
    parts = cut(streamed(speech, REPLIES[speech](text), random), random)
    assert runner.run(joined(prompt, speech, parts, output)) == runner.run(whole(prompt, text, output))
