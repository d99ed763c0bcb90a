"""E-mail addresses (RFC 5322's usual part), plain and spelled out."""

import re
from base64 import b64decode

from ai_gateway.adapters.patterns.rule import Candidate, Rule, bounded
from ai_gateway.adapters.patterns.web import is_top_level
from ai_gateway.model import EntityType

_EMAIL = EntityType("EMAIL_ADDRESS")
_PLAIN = re.compile(r"[\w.+\-]{1,64}@[A-Za-z0-9.\-]{1,120}\.[A-Za-z]{2,24}")
_NEXT_SENTENCE = re.compile(r"\.[ \t]{1,2}(?:[A-Z][a-z]{0,23}|is|in|it|at|to|so|my|me|be|no|us|am|as|by|do)$")
_LOCAL = r"[A-Za-z0-9](?:[\w.%+'\-]{0,62}[\w+\-])?"


def _ends_in_a_domain(candidate: Candidate) -> bool:
    tail = candidate.value.lower().rstrip(" )]}").rpartition(".")[2].rpartition("dot")[2]
    return is_top_level(tail.strip(" )]}>"))


def _spaced_out(candidate: Candidate) -> bool:
    """Not the end of a sentence and the next one's first word: ``dana@okafor.example. Is that right?``"""
    last = _NEXT_SENTENCE.search(candidate.value)
    if last is not None and _PLAIN.fullmatch(candidate.value, 0, last.start()) is not None:
        return False
    return _ends_in_a_domain(candidate)


def _encoded(candidate: Candidate) -> bool:
    """Base64 of an address."""
    value = candidate.value.rstrip("=")
    try:
        plain = b64decode(value + "=" * (-len(value) % 4), validate=True).decode("ascii")
    except ValueError:
        return False
    return _PLAIN.fullmatch(plain) is not None


RULES = (
    Rule(entity=_EMAIL, expression=rf"({_LOCAL}@(?:[A-Za-z0-9\-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}})"),
    Rule(
        entity=_EMAIL,
        expression=(
            rf"({_LOCAL}[ \t]{{0,2}}@[ \t]{{0,2}}[\w\-]{{1,63}}(?:[ \t]{{0,2}}\.[ \t]{{0,2}}"
            rf"[\w\-]{{2,24}}){{1,4}})\b"
        ),
        accept=_spaced_out,
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
    Rule(  # dana at the domain okafor, ending example · dana_at_okafor_dot_example
        entity=_EMAIL,
        expression=(
            r"(?i)\b([\w.+\-]{1,32} at (?:the )?domain [\w\-]{2,63},? (?:ending|dot|point)(?: in| with)? [a-z]{2,24}|"
            r"[a-z0-9.\-]{1,32}_at_[a-z0-9\-]{1,63}(?:_dot_[a-z]{2,24}){1,3})\b"
        ),
        score=0.9,
    ),
    Rule(entity=_EMAIL, expression=bounded(r"[A-Za-z0-9+/]{14,200}={0,2}"), accept=_encoded, score=0.9),
)
