"""People by a bell or what is theirs, companies by who works there, where neither list nor form tells of them."""

from ai_gateway.adapters.patterns.names import PERSON_NAME, telling
from ai_gateway.adapters.patterns.people import ROLES
from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType
from ai_gateway.treatment.lexicon import is_common

_PERSON, _ORGANIZATION = EntityType("PERSON"), EntityType("ORGANIZATION")
_WORD = r"[A-Z][A-Za-z'\-]*[a-z]"
_COMPANY = rf"{_WORD}(?: {_WORD}){{0,3}}"
_AT_THE_DOOR = (
    r"(?:bell|buzzer|doorbell|nameplate|letterbox|mailbox|intercom)(?: is)? "
    r"(?:marked|says|saying|labell?ed|reads|reading)|"
    r"klingeln? bei|klingelschild|sonne[zr] chez|citofon(?:o|are)|suonare a|timbre de|bel(?:len)? bij|dzwonic do"
)
_BELONGINGS = (
    r"laptop|desk|inbox|voicemail|wife|husband|mum|mom|dad|mother|father|sister|brother|son|daughter|kids|children|"
    r"wedding|birthday|funeral|salary|passport|signature|handwriting|surname|maternity leave|sick leave"
)
_HEARD = (
    r"(?:been|be|go|goes|going|went|gone|come|came|coming|listen|listens|listening|listened|tickets?) (?:to|for)"
    r"(?: an?| the| another| every| any)?"
)
_PERFORMED = r"concerts?|gigs?|recitals?|tour|album|record|lecture|reading"
_EMPLOYED = (
    r"work(?:ed|ing|s)? (?:for|at)|employed (?:by|at)|intern(?:ed|ing|ship) (?:at|with)|freelanc(?:ed|ing) for|"
    r"contract(?:ed|ing) for|laid off (?:by|from)|fired (?:by|from)|consult(?:ed|ing) for"
)
_HOUSE = r"charity|company|nonprofit|non-profit|ngo|employer|co-op|cooperative|firm|supplier|landlord"
_OPENING = frozenset(
    ("the", "a", "an", "my", "our", "his", "her", "their", "your", "this", "that", "senior", "junior", "united")
)
_SHORTEST_NAME = 2


def _employer(candidate: Candidate) -> Narrowed | bool:
    """Two words at least, which a sentence writes with capitals only where they are a name: ``Great Otter Air``.

    Neither somebody (``Dana Okafor``, found elsewhere) nor a role, a country or a product.
    """
    lists = word_lists()
    words = candidate.value.lower().split(" ")
    if len(words) < _SHORTEST_NAME or words[0] in _OPENING | lists.given_names | lists.phrases:
        return False
    return ROLES.isdisjoint(words) and candidate.value.lower() not in lists.countries | lists.phrases


def _performer(candidate: Candidate) -> bool:
    """Two words, neither of every day nor of the trade: not ``an Open Air concert``, ``a Google Cloud lecture``."""
    lists = word_lists()
    words = candidate.value.lower().split(" ")
    return not any(word in lists.phrases or is_common(word, lists) for word in words)


RULES = (
    Rule(  # ring bell marked Kettleby
        entity=_PERSON,
        expression=rf"(?:^|[^\w])(?i:{_AT_THE_DOOR}):? [\"']?({PERSON_NAME})",
        accept=telling,
        score=0.7,
    ),
    Rule(  # off Wellington's laptop
        entity=_PERSON,
        expression=rf"(?:^|[^\w@#/.\-])({_WORD})'s (?:{_BELONGINGS})\b",
        accept=telling,
        score=0.7,
    ),
    Rule(  # have you been to a Homero Portillo concert
        entity=_PERSON,
        expression=rf"(?:^|[^\w])(?i:{_HEARD}) ({_WORD} {_WORD}) (?i:{_PERFORMED})\b",
        accept=_performer,
        score=0.7,
    ),
    Rule(  # I've worked for Great Otter Air
        entity=_ORGANIZATION,
        expression=rf"(?:^|[^\w])(?i:{_EMPLOYED}) ({_COMPANY})(?:$|[^\w'])",
        accept=_employer,
        score=0.65,
    ),
    Rule(  # a charity (Patch and Mend Network, no. 5550188)
        entity=_ORGANIZATION,
        expression=rf"(?i:\b(?:{_HOUSE})) ?\(({_WORD}(?: (?:&|and|of) {_WORD}| {_WORD}){{0,4}})[,)]",
        accept=_employer,
        score=0.65,
    ),
)
