"""The case an author is working on, as the form holds it: anything may be missing or wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ai_gateway.model import ConsentState, Known

MOST_PEOPLE = 8
MOST_ITEMS = 40
KINDS = Known.__slots__
"""Of identifiers: names, e-mail addresses …"""
NO_CONSENT = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``known`` holds one identifier per line, by kind; ``consent`` is a ``ConsentState`` or empty: none was asked."""

    name: str = field(default="", repr=False)
    role: str = "client"
    region: str = field(default="US-CA", repr=False)
    age_status: str = "adult"
    profile_visibility: str = "public"
    known: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    consent: str = NO_CONSENT
    opted_in: bool = False
    opted_out: bool = False
    opt_out_sale_share: bool = False
    limit_sensitive: bool = False
    gpc: bool = False
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One item. People are named by their place in the draft, so that a person may be renamed."""

    input: str
    text: str = field(default="", repr=False)
    source: str = ""
    visibility: str = "public"
    about: frozenset[int] = frozenset()
    author: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``nonce`` makes a run that is sent twice (a reload) one share."""

    people: tuple[Person, ...] = ()
    actor: int = 0
    pieces: tuple[Piece, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    nonce: str = field(default="", repr=False)

    def of(self, name: str) -> tuple[tuple[int, Piece], ...]:
        """An input's pieces, each with its place among all."""
        return tuple((place, piece) for place, piece in enumerate(self.pieces) if piece.input == name)

    def path(self, place: int, *, many: bool) -> str:
        """As the gateway names the item: ``profile``, ``messages[1]``."""
        piece = self.pieces[place]
        before = sum(other.input == piece.input for other in self.pieces[:place])
        return f"{piece.input}[{before}]" if many else piece.input

    def with_person(self) -> "Draft":
        return replace(self, people=(*self.people, Person(name=f"person_{len(self.people) + 1}")))

    def without_person(self, gone: int) -> "Draft":
        """The last one stays: somebody must ask."""
        if len(self.people) < 2 or not 0 <= gone < len(self.people):  # noqa: PLR2004
            return self

        def moved(place: int) -> int:
            return place - (place > gone)

        pieces = tuple(
            replace(
                piece,
                about=frozenset(moved(place) for place in piece.about if place != gone),
                author=None if piece.author in (None, gone) else moved(piece.author),
            )
            for piece in self.pieces
        )
        people = (*self.people[:gone], *self.people[gone + 1 :])
        return replace(self, people=people, pieces=pieces, actor=0 if self.actor == gone else moved(self.actor))

    def with_piece(self, name: str) -> "Draft":
        """One more, like the last of its input but empty."""
        like = [piece for piece in self.pieces if piece.input == name]
        new = replace(like[-1], text="") if like else Piece(input=name, about=frozenset({self.actor}))
        return replace(self, pieces=(*self.pieces, new))

    def without_piece(self, gone: int) -> "Draft":
        return replace(self, pieces=(*self.pieces[:gone], *self.pieces[gone + 1 :]))


def consent_states() -> Sequence[str]:
    return (NO_CONSENT, *ConsentState)
