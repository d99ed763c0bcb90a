"""A coarser value in place of a fine one: the year of a birth, the city of an address, the band of an amount."""

from ai_gateway.model import Coarseness, EntityType
from ai_gateway.treatment.coarse_amounts import age_range, band
from ai_gateway.treatment.coarse_dates import coarse_date
from ai_gateway.treatment.coarse_places import coarse_place

_PLACES = frozenset({EntityType("ADDRESS"), EntityType("LOCATION")})
_DATES = frozenset({EntityType("DATE_OF_BIRTH"), EntityType("DATE")})


def generalize(entity: EntityType, value: str, to: Coarseness) -> str | None:
    """None where the value does not give it, or the type has no coarser form: redact it."""
    if entity in _DATES:
        return coarse_date(value, to)
    if entity in _PLACES:
        return coarse_place(value, to)
    if to is Coarseness.BAND:
        return band(value)
    return age_range(value) if to is Coarseness.RANGE else None
