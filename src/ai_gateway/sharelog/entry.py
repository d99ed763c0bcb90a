"""What is written: the entry of an intent, of its outcome, or of a denial.

A leaf holds random ids, enumerations, digests of configuration, salted commitments, ciphertext hashes and blinded
tags, and never a word of anybody's. It can be published, and is never erased.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ai_gateway.model import (
    Action,
    CallerId,
    Completion,
    Intent,
    Item,
    ItemDecision,
    Permission,
    Reason,
    Refusal,
    RunId,
    ShareId,
    SubjectId,
    TreatedItem,
)
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.sharelog.asked import asked_facts
from ai_gateway.sharelog.canonical import Json, canonical, compact
from ai_gateway.sharelog.keys import TAG_LENGTH, PersonKey, keyed_hash
from ai_gateway.sharelog.people import owners_of, shares_of
from ai_gateway.sharelog.segments import SALT_LENGTH, Draft, bucket, commitment, seal

VERSION = 1
BODY = 0
"""The segment of an intent that holds the exact outbound body."""
REPLY = 2**32 - 1
"""Stands for the reply in its commitment: it has no segment."""

Keys = Mapping[SubjectId, PersonKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a share ended. ``status`` is ``released``, ``answered`` (the reply came but was not released), an error's
    code, ``abandoned`` (the caller went away), ``not-sent`` or ``presumed-shared`` (nobody knows)."""

    status: str
    completion: Completion | None = field(default=None, repr=False)


def intent_entry(intent: Intent, share: ShareId, at: int, keys: Keys) -> Entry:
    """``keys`` are those of everybody in ``people.people_of`` the intent's permission."""
    prompt, outbound = intent.cleared.prompt, intent.cleared.outbound
    permission = prompt.treated.permission
    asked = {item.path: item for item in permission.call.items}
    drafts = [
        Draft(kind="body", owners=tuple(keys.values()), content=outbound.body),
        *(_item_draft(item, asked[item.path], permission, keys) for item in prompt.items),
        *_person_drafts(permission, prompt.decisions, keys),
    ]
    leaf: dict[str, Json] = {
        "run": intent.run,
        "caller": intent.caller,
        "actor_role": intent.actor_role,
        "feature": permission.feature,
        "feature_version": intent.feature_version,
        "prompt": prompt.prompt_digest,
        "purpose": permission.purpose,
        "vendor": outbound.vendor,
        "model": outbound.model,
        "region": intent.region,
        "recipient_role": intent.recipient_role,
        "transfers": dict(intent.transfers),
        "detector": intent.detector,
        "policy": permission.policy_digest,
        "taxonomy": permission.taxonomy_digest,
        "decision": "permitted",
        "withheld": _withheld_facts(permission, prompt.decisions),
        "asked": asked_facts(permission),
        "consents": [_blinded(keys[c.subject], share, c.event_id) for c in permission.consents if c.subject in keys],
        "input_tokens": bucket(prompt.input_tokens),
        "previous": intent.previous,
        **_trial_facts(permission),
    }
    once = permission.call.once if intent.previous is None else None
    return whole_entry(share, EntryKind.INTENT, at, leaf, drafts, once=once)


def outcome_entry(share: ShareId, outcome: Outcome, at: int, keys: Keys) -> Entry:
    """The reply itself is not kept: ``reply_pc`` commits to it. Each person has a segment of their own with the
    vendor's reply id, because it must outlive the erasure of the others."""
    completion = outcome.completion
    leaf: dict[str, Json] = {"status": outcome.status, "answered": completion is not None}
    if completion is None:
        return whole_entry(share, EntryKind.OUTCOME, at, leaf, ())
    salt = os.urandom(SALT_LENGTH)
    leaf |= {
        "reply_pc": commitment(salt, share, EntryKind.OUTCOME, REPLY, completion.text.encode()).hex(),
        "attempts": completion.attempts,
        "reply_length": bucket(completion.body_length),
        "input_tokens": bucket(completion.input_tokens or 0),
        "output_tokens": bucket(completion.output_tokens or 0),
    }
    reply = compact(
        {
            "response_id": completion.vendor_response_id,
            "model": completion.model,
            "finish_reason": completion.finish_reason,
            "input_tokens": completion.input_tokens,
            "output_tokens": completion.output_tokens,
            "reply_salt": salt.hex(),
        }
    )
    drafts = [Draft(kind="reply", owners=(key,), content=reply) for key in keys.values()]
    return whole_entry(share, EntryKind.OUTCOME, at, leaf, drafts)


