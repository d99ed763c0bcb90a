"""What the model can say of a token, and what each labelled set lets it say."""

from collections.abc import Mapping

ENTITIES = (
    "PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "ADDRESS", "LOCATION", "ORGANIZATION", "URL", "HANDLE", "IP_ADDRESS",
    "MAC_ADDRESS", "DEVICE_ID", "VEHICLE_ID", "COORDINATES", "CREDIT_CARD", "IBAN", "BANK_ACCOUNT", "CRYPTO_ADDRESS",
    "GOVERNMENT_ID", "TAX_ID", "DATE_OF_BIRTH", "SECRET",
)  # fmt: skip
LABELS = ("O", "B-PERSON", *(f"I-{entity}" for entity in ENTITIES))
"""Only names have a beginning: two people may stand side by side, two card numbers hardly do."""

RAMPART_LABELS: Mapping[str, tuple[str, ...]] = {
    "O": ("O",),
    "B-PERSON": ("B-GIVEN_NAME", "I-GIVEN_NAME"),
    "I-PERSON": ("B-SURNAME", "I-SURNAME"),
    "I-EMAIL_ADDRESS": ("B-EMAIL", "I-EMAIL"),
    "I-PHONE_NUMBER": ("B-PHONE", "I-PHONE"),
    "I-URL": ("B-URL", "I-URL"),
    "I-TAX_ID": ("B-TAX_ID", "I-TAX_ID"),
    "I-BANK_ACCOUNT": ("B-BANK_ACCOUNT", "I-BANK_ACCOUNT", "B-ROUTING_NUMBER"),
    "I-GOVERNMENT_ID": ("B-GOVERNMENT_ID", "I-GOVERNMENT_ID", "B-PASSPORT", "B-DRIVERS_LICENSE"),
    "I-ADDRESS": ("B-STREET_NAME", "I-STREET_NAME", "B-BUILDING_NUMBER", "B-ZIP_CODE", "B-SECONDARY_ADDRESS"),
    "I-LOCATION": ("B-CITY", "I-CITY", "B-STATE"),
}
"""Rows of Rampart's head whose mean a label begins with; the others begin near the row of O."""

_NEVER_SAID = frozenset({"EMAIL_ADDRESS", "PHONE_NUMBER", "URL", "HANDLE", "ADDRESS"})
_PEOPLE_ONLY = frozenset({"O", *(f"I-{entity}" for entity in _NEVER_SAID)})


def outside(*, people_only: bool) -> frozenset[str]:
    """What a token outside every label may be. A set that labels people says nothing about, say, addresses."""
    return _PEOPLE_ONLY if people_only else frozenset({"O"})


def inside(entity: str, *, first: bool, people_only: bool, neutral: bool) -> frozenset[str]:
    """What a token of a label may be. Places and companies of a set that labels them all may be personal or not."""
    if entity == "PERSON":
        allowed = frozenset({"B-PERSON" if first else "I-PERSON"})
    elif people_only:
        by_name = {"LOC": ("LOCATION", "ADDRESS"), "ORG": ("ORGANIZATION",)}
        allowed = frozenset({"O", *(f"I-{name}" for name in by_name.get(entity, ("ORGANIZATION", "HANDLE")))})
    else:
        allowed = frozenset({f"I-{entity}"})
    return allowed | {"O"} if neutral else allowed
