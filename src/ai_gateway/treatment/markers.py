"""What stands where a value was taken out and nothing stands for it."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from ai_gateway.model import EntityType

_WORDS: Mapping[str, str] = MappingProxyType(
    {"PERSON": "name", "GOVERNMENT_ID": "government id", "URL": "link", "IP_ADDRESS": "IP address", "IBAN": "IBAN"}
)


def redacted(entity: EntityType) -> str:
    """``[redacted: government id]``: in what a vendor sees."""
    return f"[redacted: {_named(entity)}]"


def removed(entity: EntityType) -> str:
    """``[removed: email address]``: in a reply."""
    return f"[removed: {_named(entity)}]"


@lru_cache(maxsize=256)
def _named(entity: EntityType) -> str:
    return _WORDS.get(entity) or entity.replace("_", " ").lower()
