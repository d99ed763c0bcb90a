"""Street addresses and postcodes; places where somebody says they live, come from or go."""

import re

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType
from ai_gateway.treatment.lexicon import is_common

_ADDRESS, _LOCATION = EntityType("ADDRESS"), EntityType("LOCATION")
_TELEPHONE_BEFORE = re.compile(r"\+ ?\d{1,4}(?:[ .\-]\d{1,5}){1,6}[ .\-]$")
_NUMBER = re.compile(r"\d+,? ")
_WHEREABOUTS = (
    r"originally from|(?:i am|i'm|we are|we're|s?he is|s?he's|they are|comes?|came|hails?|hailing|"
    r"moved(?: here)?) from|"
    r"(?:live|lives|lived|living|based|located|reside|resides|residing|grew up|born|raised|settled) in|residents? of|"
    r"(?:moved|moving|relocated|relocating|travell?ing|travell?ed|flying|flight|trip|move|relocate|coming) to|visiting|"
    r"(?:home|hometown|place of birth|current city|city|country|location|residence|nationality)(?: is|:)"
)
_TYPE = (
    r"(?:Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|Square|Sq|Terrace|"
    r"Ter|Way|Circle|Cir|"
    r"Parkway|Pkwy|Highway|Hwy|Freeway|Trail|Trl|Alley|Close|Crescent|Cres|Gardens|Gdns|Grove|Mews|Row|Walk|"
    r"Quay|Turnpike|Pike|"
    r"Broadway|Plaza|Loop|Ridge|Hill|Park|Crossing|Esplanade|Promenade|Wharf|Green|Rise|Vale|View)"
)
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|"
    r"UT|V[AT]|W[AIVY]|"
    r"AB|BC|MB|NB|NL|NS|ON|PE|QC|SK|NSW|VIC|QLD|WA|TAS|ACT)"
)
_CITY = r"[A-Z][A-Za-z.'\-]{1,25}(?: [A-Z][A-Za-z.'\-]{1,25}){0,3}"
_ZIP = r"(?:\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4})"
_UNIT = (
    r"(?:,?\s{1,2}(?:(?i:apt|apartment|suite|ste|unit|floor|fl|room|rm|flat)\.?\s?#?\s?[A-Z]?\d{1,5}[A-Z]?|"
    r"#\s?\d{1,5}[A-Z]?))"
)
_REST = rf"(?:{_UNIT}){{0,2}}(?:,?\s{{1,2}}{_CITY},?\s{{1,2}}{_STATE}\b(?:,?\s{{1,2}}{_ZIP}\b)?)?"
_DIRECTION = r"(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?\s)?"
_UK_AREAS = frozenset(
    """
    AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN
    EX FK FY G GL GU GX GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N
    NE NG NN NP NR NW OL OX PA PE PH PL PO PR QC RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN
    TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
    """.split()  # noqa: SIM905  words read best as words
)


def _numbered(candidate: Candidate) -> Narrowed | bool:
    """Without a telephone's last digits before a street that has none: ``+34 655 12 34 56, Av. de la Feria``."""
    number = _NUMBER.match(candidate.value)
    if number is None or _TELEPHONE_BEFORE.search(candidate.before) is None:
        return True
    return number.end(), len(candidate.value)


def _uk_postcode(candidate: Candidate) -> bool:
    """A real postcode area, and not a machine with so many gigabytes (``EC2 4GB``)."""
    area = candidate.value[:2] if candidate.value[1].isalpha() else candidate.value[:1]
    return area in _UK_AREAS and not candidate.value.endswith(("GB", "TB"))


def _not_a_quantity(candidate: Candidate) -> bool:
    first = candidate.value.split()[0]
    return not candidate.before.endswith(("$", "£", "€", "#")) and first.strip("0") != ""


