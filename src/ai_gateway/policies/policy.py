"""A feature's policy, a vendor's profile and the taxonomy, as frozen values. ``policies.load`` makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ai_gateway.model import (
    CallerId,
    CategoryCode,
    Coarser,
    EntityType,
    FeatureName,
    Purpose,
    Role,
    Treatment,
    VendorName,
)
from ai_gateway.policies.recognizer import Recognizers
from ai_gateway.policies.vocabulary import RecordClass, SourceVisibility, StandingRule
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.shape import Uninspected


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRef:
    """Where a rule stands (``features/x.yaml#/inputs/messages``) and what it comes from (``policy L49``)."""

    rule: str
    source: str


class ConsentRule(StrEnum):
    """``AUTHOR``: whoever wrote the item must have consented to the feature's purpose, unless that is the actor."""

    NONE = "none"
    AUTHOR = "author"


class VendorRole(StrEnum):
    SERVICE_PROVIDER = "service_provider"
    THIRD_PARTY = "third_party"


class UnexpectedPersonalData(StrEnum):
    """What happens to personal data in a reply that no party sent in."""

    REMOVE = "remove"
    REFUSE = "refuse"
    KEEP = "keep"


class FeatureKind(StrEnum):
    """``PROMPT``: a prompt of the marketplace's own is filled in. ``EXCHANGE``: the client sends its own messages, in a
    vendor's protocol."""

    PROMPT = "prompt"
    EXCHANGE = "exchange"


class Unattributed(StrEnum):
    """What a request may do that names no actor."""

    REFUSE = "refuse"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRule:
    """What one declared input may be and what is done to it.

    ``entities`` gives the action per detected entity type, complete over the taxonomy's types (the feature's defaults
    are already merged in). ``entity_refs`` says which rule gave each its action (a type not in it follows from the
    treatment), ``coarser`` how coarse each generalized type becomes. ``sources`` are the allowed values of an item's
    ``source``.
    """

    name: str
    category: CategoryCode
    sources: frozenset[str]
    public_only: bool
    consent: ConsentRule
    treatment: Treatment
    entities: Mapping[EntityType, Treatment]
    required: bool
    many: bool
    max_characters: int
    max_items: int
    ref: RuleRef
    entity_refs: Mapping[EntityType, RuleRef] = field(default_factory=lambda: MappingProxyType({}))
    coarser: Mapping[EntityType, Coarser] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorChoice:
    """``protocols``: the exchanges it is for; none given means for all."""

    vendor: VendorName
    model: str
    ref: RuleRef
    protocols: frozenset[Protocol] = frozenset()

    def takes(self, protocol: Protocol) -> bool:
        return not self.protocols or protocol in self.protocols


@dataclass(frozen=True, slots=True, kw_only=True)
class OptInRule:
    """``roles``: the roles among a call's people who must have opted in; the actor always must (``actor`` is true)."""

    actor: bool
    roles: frozenset[Role]
    ref: RuleRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRule:
    """``restore_roles``: whose pseudonyms the actor may see restored (the actor's own always)."""

    unexpected: UnexpectedPersonalData
    restore_roles: frozenset[Role]
    ref: RuleRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Tokens. ``drop_order`` names inputs whose items go first (the last item of an input first)."""

    max_input_tokens: int
    max_output_tokens: int
    drop_order: tuple[str, ...]
    ref: RuleRef


@dataclass(frozen=True, slots=True, kw_only=True)
class UninspectedRule:
    """Of an exchange: what may pass though nobody can look into it."""

    shapes: frozenset[Uninspected]
    ref: RuleRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRule:
    """Languages of the texts that people write (ISO 639-1); None: any. ``unattributed``: only of requests that name
    no actor."""

    names: frozenset[str] | None
    unattributed: bool
    ref: RuleRef


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePolicy:
    """``public_sources`` are the sources that count as public data; ``significant_decision`` with no human in the loop
    never loads."""

    name: FeatureName
    purpose: Purpose
    callers: frozenset[CallerId]
    vendors: tuple[VendorChoice, ...]
    opt_in: OptInRule
    inputs: Mapping[str, InputRule]
    public_sources: frozenset[str]
    output: OutputRule
    budget: Budget
    significant_decision: bool
    human_in_loop: bool
    file: str
    digest: str
    """SHA-256 (hex) over the canonical form of this policy, the taxonomy and the vendors it may use."""
    ref: RuleRef
    kind: FeatureKind = FeatureKind.PROMPT
    uninspected: UninspectedRule | None = None
    languages: LanguageRule | None = None
    """None: any language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRule:
    """What one caller's exchanges run as. ``models`` maps an alias to a feature; a model that is neither an alias nor a
    feature runs as ``default_feature``, or is refused."""

    caller: CallerId
    unattributed: Unattributed
    ref: RuleRef
    default_feature: FeatureName | None = None
    models: Mapping[str, FeatureName] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorModel:
    name: str
    context_tokens: int
    encoding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorProfile:
    """``provider`` is litellm's name for the protocol; ``no_store`` are body fields that forbid keeping (OpenAI's
    ``store: false``). ``transfers`` maps a subject's regime (``EEA``, ``UK``, ``CH``) to the transfer mechanism."""

    name: VendorName
    legal_name: str
    role: VendorRole
    country: str
    region: str
    transfers: Mapping[str, str]
    dpa: str
    retention_days: int
    trains_on_data: bool
    provider: str
    api_base: str | None
    api_base_env: str | None
    credential_env: str | None
    no_store: Mapping[str, bool | str]
    models: Mapping[str, VendorModel]
    timeout_seconds: float
    ref: RuleRef
    subprocessors: str | None = None
    any_model: bool = False
    """A client's own model name is passed on (a vendor on this machine only); the record has the policy's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One of the notice's eleven. ``recipients`` and ``sold_or_shared`` are ``None`` where the notice does not say.

    ``consent_purposes`` need the consent of whoever wrote the text; a category that has them holds what people wrote to
    each other. ``alias`` is its name in the notice's table of recipients.
    """

    code: CategoryCode
    name: str
    examples: tuple[str, ...]
    sources: tuple[str, ...]
    purposes: frozenset[Purpose]
    consent_purposes: frozenset[Purpose]
    recipients: tuple[str, ...] | None
    sold_or_shared: bool | None
    sensitive: bool
    ref: RuleRef
    alias: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """A place on the marketplace that items come from."""

    name: str
    category: CategoryCode
    visibility: SourceVisibility
    ref: RuleRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """``rules`` are the standing rules of every feature; ``purposes`` the notice's words for each purpose."""

    categories: Mapping[CategoryCode, Category]
    entities: Mapping[EntityType, CategoryCode]
    digest: str
    """SHA-256 (hex) over the canonical form of the file's values."""
    sources: Mapping[str, DataSource] = field(default_factory=lambda: MappingProxyType({}))
    rules: Mapping[StandingRule, RuleRef] = field(default_factory=lambda: MappingProxyType({}))
    purposes: Mapping[Purpose, str] = field(default_factory=lambda: MappingProxyType({}))
    notice_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long a class of record is kept. ``months`` is None for what is never pruned."""

    months: int | None
    of: str
    ref: RuleRef


Retention = Mapping[RecordClass, Kept]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Everything under ``policies/``, validated as a whole. ``digest`` covers all of it."""

    taxonomy: Taxonomy
    vendors: Mapping[VendorName, VendorProfile]
    features: Mapping[FeatureName, FeaturePolicy]
    digest: str
    callers: Mapping[CallerId, CallerRule] = field(default_factory=lambda: MappingProxyType({}))
    retention: Retention | None = None
    """None: nothing is ever pruned."""
    recognizers: Recognizers = field(default_factory=Recognizers)
