"""What will be done to each entity of one item: the policy's action, and what stands there afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ai_gateway.model import EntityType, Item, ItemDecision, Pseudonym, Span, Treatment
from ai_gateway.policies.vocabulary import COARSER_FORMS, QUASI_IDENTIFIERS
from ai_gateway.treatment.generalize import generalize
from ai_gateway.treatment.identifiers import Identifiers
from ai_gateway.treatment.markers import redacted
from ai_gateway.treatment.pseudonyms import Sighting
from ai_gateway.treatment.quasi import disjoint, find, find_employers, industry_of

_EMPLOYER = EntityType("ORGANIZATION")


class Planned(NamedTuple):
    """One entity of an item. ``new`` stands there afterwards; a pseudonym's token is not known yet, ``sighting`` is."""

    span: Span
    value: str
    new: str | None = None
    sighting: Sighting | None = None

    def __repr__(self) -> str:
        return f"Planned(span={self.span!r}, sighting={self.sighting!r})"  # the values are personal

    @property
    def is_left(self) -> bool:
        """Whether the value stays as it is."""
        return self.new == self.value


@dataclass(frozen=True, slots=True)
class Plan:
    item: Item
    decision: ItemDecision
    entities: tuple[Planned, ...]

    def sightings(self) -> list[Sighting]:
        return [entity.sighting for entity in self.entities if entity.sighting is not None]

    def replacements(self, pseudonyms: Mapping[Sighting, Pseudonym]) -> list[tuple[int, int, str]]:
        """``(start, end, new)`` for all that does not stay."""
        replaced: list[tuple[int, int, str]] = []
        for entity in self.entities:
            new = pseudonyms[entity.sighting].token if entity.sighting is not None else entity.new
            if new is not None and entity.new != entity.value:
                replaced.append((entity.span.start, entity.span.end, new))
        return replaced

    def in_clear(self) -> Iterator[str]:
        """What may be read of the entities afterwards: values shared, and the coarser ones."""
        return (entity.new for entity in self.entities if entity.new is not None)


def plan(item: Item, decision: ItemDecision, spans: Sequence[Span], known: Identifiers) -> Plan:
    """``spans`` are disjoint and in order. What tells of a person only together with other things is looked for here,
    where the policy does something to it."""
    together = _with_quasi_identifiers(item.text, decision, spans)
    return Plan(item, decision, tuple([_planned(item.text[s.start : s.end], s, decision, known) for s in together]))


def _with_quasi_identifiers(text: str, decision: ItemDecision, spans: Sequence[Span]) -> Sequence[Span]:
    kinds = [kind for kind in QUASI_IDENTIFIERS if decision.entities.get(kind, Treatment.SHARE) != Treatment.SHARE]
    employers = decision.coarser.get(_EMPLOYER)
    if not kinds and not employers:
        return spans
    more = find(text, kinds)
    if employers is not None:
        more += [
            Span(start=start, end=end, entity=_EMPLOYER, found_by="rule")
            for start, end in find_employers(text, employers.industries)
        ]
    return disjoint((*spans, *more))


def _planned(value: str, span: Span, decision: ItemDecision, known: Identifiers) -> Planned:
    match _action(value, span, decision, known):
        case Treatment.SHARE:
            return Planned(span, value, new=value)
        case Treatment.PSEUDONYMIZE:
            return Planned(span, value, sighting=Sighting(span.entity, value, span.subject))
        case Treatment.GENERALIZE:
            return _generalized(value, span, decision, known)
        case Treatment.REDACT | Treatment.WITHHOLD | Treatment.PUBLIC_ONLY:  # the last two are no actions on an entity
            return Planned(span, value, new=redacted(span.entity))


def _action(value: str, span: Span, decision: ItemDecision, known: Identifiers) -> Treatment:
    """The policy's, but no known identifier stays, whatever the policy shares."""
    action = decision.entities.get(span.entity, decision.default_entity)
    if action == Treatment.SHARE and (span.found_by == "known" or known.are_in(value)):
        return Treatment.PSEUDONYMIZE
    return action


def _generalized(value: str, span: Span, decision: ItemDecision, known: Identifiers) -> Planned:
    """What holds a known identifier is no coarser for it. An employer that no rule names gets a pseudonym."""
    coarser = decision.coarser.get(span.entity)
    if span.entity == _EMPLOYER:
        industry = industry_of(value, coarser.industries) if coarser is not None else None
        sighting = None if industry else Sighting(span.entity, value, span.subject)
        return Planned(span, value, new=industry, sighting=sighting)
    forms = COARSER_FORMS.get(span.entity, ())
    to = coarser.to if coarser is not None else forms[0] if forms else None
    coarse = generalize(span.entity, value, to) if to is not None else None
    if coarse is None or known.are_in(coarse):
        coarse = redacted(span.entity)
    return Planned(span, value, new=coarse)