_TRAVEL = (
    r"(?:flew|fly|flies|flying|drove|drive|driving|moved|moving|went|headed|heading|travel(?:l?ed|s|l?ing)?|sailed|"
    r"cycled|relocated|returned|returning|flight|flights|train|bus|coach|ferry|trip|road trip|way) (?:back )?"
    r"(?:to|from)|arrived (?:in|at)|arriving in|(?:i am|i'm|we are|we're|s?he is|s?he's|they are|they're|am|currently|"
    r"now|stationed|staying|studying|working remotely|grew up|raised|years?|office|flat|apartment|house|home|studio|"
    r"shop|store|branch|family|parents|weekend|summer|winter|holiday|away) in|in town from|(?:down|over|up|out|back) "
    r"(?:here )?from|visiting from|downtown|outskirts of|suburbs? of|(?:north|south|east|west|outside) of|just outside"
)
_SHORTEST_SHOUTED = 5
_PLACE = r"[A-Z][a-zA-Z'\-]{2,25}(?:,? [A-Z][a-zA-Z'\-]{2,25}){0,2}"
_TOWN = (
    r"(?:New|San|Santa|Santo|Los|Las|Saint|St\.?|Sao|Port|Fort|Mount|El|La|Lake|North|South|East|West|Upper|Lower|Bad|Nova|"
    r"Novo|Rio|Ciudad|Villa|Puerto) [A-Z][a-z\-]{2,20}"
)


def _not_of_the_trade(candidate: Candidate) -> Narrowed | bool:
    """Words of a place up to the first that everybody uses; no month, tool, role or given name alone."""
    lists, kept = word_lists(), 0
    for word in candidate.value.split(" "):
        bare = word.strip(",.").lower().partition("'")[0]
        is_short = word.isupper() and len(word) < _SHORTEST_SHOUTED
        if (
            is_short
            or is_common(bare, lists)
            or bare in lists.phrases
            or bare in lists.foreign
            or bare in lists.given_names
        ):
            break
        kept += len(word) + 1
    value = candidate.value[: max(0, kept - 1)].rstrip(",")
    return (0, len(value)) if value and value.lower() not in lists.phrases else False


def _no_phrase(candidate: Candidate) -> bool:
    lists = word_lists()
    second = candidate.value.lower().partition(" ")[2]
    return not (candidate.value.lower() in lists.phrases or is_common(second, lists) or second in lists.phrases)


