"""The month, year or decade of a date. A date that can be read in two ways gives only what both have in common."""

import re
from dataclasses import dataclass

from ai_gateway.model import Coarseness
from ai_gateway.treatment.normalize import fold

_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_NUMBER = re.compile(r"[0-9]{1,4}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_MONTHS = 12

_ENGLISH = "January February March April May June July August September October November December".split()  # noqa: SIM905

# Folded names and short forms, in the languages that texts come in most.
_MONTHS_BY_NAME = {
    name: number
    for number, names in enumerate(
        (
            "january januar janvier enero gennaio janeiro januari stycznia styczen jan",
            "february februar fevrier febrero febbraio fevereiro februari lutego luty feb",
            "march maerz marz mars marzo marco maart marca marzec mar",
            "april avril abril aprile kwietnia kwiecien apr",
            "may mai mayo maggio maio mei maja maj",
            "june juni juin junio giugno junho czerwca czerwiec jun",
            "july juli juillet julio luglio julho lipca lipiec jul",
            "august aout agosto augustus sierpnia sierpien aug",
            "september septembre septiembre settembre setembro wrzesnia wrzesien sept sep",
            "october oktober octobre octubre ottobre outubro pazdziernika pazdziernik oct okt",
            "november novembre noviembre novembro listopada listopad nov",
            "december dezember decembre diciembre dicembre dezembro grudnia grudzien dec dez",
        ),
        1,
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class _Read:
    """``month`` from 1; None where the text does not say which."""

    year: int | None
    month: int | None


def coarse_date(value: str, to: Coarseness) -> str | None:
    """``March 2024``, ``2024`` or ``the 1980s``; None where the value does not say."""
    read = _read(fold(value))
    match to:
        case Coarseness.MONTH if read.month is not None:
            return " ".join(filter(None, (_ENGLISH[read.month - 1], str(read.year) if read.year else "")))
        case Coarseness.MONTH | Coarseness.YEAR if read.year is not None:
            return str(read.year)
        case Coarseness.DECADE if read.year is not None:
            return f"the {read.year // 10 * 10}s"
        case _:
            return None


def _read(folded: str) -> _Read:
    years = {int(year) for year in _YEAR.findall(folded)}
    year = years.pop() if len(years) == 1 else None
    named = {month for word in _WORD.findall(folded) if (month := month_of(word)) is not None}
    if named:
        return _Read(year, named.pop() if len(named) == 1 else None)
    return _Read(year, _month_by_number(folded, year))


def _month_by_number(folded: str, year: int | None) -> int | None:
    """Of ``2024-03-12`` the middle; of ``12.3.2024`` the one that can be a month, if only one can or both are the
    same."""
    numbers = [int(number) for number in _NUMBER.findall(folded)]
    if year is None or len(numbers) != 3:  # noqa: PLR2004 - year, month and day
        return None
    if numbers[0] == year:
        return numbers[1] if 1 <= numbers[1] <= _MONTHS else None
    possible = {number for number in numbers[:2] if 1 <= number <= _MONTHS}
    return possible.pop() if len(possible) == 1 else None


def month_of(folded: str) -> int | None:
    """The month that a folded word names, from 1."""
    return _MONTHS_BY_NAME.get(folded)
