"""What the pages say for the product's codes, and how each kind of personal data looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from ai_gateway.budget import DROPPED
from ai_gateway.model import EntityType, Treatment
from ai_gateway.model.entries import EntryKind
from ai_gateway.policies.codes import MEANINGS, Code
from ai_gateway.sharelog.reads import LOOKED_UP, Why
from ai_gateway.sharelog.standing import State
from ai_gateway.sharelog.view import ShareState
from ai_gateway.workbench.marks import Mark

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "person": ("PERSON", "HANDLE"),
    "contact": ("EMAIL_ADDRESS", "PHONE_NUMBER"),
    "place": ("ADDRESS", "LOCATION", "COORDINATES"),
    "organization": ("ORGANIZATION",),
    "device": ("URL", "IP_ADDRESS", "MAC_ADDRESS", "DEVICE_ID", "VEHICLE_ID"),
    "money": ("CREDIT_CARD", "IBAN", "BANK_ACCOUNT", "CRYPTO_ADDRESS"),
    "official": ("GOVERNMENT_ID", "TAX_ID", "SECRET", "DATE_OF_BIRTH"),
}
_FAMILY_OF = {EntityType(entity): family for family, entities in _FAMILIES.items() for entity in entities}
_SHORT: Mapping[str, str] = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "IP_ADDRESS": "IP address",
    "MAC_ADDRESS": "MAC address",
    "URL": "link",
    "IBAN": "IBAN",
    "TAX_ID": "tax id",
    "GOVERNMENT_ID": "government id",
    "DEVICE_ID": "device id",
    "VEHICLE_ID": "vehicle id",
}
_DONE: Mapping[Treatment, str] = {
    Treatment.PSEUDONYMIZE: "replaced by a pseudonym",
    Treatment.REDACT: "taken out",
    Treatment.GENERALIZE: "made coarser",
    Treatment.SHARE: "left as it is",
    Treatment.WITHHOLD: "withheld",
    Treatment.PUBLIC_ONLY: "left out where it is not public",
}
_FOUND_BY: Mapping[str, str] = {
    "known": "an identifier the registry knows",
    "pattern": "its form",
    "model": "the language model on this machine",
    "propagation": "the same words elsewhere in the case",
}
_KINDS = MappingProxyType(
    {
        "names": "Names",
        "emails": "E-mail addresses",
        "phones": "Phone numbers",
        "handles": "Handles",
        "organizations": "Organizations",
        "urls": "Links",
        "addresses": "Addresses",
    }
)
REASONS: Mapping[Why, str] = {
    Why.AUDIT: "Audit",
    Why.PRIVACY_REQUEST: "Privacy request",
    Why.INCIDENT: "Incident",
    Why.SUPPORT: "Support",
    Why.LEGAL_PROCESS: "Legal process",
}
"""Why somebody reads, for choosing. That nothing is stated is no choice here."""
STATES: Mapping[ShareState, str] = {
    ShareState.SETTLED: "Settled",
    ShareState.IN_DOUBT: "In doubt",
    ShareState.DENIED: "Refused",
}
_ENDED: Mapping[str, str] = {
    "released": "The vendor answered, and the answer was given to whoever asked.",
    "answered": "The vendor answered; the answer was not given out.",
    "abandoned": "Whoever asked went away before the answer.",
    "not-sent": "Nothing was sent to the vendor.",
    "presumed-shared": "Nobody knows how it ended; it counts as shared.",
}
_HAPPENED: Mapping[str, str] = {
    EntryKind.READ: "Shares were read",
    EntryKind.DISCLOSURE: "A disclosure was made",
    EntryKind.EXPORT: "The log was exported",
    EntryKind.ERASURE_REQUESTED: "Erasure was asked for",
}


STANDINGS: Mapping[State, str] = {
    State.REGISTERED: "Registered",
    State.BEING_ERASED: "Being erased",
    State.ERASED: "Erased",
    State.NOT_REGISTERED: "Not registered",
    State.UNKNOWN: "Not known",
}
"""How a person stands, in a word; ``sharelog.standing`` says it whole."""


@dataclass(frozen=True, slots=True)
class Look:
    """``family`` chooses colour and underline; ``label`` always stands beside them, so that nobody needs either."""

    family: str
    label: str


def look(entity: EntityType) -> Look:
    return Look(_FAMILY_OF.get(entity, "other"), _SHORT.get(entity) or entity.replace("_", " ").lower())


def done(treatment: Treatment) -> str:
    return _DONE[treatment]


def said(mark: Mark) -> str:
    """All of a mark, in a sentence."""
    return f"{done(mark.treatment).capitalize()}. Found by {found_by(mark.found_by)}. {mark.rule} ({mark.rests_on})"


def found_by(tier: str) -> str:
    return _FOUND_BY.get(tier, tier)


def why(code: str, detail: str) -> str:
    """The code's meaning in a sentence."""
    if detail:
        return detail
    if code == DROPPED:
        return "Left out whole, so that the prompt fits its token budget."
    return MEANINGS[Code(code)].detail if code in set(Code) else ""


def kind(name: str) -> str:
    """Of identifiers."""
    return _KINDS[name]


def spoken(word: str) -> str:
    """``independent_professional`` as people read it."""
    return word.replace("_", " ")


def ended(status: str) -> str:
    """How a share ended, in a sentence."""
    return _ENDED.get(status, f"It failed: {status}.")


def happened(kind: str, asked: str = "") -> str:
    """What a record says, of those that people have notes of."""
    if kind == EntryKind.READ and asked == LOOKED_UP:
        return "It was looked up how they stand"
    return _HAPPENED.get(kind, kind)


def when(moment: int | str | None) -> str:
    """A time as people read it, UTC: of ms since the epoch, or of RFC 3339. A leaf that is no longer kept has none."""
    if isinstance(moment, str):
        return moment.replace("T", " ").removesuffix("Z")
    if not moment:
        return "no longer kept"
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
