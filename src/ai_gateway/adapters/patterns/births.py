"""Dates of birth, after a cue, in the languages that the marketplace is used in."""

from ai_gateway.adapters.patterns.rule import Rule
from ai_gateway.model import EntityType

_BIRTH = EntityType("DATE_OF_BIRTH")
_MONTH = (
    r"(?:jan(?:uary|uar|vier|eiro)?|ene(?:ro)?|feb(?:ruary|ruar|rero|braio)?|fev(?:rier|ereiro)?|mar(?:ch|zo|s|co|t)?|maerz|maart|"
    r"apr(?:il|ile)?|abr(?:il)?|avril|may|mai|mei|mayo|maio|maggio|june?|juni|juin|junio|junho|giugno|july?|juli|juillet|julio|"
    r"julho|luglio|aug(?:ust|ustus)?|aout|ago(?:sto)?|sept?(?:ember|iembre|embre)?|set(?:embro|tembre)?|oct(?:ober|ubre|obre)?|"
    r"okt(?:ober)?|out(?:ubro)?|ott(?:obre)?|nov(?:ember|iembre|embre|embro)?|dec(?:ember|embre)?|dez(?:ember|embro)?|dic(?:iembre|embre)?|"
    r"stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrzesnia|pazdziernika|listopada|grudnia)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|\.)?"
_DATE = (
    rf"\d{{1,4}}[./\-|]\d{{1,2}}[./\-|]\d{{2,4}}|{_MONTH} {_DAY}(?:,? '?\d{{2,4}})?|"
    rf"(?:the )?{_DAY}(?:[ \-](?:of|de|den))?[ \-]{_MONTH}(?:(?:,|[ \-]de|[ \-]del)?[ \-]'?\d{{2,4}})?|\d{{8}}"
)
_CUE = (
    r"dob|d\.o\.b\.?|date of birth|birth ?dates?|birthdays?|bday|b-day|birth|born|geboren|geb\.?|geburtsdatum|"
    r"geboortedatum|"
    r"fecha de nacimiento|nacid[oa]|nacio|cumpleanos|date de naissance|nee?|data di nascita|nat[oa]|data de "
    r"nascimento|nascid[oa]|"
    r"data urodzenia|urodzon[aya]|ur\.|kaarawan|ipinanganak"
)

RULES = (
    Rule(
        entity=_BIRTH,
        expression=(
            rf"(?i)\b(?:{_CUE})(?:$|[^\w\n][^\w\n]{{0,3}})(?:(?:is|was|on|am|the|her|his|my|le|el|il|em|w|dnia|op|dia|"
            rf"(?:in|a|te|zu) [A-Za-z\-]{{2,20}},?(?: on| il| le| el| em| am)?|given|date|"
            rf"day)\b[^\w\n]{{1,3}}){{0,3}}({_DATE})(?:$|[^\w])"
        ),
        digits=1,
    ),
    Rule(
        entity=_BIRTH,
        expression=rf"(?i)\b(?:born in|year of birth:?|b\.|jahrgang) ((?:{_MONTH} )?(?:19|20)\d{{2}})\b",
        digits=4,
    ),
    Rule(  # a birthday that is a day of the year
        entity=_BIRTH,
        expression=(
            rf"(?i)\b(?:i turn|turns|turned|turning) \d{{2}} on ((?:the )?{_DAY}(?: of)? {_MONTH}|{_MONTH} "
            rf"{_DAY})\b"
        ),
        digits=2,
    ),
)
