"""A form's fields into a draft, and back into nothing else: whatever is not asked for is not looked at."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from ai_gateway.console.draft import KINDS, MOST_ITEMS, MOST_PEOPLE, Draft, Person, Piece
from ai_gateway.errors import RequestTooLarge
from ai_gateway.features import Feature
from ai_gateway.prompts.prompt import Prompt

Pairs = Sequence[tuple[str, str]]


class Fields:
    """A form as it was sent. The last of several values counts, but where many are asked for."""

    def __init__(self, pairs: Pairs) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def one(self, name: str, default: str = "") -> str:
        return self._values.get(name, [default])[-1]

    def many(self, name: str) -> Sequence[str]:
        return self._values.get(name, [])

    def is_set(self, name: str) -> bool:
        return name in self._values


def draft_of(fields: Fields, feature: Feature, prompt: Prompt) -> Draft:
    """Raises ``RequestTooLarge`` for more people or items than a form has room for."""
    people = tuple(_people(fields))
    pieces = tuple(_pieces(fields, feature, len(people)))
    return Draft(
        people=people,
        actor=_place(fields.one("actor"), len(people)) or 0,
        pieces=pieces,
        parameters=MappingProxyType({name: fields.one(f"parameter-{name}") for name in prompt.parameters}),
        nonce=fields.one("nonce")[:64],
    )


def _people(fields: Fields) -> Iterable[Person]:
    count = 0
    while fields.is_set(f"person-{count}-name"):
        if count == MOST_PEOPLE:
            raise RequestTooLarge(f"A trial has at most {MOST_PEOPLE} people")
        yield _person(fields, f"person-{count}-")
        count += 1


def _person(fields: Fields, at: str) -> Person:
    known: Mapping[str, str] = {kind: fields.one(f"{at}known-{kind}") for kind in KINDS}
    return Person(
        name=fields.one(f"{at}name").strip(),
        role=fields.one(f"{at}role"),
        region=fields.one(f"{at}region").strip(),
        age_status=fields.one(f"{at}age"),
        profile_visibility=fields.one(f"{at}profile"),
        known=MappingProxyType(known),
        consent=fields.one(f"{at}consent"),
        opted_in=fields.is_set(f"{at}opted-in"),
        opted_out=fields.is_set(f"{at}opted-out"),
        opt_out_sale_share=fields.is_set(f"{at}sale"),
        limit_sensitive=fields.is_set(f"{at}limit"),
        gpc=fields.is_set(f"{at}gpc"),
        restricted=fields.is_set(f"{at}restricted"),
    )


def _pieces(fields: Fields, feature: Feature, people: int) -> Iterable[Piece]:
    count = 0
    while fields.is_set(f"piece-{count}-input"):
        if count == MOST_ITEMS:
            raise RequestTooLarge(f"A trial has at most {MOST_ITEMS} pieces of input")
        at = f"piece-{count}-"
        count += 1
        name = fields.one(f"{at}input")
        if name not in feature.policy.inputs:  # of another version, or nobody's
            continue
        about = (_place(value, people) for value in fields.many(f"{at}about"))
        yield Piece(
            input=name,
            text=fields.one(f"{at}text").replace("\r\n", "\n"),
            source=fields.one(f"{at}source"),
            visibility=fields.one(f"{at}visibility"),
            about=frozenset(place for place in about if place is not None),
            author=_place(fields.one(f"{at}author"), people),
        )


def _place(text: str, count: int) -> int | None:
    place = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None  # noqa: PLR2004
    return place if place is not None and place < count else None
