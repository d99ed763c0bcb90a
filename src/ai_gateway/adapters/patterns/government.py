"""Numbers that a state gives a person. Those with a check digit must pass it; those without need a cue."""

from ai_gateway.adapters.patterns.checksums import ean, luhn, verhoeff, weighted
from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule, after_cue, bounded
from ai_gateway.model import EntityType

_ID = EntityType("GOVERNMENT_ID")
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CF_DIGITS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_CF_LETTERS = (*_CF_DIGITS, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_CF_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (*_CF_DIGITS, *_CF_LETTERS), strict=True))
_PESEL_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
_NO_FIRST, _NO_SECOND = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_NOT_NINO = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def _ssn(candidate: Candidate) -> bool:
    """Area, group and serial are never all zeros; 9xx is a taxpayer number (``tax``). SSA, randomisation of 2011."""
    area, group, serial = candidate.digits[:3], candidate.digits[3:5], candidate.digits[5:]
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


def _nino(candidate: Candidate) -> bool:
    return not candidate.value.upper().startswith(_NOT_NINO)


def _pesel(candidate: Candidate) -> bool:
    digits = candidate.digits
    month, day = int(digits[2:4]) % 20, int(digits[4:6])
    return weighted(digits, _PESEL_WEIGHTS) % 10 == 0 and 1 <= month <= 12 and 1 <= day <= 31  # noqa: PLR2004


def _norwegian(candidate: Candidate) -> bool:
    digits = candidate.digits
    dated = 1 <= int(digits[:2]) % 40 <= 31 and 1 <= int(digits[2:4]) % 40 <= 12  # noqa: PLR2004  D and H numbers add 40
    return dated and weighted(digits, _NO_FIRST) % 11 == 0 and weighted(digits, _NO_SECOND) % 11 == 0


def _eleven_digits(candidate: Candidate) -> bool:
    return _pesel(candidate) or _norwegian(candidate)


def _dni(candidate: Candidate) -> bool:
    value = candidate.value.upper().replace("-", "").replace(" ", "").replace(".", "")
    number = value[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _DNI_LETTERS[int(number) % 23] == value[-1]


def _codice_fiscale(candidate: Candidate) -> bool:
    value = candidate.value.upper()
    odd = sum(_CF_ODD[c] for c in value[0:15:2])
    even = sum(int(c, 36) - 10 if c.isalpha() else int(c) for c in value[1:15:2])
    return chr((odd + even) % 26 + ord("A")) == value[15]


def _nir(candidate: Candidate) -> bool:
    value = candidate.value.upper().replace(" ", "")
    number = value[:-2].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(value[-2:])


def _belgian(candidate: Candidate) -> bool:
    body, check = int(candidate.digits[:9]), int(candidate.digits[9:])
    return check in (97 - body % 97, 97 - (2_000_000_000 + body) % 97)


def _swedish(candidate: Candidate) -> bool:
    digits = candidate.digits[-10:]
    return luhn(digits) and 1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:6]) % 60 <= 31  # noqa: PLR2004


def _finnish(candidate: Candidate) -> bool:
    value = candidate.value.upper()
    return _HETU_SIGNS[int(value[:6] + value[7:10]) % 31] == value[10]


