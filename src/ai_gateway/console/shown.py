"""What a prepared or answered trial looks like: plain values for the page, in the order it shows them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ai_gateway.console import words
from ai_gateway.console.invented import name_of
from ai_gateway.console.trials import Answered, Trial, Trials
from ai_gateway.model import Action, ClearedOutbound, EntityType, ItemDecision, Reason, Refusal, ShareId
from ai_gateway.treatment.placeholder import placeholders, stem_of
from ai_gateway.workbench.cost import Cost
from ai_gateway.workbench.marks import Mark, Marked, MarkedPair, marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One item's decision."""

    path: str
    shared: bool
    treatment: str
    code: str
    why: str
    rule: str
    source: str
    about: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entity of an item: what stood there, and what stands there now."""

    mark: Mark
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A stretch of a reply; ``entity`` where a pseudonym stands, or what it stands for."""

    text: str = field(repr=False)
    entity: EntityType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Exactly what a vendor would receive, or received. ``inputs`` are the items as they went in."""

    inputs: tuple[Marked, ...] = field(repr=False)
    messages: tuple[Marked, ...] = field(repr=False)
    body: str = field(repr=False)
    input_tokens: int
    max_input_tokens: int
    max_output_tokens: int
    cost: Cost
    entities: tuple[tuple[EntityType, int], ...]
    found: tuple[Found, ...] = field(repr=False)
    prompt_digest: str
    policy_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """``outgoing`` is None for a refused trial; ``reasons`` say why it was."""

    trial: Trial = field(repr=False)
    fates: tuple[Fate, ...] = field(repr=False)
    outgoing: Outgoing | None = field(default=None, repr=False)
    reasons: tuple[Reason, ...] = ()

    @property
    def decisions(self) -> tuple[tuple[Fate, ...], ...]:
        """Items that were decided alike, together."""
        alike: dict[tuple[bool, str, str], list[Fate]] = {}
        for fate in self.fates:
            alike.setdefault((fate.shared, fate.code, fate.rule), []).append(fate)
        return tuple(map(tuple, alike.values()))

    def fate(self, path: str) -> Fate | None:
        return next((fate for fate in self.fates if fate.path == path), None)

    def input(self, path: str) -> Marked | None:
        """An item as it went in, marked."""
        inputs = self.outgoing.inputs if self.outgoing is not None else ()
        return next((one for one in inputs if one.title == path), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A vendor's reply as it came, and as the actor reads it."""

    share: ShareId
    before: tuple[Written, ...] = field(repr=False)
    after: tuple[Written, ...] = field(repr=False)
    finish_reason: str
    input_tokens: int
    output_tokens: int
    milliseconds: float | None
    removed: tuple[tuple[EntityType, int], ...]


def shown_of(trials: Trials, trial: Trial, prepared: ClearedOutbound | Refusal) -> Shown:
    if isinstance(prepared, Refusal):
        return Shown(trial=trial, fates=tuple(_fates(prepared.items)), reasons=prepared.reasons)
    return Shown(
        trial=trial, fates=tuple(_fates(prepared.prompt.decisions)), outgoing=_outgoing(trials, trial, prepared)
    )


def answer_of(answered: Answered) -> Answer:
    treated, reply = answered.cleared.prompt.treated, answered.reply
    stems = {stem_of(pseudonym.token): pseudonym.entity for pseudonym in treated.pseudonyms}
    values = {pseudonym.value: pseudonym.entity for pseudonym in treated.pseudonyms if pseudonym.value}
    return Answer(
        share=reply.shares[-1].id,
        before=tuple(_with_pseudonyms(answered.completion.text, stems)),
        after=tuple(_with_values(reply.output, values)),
        finish_reason=reply.finish_reason,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        milliseconds=reply.timings.get("vendor"),
        removed=tuple(sorted(reply.removed_from_reply.items())),
    )


def _fates(decisions: Sequence[ItemDecision]) -> Iterator[Fate]:
    for decision in decisions:
        reason = decision.reason
        yield Fate(
            path=decision.item,
            shared=decision.action is Action.SHARED,
            treatment=decision.treatment,
            code=reason.code,
            why=words.why(reason.code, reason.detail),
            rule=reason.rule,
            source=reason.source,
            about=tuple(map(name_of, decision.about)),
        )


def _outgoing(trials: Trials, trial: Trial, cleared: ClearedOutbound) -> Outgoing:
    prompt, budget = cleared.prompt, trial.feature.policy.budget
    pair = marked(cleared, trial.prompt, trial.feature.policy)
    return Outgoing(
        inputs=pair.items,
        messages=pair.messages,
        body=json.dumps(json.loads(cleared.outbound.body), indent=2, ensure_ascii=False),
        input_tokens=prompt.input_tokens,
        max_input_tokens=budget.max_input_tokens,
        max_output_tokens=prompt.max_output_tokens,
        cost=trials.cost(trial, cleared),
        entities=tuple(sorted(prompt.treated.entities.items())),
        found=tuple(_found(pair)),
        prompt_digest=prompt.prompt_digest,
        policy_digest=prompt.treated.permission.policy_digest,
    )


def _found(pair: MarkedPair) -> Iterator[Found]:
    """Entity by entity, each once however often it stands in an item."""
    after: dict[str, list[str]] = {}
    for message in pair.messages:
        for part in message.parts:
            if part.item is not None and part.mark is not None:
                after.setdefault(part.item, []).append(part.text)
    for item in pair.items:
        told: set[tuple[str, str]] = set()
        places = [part for part in item.parts if part.mark is not None]
        for part, new in zip(places, after.get(item.title, ()), strict=False):  # an item may stand in two messages
            if part.mark is not None and (part.text, new) not in told:
                told.add((part.text, new))
                yield Found(mark=part.mark, before=part.text, after=new)


def _with_pseudonyms(text: str, stems: Mapping[str, EntityType]) -> Iterator[Written]:
    at = 0
    for place in placeholders(text, stems):
        yield from _plain(text[at : place.start])
        yield Written(text=text[place.start : place.end], entity=stems[place.stem])
        at = place.end
    yield from _plain(text[at:])


def _with_values(text: str, values: Mapping[str, EntityType]) -> Iterator[Written]:
    """Where a value stands that a pseudonym stood for; of two at one place the longer one."""
    at = 0
    while places := [(place, value) for value in values if (place := text.find(value, at)) >= 0]:
        start, value = min(places, key=lambda place: (place[0], -len(place[1])))
        yield from _plain(text[at:start])
        yield Written(text=value, entity=values[value])
        at = start + len(value)
    yield from _plain(text[at:])


def _plain(text: str) -> Iterator[Written]:
    if text:
        yield Written(text=text)
