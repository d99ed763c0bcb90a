"""A marketplace's own recognizers, as values."""

from dataclasses import dataclass, field
from enum import StrEnum

from ai_gateway.model import EntityType

COUNTS_ALONE = 0.5
"""A pattern of a lower score counts only beside one of its context words."""


class Validator(StrEnum):
    """Check digits that a match must satisfy, computed over its letters and digits."""

    LUHN = "luhn"
    MOD_97_10 = "mod_97_10"
    VERHOEFF = "verhoeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognizer:
    """``expressions`` are RE2 expressions with their scores; ``words`` are always found, as whole words."""

    name: str
    entity: EntityType
    expressions: tuple[tuple[str, float], ...] = field(repr=False)
    context: tuple[str, ...] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    words_score: float
    validator: Validator | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognizers:
    """``allowed``: values that are nobody's personal data here. A known identifier is found all the same."""

    each: tuple[Recognizer, ...] = ()
    allowed: tuple[str, ...] = field(default=(), repr=False)
