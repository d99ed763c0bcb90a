"""Dates of birth: a date counts only after a cue."""

from ai_gateway.adapters.patterns.rule import Rule
from ai_gateway.model import EntityType

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|"
    r"dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    rf"\d{{1,4}}[./\-]\d{{1,2}}[./\-]\d{{2,4}}|{_MONTH} {_DAY}(?:,? \d{{4}})?|(?:the )?{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?|\d{{8}}"
)
_CUE = (
    r"dob|d\.o\.b\.?|date of birth|birth ?dates?|birthdays?|born|geboren|geburtsdatum|fecha de nacimiento|date de naissance|"
    r"data di nascita|data de nascimento"
)

RULES = (
    Rule(
        entity=EntityType("DATE_OF_BIRTH"),
        expression=rf"(?i)\b(?:{_CUE})\b[^\w\n]{{0,4}}(?:(?:is|was|on|am|the|her|his|my|in [A-Za-z]{{2,20}},? on)\b[^\w\n]{{0,3}}){{0,2}}({_DATE})\b",
        hints=("birth", "born", "dob", "d.o.b", "gebor", "geburt", "nacimiento", "naissance", "nascita", "nascimento"),
        digits=1,
    ),
    Rule(
        entity=EntityType("DATE_OF_BIRTH"),
        expression=rf"(?i)\b(?:born in|year of birth:?|b\.) ((?:{_MONTH} )?(?:19|20)\d{{2}})\b",
        hints=("born", "birth", "b."),
        digits=4,
    ),
)
