"""Names by their form or company: given names, initials, titles, kin, and those who say something."""

from ai_gateway.adapters.patterns.people import ROLES
from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType
from ai_gateway.treatment.lexicon import is_common

_PERSON = EntityType("PERSON")
_WORD = r"[A-Z][A-Za-z'\-]*[a-z]"
_PARTICLE = r"(?:van der|van den|van de|van|von|de la|de|del|der|den|di|da|do|dos|du|la|le|el|al|bin|ten|ter)"
_INITIAL = r"[A-Z]\."
_SURNAME = rf"(?:{_PARTICLE} )?{_WORD}"
PERSON_NAME = rf"{_WORD}(?: (?:{_INITIAL}|{_SURNAME})){{0,3}}"

_ALSO_PLACES = frozenset(
    """
    sofia florence victoria charlotte austin orlando santiago chelsea madison savannah georgia milan jordan regina
    valencia verona jersey lincoln houston jackson washington dallas denver cleveland carolina virginia chad
    adelaide sydney diego francisco luis jose antonio paul louis helena lorena eugene siena sienna medina salvador
    simone
    """.split()  # noqa: SIM905  words read best as words
)
_ALSO_BRANDS = frozenset(
    """
    mercedes tiffany hugo iris oscar tony emmy celeste alexa ruby julia jasmine crystal jade amber pearl violet rose
    daisy lily ivy poppy june april may august dawn grace hope faith joy mark bill will jack art gene rob pat sue
    guy grant miles wade dean earl frank max drew dale ray jay lance penny sandy sterling dexter casper felix percy
    piper angular clementine basil rosemary sage olive ginger heather holly laurel myrtle melody harmony serenity
    destiny chase hunter mason cooper taylor parker carter tyler porter walker page marshall ford christian roman
    german jesus mohammed muhammad noel natalie norman franz monsieur regina marina luna nova stella aurora maya
    gemma
    """.split()  # noqa: SIM905  words read best as words
)
_TITLES = (
    r"President|Prime Minister|Minister|Senator|Sen\.|Governor|Gov\.|Mayor|Judge|Justice|Chancellor|Secretary|"
    r"Congressman|"
    r"Congresswoman|Rep\.|General|Gen\.|Colonel|Col\.|Major|Captain|Capt\.|Lieutenant|Lt\.|Sergeant|Sgt\.|Officer|"
    r"Detective|Inspector|Sheriff|Coach|Principal|Professor|Nurse|Sister|Brother|Father|Mother|Reverend|Rev\.|Pastor|"
    r"Rabbi|Imam|Bishop|Pope|Saint|King|Queen|Prince|Princess|Lord|Lady|Sir|Dame|Aunt|Auntie|Aunty|Uncle|Grandma|Grandpa|"
    r"Granny|Cousin|Tante|Onkel|Oncle|Tia|Tio|Oma|Opa|Senora?|Don|Dona|Signora?|Pani?|Monsieur|Madame|Maitre|Tita|Tito|Kuya|Ate"
)
_KIN = (
    r"wife|husband|spouse|brother|sister|son|daughter|mother|father|mom|mum|dad|cousin|niece|nephew|friend|boyfriend|"
    r"girlfriend|fiance|fiancee|partner|roommate|flatmate|neighbou?r|boss|manager|supervisor|colleague|coworker|co-worker|"
    r"teammate|assistant|secretary|accountant|bookkeeper|lawyer|solicitor|attorney|landlord|tenant|intern|designer|developer|"
    r"editor|translator|photographer|illustrator|therapist|dentist|doctor|client|contact|nanny|babysitter|"
    r"business partner|"
    r"co-founder|cofounder|founder|ceo|cto|director|owner|twin|ex"
)
_SAYING = (
    r"says|said|told|asks|asked|replied|writes|wrote|texted|emailed|called|thinks|thought|wants|wanted|tweets|tweeted|admits|"
    r"admitted|claims|claimed|insists|insisted|confirms|confirmed|warns|warned|announced|joked|laughed|smiled|shouted|"
    r"whispered|apologi[sz]ed|promised|agreed|agrees|refused|explained|suggested|mentioned|forgot|knows|loves|hates|"
    r"forwarded|quit|resigned|married|died"
)
_NEVER_INITIALS = frozenset("u.s. u.k. p.s. n.b. d.c. l.a. n.y. e.u. u.n. b.a. m.a. i.t. a.i.".split())  # noqa: SIM905  words read best as words
_DEGREES = frozenset(("phil", "sc", "ed", "eng", "tech", "com", "arts", "des", "pharm", "arch", "mus", "litt", "div"))
_COUNTED = frozenset(
    """
    vitamin hepatitis appendix exhibit annex schedule plan type grade class section figure table item option part
    unit team group level version series model gate hall room block building terminal floor zone category column row
    step phase route channel studio page chapter question answer mr mrs ms dr prof st vs no inc ltd corp co jr sr
    """.split()  # noqa: SIM905  words read best as words
)
_OFFICES = frozenset(
    """
    company director officer engineer counsel store city ship land figure nature house board department partner editor
    branch office planner secretary clerk royal regent consort mother catholic
    """.split()  # noqa: SIM905  words read best as words
)
_CONTRACTED = frozenset(("s", "d", "m", "ll", "re", "ve", "t"))
_MOST_AFTER_GIVEN = 3


