"""Which pseudonym stands for which value, in one call.

A token is one writing of one thing, so that restoring gives back exactly what was replaced; tokens that mean the same
person or thing share a stem, so that a model can tell. The first writing gets the bare stem (``<CLIENT_1>``), others a
form: ``<CLIENT_1_FULL>``, ``<CLIENT_1_FIRST>``, ``<CLIENT_1_LAST>``, or ``<CLIENT_1_V4>`` for the fourth. A longer call
only adds tokens, it never changes one.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ai_gateway.model import EntityType, Pseudonym, Role, Subject, SubjectId
from ai_gateway.treatment.families import Family, Others, ShortForms
from ai_gateway.treatment.identifiers import views
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.titles import manner, untitled
from ai_gateway.treatment.words import Worded

_PERSON, _PHONE = EntityType("PERSON"), EntityType("PHONE_NUMBER")
_OTHER = "ENTITY"

ROLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.CLIENT: "CLIENT",
        Role.INDEPENDENT_PROFESSIONAL: "PROFESSIONAL",
        Role.AGENCY: "AGENCY",
        Role.AGENCY_MEMBER: "MEMBER",
        Role.SITE_VISITOR: "VISITOR",
        Role.CONTACT: "CONTACT",
    }
)
KINDS: Mapping[EntityType, str] = MappingProxyType(
    {
        EntityType(entity): kind
        for entity, kind in {
            "PERSON": "PERSON",
            "EMAIL_ADDRESS": "EMAIL",
            "PHONE_NUMBER": "PHONE",
            "ADDRESS": "ADDRESS",
            "LOCATION": "LOCATION",
            "ORGANIZATION": "ORGANIZATION",
            "URL": "URL",
            "HANDLE": "HANDLE",
            "IP_ADDRESS": "IP",
            "MAC_ADDRESS": "MAC",
            "CREDIT_CARD": "CARD",
            "IBAN": "IBAN",
            "BANK_ACCOUNT": "ACCOUNT",
            "GOVERNMENT_ID": "ID",
            "TAX_ID": "TAXID",
            "DATE_OF_BIRTH": "BIRTHDATE",
            "SECRET": "SECRET",
            "CRYPTO_ADDRESS": "WALLET",
            "COORDINATES": "COORDINATES",
            "VEHICLE_ID": "VEHICLE",
            "DEVICE_ID": "DEVICE",
        }.items()
    }
)
_ALL_KINDS = (*ROLES.values(), *KINDS.values(), _OTHER)

_NUMBER = re.compile(r"[0-9]{1,7}")
_BETWEEN = " \t\r\n\u00a0\u2011_-.\\"
_LOOK_BACK = 32


class Sighting(NamedTuple):
    """A value in a text that a pseudonym shall stand for. A tuple, because it is a key many times in one call."""

    entity: EntityType
    value: str
    subject: SubjectId | None = None

    def __repr__(self) -> str:
        return f"Sighting(entity={self.entity!r}, subject={self.subject!r})"  # the value is personal


Stem = tuple[str, int]
"""A kind and a number: ``("CLIENT", 1)``."""


def typed(texts: Iterable[str]) -> frozenset[Stem]:
    """Every kind and number that people wrote themselves, in any form that a restorer could take for a pseudonym."""
    found: set[Stem] = set()
    for text in texts:
        for view in views(text):
            found.update(_typed(view))
    return frozenset(found)


def _typed(text: str) -> Iterator[Stem]:
    for number in _NUMBER.finditer(text):
        start = number.start()
        before = text[start - _LOOK_BACK if start > _LOOK_BACK else 0 : start].rstrip(_BETWEEN)
        if before[-1:].isalpha() and (before := before.upper()).endswith(_ALL_KINDS):
            yield from ((kind, int(number.group())) for kind in _ALL_KINDS if before.endswith(kind))


_NO_SHORT_FORMS = ShortForms({})


def allocate(
    sightings: Iterable[Sighting],
    people: Sequence[Subject],
    taken: Collection[Stem],
    short_forms: ShortForms = _NO_SHORT_FORMS,
    words_of: Worded | None = None,
) -> Mapping[Sighting, Pseudonym]:
    """One pseudonym per distinct sighting. ``people`` are the parties, in the order that numbers them by role; the rest
    is numbered in order of first appearance. No stem in ``taken`` is used. ``short_forms`` tell which third
    persons are one; ``words_of`` are this call's."""
    book = _Book(people, taken, short_forms, Worded() if words_of is None else words_of)
    found: dict[Sighting, Pseudonym] = {}
    for sighting in sightings:
        if sighting not in found:
            found[sighting] = book.pseudonym(sighting)
    return found


class _Stems:
    """Numbers the kinds. Apart from the book, which refers to it alone: a book and its numbers that knew each other
    would hold people's names until the garbage is collected."""

    def __init__(self, taken: Collection[Stem]) -> None:
        self._taken = taken
        self._counts: dict[str, int] = {}

    def next(self, kind: str) -> str:
        number = self._counts.get(kind, 0) + 1
        while (kind, number) in self._taken:
            number += 1
        self._counts[kind] = number
        return f"{kind}_{number}"


class _Book:
    """What has been given out in this call."""

    def __init__(
        self, people: Sequence[Subject], taken: Collection[Stem], short_forms: ShortForms, words_of: Worded
    ) -> None:
        self._words_of = words_of
        self._stem = stem = _Stems(frozenset(taken)).next
        self._parties = {p.id: Family(stem(ROLES[p.role]), map(self._words, p.known.names)) for p in people}
        self._things: dict[tuple[str, str, SubjectId | None], Family] = {}
        self._others = Others(stem, short_forms)

    def pseudonym(self, sighting: Sighting) -> Pseudonym:
        told = self._words(sighting.value)
        words = untitled(told) if sighting.entity == _PERSON and sighting.subject is None else told
        token = self._family(sighting, words, told).token(sighting.value, words)
        return Pseudonym(token=token, entity=sighting.entity, value=sighting.value, subject=sighting.subject)

    def _words(self, value: str) -> tuple[str, ...]:
        return self._words_of[value] or (fold(value),)

    def _family(self, sighting: Sighting, words: tuple[str, ...], told: tuple[str, ...]) -> Family:
        if sighting.entity == _PERSON:
            party = self._parties.get(sighting.subject) if sighting.subject is not None else None
            return party or self._others.family(words, manner(told))
        kind = KINDS.get(sighting.entity, _OTHER)
        key = kind, _canonical(sighting, words), sighting.subject
        if key not in self._things:
            self._things[key] = Family(self._stem(kind))
        return self._things[key]


def _canonical(sighting: Sighting, words: tuple[str, ...]) -> str:
    """The same for every writing of one value."""
    if sighting.entity == _PHONE:
        return "".join(filter(str.isdigit, fold(sighting.value)))
    return " ".join(words)
