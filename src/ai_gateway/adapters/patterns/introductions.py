"""People who say who they are, or are named by what they are to somebody, in languages other than English."""

from ai_gateway.adapters.patterns.names import PERSON_NAME, uncommon
from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType

_PERSON = EntityType("PERSON")
_SELF = (
    r"me llamo|mi nombre es|soy|habla|me chamo|(?:o )?meu nome e|aqui e (?:a|o)|sou (?:a|o)?|je m'appelle|je "
    r"suis|ici|c'est|moi c'est|"
    r"mi chiamo|il mio nome e|sono|ich bin|ich heisse|mein name ist|hier ist|hier spricht|ik ben|mijn naam is|"
    r"ik heet|met|nazywam sie|"
    r"mam na imie|jestem|tu|main|mera naam|naam|ako si|ako po si|ako si|pangalan ko|pangalan"
)
_TO = (
    r"hola|buenas|estimad[oa]|querid[oa]|ola|oi|bom dia|boa tarde|prezad[oa]|car[oa]|bonjour|bonsoir|salut|"
    r"chere?|coucou|ciao|salve|"
    r"buongiorno|gentile|grazie|bravissim[oa]|gracias|obrigad[oa]|merci|hallo|moin|servus|liebe[rs]?|danke|"
    r"guten (?:tag|morgen|abend)|"
    r"beste|hoi|dag|bedankt|czesc|witam|dzien dobry|dziekuje|szanown[ya]|droga|drogi|namaste|namaskar|"
    r"shukriya|salaam|kumusta|salamat|magandang"
)
_RELATIVES = (
    r"(?:mi|mis|tu|su) (?:madre|padre|mama|papa|hermana|hermano|hija|hijo|esposa|esposo|marido|mujer|novia|"
    r"novio|prima|primo|socia|socio|jefa|"
    r"jefe|amiga|amigo|cunad[oa]|sobrin[oa])|(?:minha|meu|sua|seu) (?:mae|pai|irma|irmao|filha|filho|esposa|"
    r"marido|prima|primo|socia|socio|chefe|"
    r"amiga|amigo|avo)|(?:ma|mon|sa|son|notre|le|la) (?:mere|pere|soeur|frere|fille|fils|femme|mari|cousine|"
    r"cousin|associee?|patronne?|collegue|amie?|"
    r"copine|copain|voisine?|petite?|gerante?)|(?:mia|mio|sua|suo|la mia|il mio|mia) (?:madre|padre|mamma|"
    r"papa|sorella|fratello|figlia|figlio|moglie|"
    r"marito|cugin[oa]|soci[oa]|capo|collega|amic[oa]|suocer[oa])|(?:meine?|unsere?|seine?|ihre?)[nmr]? "
    r"(?:mutter|vater|mama|papa|schwester|bruder|"
    r"tochter|sohn|frau|mann|nichte|neffe|enkel|enkelin|kollegin|kollege|chefin|chef|freundin|freund|nachbarin|nachbar|cousine|cousin|oma|opa)|(?:mijn|"
    r"m'n|onze|zijn|haar) (?:moeder|vader|zus|broer|dochter|zoon|vrouw|man|nicht|neef|collega|baas|vriendin|"
    r"vriend|buurvrouw|buurman|oma|opa)|(?:moja|"
    r"moj|mojej|mojego) (?:mama|tata|siostra|brat|corka|syn|zona|maz|szef|szefowa|kolega|kolezanka)|mer[aie] "
    r"(?:beta|beti|bhai|behen|pati|patni|dost|"
    r"papa|mummy)|(?:ang )?(?:anak|asawa|kapatid|nanay|tatay|pinsan|boss) ko(?:ng)? (?:na )?si"
)
_TITLES = (
    r"herrn?|frau|senor(?:a|ita)?|sra?\.|dona?|don|signor[ae]?|sig\.(?:ra)?|dott\.(?:ssa)?|monsieur|madame|mme|"
    r"mlle|m\.|dhr\.|mevr\.|mevrouw|meneer|pani?|panem|pana|shri|smt\.?|ji"
)
_MARKERS = r"si|ni|kay|sina|nina|kina"  # Tagalog puts these before people's names, and before nothing else
_CASED = frozenset("de la le el du des der die das ein eine il lo un una o a os as et och og".split())  # noqa: SIM905  words read best as words


def _named(candidate: Candidate) -> Narrowed | bool:
    """German writes every noun with a capital: one word alone must not be a word that opens a sentence elsewhere."""
    value = candidate.value
    first = value.split(" ")[0].lower()
    return False if first in _CASED or first in word_lists().phrases else uncommon(candidate)


def _before(cue: str) -> str:
    return rf"(?:^|[^\w])(?i:{cue})[,:]? ({PERSON_NAME})"


RULES = (
    Rule(
        entity=_PERSON,
        expression=_before(_SELF),
        accept=_named,
        score=0.7,
    ),
    Rule(
        entity=_PERSON,
        expression=_before(_TO),
        accept=_named,
        score=0.7,
    ),
    Rule(
        entity=_PERSON,
        expression=_before(_RELATIVES),
        accept=_named,
        score=0.7,
    ),
    Rule(
        entity=_PERSON,
        expression=_before(_TITLES),
        accept=_named,
        score=0.75,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?:^|[^\w])(?:[Ss]i|ni|kay|sina|nina|kina) ({PERSON_NAME})",
        accept=_named,
        score=0.7,
    ),
)
