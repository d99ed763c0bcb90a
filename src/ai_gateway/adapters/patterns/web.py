"""URLs (RFC 3986), and what people type instead of one: bare domains, profile links."""

from functools import cache

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType

_URL = EntityType("URL")
_TAIL = r"[^\s<>\"'`\x01]"
_CLOSERS = ".,;:!?)]}*_~"

# Top-level domains that are also words, endings of files or of sentences: a path or a cue must say that it is a site.
_WORDS = frozenset(
    """
    it is in at no so do be my to me am as us by id pro page team work works world life live today expert shop art
    global design studio agency media group solutions services name link academy photo photos pics gallery
    photography consulting marketing digital blog cloud tech guru ninja py sh rs pl ps ws ac ad cc la va net al ma
    ga gg gl
    """.split()  # noqa: SIM905  words read best as words
)
_CUES = ("site", "website", "portfolio", "visit", "blog", "url", "link", "web", "homepage", "domain", "find me", "see ")


@cache
def is_top_level(label: str) -> bool:
    return label in word_lists().top_level_domains


def _trimmed(candidate: Candidate) -> Narrowed:
    """Without the sentence's own punctuation; a closing bracket stays if its opening one is inside."""
    value = candidate.value
    end = len(value)
    while end and value[end - 1] in _CLOSERS:
        if value[end - 1] == ")" and value.count("(", 0, end) >= value.count(")", 0, end):
            break
        end -= 1
    return 0, end


def _bare_domain(candidate: Candidate) -> Narrowed | bool:
    lists = word_lists()
    _, end = _trimmed(candidate)
    host, slash, path = candidate.value[:end].partition("/")
    host, label = host.lower(), host.rpartition(".")[2]
    if not is_top_level(label.lower()) or candidate.before.endswith("@"):
        return False
    if host in lists.public_domains and len(path) <= 1:
        return False
    if not slash and (label.lower() in _WORDS or label != label.lower()) and label != label.upper():
        return (0, end) if any(cue in candidate.before[-24:] for cue in _CUES) else False
    return 0, end


RULES = (
    Rule(
        entity=_URL,
        expression=rf"(?i)\b((?:https?|hxxps?|ftps?|sftp|ssh|git|wss?|ldap)://{_TAIL}+)",
        accept=_trimmed,
    ),
    Rule(entity=_URL, expression=rf"(?i)(?:^|[^\w@.])(www\.[\w\-]+\.{_TAIL}+)", accept=_trimmed),
    Rule(
        entity=_URL,
        expression=(
            rf"(?i)(?:^|[^\w@.\-/])((?:[a-z0-9](?:[a-z0-9\-]{{0,61}}[a-z0-9])?\.){{1,6}}[a-z]{{2,24}}"
            rf"(?::\d{{2,5}})?(?:/{_TAIL}*)?)(?:$|[^\w@])"
        ),
        accept=_bare_domain,
        score=0.9,
    ),
)
