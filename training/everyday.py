"""Words of every day: companies that are called by them, things that are called like people, and plain words."""

from functools import cache
from random import Random

from training import companies, names, places
from training.places import Country

_COINED = (
    "zentr", "quill", "flow", "vanta", "nexi", "orb", "plix", "trell", "kodo", "mira", "vex", "lumi", "stack", "forge",
    "penda", "hoot", "bram", "cler", "dash", "eko", "fathom", "glim", "hyper", "intu", "jot", "kern", "loop", "mono",
    "nova", "octo", "pixel", "quant", "rivo", "sprout", "tango", "ultra", "volt", "wisp", "xeno", "yield", "zap",
)  # fmt: skip
_COINED_ENDS = ("ly", "ify", "io", "ex", "ara", "ova", "iq", "base", "hub", "kit", "desk", "pad", "wise", "oid", "mate")
_LIKE_A_NAME = 0.35
_SHORTENED = 4
"""Letters that are left of a word in a coined one."""


@cache
def _words(name: str) -> tuple[str, ...]:
    return companies.words()[name]


def noun(chance: Random) -> str:
    """A thing, with a capital."""
    return chance.choice(_words("noun"))


def word(chance: Random) -> str:
    """A word of any kind, in small letters."""
    return chance.choice(_words(chance.choice(("noun", "noun", "quality", "deed")))).lower()


def phrase(chance: Random) -> str:
    """A title or heading in title case: *The Painted Kite*, *Folding Paper Lanterns*."""
    pattern = chance.choice(
        (
            "{q} {n}",
            "The {n}",
            "{d} the {n}",
            "{n} and {m}",
            "The {q} {n}",
            "{d} {n}s",
            "{n} of the {m}",
            "{q} {q2} {n}",
        )
    )
    return _filled(pattern, chance)


def _filled(pattern: str, chance: Random) -> str:
    return pattern.format(
        n=noun(chance),
        m=noun(chance),
        q=chance.choice(_words("quality")),
        q2=chance.choice(_words("quality")),
        d=chance.choice(_words("deed")),
        h=chance.choice(_words("house")),
        g=chance.choice(_words("house")),
        f=chance.choice(_words("org_form")),
    )


def pair(country: Country, lang: str, chance: Random) -> str:
    """A company that is called by words alone: *Salt & Sundial*, *Patient Kite Press*, *Mending Ferries Trust*."""
    pattern = chance.choice(
        (
            "{n} & {m}",
            "{n} & {m}",
            "{n} and {m}",
            "{n} and {m} {h}",
            "{n} & {m} {h}",
            "{q} {n}",
            "{q} {n}",
            "{q} {n} {h}",
            "{q} {n} {h}",
            "{n} {h}",
            "{n} {h}",
            "{n} {h}",
            "{n} {m} {h}",
            "{n}{m}",
            "The {n} {h}",
            "The {q} {n}",
            "{d} {n}s",
            "{d} {n} {h}",
            "{q} {h}",
            "{h} of {n}",
            "{n} {h} {f}",
            "{q} {n} {f}",
            "{n} & {m} {f}",
            "{n} {h} {g}",
            "{n}'s {h}",
            "{h} for {d} {n}s",
            "Royal {h} of {d}",
            "{town} {h}",
            "{town} {h}",
            "{town} {q} {h}",
            "{surname} {h}",
            "{surname} & {n}",
            "{n} by {given}",
            "{given}'s {n} {h}",
            "{h} {surname}",
            "{coined}",
            "{coined} {h}",
        )
    )
    person = names.invent(lang, chance)
    return _filled(
        pattern.replace("{town}", places.town(country, chance))
        .replace("{surname}", person.surname)
        .replace("{given}", person.given)
        .replace("{coined}", coined(chance)),
        chance,
    )


def coined(chance: Random) -> str:
    """A product's or a start-up's name that is no word: *Plixdesk*, *Orbara*; or one that could be a person's."""
    if chance.random() < _LIKE_A_NAME:
        return names.new(chance)
    stem = chance.choice((*_COINED, noun(chance).lower()[:_SHORTENED]))
    name = stem + chance.choice(_COINED_ENDS)
    return chance.choice((name.capitalize(), name.capitalize(), name.capitalize(), name.upper(), name))


def namesake(lang: str, chance: Random) -> str:
    """A thing that is called like somebody: a tool, a method, a model."""
    person = names.invent(lang, chance)
    return chance.choice(
        (person.given, person.given, person.surname, person.surname, f"{person.given} {person.surname}")
    )
