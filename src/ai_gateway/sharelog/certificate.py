"""What is said of an erasure to whoever asked for it. Says what was not reached as plainly as what was."""

from collections import Counter
from collections.abc import Mapping, Sequence

from ai_gateway.sharelog.account import moment
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.erasure import Directive, DirectiveState, Erasure, Hold, Step

FORMAT = "ai-gateway-erasure/1"
_NOTHING_YET: tuple[Mapping[str, Json], ...] = (
    {
        "what": "Everything: nothing has been shredded yet",
        "why": "The erasure is under way, or waits; `held` names the legal holds that stand",
        "source": "`step` says how far it is",
    },
)
_KEPT: tuple[Mapping[str, Json], ...] = (
    {
        "what": "A keyed hash of the account's id, and this request's record",
        "why": "To keep the data deleted, and to show that the request was answered",
        "source": "11 CCR 7022(g), 7101(a); GDPR Art. 5(2)",
    },
    {
        "what": "Consent events: purpose, state and time, by keyed hash of the account's id",
        "why": "Proof that consent was given or withdrawn",
        "source": "GDPR Art. 7(1), Art. 17(3)(e)",
    },
    {
        "what": "The log's entries: time, feature, vendor, rules, categories; no content and no names",
        "why": "Nothing in them leads to the person any more: their tags cannot be told from random bytes",
        "source": "GDPR Art. 5(2); the entries' data goes when its own retention ends",
    },
)


def certificate(
    erasure: Erasure,
    directives: Sequence[Directive],
    holds: Sequence[Hold],
    *,
    checkpoint: str | None,
    proofs: Mapping[str, str | None],
    epochs: Sequence[int],
) -> dict[str, Json]:
    """Of one that is not completed, too, and says so. ``epochs`` are those whose keys exist. ``proofs`` are
    ``.tlog-proof`` files, by the step that each entry ends.
    """
    epoch = erasure.facts.get("epoch")
    return {
        "format": FORMAT,
        **erasure_account(erasure, directives, holds),
        "purged": erasure.facts.get("purged"),
        "checkpoint": checkpoint,
        "proofs": dict(proofs),
        "backups": _backups(epoch, shredded=erasure.is_shredded, held=isinstance(epoch, int) and epoch in epochs),
        "not_reached": [
            "What the marketplace itself holds",
            "Exports and disclosures that were given out before",
            "Keys in the memory of other running processes, for up to sixty seconds",
        ],
    }


def erasure_account(erasure: Erasure, directives: Sequence[Directive], holds: Sequence[Hold]) -> dict[str, Json]:
    """What is said of an erasure wherever it is told, in a disclosure too."""
    return {
        "erasure": erasure.id,
        "requested": moment(erasure.requested_at),
        "verified": erasure.verified.value,
        "basis": erasure.basis.value,
        "completed": moment(erasure.changed_at) if erasure.step is Step.COMPLETED else None,
        "step": erasure.step.value,
        "deleted": erasure.facts.get("deleted"),
        "entries": erasure.facts.get("entries"),
        "restored_and_erased_again": bool(erasure.facts.get("replayed")),
        "vendors": _vendors(directives),
        "held": [{"hold": hold.id, "reason": hold.reason.value, "since": moment(hold.placed_at)} for hold in holds],
        "kept": list(_KEPT if erasure.is_shredded else _NOTHING_YET),
    }


def _backups(epoch: Json, *, shredded: bool, held: bool) -> Json:
    if not shredded:
        says = "Nothing has been shredded yet: the data and its backups can be read"
    elif held:
        says = "Backups made before the erasure can be read until this key epoch is destroyed, at a rotation"
    else:
        says = "The key epoch that backups made before the erasure need is destroyed"
    return {"key_epoch": epoch, "can_be_read": held or not shredded, "says": says}


def _vendors(directives: Sequence[Directive]) -> list[Json]:
    told: list[Json] = []
    counts = Counter((directive.vendor, directive.state) for directive in directives)
    for (vendor, state), count in sorted(counts.items()):
        last = max(one.due for one in directives if (one.vendor, one.state) == (vendor, state))
        by = None if state is DirectiveState.NOT_APPLICABLE else moment(last)
        told.append({"vendor": vendor, "state": state.value, "objects": count, "will_have_expired_by": by})
    return told
