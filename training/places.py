"""Invented addresses and phone numbers in the forms of some fifty countries."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from training import chains

_FILE = Path(__file__).parent / "values" / "countries.txt"
_TOWNS = _FILE.with_name("towns.txt")
_HOME = 0.65
"""How often a text's people live where its language is spoken."""


@dataclass(frozen=True, slots=True)
class Country:
    """How addresses and numbers are written there. ``#`` is a digit, ``^`` a digit from 2 to 9, ``@`` a letter."""

    code: str
    lang: str
    names: tuple[str, ...]
    phones: tuple[str, ...]
    lines: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    regions: tuple[str, ...]
    units: tuple[str, ...]


@cache
def countries() -> tuple[Country, ...]:
    """All of ``values/countries.txt``."""
    found = []
    for line in _FILE.read_text("utf-8").splitlines()[1:]:
        head, *parts = line.split(" | ")
        code, lang = head.split()
        columns = [tuple(part.split(";")) for part in parts]
        names, phones, lines, streets, cities, regions = columns[:6]
        units = columns[6] if len(columns) > 6 else ("^",)
        found.append(Country(code, lang, names, phones, lines, streets, cities, regions, units))
    return tuple(found)


@cache
def _towns() -> dict[str, tuple[str, ...]]:
    """Towns by language (``-``: of any other), and what invented ones are made of."""
    found = {}
    for line in _TOWNS.read_text("utf-8").splitlines():
        name, _, rest = line.partition(": ")
        found[name] = tuple(rest.split(";") if ";" in rest else [part.replace("_", " ") for part in rest.split()])
    return found


def town(country: Country, chance: Random) -> str:
    """One of the country's, one that speaks its language, or one that is on no map."""
    dice = chance.random()
    if dice < 0.25:
        return chance.choice(country.cities)
    towns = _towns()
    mine = towns.get(country.lang)
    some = mine if mine and chance.random() < 0.7 else towns["-"]
    if dice < 0.55:
        return chance.choice(some)
    if dice < 0.8:
        return chains.like(some, chance) or chance.choice(some)
    return _coined(towns, chance)


def _coined(towns: dict[str, tuple[str, ...]], chance: Random) -> str:
    name = chance.choice(towns["stem"]) + chance.choice(towns["ending"])
    dice = chance.random()
    if dice < 0.2:
        before = chance.choice(towns["before"])
        return f"{before}{'' if before.endswith('-') else ' '}{name}"
    if dice < 0.35:
        after = chance.choice(towns["after"])
        return f"{name}{'' if after.startswith('-') else ' '}{after}"
    return name


def choose(lang: str, chance: Random) -> Country:
    """A country of that language as a rule, any other now and then."""
    mine = [country for country in countries() if country.lang == lang]
    return chance.choice(mine if mine and chance.random() < _HOME else countries())


def digits(pattern: str, chance: Random) -> str:
    """The pattern with its digits and letters drawn."""
    drawn = {"#": "0123456789", "^": "23456789", "@": "ABCDEFGHJKLMNPRSTUVWXYZ"}
    return "".join(chance.choice(drawn[c]) if c in drawn else c for c in pattern)


def phone(country: Country, chance: Random) -> str:
    """With an extension once in fifteen times."""
    number = digits(chance.choice(country.phones), chance).strip()
    if chance.random() < 1 / 15:
        number += chance.choice((" ext. ", " x", " ext ", ", extension ")) + str(chance.randint(2, 9999))
    return number


def street(country: Country, chance: Random) -> str:
    """The first line of an address that has a street."""
    lines = [line for line in country.lines if "{street}" in line] or list(country.lines)
    return _filled(chance.choice(lines).split(" / ")[0], country, chance)


def one_line(country: Country, chance: Random) -> str:
    """All of it on one line, with the country once in four times."""
    return re.sub(r"\s*,?\n\s*,?\s*", ", ", _whole(country, chance, 0.25))


def lines(country: Country, chance: Random) -> str:
    """On several lines; broken at odd places once in eight times, as by a machine."""
    address = _whole(country, chance, 0.4)
    if chance.random() < 1 / 8:
        address = address.replace(", ", chance.choice(("\n, ", ",\n ", " ,\n", "\n")), 1)
    return address


def postcode(country: Country, chance: Random) -> str:
    """What is left of the last line without the town; a plain number where that is nothing."""
    found = re.search(r"[#@^0-9]+(?:[ -][#@^]+)*", chance.choice(country.lines).split(" / ")[-1].split("}")[-1])
    return digits(found[0] if found and len(found[0]) >= 4 else "#####", chance)


def _whole(country: Country, chance: Random, with_country: float) -> str:
    address = _filled(chance.choice(country.lines).replace(" / ", "\n"), country, chance)
    return f"{address}\n{chance.choice(country.names)}" if chance.random() < with_country else address


def _filled(pattern: str, country: Country, chance: Random) -> str:
    values = {
        "n": str(chance.choice((chance.randint(1, 99), chance.randint(1, 400), chance.randint(100, 19999)))),
        "street": chance.choice(country.streets),
        "city": town(country, chance),
        "region": chance.choice(country.regions),
        "state": chance.choice(("MH", "UP", "Karnataka") if country.code == "IN" else ("SP", "PR", "MG", "PE")),
        "unit": chance.choice(country.units),
    }
    return digits(re.sub(r"\{(\w+)\}", lambda found: values[found[1]], pattern), chance).strip()
