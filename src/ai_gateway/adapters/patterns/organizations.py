"""Companies by their legal form, and by a noun that says what kind of house it is."""

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType
from ai_gateway.treatment.lexicon import is_common

_FORM = (
    r"(?:LLC|L\.L\.C\.?|LLP|L\.P\.|Inc\b\.?|INC\b\.?|Incorporated|Ltd\b\.?|LTD\b\.?|Limited|GmbH|mbH|PLC|plc|"
    r"Corp\b\.?|Corporation|"
    r"Pty|Pvt|S\.A\.S?\.?|S\.r\.l\.?|SRL|SARL|S\.L\.|B\.V\.|BV|N\.V\.|AG|KG|SE|Oy|ApS|A/S|Sp\. z o\.o\.|"
    r"s\.r\.o\.|Kft|LTDA|Ltda|EIRL|OHG|e\.K\.|W\.L\.L\.|K\.K\.|S\.p\.A\.|s\.c\.)"
)
_LEADING = frozenset(
    """
    at the from for with by of in to and our my a an client company firm i we is as on dear hi hello between via
    called named worked working founded hired joined contact contacted
    """.split()  # noqa: SIM905  words read best as words
)


_CLOSING = frozenset(
    """
    regards grussen grusse gruss grusen gruse grus saludo saludos cordialement saluti cumprimentos groet
    groeten
    """.split()  # noqa: SIM905  words read best as words
)
"""Of a letter, before who signs it; a sharp s is one here."""
_SHORTENED = frozenset("i we you they he she it that let there here who what".split())  # noqa: SIM905
_JOINING = frozenset({"of", "and"})
"""Between a person and their company, after a given name; within a company's name otherwise."""
_FAMILY = frozenset("sons daughters brothers sisters partners associates company co".split())  # noqa: SIM905


def _without_lead(candidate: Candidate) -> Narrowed | bool:
    """``At Brightwater LLC`` without the first word, ``I'm Dana Okafor of Brightwater LLC`` without the person; nothing
    if only such words stand before the form."""
    words = candidate.value.split(" ")
    start = 0
    while len(words) > 2 and _leads(words[0]):  # noqa: PLR2004  a name and its form
        start += len(words.pop(0)) + 1
    if (comma := _after_a_person(words)) is not None:
        start += len(" ".join(words[:comma])) + 1
        words = words[comma:]
    joints = [i for i, word in enumerate(words[:-2]) if word in _JOINING and words[i + 1].lower() not in _FAMILY]
    if joints and words[0].lower() in word_lists().given_names:
        start += len(" ".join(words[: joints[-1] + 1])) + 1
        words = words[joints[-1] + 1 :]
    return (
        False
        if words[0].lower() in _LEADING or words[0].lower() in word_lists().code_signs
        else (start, len(candidate.value))
    )


def _after_a_person(words: list[str]) -> int | None:
    """``Dana Okafor, Okafor & Sons LLC``: where the company begins behind somebody's given name and surname."""
    comma = next((i for i, word in enumerate(words[:-2]) if word.endswith(",")), None)
    if not comma or words[0].lower() not in word_lists().given_names:
        return None
    return comma + 1


def _leads(word: str) -> bool:
    head, short, _ = word.lower().partition("'")
    if word.endswith(",") and word[:-1].lower() in word_lists().foreign | _CLOSING:
        return True
    return word.lower() in _LEADING or (bool(short) and head in _SHORTENED)


_HOUSE = (
    r"Agency|Studios?|Collective|Council|Institute|University|College|Academy|Hospital|Clinic|Dental|Orthodontics|Bakery|Brewery|"
    r"Roastery|Kitchens|Interiors|Foundation|Charity|Network|Association|Society|Tyres|Air|Airlines|Airways|Press|Publishing|"
    r"Publishers|Productions|Partners|Consulting|Consultants|Solicitors|Associates|Holdings|Logistics|Plumbing|Construction|"
    r"Builders|Architects|Labs|Ventures|Capital|Insurance|Pharmacy|Motors|Records|Theatre|Museum|Gallery|Trust|Ministry|Supply|"
    r"Optics|Textiles|Denim|Ceramics|Furniture|Florists?|Tours|Outfitters|Charters|Robotics|Therapeutics|Biotech|Farms?|Estates|"
    r"Legal Aid|Works|Workshop|Orchestra|Symphony|Dairy|Vineyards|Winery|Veterinary|Nursery|Primary School|High School"
)
_HOUSE_OF = (
    r"University|Institute|Ministry|Department|Port Authority|Museum|College|Bank|School|Academy|Church|"
    r"Diocese|Universite|"
    r"Universidad|Universidade|Universita|Banco|Banca|Instituto"
)
_HOUSE_BEFORE = (
    r"Stichting|Politechnika|Uniwersytet|Pracownia|Obsthof|Studio|Atelier|Hochschule|Verein|Fundacja|Fundacion|Fundacao"
)


def _of_a_kind(candidate: Candidate) -> bool:
    """One word of the name is its own: ``Oxbow Denim``, not ``Graphic Design Agency`` or ``Primary School``."""
    lists = word_lists()
    words = candidate.value.replace("&", " ").split()
    own = [w for w in words if w[0].isupper() and not is_common(w.lower(), lists) and w.lower() not in lists.phrases]
    return bool(own) and words[0].lower() not in _LEADING


_NAMED = r"[A-Z][A-Za-z'\-]*[a-z]"
_SHOUTED = r"[A-Z][A-Za-z'\-]*[A-Za-z]"

RULES = (
    Rule(
        entity=EntityType("ORGANIZATION"),
        expression=rf"(?:^|[^\w])((?:{_NAMED} (?:(?:&|and|of|for) )?){{1,4}}(?:{_HOUSE}))\b",
        accept=_of_a_kind,
        score=0.65,
    ),
    Rule(
        entity=EntityType("ORGANIZATION"),
        expression=(
            rf"(?:^|[^\w])((?:{_NAMED} ){{0,2}}(?:{_HOUSE_OF}) (?:of|de|di|do|da|for) (?:the )?{_SHOUTED}"
            rf"(?: {_NAMED}){{0,2}})\b"
        ),
        accept=_of_a_kind,
        score=0.65,
    ),
    Rule(
        entity=EntityType("ORGANIZATION"),
        expression=rf"(?:^|[^\w])((?:{_HOUSE_BEFORE}) (?:[Dd]e |[Hh]et )?{_NAMED}(?: {_NAMED}){{0,2}})\b",
        accept=_of_a_kind,
        score=0.65,
    ),
    Rule(
        entity=EntityType("ORGANIZATION"),
        expression=(
            rf"(?:^|[^\w])((?:[A-Z0-9][\w&.'\-]{{0,30}},? (?:(?:and|&|of|the|de|und|et|y)"
            rf" ){{0,2}}){{1,5}}{_FORM})(?:$|[^\w])"
        ),
        accept=_without_lead,
        score=0.85,
    ),
)
