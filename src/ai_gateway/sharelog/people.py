"""Whose a share is: everybody it names, and to each the part that is theirs."""

from collections.abc import Sequence

from ai_gateway.model import Item, ItemDecision, Permission, Refusal, SubjectId
from ai_gateway.sharelog.canonical import Json


def people_of(decision: Permission | Refusal) -> tuple[SubjectId, ...]:
    """Everybody the call names, less those erased: nothing new is ever kept about them."""
    subjects = decision.subjects
    return tuple(
        subject for subject in decision.call.people() if subject not in subjects or not subjects[subject].erased
    )


def owners_of(item: Item, decision: Permission | Refusal) -> tuple[SubjectId, ...]:
    """Everybody the item is about, and its author; the actor, when it is about nobody."""
    named = dict.fromkeys((*item.about, *((item.author,) if item.author is not None else ())))
    subjects = decision.subjects
    kept = tuple(subject for subject in named if subject not in subjects or not subjects[subject].erased)
    return kept or (decision.call.actor,)


def shares_of(subject: SubjectId, decision: Permission | Refusal, items: Sequence[ItemDecision]) -> dict[str, Json]:
    """One person's account of a share. It names nobody else."""
    call = decision.call
    asked = {item.path: item for item in call.items}
    fates: list[Json] = []
    for fate in items:
        item = asked.get(fate.item)
        if item is None or subject not in owners_of(item, decision):
            continue
        fates.append(
            {
                "path": fate.item,
                "input": item.input,
                "action": fate.action,
                "category": fate.category,
                "source": item.source,
                "author": item.author == subject,
                "code": fate.reason.code,
                "rule": fate.reason.rule,
                "rule_source": fate.reason.source,
            }
        )
    consents: list[Json] = []
    if isinstance(decision, Permission):
        consents.extend(used.event_id for used in decision.consents if used.subject == subject)
    described = decision.subjects.get(subject)
    return {
        "subject": subject,
        "role": described.role if described is not None else None,
        "actor": subject == call.actor,
        "items": fates,
        "consents": consents,
    }
