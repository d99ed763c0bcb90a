"""One share as it is told to one of its people. Plain functions from a view to JSON; nobody else is named in it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from ai_gateway.model import CategoryCode, Purpose, VendorName
from ai_gateway.policies.policy import Policies, VendorProfile
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.view import ItemFate, OutcomeView, SharedItem, ShareState, ShareView

_DAY_MS = 86_400_000


def share_account(share: ShareView, policies: Policies) -> dict[str, Json]:
    """A share in doubt counts as shared. ``contents``: ``readable``, ``deleted`` (its retention has passed) or
    ``unreadable`` in part (it was about somebody else, too, who was erased)."""
    vendor = policies.vendors.get(VendorName(share.fact("vendor") or ""))
    mine = share.people[0] if share.people else None
    return {
        "share": share.id,
        "at": moment(share.at),
        "entry": share.index,
        "state": share.state.value,
        "counts_as_shared": share.state is not ShareState.DENIED,
        "feature": share.fact("feature"),
        "feature_version": share.fact("feature_version"),
        "purpose": share.fact("purpose"),
        "purpose_in_words": _purpose(share.fact("purpose"), policies),
        "recipient": recipient(share, vendor),
        "model": share.fact("model"),
        "you": None if mine is None else {"role": mine.role, "started_it": mine.actor, "consents": list(mine.consents)},
        "contents": _contents(share),
        "unreadable_parts": share.unreadable,
        "items": [_item(item, policies) for item in share.items],
        "decisions": [_fate(fate) for fate in share.fates],
        "outcome": _outcome(share.outcome),
        "recipient_keeps_until": None
        if vendor is None or share.state is ShareState.DENIED
        else moment(share.at + vendor.retention_days * _DAY_MS),
        "rules": {name: share.fact(name) for name in ("policy", "taxonomy", "prompt", "detector")},
        "refused_for": _reasons(share.facts),
    }


def recipient(share: ShareView, vendor: VendorProfile | None) -> dict[str, Json]:
    """Named as the newest policy names it; role, region and transfer as they were when it was shared."""
    return {
        "name": share.fact("vendor"),
        "legal_name": None if vendor is None else vendor.legal_name,
        "country": None if vendor is None else vendor.country,
        "region": share.fact("region"),
        "role": share.fact("recipient_role"),
        "transfers": _texts(share.facts.get("transfers")),
        "contract": None if vendor is None else vendor.dpa,
        "subprocessors": None if vendor is None else vendor.subprocessors,
        "keeps_for_days": None if vendor is None else vendor.retention_days,
    }


def moment(milliseconds: int) -> str:
    """RFC 3339, UTC, to the second."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _contents(share: ShareView) -> str:
    if not share.people and not share.items:
        return "unreadable" if share.unreadable else "deleted"
    return "unreadable in part" if share.unreadable else "readable"


def _item(item: SharedItem, policies: Policies) -> dict[str, Json]:
    category = policies.taxonomy.categories.get(CategoryCode(item.category))
    return {
        "input": item.input,
        "category": item.category,
        "category_name": None if category is None else category.name,
        "source": item.source,
        "visibility": item.visibility,
        "treatment": item.treatment,
        "rule": item.rule,
        "removed_or_replaced": dict(item.entities),
        "text": item.text,
    }


def _fate(fate: ItemFate) -> dict[str, Json]:
    return {
        "input": fate.input,
        "category": fate.category,
        "source": fate.source,
        "you_wrote_it": fate.author,
        "decision": fate.action,
        "code": fate.code,
        "rule": fate.rule,
        "rule_source": fate.rule_source,
    }


def _outcome(outcome: OutcomeView | None) -> dict[str, Json] | None:
    if outcome is None:
        return None
    return {
        "status": outcome.status,
        "answered": outcome.answered,
        "at": moment(outcome.at),
        "entry": outcome.index,
        "attempts": outcome.attempts,
        "model": outcome.model,
        "recipients_id": outcome.response_id,
        "input_tokens": outcome.input_tokens,
        "output_tokens": outcome.output_tokens,
    }


def _purpose(purpose: str | None, policies: Policies) -> str | None:
    return policies.taxonomy.purposes.get(Purpose(purpose)) if purpose in set(Purpose) else None


def _reasons(facts: Mapping[str, object]) -> list[Json]:
    reasons = facts.get("reasons")
    return [_texts(reason) for reason in reasons] if isinstance(reasons, list) else []


def _texts(value: object) -> dict[str, Json]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}
