"""International bank account numbers (ISO 13616): a country's own length, and a check of all of it."""

from ai_gateway.adapters.patterns.checksums import mod_97_10
from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule, after_cue
from ai_gateway.model import EntityType

_IBAN = EntityType("IBAN")
_LENGTHS = {
    written[:2]: int(written[2:])
    for written in """
    AD24 AE23 AL28 AO25 AT20 AZ28 BA20 BE16 BF28 BG22 BH22 BI27 BJ28 BR29 BY28 CF27 CG27 CH21 CI28 CM27 CR22 CV25
    CY28 CZ24 DE22 DJ27 DK18 DO28 DZ26 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GA27 GB22 GE22 GI23 GL18 GQ27 GR27 GT28
    GW25 HN28 HR21 HU28 IE22 IL23 IQ23 IR26 IS26 IT27 JO30 KM27 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MA28
    MC27 MD24 ME22 MG27 MK19 ML28 MN20 MR27 MT31 MU30 MZ25 NE28 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24
    RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SN28 SO23 ST25 SV28 TD27 TG28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
    YE30
    """.split()  # noqa: SIM905  a table reads best as words
}
"""Of SWIFT's IBAN registry, and of the countries that use the form without having registered it."""


def _checks(candidate: Candidate) -> Narrowed | bool:
    """As many letters and digits as the country has, with a word end after them: a word in capitals may follow."""
    value = candidate.value
    length = _LENGTHS.get(value[:2].upper(), 0)
    at = [index for index, character in enumerate(value) if character != " "]
    if not length or len(at) < length:
        return False
    end = at[length - 1] + 1
    ends_word = end == len(value) or value[end] == " "
    return (0, end) if ends_word and mod_97_10(value[:end].replace(" ", "").upper()) else False


RULES = (
    Rule(
        entity=_IBAN,
        expression=r"(?:^|[^\w])([A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?)(?:$|[^\w])",
        accept=_checks,
        digits=4,
    ),
    Rule(
        entity=_IBAN,
        expression=after_cue("iban", r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,8}"),
        accept=lambda c: not _checks(c),  # the rule above has it, without what follows
        digits=4,
        score=0.9,
    ),
)
