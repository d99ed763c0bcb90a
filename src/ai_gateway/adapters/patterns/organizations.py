"""Companies by their legal form; the model does not know organisations."""

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType

_FORM = (
    r"(?:LLC|L\.L\.C\.?|LLP|L\.P\.|Inc\b\.?|INC\b\.?|Incorporated|Ltd\b\.?|LTD\b\.?|Limited|GmbH|mbH|PLC|plc|"
    r"Corp\b\.?|Corporation|"
    r"Pty|Pvt|S\.A\.S?\.?|S\.r\.l\.?|SRL|SARL|S\.L\.|B\.V\.|BV|N\.V\.|AG|KG|SE|Oy|ApS|A/S|Sp\. z o\.o\.|"
    r"s\.r\.o\.|Kft|LTDA|Ltda|EIRL)"
)
_HINTS = (
    " llc", " l.", " llp", " inc", " ltd", " limited", " gmbh", " mbh", " plc", " corp", " pty", " pvt", " s.",
    " srl", " sarl", " b.v", " bv", " n.v", " ag", " kg", " se", " oy", " aps", " a/s", " sp.", " kft", " eirl",
)  # fmt: skip
_LEADING = frozenset(
    """
    at the from for with by of in to and our my a an client company firm i we is as on dear hi hello between via
    called named worked working founded hired joined contact contacted
    """.split()  # noqa: SIM905  words read best as words
)


def _without_lead(candidate: Candidate) -> Narrowed | bool:
    """``At Brightwater LLC`` without the first word; nothing if only such words stand before the form."""
    words = candidate.value.split(" ")
    start = 0
    while len(words) > 2 and words[0].lower() in _LEADING:  # noqa: PLR2004  a name and its form
        start += len(words.pop(0)) + 1
    return (
        False
        if words[0].lower() in _LEADING or words[0].lower() in word_lists().code_signs
        else (start, len(candidate.value))
    )


RULES = (
    Rule(
        entity=EntityType("ORGANIZATION"),
        expression=(
            rf"(?:^|[^\w])((?:[A-Z0-9][\w&.'\-]{{0,30}},? (?:(?:and|&|of|the|de|und|et|y)"
            rf" ){{0,2}}){{1,5}}{_FORM})(?:$|[^\w])"
        ),
        accept=_without_lead,
        hints=_HINTS,
        score=0.85,
    ),
)
