"""Numbers that a tax office gives a person or a business."""

from ai_gateway.adapters.patterns.checksums import mod_11_10, weighted
from ai_gateway.adapters.patterns.rule import Candidate, Rule, after_cue, bounded
from ai_gateway.model import EntityType

_TAX = EntityType("TAX_ID")
_NIP_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)


def _cpf(candidate: Candidate) -> bool:
    """Brazil, Receita Federal: two check digits, modulo 11."""
    digits = candidate.digits
    return len(set(digits)) > 1 and all(
        weighted(digits, range(n, 1, -1)) * 10 % 11 % 10 == int(digits[n - 1]) for n in (10, 11)
    )


def _cnpj(candidate: Candidate) -> bool:
    digits = candidate.digits
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first = weighted(digits, weights[1:]) % 11
    second = weighted(digits, weights) % 11
    return [0 if r < 2 else 11 - r for r in (first, second)] == [int(d) for d in digits[12:]]  # noqa: PLR2004


def _nip(candidate: Candidate) -> bool:
    digits = candidate.digits
    return weighted(digits, _NIP_WEIGHTS) % 11 == int(digits[9])


_VAT = (
    r"ATU\d{8}|BE[01]\d{9}|BG\d{9,10}|CY\d{8}[A-Z]|CZ\d{8,10}|DE\d{9}|DK\d{8}|EE\d{9}|EL\d{9}|ES[A-Z0-9]\d{7}"
    r"[A-Z0-9]|FI\d{8}|"
    r"FR[A-HJ-NP-Z0-9]{2}\d{9}|GB\d{9}|HR\d{11}|HU\d{8}|IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}|IT\d{11}|LT\d{9}|"
    r"LU\d{8}|LV\d{11}|MT\d{8}|"
    r"NL\d{9}B\d{2}|PL\d{10}|PT\d{9}|RO\d{7,10}|SE\d{12}|SI\d{8}|SK\d{10}|CHE-?\d{3}\.?\d{3}\.?\d{3}"
)
_CUES = (
    r"tax(?:payer)?(?: id(?:entification)?| number| no| reference| file number)?|\btin|fein|ein|itin|vat"
    r"(?: id| number| no)?|utr|"
    r"nip|regon|cpf|cnpj|cif|nif|gst(?:in)?|abn|tfn|siren|siret|ust-?id(?:nr)?|ust-?idnr|steuer(?:nummer|"
    r"-?id)?|idnr|partita iva|"
    r"p\.? ?iva|rfc|cuit|employer identification|unique taxpayer reference"
)

_REGISTERED = (
    r"(?:registered )?(?:charity|company)(?: (?:registration|reg\.?))?(?: number| no\.?)|"
    r"companies house(?: number| no\.?)?|"
    r"\bhr[ab]|kvk(?:-nummer)?|\bkrs|handelsregister(?:nummer)?"
)

RULES = (
    Rule(entity=_TAX, expression=bounded(r"9\d{2}-\d{2}-\d{4}"), digits=9),
    Rule(entity=_TAX, expression=bounded(_VAT), digits=7),
    Rule(entity=_TAX, expression=bounded(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), accept=_cpf, digits=11),
    Rule(entity=_TAX, expression=bounded(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}"), accept=_cnpj, digits=14),
    Rule(entity=_TAX, expression=bounded(r"\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3}"), accept=_nip, digits=10),
    Rule(entity=_TAX, expression=bounded(r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]"), digits=4),
    Rule(
        entity=_TAX,
        expression=bounded(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
        accept=lambda c: "steuer" in c.before + c.after and mod_11_10(c.digits),
        digits=11,
    ),
    Rule(
        entity=_TAX,
        expression=after_cue(_CUES, r"[A-Z]{0,4}[\- ]?\d[A-Z0-9]{0,8}(?:[\-./ ]?\d[A-Z0-9]{0,8}){0,4}"),
        accept=lambda c: len(c.digits) >= 7 and "%" not in c.after[:2],  # noqa: PLR2004
        digits=2,
        score=0.9,
    ),
    Rule(  # charity no. 5550188
        entity=_TAX,
        expression=after_cue(_REGISTERED, r"(?:SC|NI|OC)?\d{5,10}"),
        digits=5,
        score=0.85,
    ),
    Rule(  # a charity (Patch and Mend Network, no. 5550188)
        entity=_TAX,
        expression=r"(?i)\b(?:charity|company|co-op|nonprofit) ?\([^()\n]{2,60}, (?:no|nr|number|reg)\.? ?(\d{6,10})\)",
        digits=6,
        score=0.8,
    ),
)
