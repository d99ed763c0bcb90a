"""Treats what the policy permits: finds personal data in all items at once, does to each what the policy says."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ai_gateway.model import (
    Action,
    BudgetedPrompt,
    Completion,
    Item,
    ItemDecision,
    Permission,
    Pseudonym,
    Released,
    Span,
    TreatedItem,
    TreatedPrompt,
)
from ai_gateway.policies.policy import OutputRule
from ai_gateway.ports import Detector, Operators, Party
from ai_gateway.protocols import event_data
from ai_gateway.protocols.replies import is_structured, restored
from ai_gateway.protocols.restoring import Restorers
from ai_gateway.treatment.attribute import Owners
from ai_gateway.treatment.everywhere import Words, everywhere
from ai_gateway.treatment.families import ShortForms
from ai_gateway.treatment.identifiers import identifiers_of
from ai_gateway.treatment.plan import Plan, Planned, plan
from ai_gateway.treatment.pseudonyms import Sighting, allocate, typed
from ai_gateway.treatment.release import Release, restoring
from ai_gateway.treatment.words import Worded


class Treatment:
    """Both directions. Keeps nothing between calls. ``nicknames``: given names, folded, to their short forms."""

    def __init__(
        self,
        detector: Detector,
        operators: Operators,
        nicknames: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> None:
        self.detector = detector
        self._operators = operators
        self._short_forms = ShortForms(nicknames)

    async def treat(self, permission: Permission) -> TreatedPrompt:
        """Every permitted item as a vendor may see it. The only maker of ``TreatedPrompt``.

        1. Find, in all items together.  2. Flag what was found wherever else it stands.  3. Say whose it is.  4. Choose
        the action per entity.  5. Number the pseudonyms.  6. Replace.  Raises ``DetectorUnavailable``.
        """
        permitted = _permitted(permission)
        texts = [item.text for item, _ in permitted]
        parties = _parties(permission)
        words_of = Worded()
        found = everywhere(texts, await self.detector.detect(texts, parties) if texts else (), words_of)
        spellings = self.detector.spellings(parties)
        known, owners = identifiers_of(spellings), Owners(self.detector, parties)
        plans = [
            plan(item, decision, _attributed(item, spans, owners), known)
            for (item, decision), spans in zip(permitted, found.spans, strict=True)
        ]
        pseudonyms = _pseudonyms(permission, plans, self._short_forms, words_of)
        changed = [entity for one in plans for entity in one.entities if not entity.is_left]
        return TreatedPrompt(
            permission=permission,
            items=tuple([self._treated(one, pseudonyms) for one in plans]),
            pseudonyms=tuple(pseudonyms.values()),
            identifiers=spellings | _removed_values(plans, changed, found.telling, words_of),
            entities=Counter([entity.span.entity for entity in changed]),
        )

    async def release(self, completion: Completion, prompt: BudgetedPrompt, rule: OutputRule) -> Released:
        """The reply as the actor may see it: scanned first, then restored; of an exchange, its JSON throughout.

        Raises ``DetectorUnavailable``, and ``ReplyRefused`` where the rule says so.
        """
        if prompt.exchange is not None:
            return self._release_exchange(completion, prompt, rule)
        release = self.releasing(prompt, rule)
        return release.released(await release.feed(completion.text) + await release.finish())

    def releasing(self, prompt: BudgetedPrompt, rule: OutputRule) -> Release:
        """``release``, for a text that comes in pieces."""
        return Release(prompt, rule, self.detector, self._operators)

    def restorers(self, prompt: BudgetedPrompt, rule: OutputRule) -> Restorers:
        """For the texts of one reply that comes in many: what this actor may see is restored in each."""
        return restoring(prompt.treated, rule)

    def _release_exchange(self, completion: Completion, prompt: BudgetedPrompt, rule: OutputRule) -> Released:
        """A reply without JSON of its own (vectors) holds no text, and passes as it came."""
        if completion.reply is None:
            return Released(text=completion.text, restored=0, removed={})
        structured = prompt.exchange is not None and is_structured(prompt.exchange.body)
        reply = restored(completion.reply, self.restorers(prompt, rule), structured=structured)
        return Released(text=event_data.write(reply), restored=0, removed={})

    def _treated(self, plan: Plan, pseudonyms: Mapping[Sighting, Pseudonym]) -> TreatedItem:
        return TreatedItem(
            path=plan.item.path,
            input=plan.item.input,
            text=self._operators.apply(plan.item.text, plan.replacements(pseudonyms)),
            decision=plan.decision,
            spans=tuple([entity.span for entity in plan.entities]),
            tokens=tuple(dict.fromkeys([pseudonyms[sighting].token for sighting in plan.sightings()])),
        )


def _permitted(permission: Permission) -> list[tuple[Item, ItemDecision]]:
    decisions = {decision.item: decision for decision in permission.items if decision.action == Action.SHARED}
    return [(item, decisions[item.path]) for item in permission.call.items if item.path in decisions]


def _parties(permission: Permission) -> tuple[Party, ...]:
    return tuple(Party(subject.id, subject.known) for subject in permission.subjects.values())


def _attributed(item: Item, spans: Iterable[Span], owners: Owners) -> list[Span]:
    return [
        replace(span, subject=owners.owner(span, item)) if span.subject is None and span.found_by == "known" else span
        for span in spans
    ]


def _pseudonyms(
    permission: Permission, plans: Sequence[Plan], short_forms: ShortForms, words_of: Worded
) -> Mapping[Sighting, Pseudonym]:
    call = permission.call
    people = [permission.subjects[subject] for subject in call.people() if subject in permission.subjects]
    written = [item.text for item in call.items]
    written += [value for value in call.parameters.values() if isinstance(value, str)]
    sightings = [sighting for plan in plans for sighting in plan.sightings()]
    return allocate(sightings, people, typed(written), short_forms, words_of)


def _removed_values(
    plans: Sequence[Plan], changed: Sequence[Planned], telling: frozenset[Words], words_of: Worded
) -> frozenset[str]:
    """Found values that were removed and stand nowhere in clear by the policy's word (another item may share them)."""
    clear = [f" {' '.join(words_of[text])} " for plan in plans for text in plan.in_clear()]
    removed = {words_of[entity.value] for entity in changed}
    values = [" ".join(words) for words in removed & telling]
    if not clear:
        return frozenset(values)
    return frozenset([value for value in values if not any(f" {value} " in text for text in clear)])
