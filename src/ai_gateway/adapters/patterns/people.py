"""Names where the writing itself says so (speakers, salutations, signatures, form fields, titles).

The model knows names; it misses them where a line has no sentence around them.
"""

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType
from ai_gateway.treatment.lexicon import is_common

_PERSON = EntityType("PERSON")
_WORD = r"[A-Z][a-z'\-]{0,20}[A-Za-z]{1,20}"
_NAME = rf"{_WORD}(?: (?:[A-Z]\.|(?:van|von|de|der|den|di|da|la|le|al|el|bin)\b|{_WORD})){{0,3}}"
ROLES = frozenset(
    """
    customer support agent client freelancer user me you bot assistant system admin moderator seller buyer owner
    manager interviewer interviewee candidate recruiter host guest speaker operator representative rep team
    everyone all there folks guys sir madam hiring professional doctor nurse patient teacher student professor
    question answer note re fwd subject update reminder ps nb here sales marketing development engineering email
    phone address name date
    """.split()  # noqa: SIM905  words read best as words
)
_FIELDS = (
    r"from|to|cc|bcc|attn|(?:full|first|last|given|family|user|customer|client|patient|student|contact|"
    r"account holder|cardholder|"
    r"employee|applicant|candidate)?(?: |'s )?name|bill(?:ed)? to|ship(?:ped)? to|sold to|author|sender|"
    r"recipient|signed(?: by)?|"
    r"prepared by|submitted by|written by|contact(?: person)?|client|customer|patient|employee|applicant|"
    r"candidate|nurse|doctor|"
    r"plaintiff|defendant|witness|beneficiary|payee|tenant|landlord|comment (?:from|by)|post(?:ed)? by|"
    r"reviewed by|review by"
)
_LONGEST_CONTRACTION = 8
_SENTENCE_OPENERS = frozenset(
    """
    the this that these those it its we our i you your they he she there here please thank thanks yes no not so
    but and or if when what where why how who which sure ok okay great good best kind warm looking let just also
    maybe can could will would should do does did is are was were have has had of in on at to for with by from as
    an a
    """.split()  # noqa: SIM905  words read best as words
)


def _name(candidate: Candidate) -> Narrowed | bool:
    """Up to the first word that cannot be in a name; not a role, not a term of the trade."""
    lists = word_lists()
    words = candidate.value.split(" ")
    kept: list[str] = []
    for word in words:
        bare = word.lower().partition("'")[0] if "'" in word[1:] and len(word) < _LONGEST_CONTRACTION else word.lower()
        if bare in _SENTENCE_OPENERS or bare in ROLES:
            break
        kept.append(word)
    value = " ".join(kept)
    if not kept or value.lower() in lists.phrases or all(w.lower() in lists.phrases for w in kept):
        return False
    return 0, len(value)


def _telling_name(candidate: Candidate) -> Narrowed | bool:
    """The same, for cues that ordinary words follow too: one word alone must not be one."""
    bounds = _name(candidate)
    if isinstance(bounds, tuple):
        value, lists = candidate.value[: bounds[1]].lower(), word_lists()
        return False if value in lists.ordinary or is_common(value, lists) else bounds
    return bounds


def _titled(candidate: Candidate) -> Narrowed | bool:
    """After a title words that are also names count (``Mr. White``), other everyday words do not."""
    bounds = _name(candidate)
    if isinstance(bounds, tuple):
        value, lists = candidate.value[: bounds[1]].lower(), word_lists()
        return bounds if value in lists.ordinary or not is_common(value, lists) else False
    return bounds


def _with_initial(candidate: Candidate) -> Narrowed | bool:
    """``Dana K. Okafor``; not ``Grade A Paper``, ``NOT SAVINGS I SAID``."""
    first, _, last = candidate.value.split(" ")
    lists = word_lists()
    if is_common(first.lower(), lists) or (is_common(last.lower(), lists) and first.lower() not in lists.given_names):
        return False
    return _name(candidate)


RULES = (
    Rule(  # [10:15 AM] Dana:  ·  10:15 - Dana Okafor (Designer):
        entity=_PERSON,
        expression=(
            rf"(?m)^\s{{0,8}}\[?\(?(?:\d{{1,4}}[./\-]\d{{1,2}}[./\-]\d{{1,4}},? )?\d{{1,2}}:\d{{2}}(?::\d{{2}})?"
            rf"(?: ?[AaPp]\.?[Mm]\.?)?[\])]?(?: ?[\-\x01|])?\s{{1,3}}({_NAME})(?: ?\([^)\n]{{1,60}}\))?\s?:"
        ),
        accept=_name,
        digits=3,
        score=0.95,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?m)(?:^|[\n>;,|.] {{0,8}})(?i:{_FIELDS})[ \t]{{0,4}}:\s{{0,6}}({_NAME})",
        accept=_telling_name,
        score=0.85,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?:^|[^\w])(?i:dear|hi|hello|hey|hiya|greetings|good (?:morning|afternoon|evening)),? ({_NAME})",
        accept=_telling_name,
        score=0.85,
    ),
    Rule(
        entity=_PERSON,
        expression=(
            rf"(?i:regards|sincerely|cheers|thanks|thank you|best|yours(?: truly)?|respectfully|warmly|take care)"
            rf"[,!.]?[ \t]*\n\s{{0,8}}[\-\x01]?\s?({_NAME})[ \t]*(?:\n|$)"
        ),
        accept=_name,
        score=0.85,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?:^|[^\w])(?i:my name is|my name's|i am called|call me|name is|known as|signed,?) ({_NAME})",
        accept=_name,
        score=0.9,
    ),
    Rule(
        entity=_PERSON,
        expression=rf"(?:^|[^\w])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Sr|Sra|Mme|Monsieur|Madame)\.? ({_NAME})",
        accept=_titled,
        score=0.9,
    ),
    Rule(  # a middle initial
        entity=_PERSON,
        expression=(
            r"(?:^|[^\w])([A-Z][a-z'\-]{0,20}[A-Za-z]{1,20} [A-Z]\.? [A-Z][a-z'\-]{0,20}[A-Za-z]{2,20})(?:$|"
            r"[^\w])"
        ),
        accept=_with_initial,
        score=0.8,
    ),
    Rule(entity=_PERSON, expression=r"\b((?:John|Jane) (?:Doe|Q\. Public))\b", score=0.9),
)
