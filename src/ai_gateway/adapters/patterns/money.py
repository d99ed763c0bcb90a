"""Cards (ISO/IEC 7812), bank accounts after a cue, crypto addresses."""

from ai_gateway.adapters.patterns.checksums import base58check, bech32, luhn
from ai_gateway.adapters.patterns.rule import Candidate, Rule, after_cue, bounded
from ai_gateway.model import EntityType

_CARD, _ACCOUNT = EntityType("CREDIT_CARD"), EntityType("BANK_ACCOUNT")
_CRYPTO = EntityType("CRYPTO_ADDRESS")

_ISSUERS = ("2", "3", "4", "5", "6", "1800")
_CARD_CUES = (
    "card",
    "visa",
    "master",
    "amex",
    "maestro",
    "credit",
    "debit",
    "discover",
    "diners",
    "jcb",
    "payment",
    "pay ",
)
_SHORTEST_CARD, _UNCUED_CARD = 12, 13
_GROUPS = frozenset(((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3)))


def _card(candidate: Candidate) -> bool:
    digits = candidate.digits
    cued = any(cue in candidate.before for cue in _CARD_CUES)
    if len(set(digits)) == 1:
        return False
    if cued:
        return True
    if " " in candidate.value and "-" in candidate.value and _groups(candidate.value) not in _GROUPS:
        return False  # a telephone number between others: ``list of 3 415-555-…``
    return len(digits) >= _UNCUED_CARD and digits.startswith(_ISSUERS) and luhn(digits)


def _groups(value: str) -> tuple[int, ...]:
    return tuple(map(len, value.replace("-", " ").split()))


def _has_digit(candidate: Candidate) -> bool:
    return any(c.isdigit() for c in candidate.value)


RULES = (
    Rule(
        entity=_CARD,
        expression=r"(?:^|[^\w.\-+])(\d(?:[ \-]?\d){11,18})(?:$|[^\w\-])",
        accept=_card,
        digits=_SHORTEST_CARD,
        score=0.95,
    ),
    Rule(
        entity=_CARD,
        expression=(
            r"(?i)\b(?:card|visa|mastercard|amex)\b[^\n\d]{0,40}\b(?:ending|ends|last (?:four|4)(?: digits)?)\b"
            r"[^\n\d]{0,12}(\d{4})\b"
        ),
        digits=4,
        score=0.9,
    ),
    Rule(
        entity=_CARD,
        expression=r"(?:^|\s)([*xX#\x01]{2,4}(?:[ \-]?[*xX#\x01]{4}){0,3}[ \-]?\d{4})\b",
        digits=4,
        score=0.9,
    ),
    Rule(
        entity=_CARD,
        expression=after_cue(r"cvv2?|cvc2?|card security code", r"\d{3,4}"),
        digits=3,
    ),
    Rule(
        entity=_ACCOUNT,
        expression=after_cue(
            r"(?:bank |checking |savings |current )?(?:account|acct|a/c|acc)", r"[A-Z]{0,4}\d[\d \-]{3,22}\d"
        ),
        digits=4,
        score=0.9,
    ),
    Rule(
        entity=_ACCOUNT,
        expression=after_cue(
            r"routing|aba|sort ?code|transit|bsb|ifsc|clabe", r"[A-Z]{0,4}\d[\d \-]{4,20}\d|[A-Z]{4}0[A-Z0-9]{6}"
        ),
        digits=5,
        score=0.9,
    ),
    Rule(
        entity=_ACCOUNT,
        # an answer to a question about a number
        expression=r"(?i)(?:^|[^\w])(?:it's|its|it is)[ :]{1,2}(\d{6,18}|[A-Z]{2,6}-?\d{5,12})\b",
        digits=5,
        score=0.7,
    ),
    Rule(
        entity=_ACCOUNT,
        expression=after_cue(r"swift|bic", r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"),
        accept=lambda c: c.value.isupper(),
        score=0.9,
    ),
    Rule(
        entity=_CRYPTO,
        expression=bounded(r"[13LDMTX][1-9A-HJ-NP-Za-km-z]{25,34}"),
        accept=lambda c: base58check(c.value),
        digits=1,
    ),
    Rule(
        entity=_CRYPTO,
        expression=bounded(r"(?i:bc1|tb1|ltc1)[02-9AC-HJ-NP-Zac-hj-np-z]{8,87}"),
        accept=lambda c: bech32(c.value),
    ),
    Rule(entity=_CRYPTO, expression=bounded(r"0x[0-9a-fA-F]{40}")),
    Rule(
        entity=_CRYPTO,
        expression=bounded(r"[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}"),
        accept=_has_digit,
        digits=1,
    ),
    Rule(
        entity=_CRYPTO,
        expression=after_cue(
            r"(?:btc|eth|usdt|sol|trx|crypto|bitcoin|ethereum|solana)?\s?(?:wallet|address)", r"[A-Za-z0-9]{26,64}"
        ),
        accept=_has_digit,
        score=0.9,
    ),
)
