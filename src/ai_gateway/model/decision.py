"""What the policy says of one call, with its reasons. Made by ``policies.decide`` alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ai_gateway.model.call import Call
from ai_gateway.model.ids import CategoryCode, EntityType, FeatureName, SubjectId, VendorName
from ai_gateway.model.people import Subject


class Treatment(StrEnum):
    """What is done to an item, or to one detected entity."""

    WITHHOLD = "withhold"
    PUBLIC_ONLY = "public_only"
    REDACT = "redact"
    PSEUDONYMIZE = "pseudonymize"
    GENERALIZE = "generalize"
    SHARE = "share"


class Coarseness(StrEnum):
    """How coarse a generalized value is: a date's month, year or decade; a place's city or country; an amount's band;
    an age's range of ten years; an employer's industry."""

    MONTH = "month"
    YEAR = "year"
    DECADE = "decade"
    CITY = "city"
    COUNTRY = "country"
    BAND = "band"
    RANGE = "range"
    INDUSTRY = "industry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarser:
    """What stands for a generalized value. ``industries``: an employer's name to what is said in its place."""

    to: Coarseness
    industries: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Purpose(StrEnum):
    """The notice's purposes of processing (notice L13 to L57)."""

    DEVELOP = "develop"
    IMPROVE = "improve"
    PROVIDE = "provide"
    IDENTIFY = "identify"
    COMMUNICATE = "communicate"
    MARKET = "market"
    ANALYZE = "analyze"
    SECURE = "secure"
    COMPLY = "comply"
    VERIFY = "verify"


class Action(StrEnum):
    SHARED = "shared"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why. ``rule`` is a policy file and JSON pointer (``features/proposal_draft.yaml#/inputs/messages/consent``),
    ``source`` the notice line or statute it comes from, ``item`` the path of the item it concerns, if one."""

    code: str
    rule: str
    source: str
    item: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDecision:
    """One item's fate. ``entities`` is the action per detected entity type; types not named get ``default_entity``.
    ``coarser`` says how coarse a type becomes that is generalized."""

    item: str
    action: Action
    treatment: Treatment
    category: CategoryCode
    reason: Reason
    about: tuple[SubjectId, ...]
    entities: Mapping[EntityType, Treatment]
    default_entity: Treatment = Treatment.REDACT
    coarser: Mapping[EntityType, Coarser] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentUsed:
    """A consent that a share rests on: the author's latest event for the purpose, by its event id."""

    subject: SubjectId
    purpose: Purpose
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The policy allows the call to this vendor, with these items. A proof: only ``policies.decide`` makes one."""

    feature: FeatureName
    purpose: Purpose
    vendor: VendorName
    model: str
    call: Call
    subjects: Mapping[SubjectId, Subject] = field(repr=False)
    items: tuple[ItemDecision, ...]
    consents: tuple[ConsentUsed, ...]
    policy_digest: str
    taxonomy_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The policy does not allow the call to this vendor, for at least one reason; items are decided as far as can."""

    feature: FeatureName
    purpose: Purpose
    vendor: VendorName
    call: Call
    subjects: Mapping[SubjectId, Subject] = field(repr=False)
    reasons: tuple[Reason, ...]
    items: tuple[ItemDecision, ...]
    policy_digest: str
    taxonomy_digest: str


Decision = Permission | Refusal
