"""Countries, where they can be somebody's, and whereabouts in other languages than English.

A country in a post is as often a market or a requirement (*customers in Germany*, *Serbia only*) as a place where
somebody is. It counts as somebody's unless the words around it speak of trade, or it stands in a list of countries.
"""

from ai_gateway.adapters.patterns.rule import Candidate, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType

_LOCATION = EntityType("LOCATION")
_AMBIGUOUS = frozenset(("chad", "georgia", "jordan", "turkey", "china", "jersey", "guinea", "niger", "mali", "togo"))
_COUNTRIES = tuple(
    sorted(
        (c for c in word_lists().countries if len(c) > 3 and "." not in c and c not in _AMBIGUOUS),  # noqa: PLR2004
        key=lambda country: (-len(country), country),
    )
)
"""The longest first; in the same order in every process, since the detector's identity is made of it."""
_OF_TRADE = (
    "market", "customer", "freelanc", "candidate", "applicant", "clients", "users", "shipping", "ship to", "sell",
    "audience", "law", "tax", "gdpr", "regulat", "embassy", "made in", "edition", "visa", "payment", "available in",
    "speakers", "time zone", "timezone", "suppliers", "vendors", "compliance", "import", "export", "war in",
    "history of", "elections", "bank of", "tariff", "licen", "for ", "covers", "except", "outside", "across",
    "data from", "leads", "developers", "writers", "talent", "hours",
)  # fmt: skip
_AFTER_TRADE = (
    " only", " market", " law", " tax", " custom", " client", " user", "-based", " based", " edition", " time",
    " or ", "/", " visa", " version", " office", " team", " wants", " rules", " payment", " embassy", " hours",
    " and the eu", " prefer",
)  # fmt: skip
_WHEREABOUTS = (
    r"(?:wohne?n?|lebe|wohnhaft|sitze|arbeite|geboren|geb\.) in|komme aus|stamme aus|vivo en|vive en|resido "
    r"en|soy de|radico en|"
    r"vivo a|abito a|vivo in|vengo da|sono di|nat[oa] a|residente (?:a|em|en)|moro em|vivo em|sou de|nascid[oa] em|"
    r"j'habite (?:a|en|au)|je vis (?:a|en|au)|je viens (?:de|du)|domicilie a|ne a|nee a|ik woon in|woon in|"
    r"kom uit|geboren te|"
    r"woonachtig te|mieszkam w|mieszka w|pochodze z|urodzony w|nakatira (?:ako )?sa|taga-?"
)
_PLACE = r"[A-Z][A-Za-z'\-]*(?: [A-Z][A-Za-z'\-]*){0,2}"


def _is_somebodys(candidate: Candidate) -> bool:
    before, after = candidate.before[-32:], candidate.after[:24].lower()
    if any(word in before for word in _OF_TRADE) or after.startswith(_AFTER_TRADE):
        return False
    return not _is_listed(before, candidate.after)


def _is_listed(before: str, after: str) -> bool:
    """Another country beside it: ``France, Spain and …``."""
    countries = word_lists().countries
    last = before.rstrip().removesuffix(" and").removesuffix(",").rpartition(" ")[2].strip(",")
    first = after.lstrip(",/ ").removeprefix("and ").removeprefix("or ").partition(" ")[0].strip(",.;:!?").lower()
    return (
        last in countries
        or (after[:1] in ",/" and first in countries)
        or (after.startswith(" and ") and first in countries)
    )


RULES = (
    Rule(
        entity=_LOCATION,
        expression=r"(?i)(" + "|".join(_COUNTRIES) + r")(?:$|[^\w@])",
        accept=_is_somebodys,
        openers=frozenset(country.partition(" ")[0] for country in _COUNTRIES),
        score=0.6,
    ),
    Rule(
        entity=_LOCATION,
        expression=rf"(?:^|[^\w])(?i:{_WHEREABOUTS}) ({_PLACE})",
        score=0.7,
    ),
)
