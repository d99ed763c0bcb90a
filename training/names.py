"""Invented people of some sixty cultures, and the forms in which writers use one name."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from training import chains

_FILE = Path(__file__).parent / "values" / "names.txt"
_GIVEN = Path(__file__).parents[1] / "src" / "ai_gateway" / "data" / "given_names.txt"
_NEW_GIVEN, _NEW_SURNAME, _OF_THE_WORLD = 0.25, 0.45, 0.3
"""How often a name is in no list, but like those of one; and how often a given name is any of the gateway's list."""
_ENOUGH = 8
_SURNAME_FIRST = ("hanzi", "kanji", "hangul", "vietnamese", "hungarian")
_SYLLABLES, _ENDINGS = (line.split() for line in _FILE.with_name("syllables.txt").read_text("utf-8").splitlines())


@dataclass(frozen=True, slots=True)
class Culture:
    """Given names of men and women and surnames that go together; ``langs`` holds the languages that prefer them."""

    name: str
    lang: str
    given: tuple[tuple[str, ...], tuple[str, ...]]
    surnames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person."""

    given: str
    surname: str
    middle: str
    surname_first: bool

    def form(self, name: str, chance: Random) -> str:
        """The name as written in this form; ``KeyError`` if there is no such form."""
        return _FORMS[name](self, chance)


@cache
def cultures() -> tuple[Culture, ...]:
    """All of ``values/names.txt``."""
    found = []
    for line in _FILE.read_text("utf-8").splitlines():
        head, _, names = line.partition(": ")
        name, _, lang = head.partition("/")
        men, women, surnames = (tuple(word.replace("_", " ") for word in part.split()) for part in names.split("|"))
        found.append(Culture(name, lang, (men, women), surnames))
    return tuple(found)


def invent(lang: str, chance: Random) -> Person:
    """Somebody whose name goes with the language as a rule, and with any of the world otherwise."""
    mine = [culture for culture in cultures() if culture.lang == lang]
    some = mine if mine and chance.random() < (0.4 if lang == "en" else 0.7) else cultures()
    culture = chance.choices(some, [len(one.surnames) ** 0.5 for one in some])[0]
    givens = culture.given[chance.randrange(2)]
    given = _one_of(givens, givens, _NEW_GIVEN, chance)
    if given.isascii() and chance.random() < _OF_THE_WORLD:
        given = chance.choice(_given_of_the_world())
    surname = _one_of(culture.surnames, _surnames_like(culture), _NEW_SURNAME, chance)
    other = chance.choice(culture.surnames)
    if culture.name.isascii() and given.isascii() and chance.random() < 0.12:
        surname = _coined(chance)
    if given.isascii() and chance.random() < 0.08:
        given = "".join(chance.sample(_SYLLABLES, chance.randint(2, 3))).capitalize()
    if surname != other and chance.random() < 0.07 and " " not in surname + other:
        surname = f"{surname}{'-' if chance.random() < 0.7 else ' '}{other}"
    middle = chance.choice(culture.given[chance.randrange(2)])
    return Person(given, surname, middle, culture.name in _SURNAME_FIRST)


@cache
def _listed() -> frozenset[str]:
    """Every given name and surname there is, in small letters."""
    return frozenset(name.lower() for one in cultures() for names in (*one.given, one.surnames) for name in names)


def new(chance: Random) -> str:
    """A word that could be somebody's surname or given name, and is in no list."""
    while True:
        culture = chance.choice(cultures())
        made = chains.like(chance.choice((_surnames_like(culture), *culture.given)), chance, none_of=_listed())
        if made is not None:
            return made


@cache
def _surnames_like(culture: Culture) -> tuple[str, ...]:
    """The surnames of all cultures of its language where its own are few: there must be something to learn from."""
    if len(culture.surnames) >= _ENOUGH or culture.lang == "-":
        return culture.surnames
    return tuple(surname for one in cultures() if one.lang == culture.lang for surname in one.surnames)


@cache
def _given_of_the_world() -> tuple[str, ...]:
    """The given names that the gateway knows, without accents, of every culture."""
    lines = _GIVEN.read_text("utf-8").splitlines()
    return tuple(name.capitalize() for line in lines if not line.startswith("#") for name in line.split())


def _one_of(names: tuple[str, ...], like: tuple[str, ...], new: float, chance: Random) -> str:
    made = chains.like(like, chance, none_of=_listed()) if chance.random() < new else None
    return made or chance.choice(names)


def _coined(chance: Random) -> str:
    return ("".join(chance.sample(_SYLLABLES, chance.randint(1, 2))) + chance.choice(_ENDINGS)).capitalize()


def plain(name: str) -> str:
    """Small ASCII letters for addresses and handles; empty if the script is another."""
    letters = unicodedata.normalize(
        "NFKD", name.replace("ł", "l").replace("Ł", "L").replace("ß", "ss").replace("ø", "o")
    )
    return "".join(c for c in letters if c.isascii() and c.isalnum()).lower()


def misspelt(name: str, chance: Random) -> str:
    """One slip of the thumb; a name of up to three letters stays."""
    if len(name) < 4:
        return name
    at = chance.randrange(1, len(name) - 2)
    slips = (
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
    )
    return chance.choice(slips)


def _full(person: Person, _: Random) -> str:
    if person.surname_first:
        blank = "" if not person.surname.isascii() and len(person.surname) == 1 else " "
        return f"{person.surname}{blank}{person.given}"
    return f"{person.given} {person.surname}"


def _nick(person: Person, chance: Random) -> str:
    short = person.given[: chance.randint(2, 4)].rstrip(" -.'")
    return short + chance.choice(("", "", "y", "o", "i"))


def _any(person: Person, chance: Random) -> str:
    names = ("full",) * 6 + ("given",) * 4 + ("initial_surname", "given_initial", "middle", "surname")
    return person.form(chance.choice(names), chance)


def _initials(person: Person, _: Random) -> str:
    return person.given[0] + person.surname.split()[-1][0].upper()


_FORMS: dict[str, Callable[[Person, Random], str]] = {
    "full": _full,
    "any": _any,
    "given": lambda person, _: person.given,
    "surname": lambda person, _: person.surname,
    "initial_surname": lambda person, chance: (
        f"{person.given[0]}{chance.choice(('. ', '. ', '.', ' '))}{person.surname}"
    ),
    "given_initial": lambda person, chance: (
        f"{person.given} {person.surname.split()[-1][0].upper()}{chance.choice(('.', '.', ''))}"
    ),
    "middle": lambda person, _: f"{person.given} {person.middle[0]}. {person.surname}",
    "middle_full": lambda person, _: f"{person.given} {person.middle} {person.surname}",
    "initials": _initials,
    "two_initials": lambda person, _: f"{person.given[0]}. {person.middle[0]}. {person.surname}",
    "surname_comma": lambda person, _: f"{person.surname}, {person.given}",
    "lower": lambda person, chance: _full(person, chance).lower(),
    "given_lower": lambda person, _: person.given.lower(),
    "upper": lambda person, chance: _full(person, chance).upper(),
    "surname_upper": lambda person, _: f"{person.given} {person.surname.upper()}",
    "nick": _nick,
    "misspelt": lambda person, chance: misspelt(_full(person, chance), chance),
    "given_misspelt": lambda person, chance: misspelt(person.given, chance),
}
FORMS = frozenset(_FORMS)


def ascii_person(person: Person, chance: Random) -> Person:
    """The same person, or one with a Latin name where an e-mail address is to be spelled from it."""
    return person if plain(person.given) else replace(person, given=chance.choice(_SYLLABLES), surname=_coined(chance))