def bare_of(word: str) -> str:
    """In small letters, without a possessive or contraction: ``It's`` is ``it``."""
    stem, apostrophe, ending = word.lower().rstrip(".").partition("'")
    return stem if apostrophe and ending in _CONTRACTED else word.lower().rstrip(".")


def _is_trade(word: str) -> bool:
    lists = word_lists()
    return word in lists.phrases or word in lists.countries


def _can_be_surname(word: str) -> bool:
    bare = bare_of(word)
    return not (_is_trade(bare) or bare in _COUNTED or bare in ROLES or bare in _OFFICES)


def _can_end_a_name(word: str) -> bool:
    """Words that are also names do (``Mark Fields``), other everyday words do not (``Davis Orchestra``)."""
    bare, lists = bare_of(word), word_lists()
    return bare in lists.ordinary or not is_common(bare, lists)


def _is_given(word: str) -> bool:
    return all(part in word_lists().given_names for part in bare_of(word).split("-"))


def _given(candidate: Candidate) -> Narrowed | bool:
    """A given name with what can be a surname after it. One that is also a word, a place or a brand needs a surname
    that is no everyday word."""
    given, *rest = candidate.value.split(" ")
    if not _is_given(given) or _is_trade(candidate.value.lower()):
        return False
    taken = _surnames(rest[:_MOST_AFTER_GIVEN])
    if not (_stands_alone(bare_of(given)) or _is_surname(rest, taken)):
        return False
    return 0, len(" ".join((given, *rest[:taken])).removesuffix("'s"))


def _surnames(words: list[str]) -> int:
    """How many of the words after a given name can belong to the name."""
    taken = 0
    for i, word in enumerate(words):
        if word[0].isupper() and not (_can_be_surname(word) and _can_end_a_name(word)):
            break
        if word[0].isupper():
            taken = i + 1
    return taken


def _stands_alone(word: str) -> bool:
    lists = word_lists()
    return not (
        word in lists.ordinary or word in lists.common or word in _ALSO_PLACES or word in _ALSO_BRANDS
    ) and not (_is_trade(word))


def _is_surname(words: list[str], taken: int) -> bool:
    return taken > 0 and not is_common(bare_of(words[taken - 1]), word_lists())


def uncommon(candidate: Candidate) -> Narrowed | bool:
    """The words before the first that everybody uses."""
    kept: list[str] = []
    for word in candidate.value.split(" "):
        if word[0].isupper() and not (_can_be_surname(word) and _can_end_a_name(word)):
            break
        kept.append(word)
    while kept and kept[-1][0].islower():
        kept.pop()
    return (0, len(" ".join(kept).removesuffix("'s"))) if kept else False


