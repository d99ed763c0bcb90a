"""Invented companies, schools and clubs, with and without a legal form, some named after people."""

from functools import cache
from pathlib import Path
from random import Random

from training.names import invent

_FILE = Path(__file__).parent / "values" / "words.txt"


@cache
def words() -> dict[str, tuple[str, ...]]:
    """All of ``values/words.txt``: lists of words by name."""
    found = {}
    for line in _FILE.read_text("utf-8").splitlines():
        name, _, rest = line.partition(": ")
        found[name] = tuple(rest.split(";") if ";" in rest else [word.replace("_", " ") for word in rest.split()])
    return found


def company(lang: str, chance: Random) -> str:
    """The name as its owner would write it."""
    stem, tail = chance.choice(words()["org_stem"]), chance.choice(words()["org_tail"])
    form = chance.choice(words()["org_form"])
    person, other = invent(lang, chance), invent(lang, chance)
    name = person.surname
    shapes = (
        f"{stem} {tail}",
        f"{stem} {tail}",
        f"{stem} {tail} {form}",
        f"{stem} {form}",
        f"{stem}{tail.split()[0].lower()}",
        f"{stem}",
        f"{name} & Sons",
        f"{name} {tail}",
        f"{name} & {other.surname}",
        f"{name} {form}",
        f"the {name} Foundation",
        f"{name}-{other.surname} {form}",
        f"{person.given}'s {tail}",
        f"University of {stem}",
        f"{stem} High School",
        f"St. {person.given}'s Hospital",
        f"{name}, {other.surname} and {invent(lang, chance).surname}",
        f"{name} Brothers",
        f"{stem[:1]}{tail[:1]}{form[:1]}",
        f"{stem} & Co",
        f"{stem} Football Club",
        f"{tail.split()[0]} by {person.given}",
        f"{stem} {chance.choice(words()['org_stem'])}",
    )
    return chance.choice(shapes).removeprefix("the ")
