"""Which data-transfer regimes a person's region puts them under.

Country codes are ISO 3166-1 alpha-2. The EEA is the EU's 27 members with Iceland, Liechtenstein and Norway; places
where EU law applies but that have a code of their own (TFEU Article 355) count with it.
"""

import re
from enum import StrEnum

_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR "
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO "
    "JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR "
    "MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO "
    "RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV "
    "TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
COUNTRIES = frozenset(_COUNTRIES.split())
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EFTA_IN_EEA = "IS LI NO"
_EU_LAW_APPLIES = "AX GF GP MF MQ RE YT"
_EEA = frozenset(f"{_EU} {_EFTA_IN_EEA} {_EU_LAW_APPLIES}".split())

_REGION = re.compile(r"([A-Z]{2})(?:-[A-Z0-9]{1,3})?")


class Regime(StrEnum):
    """A law that asks for a transfer mechanism before personal data goes abroad (notice L159-L160)."""

    EEA = "EEA"
    UK = "UK"
    CH = "CH"


def regime_of(country: str) -> Regime | None:
    """The regime of a known country, or None for one without."""
    if country in _EEA:
        return Regime.EEA
    return {"GB": Regime.UK, "CH": Regime.CH}.get(country)


def regimes(region: str | None) -> tuple[Regime, ...]:
    """Every regime that may protect a person of this region: all of them when the region is unknown or no real one."""
    match = _REGION.fullmatch(region.upper()) if region is not None else None
    if match is None or match[1] not in COUNTRIES:
        return tuple(Regime)
    regime = regime_of(match[1])
    return (regime,) if regime else ()
