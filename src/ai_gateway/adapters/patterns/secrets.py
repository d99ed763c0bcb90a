"""Credentials: well-known shapes, key blocks, and what follows a cue. Not personal, but never to be shared."""

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule, bounded
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType

_SECRET = EntityType("SECRET")
_SHAPES = (
    r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}",
    r"gh[pousr]_[A-Za-z0-9]{36,255}",
    r"github_pat_[A-Za-z0-9_]{22,255}",
    r"glpat-[\w\-]{20,64}",
    r"xox[abeoprs]-[\w\-]{10,250}",
    r"sk-(?:ant-|proj-|svcacct-|or-)?[\w\-]{20,250}",
    r"[srp]k_(?:live|test)_[A-Za-z0-9]{10,250}",
    r"whsec_[A-Za-z0-9+/=]{16,100}",
    r"AIza[\w\-]{35}",
    r"ya29\.[\w\-]{20,250}",
    r"SG\.[\w\-]{16,32}\.[\w\-]{32,64}",
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-[\w\-]{50,250}",
    r"hf_[A-Za-z0-9]{30,64}",
    r"dop_v1_[a-f0-9]{64}",
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"EAA[A-Za-z0-9]{60,250}",
    r"\d{8,10}:AA[\w\-]{33}",
    r"eyJ[\w\-]{8,1000}\.eyJ[\w\-]{8,1000}(?:\.[\w\-]{0,1000})?",
)  # fmt: skip
_CUE = (
    r"pass ?word|passwd|pwd|pass ?phrase|pass ?code|pin(?: code)?|api[ _\-]?key|api[ _\-]?token|access"
    r"[ _\-]?key(?:[ _\-]?id)?|"
    r"secret[ _\-]?access[ _\-]?key|access[ _\-]?token|auth(?:orization)?[ _\-]?token|refresh[ _\-]?token|"
    r"client[ _\-]?secret|"
    r"secret(?:[ _\-]?key)?|private[ _\-]?key|encryption[ _\-]?key|bearer|token|otp|2fa(?: code)?|"
    r"verification code|seed phrase|kennwort|"
    r"passwort|contrase\w{1,2}a|mot de passe"
)
_NOT_VALUES = frozenset(
    """
    string str required null none true false optional undefined text varchar hidden masked reset forgot invalid
    incorrect wrong expired missing your their protected
    """.split()  # noqa: SIM905  words read best as words
)
_SHORTEST_OPAQUE = 16


def _assigned(candidate: Candidate) -> Narrowed | bool:
    value = candidate.value.rstrip(".,;:)'\"")
    word = value.lower()
    if word in _NOT_VALUES or word in word_lists().ordinary or value.startswith(("<", "{", "$", "*")):
        return False
    return (0, len(value)) if len(value) >= 4 else False  # noqa: PLR2004


def _stated(candidate: Candidate) -> Narrowed | bool:
    """After ``is`` or nothing: it must not be a word."""
    value = candidate.value.rstrip(".,;:)'\"")
    mixed = any(c.isdigit() for c in value) or any(not c.isalnum() and c not in "-'" for c in value)
    return (0, len(value)) if mixed and len(value) >= 4 else False  # noqa: PLR2004


def _opaque(candidate: Candidate) -> bool:
    value = candidate.value
    return len(value) >= _SHORTEST_OPAQUE and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


RULES = (
    Rule(entity=_SECRET, expression=r"(?:^|[^\w\-])(" + "|".join(_SHAPES) + r")(?:$|[^\w\-])"),
    Rule(
        entity=_SECRET,
        expression=(
            r"(-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s:,\-.\\]*?-----END "
            r"[A-Z0-9 ]{1,60}-----)"
        ),
    ),
    Rule(
        entity=_SECRET,
        expression=r"(-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s:]*)",
    ),
    Rule(entity=_SECRET, expression=r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://([^\s/:@]{1,100}:[^\s/@]{1,200})@"),
    Rule(
        entity=_SECRET,
        expression=rf"(?i)(?:^|[^a-z])(?:{_CUE})\b[\"'`]?\s{{0,3}}(?::|=>?|:=)\s{{0,3}}[\"'`]?([^\s\"'`<>,;]{{4,256}})",
        accept=_assigned,
        score=0.95,
    ),
    Rule(
        entity=_SECRET,
        expression=(
            rf"(?i)(?:^|[^a-z])(?:{_CUE})(?: (?:is|was|for (?:it|this)))?(?: now)?\s{{1,2}}[\"'`]?("
            rf"[^\s\"'`<>,;]{{4,256}})"
        ),
        accept=_stated,
        score=0.9,
    ),
    Rule(
        entity=_SECRET,
        expression=bounded(r"[A-Za-z0-9+/_\-]{40,512}={0,2}"),
        accept=lambda c: (
            _opaque(c) and any(w in c.before for w in ("key", "token", "secret", "auth", "bearer", "cookie", "session"))
        ),
        digits=1,
        score=0.8,
    ),
)
