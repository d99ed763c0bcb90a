"""Invented companies, schools and clubs, with and without a legal form, some named after people."""

from functools import cache
from pathlib import Path
from random import Random

from training import places
from training.names import invent

_EVERYDAY = ("adjective", "noun", "partner", "trade", "body", "cause", "stem", "form")
_FILES = tuple(Path(__file__).parent / "values" / name for name in ("words.txt", "everyday.txt"))


@cache
def words() -> dict[str, tuple[str, ...]]:
    """All of ``values/words.txt`` and ``values/everyday.txt``: lists of words by name."""
    found = {}
    for line in (line for file in _FILES for line in file.read_text("utf-8").splitlines()):
        name, _, rest = line.partition(": ")
        found[name] = tuple(rest.split(";") if ";" in rest else [word.replace("_", " ") for word in rest.split()])
    return found


def company(lang: str, chance: Random) -> str:
    """The name as its owner would write it: of invented words or people, of words of every day, or of a trade."""
    dice = chance.random()
    if dice < 0.25:
        return _everyday(lang, chance)
    if dice < 0.4 and f"trade_{lang}" in words():
        return _of_trade(lang, chance)
    return _invented(lang, chance)


def _everyday(lang: str, chance: Random) -> str:
    """Of words that mean something: *Little Hopper*, *Weidner & Sisters*, *Society of Lost Trades*."""
    drawn = {name: chance.choice(words()[f"org_{name}"]) for name in _EVERYDAY}
    town = places.town(places.choose(lang, chance), chance)
    pattern = chance.choice(
        (
            "{adjective} {noun}",
            "{adjective} {noun}",
            "{adjective} {noun} {trade}",
            "{noun} & {partner}",
            "{noun} {trade}",
            "{noun} and {other}",
            "The {adjective} {noun}",
            "{stem} & {partner}",
            "{stem} {trade}",
            "{town} {trade}",
            "{surname} {trade}",
            "{body} {town}",
            "{body} {cause}",
            "Royal {body} {cause}",
            "{stem} Group {form}",
            "{adjective} {noun} {form}",
        )
    )
    other = chance.choice(words()["org_noun"])
    return pattern.format(**drawn, town=town, other=other, surname=invent(lang, chance).surname)


def _of_trade(lang: str, chance: Random) -> str:
    """As they are called where another language is spoken: *Zelinka Drukarnia*, *Studio Corvo di Anna Riva*."""
    trade, stem = chance.choice(words()[f"trade_{lang}"]), chance.choice(words()["org_stem"])
    person, form = invent(lang, chance), chance.choice(words()["org_form"])
    name = chance.choice((stem, person.surname, person.surname, chance.choice(words()["org_noun"])))
    if lang == "uk":
        return chance.choice((f"{trade} «{person.surname}»", f"{trade} «{name}»", f"{trade} {person.surname}"))
    pattern = chance.choice(("{trade} {name}", "{name} {trade}", "{trade} {name} {form}", "{name} {trade} {form}"))
    if lang in ("it", "fr") and chance.random() < 0.2:
        pattern = "{trade} {name} di {given} {name}" if lang == "it" else "{trade} {given} {name}"
    return pattern.format(trade=trade, name=name, form=form, given=person.given)


def _invented(lang: str, chance: Random) -> str:
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
