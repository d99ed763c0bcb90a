"""Vehicles and devices."""

from ai_gateway.adapters.patterns.checksums import luhn, weighted
from ai_gateway.adapters.patterns.rule import Candidate, Rule, after_cue, bounded
from ai_gateway.model import EntityType

_VEHICLE, _DEVICE = EntityType("VEHICLE_ID"), EntityType("DEVICE_ID")
_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", "123456781234579234567890123456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_SERIAL = (
    r"serial(?: number| no\.?)?|s/n|(?:service|asset|inventory) tag|iccid|sim(?: card)? (?:number|serial)|"
    r"seriennummer|serienummer|numero de serie|numero di serie|numer seryjny"
)
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def _vin(candidate: Candidate) -> bool:
    """ISO 3779 with the check digit of 49 CFR 565.15(c), or a cue: Europe does not use the digit."""
    value = candidate.value.upper()
    if not any(c.isdigit() for c in value) or value.isdigit():
        return False
    total = weighted("".join(_VIN_VALUES[c] for c in value), _VIN_WEIGHTS)
    return "0123456789X"[total % 11] == value[8] or "vin" in candidate.before or "chassis" in candidate.before


RULES = (
    Rule(entity=_VEHICLE, expression=bounded(r"[A-HJ-NPR-Z0-9]{17}"), accept=_vin, digits=1),
    Rule(
        entity=_VEHICLE,
        expression=after_cue(
            r"licen[cs]e plate|number plate|registration plate|plate|vehicle registration|car registration|kennzeichen",
            r"[A-Z0-9]{1,4}[ \-]?[A-Z0-9]{1,4}(?:[ \-]?[A-Z0-9]{1,4})?",
        ),
        accept=lambda c: len(c.digits) >= 1 and any(ch.isalpha() for ch in c.value),
        digits=1,
        score=0.9,
    ),
    Rule(
        entity=_DEVICE,
        expression=after_cue(r"imei|meid", r"\d{2} ?\d{6} ?\d{6} ?\d{1,2}"),
        digits=14,
    ),
    Rule(
        entity=_DEVICE,
        expression=bounded(r"\d{2}-\d{6}-\d{6}-\d"),
        accept=lambda c: luhn(c.digits),
        digits=15,
    ),
    Rule(
        entity=_DEVICE,
        expression=(
            rf"(?i)\b(?:device|idfa|idfv|gaid|aaid|advertising|udid|android|installation|machine|hardware)(?:"
            rf"[ _\-]?(?:id|identifier|uuid))?\b[^\w\n]{{0,4}}(?:is )?({_UUID}|[0-9a-f]{{16,64}})\b"
        ),
        digits=1,
    ),
    Rule(
        entity=_DEVICE,
        expression=after_cue(_SERIAL, r"[A-Z0-9][A-Z0-9\-]{5,24}"),
        accept=lambda c: len(c.digits) >= 2,  # noqa: PLR2004
        digits=1,
        score=0.9,
    ),
)
