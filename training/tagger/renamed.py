"""Labelled texts of others with other people in them, so that a name that comes again teaches what stands around it."""

from random import Random

from training import names
from training.tagger.examples import Text

_MOST_WORDS = 3
_STAYS = 0.25


def renamed(text: Text, chance: Random) -> Text:
    """Three in four of the plain names in it become names of our lists, as long and in the same letters; a name that
    comes twice does so afterwards, in the same letters. What is no plain name (*@ana_li*, *J. K.*) stays."""
    parts: list[str] = []
    spans: list[tuple[int, int, str, bool]] = []
    others: dict[str, str] = {}
    done = length = 0
    for start, end, entity, counts in text.spans:
        if start < done:  # inside another: rare, and not worth more
            continue
        value = text.text[start:end]
        if entity == "PERSON":
            value = others.setdefault(value, _other(value, chance))
        parts += [text.text[done:start], value]
        length += start - done
        spans.append((length, length + len(value), entity, counts))
        length += len(value)
        done = end
    return Text("".join([*parts, text.text[done:]]), tuple(spans), text.people_only)


def _other(value: str, chance: Random) -> str:
    words = value.split(" ")
    if len(words) > _MOST_WORDS or not all(word.isalpha() and len(word) > 1 for word in words) or _kept(chance):
        return value
    person = names.ascii_person(names.invent("en", chance), chance)
    one = person.given if chance.random() < 0.5 else person.surname
    forms = (one, f"{person.given} {person.surname}", f"{person.given} {person.middle} {person.surname}")
    other = forms[len(words) - 1]
    return other.lower() if value.islower() else other.upper() if value.isupper() else other


def _kept(chance: Random) -> bool:
    return chance.random() < _STAYS