def denied_entry(run: RunId, caller: CallerId, refusal: Refusal, share: ShareId, at: int, keys: Keys) -> Entry:
    """Nothing was shared: the reasons, and for each person what was asked about them."""
    leaf: dict[str, Json] = {
        "run": run,
        "caller": caller,
        "actor_role": refusal.subjects[refusal.call.actor].role if refusal.call.actor in refusal.subjects else None,
        "feature": refusal.feature,
        "purpose": refusal.purpose,
        "vendor": refusal.vendor,
        "policy": refusal.policy_digest,
        "taxonomy": refusal.taxonomy_digest,
        "decision": "denied",
        "reasons": [_reason_facts(reason) for reason in refusal.reasons],
        "asked": asked_facts(refusal),
        **_trial_facts(refusal),
    }
    return whole_entry(share, EntryKind.DENIED, at, leaf, _person_drafts(refusal, refusal.items, keys))


def whole_entry(
    share: ShareId,
    kind: EntryKind,
    at: int,
    leaf: Mapping[str, Json],
    drafts: Iterable[Draft],
    *,
    once: bytes | None = None,
) -> Entry:
    """``leaf`` holds the kind's own facts: ids, enumerations, counts, digests; none under a name every leaf has."""
    sealed = [seal(share, kind, n, draft) for n, draft in enumerate(drafts)]
    every: dict[str, Json] = {
        "v": VERSION,
        "type": kind,
        "eid": share,
        "t": at,
        "segments": [facts for _, facts in sealed],
    }
    if taken := every.keys() & leaf.keys():
        raise ValueError(f"{kind}: every leaf has {', '.join(sorted(taken))} of its own")
    return Entry(
        share=share,
        kind=kind,
        at=at,
        leaf=canonical({**leaf, **every}),
        segments=tuple(segment for segment, _ in sealed),
        once=once,
    )


def _item_draft(item: TreatedItem, asked: Item, permission: Permission, keys: Keys) -> Draft:
    """One treated item, readable while all the people it is about have their keys."""
    counts: dict[str, int] = {}
    for span in item.spans:
        counts[span.entity] = counts.get(span.entity, 0) + 1
    facts: dict[str, Json] = {
        "input": item.input,
        "category": item.decision.category,
        "source": asked.source,
        "visibility": asked.visibility,
        "treatment": item.decision.treatment,
        "rule": item.decision.reason.rule,
        "entities": counts,
    }
    content = compact({**facts, "path": item.path, "text": item.text})
    owners = [keys[subject] for subject in owners_of(asked, permission) if subject in keys]
    return Draft(kind="item", owners=owners, content=content, facts=facts)


def _person_drafts(decision: Permission | Refusal, items: Sequence[ItemDecision], keys: Keys) -> Iterable[Draft]:
    """To each person their own account: who they were in this share, and every item about or by them with its fate."""
    for subject, key in keys.items():
        content = compact(shares_of(subject, decision, items))
        yield Draft(kind="person", owners=(key,), content=content)


def _withheld_facts(permission: Permission, decisions: Iterable[ItemDecision]) -> list[Json]:
    inputs = {item.path: item.input for item in permission.call.items}
    return [
        {"input": inputs.get(decision.item), "category": decision.category, **_reason_facts(decision.reason)}
        for decision in decisions
        if decision.action is Action.WITHHELD
    ]


def _trial_facts(decision: Permission | Refusal) -> dict[str, Json]:
    """Nothing for a real call: entries of before trials could be recorded say nothing either."""
    return {"trial": True} if decision.call.trial else {}


def _reason_facts(reason: Reason) -> dict[str, Json]:
    return {"code": reason.code, "rule": reason.rule, "source": reason.source}


def _blinded(key: PersonKey, share: ShareId, event: str) -> str:
    return keyed_hash(key.tag_key, f"{share}\0consent\0{event}".encode())[:TAG_LENGTH].hex()