RULES = (
    Rule(
        entity=_LOCATION,
        expression=rf"(?:^|[^\w])(?i:{_TRAVEL}) (?:the )?({_PLACE})",
        accept=_not_of_the_trade,
        score=0.65,
    ),
    Rule(
        entity=_LOCATION,
        expression=(
            rf"(?:^|[^\w])(?i:in|from|to|near|at|around|visiting|leave|leaving|city|town) ({_TOWN})(?:$|[^\w'])"
        ),
        accept=_no_phrase,
        score=0.6,
    ),
    Rule(  # at the café on 45th Street
        entity=_ADDRESS,
        expression=(
            r"(?i)(?:^|[^\w])(?:on|at|near|off|to|corner of|along) ((?:[NSEW]\.? |north |south |east |west )?\d{1,3}"
            r"(?:st|nd|rd|th) (?:street|st|avenue|ave|road|rd)\b)"
        ),
        digits=1,
        score=0.8,
    ),
    Rule(
        entity=_ADDRESS,
        expression=(
            rf"(?:^|[^\w.$])(\d{{1,6}}[A-Za-z]?(?:[\-/]\d{{1,5}})?,?\s{{1,2}}{_DIRECTION}(?:(?:[A-Z]|\d{{1,3}}"
            rf"(?:st|nd|rd|th)\b)[\w.'\-]{{0,25}}\s){{1,5}}{_TYPE}\b\.?(?:\s(?:N|S|E|W|NE|NW|SE|SW)\b)?{_REST})"
        ),
        accept=_not_a_quantity,
        digits=1,
        score=0.95,
    ),
    Rule(
        entity=_ADDRESS,
        expression=(r"(?i)(?:^|[^\w.$])(\d{1,6}\s(?:[a-z][a-z'\-]{1,20}\s){1,3}(?:street|avenue|boulevard|blvd)\b)"),
        accept=_not_a_quantity,
        digits=1,
        score=0.9,
    ),
    Rule(
        entity=_ADDRESS,
        expression=rf"\b({_CITY},\s{{0,2}}{_STATE}\s{{1,2}}\d{{5}}(?:-\d{{4}})?)\b",
        digits=5,
        score=0.95,
    ),
    Rule(entity=_ADDRESS, expression=rf"\b({_STATE}\s\d{{5}}(?:-\d{{4}})?)\b", digits=5, score=0.9),
    Rule(
        entity=_ADDRESS,
        expression=r"(?i)\b((?:P\.? ?O\.? ?|post(?: office)? )box\s#?\d{1,6})\b",
        digits=1,
    ),
    Rule(
        entity=_ADDRESS,
        expression=(
            r"(?i)\b(?:zip|zip ?code|post ?code|postal code|plz|postleitzahl|code postal|codigo postal|cep|"
            r"cap|kod pocztowy)"
            r"(?: is|:|=| -)? {0,4}([A-Z]{0,2}\d[A-Z\d]{1,5}(?:[ \-]\d[A-Z\d]{1,3})?)\b"
        ),
        digits=2,
        score=0.9,
    ),
    Rule(  # military mail: Unit 8505 Box 9220, APO AE 90744
        entity=_ADDRESS,
        expression=(
            r"(?i)\b((?:(?:unit|psc|cmr)\s\d{1,5},?\s{1,2}box\s\d{1,5}|us[a-z]{1,4} "
            r"[a-z'\-]{2,25})[,\s]{1,3}(?:apo|fpo|dpo),?"
            r"\s(?:aa|ae|ap)\s\d{5}(?:-\d{4})?)\b"
        ),
        digits=4,
        score=0.95,
    ),
    Rule(
        entity=_ADDRESS,
        expression=(
            r"(?i)\b((?:the )?(?:corner|intersection) of [\w.'\- ]{3,48}? (?:and|&) (?:[a-z]{2,4}\. "
            r")?[\w'\-]{2,25}(?: [A-Z0-9][\w'\-]{0,25}){0,3})"
        ),
        score=0.9,
    ),
    Rule(
        entity=_ADDRESS,
        expression=r"(?i)\b((?:apt\.?|apartment|suite|ste\.)\s{1,2}#?\d{1,5}[A-Z]?)\b",
        digits=1,
        score=0.9,
    ),
    Rule(
        entity=_ADDRESS,
        expression=r"(?:^|[^\w])([A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})(?:$|[^\w])",
        accept=_uk_postcode,
        digits=1,
    ),
    Rule(
        entity=_ADDRESS,
        expression=(
            r"\b([A-Z][\w.\-]{0,30}(?:stras?se|str\.|weg|platz|allee|gasse|damm|ufer|straat|laan|gatan|vej|gade)"
            r"\s\d{1,4} ?[a-z]?\b(?:,?\s{1,2}(?:[A-Z]{1,2}-)?\d{4,5}\s[A-Z][\w\-]{1,30})?)"
        ),
        digits=1,
        score=0.95,
    ),
    Rule(
        entity=_ADDRESS,
        expression=(
            r"(?:^|[^\w])(\d{1,4}(?: ?bis| ?ter)?,? (?i:rue|avenue|av\.|boulevard|bd|place|chemin|allee|impasse|"
            r"quai|route|cours) (?:(?i:de la|de l'|de|du|des|la|le|les|d') ?)?[A-Z][\w'\-]{1,25}(?: [A-Z]"
            r"[\w'\-]{1,25}){0,3}(?:,?\s\d{5}(?:\s[A-Z][\w\-]{1,25})?)?)"
        ),
        accept=_numbered,
        digits=1,
        score=0.95,
    ),
    Rule(
        entity=_ADDRESS,
        expression=(
            r"\b((?i:calle|avenida|avda\.?|av\.|paseo|plaza|via|viale|piazza|corso|rua|travessa|ulica|ul\.) (?:"
            r"(?i:de la|de las|de los|del|de|da|do|dos|della|di) )?[A-Z][\w'\-]{1,25}(?: [A-Z]"
            r"[\w'\-]{1,25}){0,3},? (?:n[o.]{0,2} ?)?\d{1,4}\b(?:,?\s\d{4,5}(?:-\d{3})?\s[A-Z][\w\-]{1,25})?)"
        ),
        digits=1,
        score=0.95,
    ),
    Rule(
        entity=_LOCATION,
        expression=(
            rf"(?:^|[^\w])(?i:{_WHEREABOUTS}) (?:the )?([A-Z][a-zA-Z'\-]{{2,25}}(?:,? [A-Z][a-zA-Z'\-]{{2,25}}){{0,3}})"
        ),
        score=0.7,
    ),
)
