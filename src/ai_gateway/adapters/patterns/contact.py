"""E-mail addresses (RFC 5322's usual part), plain and spelled out."""

from ai_gateway.adapters.patterns.rule import Candidate, Rule
from ai_gateway.adapters.patterns.web import is_top_level
from ai_gateway.model import EntityType

_EMAIL = EntityType("EMAIL_ADDRESS")
_LOCAL = r"[A-Za-z0-9](?:[\w.%+'\-]{0,62}[\w+\-])?"


def _ends_in_a_domain(candidate: Candidate) -> bool:
    tail = candidate.value.lower().rstrip(" )]}").rpartition(".")[2].rpartition("dot")[2]
    return is_top_level(tail.strip(" )]}>"))


RULES = (
    Rule(entity=_EMAIL, expression=rf"({_LOCAL}@(?:[A-Za-z0-9\-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}})"),
    Rule(
        entity=_EMAIL,
        expression=(
            rf"({_LOCAL}[ \t]{{0,2}}@[ \t]{{0,2}}[\w\-]{{1,63}}(?:[ \t]{{0,2}}\.[ \t]{{0,2}}"
            rf"[\w\-]{{2,24}}){{1,4}})\b"
        ),
        accept=_ends_in_a_domain,
        score=0.95,
    ),
    Rule(
        entity=_EMAIL,
        expression=(
            rf"(?i)({_LOCAL}\s?[(\[{{<]\s?(?:at|@)\s?[)\]}}>]\s?[\w\-]{{1,63}}"
            r"(?:\s?(?:[(\[{<]\s?(?:dot|\.)\s?[)\]}>]|\.|\bdot\b)\s?[\w\-]{2,24}){1,4})\b"
        ),
        accept=_ends_in_a_domain,
    ),
    Rule(
        entity=_EMAIL,
        expression=(
            r"(?i)\b([\w+\-]{1,32}(?:(?:\.| dot )[\w+\-]{1,32}){0,3} at [\w\-]{1,63}(?: (?:dot|\.) "
            r"[\w\-]{2,24}){1,4})\b"
        ),
        accept=_ends_in_a_domain,
    ),
)