def telling(candidate: Candidate) -> Narrowed | bool:
    """The same, where ordinary words stand as often as names: one alone does not count."""
    bounds = uncommon(candidate)
    if isinstance(bounds, tuple) and bare_of(candidate.value[: bounds[1]]) in word_lists().ordinary:
        return False
    return bounds


def _initialed(candidate: Candidate) -> bool:
    """``A. Mistry``, ``S. K. Panda``; not ``A. Design the logo``, ``U.S. Army``."""
    initials, _, surname = candidate.value.rpartition(" ")
    if "." not in initials:
        initials, _, surname = candidate.value.rpartition(".")
    bare = bare_of(surname)
    known_letters = initials.lower().replace(" ", "").rstrip(".") + "." in _NEVER_INITIALS
    if known_letters or bare in _DEGREES or _is_trade(bare):
        return False
    return initials.count(".") > 1 or not is_common(bare, word_lists())


def _abbreviated(candidate: Candidate) -> bool:
    """``Vanessa T.``; not ``Vitamin C.``, ``Plan B.``."""
    bare = candidate.value.split(" ")[0].lower()
    return _can_be_surname(bare) and not is_common(bare, word_lists())


def _greeted(candidate: Candidate) -> bool:
    bare = candidate.value.lower()
    lists = word_lists()
    return _can_be_surname(bare) and not (bare in lists.common or bare in lists.ordinary or is_common(bare, lists))


def _small_given(candidate: Candidate) -> bool:
    bare = candidate.value.lower()
    return bare in word_lists().given_names and _stands_alone(bare)


RULES = (
    Rule(
        entity=_PERSON,
        expression=rf"({_WORD}(?: (?:{_INITIAL}|[A-Z]|{_SURNAME})){{0,3}})(?:$|[^\w@])",
        accept=_given,
        openers=word_lists().given_names,
        score=0.75,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?:^|[^\w.])((?:[A-Z]\. ?){{1,3}}(?:{_PARTICLE} )?[A-Z]['\-A-Za-z]*[a-z])(?:$|[^\w@])",
        accept=_initialed,
        score=0.75,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?:^|[^\w@#/.\-])({_WORD} [A-Z]\.)(?:$|[^\w])",
        accept=_abbreviated,
        score=0.75,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?:^|[^\w])(?:{_TITLES}),? ({PERSON_NAME})",
        accept=uncommon,
        score=0.75,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?i:\b(?:my|your|his|her|our|their|the) (?:[a-z]{{1,12}} )?(?:{_KIN}),? )({PERSON_NAME})",
        accept=uncommon,
        score=0.75,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?:^|[^\w@#/.])({_WORD}(?: {_SURNAME})?) (?:{_SAYING})\b",
        accept=telling,
        score=0.6,
    ),
    Rule(
        entity=_PERSON,
        expression=(
            rf"(?:^|[^\w])(?i:i go by|goes by|nickname is|everyone calls me|people call me|under the name|in "
            rf"the name of|"
            rf"this is|ask for|speak (?:to|with)|talk to|regards from|sincerely,?) ({PERSON_NAME})"
        ),
        accept=telling,
        score=0.7,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?m)^[ \t>]{{0,4}}[\-\x01~*]{{1,3}} ?({PERSON_NAME})[ \t]*$",
        accept=telling,
        score=0.7,
    ),
    Rule(  # in small letters: hey onur, …
        entity=_PERSON,
        expression=(
            r"(?:^|[^\w])(?:hi|hey|hello|hiya|dear|thanks|thank you|ty|thx|cheers|sorry|bye) ([a-z]{3,20})(?:$|"
            r"[,.!?\n;:])"
        ),
        accept=_greeted,
        score=0.7,
    ),
    Rule(  # at the head of a line: onur, can you …
        entity=_PERSON,
        expression=(
            r"(?m)^[ \t>]{0,4}([a-z]{3,20})(?:[,:!?]| (?:can|could|please|pls|did|do|are|is|was|said|says|will|"
            r"when|where|what|here|thanks|u|r|kannst|puedes|peux|kan|puoi)\b)"
        ),
        accept=_small_given,
        score=0.7,
    ),
)
