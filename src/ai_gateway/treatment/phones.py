"""Known telephone numbers, compared digit by digit: layout, country code and trunk zero make no difference."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ai_gateway.model import SubjectId

_SHORTEST, _LOCAL, _SIGNIFICANT = 7, 7, 9
_RUN = re.compile(r"\d(?:[ ().\-/+\t\n]{0,3}\d){6,}")  # digit and separator exclude each other: no backtracking
_DIGIT = re.compile(r"\d")
_COUNTRY_DIGITS = 4
_SEPARATORS = " ().-/+\t\n"


@dataclass(frozen=True, slots=True)
class KnownPhone:
    digits: str = field(repr=False)
    subject: SubjectId | None


def known_phones(numbers: Iterable[str], subject: SubjectId) -> Iterator[KnownPhone]:
    for number in numbers:
        digits = "".join(_DIGIT.findall(number)).lstrip("0")
        if len(digits) >= _SHORTEST:
            yield KnownPhone(digits, subject)


def is_comparable(number: str) -> bool:
    """Whether it has digits enough to be told from any other number."""
    return len("".join(_DIGIT.findall(number)).lstrip("0")) >= _SHORTEST


def find_phones(folded: str, phones: Iterable[KnownPhone]) -> Iterator[tuple[int, int, SubjectId | None]]:
    """Where one of the numbers stands in a folded text: start, end and whose it is."""
    said = _without_separators(folded)
    phones = [phone for phone in phones if phone.digits[-_LOCAL:] in said]
    if not phones:
        return
    for run in _RUN.finditer(folded):
        places = [m.start() for m in _DIGIT.finditer(folded, run.start(), run.end())]
        digits = "".join([folded[p] for p in places])
        for phone in phones:
            for first, last in _matches(digits, phone.digits):
                yield places[first], places[last] + 1, phone.subject


def _without_separators(text: str) -> str:
    for separator in _SEPARATORS:
        text = text.replace(separator, "")
    return text


def _matches(digits: str, known: str) -> Iterator[tuple[int, int]]:
    """First and last digit of the run, for each time that it holds the known number."""
    if digits == known[-_LOCAL:]:
        yield 0, _LOCAL - 1
    significant, rest = known[-_SIGNIFICANT:], known[:-_SIGNIFICANT]
    done, at = 0, digits.find(significant)
    while at >= 0:
        first, prefix = at, rest
        while first > done and prefix and digits[first - 1] == prefix[-1]:
            first, prefix = first - 1, prefix[:-1]
        if first - done <= _COUNTRY_DIGITS:
            first = done
        done = at + len(significant)
        yield first, done - 1
        at = digits.find(significant, done)


def written_forms(number: str) -> Iterator[str]:
    """The strings under which a known number may not leave."""
    digits = "".join(_DIGIT.findall(number))
    if len(digits.lstrip("0")) >= _SHORTEST:
        yield number.strip().lower()
        yield digits
        yield digits.lstrip("0")
        if len(digits) > _SIGNIFICANT:
            yield digits[-10:]