def _bsn(candidate: Candidate) -> bool:
    return weighted(candidate.digits.zfill(9), (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


_CUES = (
    r"passport|driver'?s? licen[cs]e|driving licen[cs]e|\bdl|licen[cs]e|ssn|social security|social insurance|"
    r"national insurance|ni number|ni no|nid|bar number|"
    r"nino|nhs|medicare|medicaid|national id(?:entity)?(?: card)?|identity card|id card|id number|"
    r"identification|green card|"
    r"alien registration|uscis|visa number|voter|aadhaa?r|pesel|dni|nie|curp|bsn|personnummer|ahv|avs|sin|"
    r"hkid|nric|fin number|"
    r"insee|tax ?payer id|resident permit|residence permit|(?:personal)?ausweis(?:nummer)?|reisepass(?:nummer)?|"
    r"fuhrerschein(?:nummer)?|aufenthaltstitel|permis de conduire|passeport|titre de sejour|carte d'identite|pasaporte|"
    r"cedula|passaporte|passaporto|carta d'identita|rijbewijs|paspoort|paszport|dowod osobisty|prawo jazdy|cnic|"
    r"emirates id|iqama|philhealth|umid"
)


def _plausible(candidate: Candidate) -> bool:
    """Digits in it, and not a year or a date alone."""
    return len(candidate.digits) >= 5 or (len(candidate.digits) >= 4 and any(c.isalpha() for c in candidate.value))  # noqa: PLR2004


def _number(candidate: Candidate) -> Narrowed | bool:
    """Without the word before it: ``licence number is 6940579``."""
    word, blank, rest = candidate.value.partition(" ")
    if not _plausible(candidate):
        return False
    return (len(word) + 1, len(candidate.value)) if blank and word.isalpha() and word.islower() and rest else True


_CERTIFIED = (
    r"licen[cs]ed?|certificates?|certified|cert\.?|register(?:ed)?|registration|registry|permit|diploma|union "
    r"card|badge|bar|"
    r"bookkeeper|engineer|ordre|colegiad[oa]|albo|kammer|registro|rejestr"
)

RULES = (
    Rule(
        entity=_ID, expression=r"(?:^|[^\w\-])(\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4})(?:$|[^\w\-])", accept=_ssn, digits=9
    ),
    Rule(
        entity=_ID,
        expression=bounded(
            r"[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z] ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]"
        ),
        accept=_nino,
        digits=6,
    ),
    Rule(entity=_ID, expression=bounded(r"\d{11}"), accept=_eleven_digits, digits=11),
    Rule(entity=_ID, expression=bounded(r"\d{2}\.?\d{3}\.?\d{3}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]"), accept=_dni, digits=7),
    Rule(
        entity=_ID,
        expression=bounded(r"(?i:[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])"),
        accept=_codice_fiscale,
        digits=2,
    ),
    Rule(
        entity=_ID,
        expression=bounded(r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}"),
        accept=_nir,
        digits=8,
    ),
    Rule(entity=_ID, expression=bounded(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}"), accept=_belgian, digits=11),
    Rule(entity=_ID, expression=bounded(r"(?:19|20)?\d{6}[\-+]\d{4}"), accept=_swedish, digits=10),
    Rule(entity=_ID, expression=bounded(r"\d{6}[\-+ABCDEFUVWXYabcdef]\d{3}[0-9A-Ya-y]"), accept=_finnish, digits=6),
    Rule(entity=_ID, expression=bounded(r"756\.?\d{4}\.?\d{4}\.?\d{2}"), accept=lambda c: ean(c.digits), digits=13),
    Rule(
        entity=_ID,
        expression=bounded(r"[2-9]\d{3}[ \-]\d{4}[ \-]\d{4}"),
        accept=lambda c: verhoeff(c.digits),
        digits=12,
    ),
    Rule(  # one telephone number in ten has its check digit: where a cue tells of one, that is surer
        entity=_ID,
        expression=bounded(r"[1-79]\d{2}[ \-]\d{3}[ \-]\d{3}"),
        accept=lambda c: luhn(c.digits),
        digits=9,
        score=0.9,
    ),
    Rule(entity=_ID, expression=after_cue(r"bsn|burgerservicenummer|sofi", r"\d{8,9}"), accept=_bsn, digits=8),
    Rule(
        entity=_ID,
        expression=after_cue(_CUES, r"[A-Z]{0,4}[\- ]?\d[A-Z0-9]{0,6}(?:[\- ]?\d[A-Z0-9]{0,6}){0,4}"),
        accept=_plausible,
        digits=1,
        score=0.9,
    ),
    Rule(  # licensed until 2019 (no. CPL-555018)
        entity=_ID,
        expression=(
            rf"(?i)(?:^|[^\w])(?:{_CERTIFIED})\b[^\n]{{0,28}}?(?:\bno|\bnumber|\bnr|\bn|\bnum|#)(?:\.o|o)?[.:]?[^\w\n]{{0,3}}"
            r"([A-Z]{0,4}[\-/ ]?\d[A-Z0-9\-/]{3,18})(?:$|[^\w])"
        ),
        accept=_number,
        digits=3,
        score=0.85,
    ),
)
