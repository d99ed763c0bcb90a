"""Telephone numbers. ``phonenumbers`` knows which international ones exist; layouts and cues speak for the others."""

from itertools import pairwise

import phonenumbers

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.model import EntityType

_PHONE = EntityType("PHONE_NUMBER")
_FEWEST, _MOST = 6, 15  # ITU-T E.164 allows fifteen digits
_EXTENSION = r"(?:[ ,;]{0,2}(?:x|ext\.?|extension|#)\s?\d{1,6})?"
_WORDS = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_CUE = (
    r"phones?|tel|telephone|cell(?:phone)?|mobile|mob|fax|whats ?app|call(?: me| us)?|text(?: me| us)?|sms|"
    r"dial|ring|reach(?: me| us)?|"
    r"hotline|landline|contact|number|viber|signal|telegram|"
    r"movil|telefono|celular|tlf|llam(?:ar?|ame|eme|anos)|telefon(?:nummer|u)?|handy(?:nummer)?|mobil(?:nummer|e)?|"
    r"rufnummer|anrufen|ruf(?:en)?|portable|appel(?:er|ez|ez-moi)|telefone|telemovel|ligue|cellulare|chiam(?:a|ami|are|ate)|"
    r"telefoonnummer|telefoon|mobiel|gsm|bel(?:len)?|komorka|komork[ei]|zadzwon"
)
_BETWEEN = (
    r"no|number|nr|num|is|at|on|me|us|my|the|or|now|via|es|ist|est|e|jest|al?|au|auf|sous|unter|op|het|mi|mein|mon|il|o|mio|meu|"
    r"moj|den|pod|sul|de|le"
)


def _international(candidate: Candidate) -> Narrowed | bool:
    """The longest beginning that can be a number somewhere, ending where a group of digits ends."""
    value = candidate.value
    end = len(value)
    while end:
        digits = sum(c.isdigit() for c in value[:end])
        if digits < _FEWEST + 1:
            break
        if digits <= _MOST and _is_possible(value[:end]):
            return 0, end
        while end and value[end - 1].isdigit():
            end -= 1
        while end and not value[end - 1].isdigit():
            end -= 1
    return _FEWEST < len(candidate.digits) <= _MOST


def _is_possible(number: str) -> bool:
    try:
        parsed = phonenumbers.parse("+" + number.lstrip("+0 "), None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(parsed))


def _is_date(value: str) -> bool:
    """``2024-10-01``, ``01/10/2024``, ``10.01.24``, perhaps with a time after it."""
    pieces = value.replace("/", "-").replace(".", "-").split(" ")[0].split("-")
    if len(pieces) != 3 or not all(p.isdigit() for p in pieces):  # noqa: PLR2004  year, month, day
        return False
    first, second, third = map(len, pieces)
    return second <= 2 and ((first == 4 and third <= 2) or (first <= 2 and third in (2, 4)))  # noqa: PLR2004


def _cued(candidate: Candidate) -> Narrowed | bool:
    value = candidate.value
    if value.startswith("+"):
        return _international(candidate)
    return (
        _FEWEST <= len(candidate.digits) <= _MOST and not _is_date(value) and not candidate.after.startswith(("%", ":"))
    )


def _trunk(candidate: Candidate) -> bool:
    """A national number with its leading zero: nine to eleven digits, grouped, and not a date."""
    return 9 <= len(candidate.digits) <= 11 and not _is_date(candidate.value) and candidate.digits[1] != "0"  # noqa: PLR2004


def _spoken(candidate: Candidate) -> bool:
    """Digits one by one, some of them perhaps as words; not somebody who counts."""
    digits = [int(c) for c in candidate.digits]
    counts = all(after - before == 1 for before, after in pairwise(digits))
    return not counts or any(c.isalpha() for c in candidate.value)


def _local(candidate: Candidate) -> bool:
    return not candidate.before.rstrip().endswith(("$", "#", "order", "invoice", "ticket", "ref", "version", "isbn"))


RULES = (
    Rule(
        entity=_PHONE,
        expression=rf"(?:^|[^\w+])(\+ ?\d{{1,4}}(?:[ .\-/]{{0,2}}\(?\d{{1,5}}\)?){{1,7}}{_EXTENSION})",
        accept=_international,
        digits=_FEWEST + 1,
    ),
    Rule(
        entity=_PHONE,
        expression=(
            rf"(?:^|[^\w.\-])((?:\+?1[ .\-]{{1,2}})?\(?[2-9]\d{{2}}\)?[ .\-]{{0,2}}\d{{3}}"
            rf"[ .\-]\d{{4}}{_EXTENSION})(?:$|[^\w\-])"
        ),
        digits=10,
        accept=_local,
    ),
    Rule(
        entity=_PHONE,
        expression=r"(?:^|[^\w.\-/$#])([2-9]\d{2}-\d{4})(?:$|[^\w\-])",
        accept=_local,
        digits=7,
        score=0.9,
    ),
    Rule(
        entity=_PHONE,
        expression=(
            rf"(?i)(?:^|[^\w])(?:{_CUE})\b(?:[^\w\n]{{1,3}}(?:{_BETWEEN})"
            rf"\b){{0,5}}[^\w+(]{{0,5}}([+(]?\d[\d ().\-/]{{4,20}}\d{_EXTENSION})(?:$|[^\w])"
        ),
        accept=_cued,
        digits=_FEWEST,
        score=0.95,
    ),
    Rule(
        entity=_PHONE,
        expression=r"(?:^|[^\w.\-+/$#:])(\(?0\d{1,5}\)?(?:[ .\-/]{1,2}\d{2,8}){1,5}|0[1-9]\d{8,9})(?:$|[^\w\-/:])",
        accept=_trunk,
        digits=9,
        score=0.9,
    ),
    Rule(
        entity=_PHONE,
        expression=(
            r"(?i)(?:^|[^\w.\-+])([+(]?\d[\d ().\-]{4,20}\d)[ \-,]{1,3}\(?(?:office|fax|mobile|cell|home|work|"
            r"landline)\b"
        ),
        accept=_cued,
        digits=_FEWEST,
        score=0.9,
    ),
    Rule(
        entity=_PHONE,
        expression=rf"(?:^|[^\w])(00[1-9]\d{{0,2}}(?:[ .\-/]{{1,2}}\(?\d{{1,5}}\)?){{2,6}}{_EXTENSION})",
        accept=lambda c: 9 <= len(c.digits) <= _MOST + 2,  # noqa: PLR2004
        digits=9,
        score=0.9,
    ),
    Rule(
        entity=_PHONE,
        expression=rf"(?i)\b((?:{_WORDS}|\d)(?:[ ,\-]{{1,2}}(?:{_WORDS}|\d)){{6,14}})\b",
        accept=_spoken,
        score=0.9,
    ),
    Rule(
        entity=_PHONE,
        expression=r"(?:^|[^\w.])(\d(?:[ .\-]\d){8,13})(?:$|[^\w.])",
        accept=lambda c: len(set(c.digits)) > 3,  # noqa: PLR2004
        digits=9,
        score=0.8,
    ),
    Rule(  # the phone number ending in 0142
        entity=_PHONE,
        expression=(
            r"(?i)\b(?:phone|mobile|cell|telephone|number)\b[^\n\d]{0,24}\b(?:ending|ends|last (?:four|4|three|3)"
            r"(?: digits)?)\b[^\n\d]{0,12}(\d{3,4})\b"
        ),
        digits=3,
        score=0.8,
    ),
)
