"""Names as sentences bend them: Slavic cases, Turkish and Finnish suffixes, the English plural of a family.

The endings are the frequent ones of each language; which of them a sentence asks for is not looked at.
"""

import unicodedata
from functools import cache
from pathlib import Path
from random import Random

_FILE = Path(__file__).parent / "values" / "endings.txt"
_TURKISH = ("'in", "'nin", "'e", "'ye", "'i", "'yi", "'den", "'la", "'da")
_FINNISH = ("lle", "lta", "n", "ssa", "sta", "a", "nkin")


@cache
def _endings() -> dict[str, list[tuple[str, list[str]]]]:
    """By language, in the order of the file: the ending a name loses (``-`` for none) and those it may get."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for line in _FILE.read_text("utf-8").splitlines():
        lang, ending, *cases = line.split()
        found.setdefault(lang, []).append((ending.strip("-"), cases))
    return found


def inflected(name: str, lang: str, chance: Random) -> str:
    """The name in some case of a Slavic language; as it is in any other, or if it is written in another script."""
    if not name[-1:].isalpha() or (unicodedata.name(name[-1]).startswith("CYRILLIC")) != (lang == "uk"):
        return name
    for ending, cases in _endings().get(lang, []):
        stem = name.removesuffix(ending)
        if name.endswith(ending) and len(stem) > 1:
            return stem + chance.choice(cases)
    return name


def suffixed(chance: Random) -> str:
    """A Turkish suffix behind its apostrophe, which is no part of the name."""
    return chance.choice(_TURKISH)


def finnish(name: str, chance: Random) -> str:
    """The name with a Finnish ending, which nothing sets apart from it."""
    link = "" if name[-1:] in "aeiouyäö" else "i"
    return name + link + chance.choice(_FINNISH)


def plural(surname: str) -> str:
    """A family: *the Okafors*, *the Joneses*."""
    return surname + ("es" if surname.lower().endswith(("s", "x", "z", "ch", "sh")) else "s")
