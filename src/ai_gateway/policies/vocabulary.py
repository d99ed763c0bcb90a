"""The words policy files may use that are fixed in code, because code gives them their meaning."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ai_gateway.model import Coarseness, EntityType, Treatment

ENTITY_TYPES: tuple[EntityType, ...] = tuple(
    EntityType(name)
    for name in (
        "PERSON",
        "EMAIL_ADDRESS",
        "PHONE_NUMBER",
        "ADDRESS",
        "LOCATION",
        "ORGANIZATION",
        "URL",
        "HANDLE",
        "IP_ADDRESS",
        "MAC_ADDRESS",
        "CREDIT_CARD",
        "IBAN",
        "BANK_ACCOUNT",
        "GOVERNMENT_ID",
        "TAX_ID",
        "DATE_OF_BIRTH",
        "SECRET",
        "CRYPTO_ADDRESS",
        "COORDINATES",
        "VEHICLE_ID",
        "DEVICE_ID",
        "DATE",
        "AGE",
        "EARNINGS",
    )
)
"""What is found in texts; a policy says what is done to each."""

QUASI_IDENTIFIERS: frozenset[EntityType] = frozenset(EntityType(name) for name in ("DATE", "AGE", "EARNINGS"))
"""Types that tell of a person only together with others. They are looked for, and leave, unless a rule names them."""

SHAREABLE: frozenset[EntityType] = QUASI_IDENTIFIERS | {
    EntityType("LOCATION"),
    EntityType("ORGANIZATION"),
    EntityType("URL"),
}
"""Types that a policy may let through as they are. Every other type identifies a person or opens an account."""

COARSER_FORMS: Mapping[EntityType, tuple[Coarseness, ...]] = MappingProxyType(
    {
        EntityType("DATE_OF_BIRTH"): (Coarseness.YEAR, Coarseness.DECADE),
        EntityType("DATE"): (Coarseness.MONTH, Coarseness.YEAR),
        EntityType("AGE"): (Coarseness.RANGE,),
        EntityType("EARNINGS"): (Coarseness.BAND,),
        EntityType("ADDRESS"): (Coarseness.COUNTRY, Coarseness.CITY),
        EntityType("LOCATION"): (Coarseness.COUNTRY,),
        EntityType("ORGANIZATION"): (Coarseness.INDUSTRY,),
    }
)
"""Types with a coarser value that still says something, and how coarse it may be; the first is meant where none is
given."""

LANGUAGES: tuple[str, ...] = tuple(
    "en es fr de pt nl it pl uk hi tl ru ro sv tr cs id zh ja ko ar he el th vi fa bg hu da fi no".split()  # noqa: SIM905
)
"""Languages that are told apart (ISO 639-1)."""

ANY_LANGUAGE = "any"


class Requests(StrEnum):
    """Which of a feature's requests a rule is about."""

    ALL = "all"
    UNATTRIBUTED = "unattributed"


DETECTED_LANGUAGES: frozenset[str] = frozenset({"en", "es", "fr", "de", "pt", "nl", "it", "pl"})
"""Languages in which detection was measured to work; free-form requests of nobody are refused in others, unless the
feature's policy says which it takes."""

ENTITY_ACTIONS = (Treatment.REDACT, Treatment.PSEUDONYMIZE, Treatment.GENERALIZE, Treatment.SHARE)
INPUT_TREATMENTS = (
    Treatment.WITHHOLD,
    Treatment.PUBLIC_ONLY,
    Treatment.REDACT,
    Treatment.PSEUDONYMIZE,
    Treatment.SHARE,
)

ENCODINGS = ("o200k_base", "cl100k_base")
PROVIDERS = ("openai", "anthropic", "mistral", "gemini")

NOT_STATED = "not_stated"
LOCAL = "local"
"""A vendor's country when the vendor runs on the gateway's own machine: nothing is transferred."""


TOOL_INPUT = "tool"
EXCHANGE_INPUTS = frozenset({"instructions", "user", "assistant", TOOL_INPUT})
"""The inputs of every feature of the kind exchange: who speaks. ``chat.<input>`` is their source in the taxonomy."""


class SourceVisibility(StrEnum):
    """What decides whether an item from a source is public.

    ``ITEM``: what the call says of the item. ``PROFILE``: that, and the registered visibility of the profile of
    everybody it is about. ``PRIVATE``: never public. ``NEVER``: no feature may use the source at all.
    """

    ITEM = "item"
    PROFILE = "profile"
    PRIVATE = "private"
    NEVER = "never"


class StandingRule(StrEnum):
    """Rules that hold for every feature and cannot be switched off; ``taxonomy.yaml`` gives each its source."""

    LISTED_ONLY = "listed_only"
    KNOWN_PEOPLE = "known_people"
    MINORS = "minors"
    ERASED = "erased"
    RESTRICTED = "restricted"
    OPT_OUT = "opt_out"
    MESSAGE_CONSENT = "message_consent"
    SENSITIVE = "sensitive"
    PUBLIC_DATA = "public_data"
    THIRD_PARTIES = "third_parties"
    SALE_OPT_OUT = "sale_opt_out"
    TRAINING = "training"
    TRANSFERS = "transfers"
    SIGNIFICANT_DECISIONS = "significant_decisions"


class RecordClass(StrEnum):
    """What the gateway keeps for one time, together; ``retention.yaml`` says how long."""

    SHARE_CONTENT = "share_content"
    SHARE_ENTRIES = "share_entries"
    READ_RECORDS = "read_records"
    REQUEST_RECORDS = "request_records"
    KEY_RECORDS = "key_records"
    CONSENT_EVENTS = "consent_events"
    TREE = "tree"


class Mechanism(StrEnum):
    """Transfer mechanisms: GDPR Articles 45 and 46, their UK and Swiss counterparts."""

    ADEQUACY = "adequacy"
    DATA_PRIVACY_FRAMEWORK = "data_privacy_framework"
    STANDARD_CONTRACTUAL_CLAUSES = "standard_contractual_clauses"
    UK_ADDENDUM = "uk_addendum"
    UK_IDTA = "uk_idta"
    BINDING_CORPORATE_RULES = "binding_corporate_rules"
