"""The same tests under several versions and models: how many assertions hold, and what each costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ai_gateway.workbench.cost import Price
from ai_gateway.workbench.judge import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One version with one model over all cases. ``trouble`` counts cases without a reply, ``cost`` is in US dollars
    (None without a price), ``milliseconds`` the median of what the vendor took, ``removed`` counts entities."""

    version: str
    model: str
    cases: int
    trouble: int
    assertions: int
    held: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    milliseconds: float | None
    removed: int
    failed: tuple[str, ...]


def score(version: str, model: str, judged: Sequence[Judged], price: Price | None) -> Score:
    replies = [one.tried.reply for one in judged if one.tried.reply is not None]
    taken = [one.tried.used.milliseconds for one in judged if one.tried.used is not None]
    into, out = sum(reply.input_tokens for reply in replies), sum(reply.output_tokens for reply in replies)
    return Score(
        version=version,
        model=model,
        cases=len(judged),
        trouble=sum(bool(one.trouble) for one in judged),
        assertions=sum(len(one.tried.case.assertions) for one in judged),
        held=sum(verdict.passed for one in judged for verdict in one.verdicts),
        input_tokens=into,
        output_tokens=out,
        cost=None if price is None else price.of(into, out),
        milliseconds=median(taken) if taken else None,
        removed=sum(sum(one.tried.entities.values()) for one in judged),
        failed=tuple(one.tried.case.title for one in judged if not one.passed),
    )
