"""``people.yaml`` beside a prompt's versions: the invented people its examples and tests speak of, as registered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from ai_gateway.documents import Value, did_you_mean
from ai_gateway.model import (
    AgeStatus,
    Choices,
    ConsentState,
    FeatureName,
    Known,
    Purpose,
    Role,
    Subject,
    SubjectId,
    Visibility,
)
from ai_gateway.prompts.fields import Fields

MAX_PEOPLE = 32
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_SOURCE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+){0,4}")
KINDS = ("names", "emails", "phones", "handles", "organizations", "urls", "addresses")
PERSON = (
    "role",
    "region",
    "age_status",
    "profile_visibility",
    "known",
    "restricted",
    "choices",
    "consents",
)
CHOICES = ("opted_in", "opted_out", "opt_out_sale_share", "limit_sensitive", "gpc")
PLACE = ("source", "visibility", "about", "author")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A registered person; ``consents`` is the latest state per purpose."""

    subject: Subject
    consents: Mapping[Purpose, ConsentState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A text and where it comes from; what is None follows from the feature's policy."""

    text: str = field(repr=False)
    source: str | None = None
    visibility: Visibility | None = None
    about: tuple[str, ...] = ()
    author: str | None = None

    def within(self, outer: "Placed") -> "Placed":
        """With what only ``outer`` says."""
        return Placed(
            text=self.text,
            source=self.source or outer.source,
            visibility=self.visibility or outer.visibility,
            about=self.about or outer.about,
            author=self.author or outer.author,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """``places`` says where each input's texts come from, unless a case says otherwise."""

    actor: str
    persons: Mapping[str, Person] = field(repr=False)
    places: Mapping[str, Placed]


def somebody(feature: str) -> People:
    """When there is no file: one professional, who opted in and whose profile is public, asks about themselves."""
    actor = SubjectId("pro_1")
    subject = Subject(
        id=actor,
        role=Role.INDEPENDENT_PROFESSIONAL,
        region="US-CA",
        age_status=AgeStatus.ADULT,
        profile_visibility=Visibility.PUBLIC,
        choices=Choices(opted_in=frozenset({FeatureName(feature)})),
    )
    return People(actor=actor, persons={actor: Person(subject=subject)}, places={})


def read_people(front: Fields) -> People:
    """Reports every problem to the fields' list."""
    front.only("actor", "people", "inputs")
    persons = read_persons(front, {})
    if not persons:
        front.report("people", "must name at least one person: the actor")
    actor = read_actor(front, persons)
    given = front.mapping("inputs")
    places = {name: read_place(given.mapping(name), persons, text="") for name in given.data}
    return People(actor=actor, persons=persons, places=places)


def read_actor(front: Fields, persons: Mapping[str, Person]) -> str:
    actor = front.text("actor")
    if actor and actor not in persons:
        front.report("actor", f"is none of the people{did_you_mean(actor, persons)}", code="person-unknown")
    return actor


def read_persons(front: Fields, known: Mapping[str, Person]) -> dict[str, Person]:
    """Those under ``people``, each over who is known by the same id."""
    given = front.mapping("people")
    if len(given.data) > MAX_PEOPLE:
        front.report("people", f"must be at most {MAX_PEOPLE} people")
    persons = dict(known)
    for name in list(given.data)[:MAX_PEOPLE]:
        if not _ID.fullmatch(name):
            given.report(name, "must be an id: letters, digits and _.:-", at_key=True)
        else:
            persons[name] = _person(name, given.mapping(name), known.get(name))
    return persons


def _person(name: str, given: Fields, known: Person | None) -> Person:
    given.only(*PERSON)
    before = known.subject if known is not None else None
    role = Role(given.choice("role", *Role)) if before is None or "role" in given.data else before.role
    subject = before or Subject(id=SubjectId(name), role=role)
    subject = replace(subject, role=role)
    if "region" in given.data:
        subject = replace(subject, region=_matching(given, "region", _REGION, "a region such as US-CA or DE"))
    if "age_status" in given.data:
        subject = replace(subject, age_status=AgeStatus(given.choice("age_status", *AgeStatus)))
    if "profile_visibility" in given.data:
        subject = replace(subject, profile_visibility=Visibility(given.choice("profile_visibility", *Visibility)))
    if "known" in given.data:
        subject = replace(subject, known=_known(given.mapping("known")))
    if "choices" in given.data:
        subject = replace(subject, choices=_choices(given.mapping("choices")))
    subject = replace(subject, restricted=given.boolean("restricted", otherwise=subject.restricted))
    consents = _consents(given.mapping("consents")) if "consents" in given.data else None
    if consents is None:
        consents = dict(known.consents) if known is not None else {}
    return Person(subject=subject, consents=consents)


def _known(given: Fields) -> Known:
    given.only(*KINDS)
    return Known(**{kind: given.texts(kind, maximum=32) for kind in KINDS})


def _choices(given: Fields) -> Choices:
    given.only(*CHOICES)
    return Choices(
        opted_in=frozenset(map(FeatureName, given.texts("opted_in", maximum=64))),
        opted_out=frozenset(map(FeatureName, given.texts("opted_out", maximum=64))),
        opt_out_sale_share=given.boolean("opt_out_sale_share", otherwise=False),
        limit_sensitive=given.boolean("limit_sensitive", otherwise=False),
        gpc=given.boolean("gpc", otherwise=False),
    )


def _consents(given: Fields) -> dict[Purpose, ConsentState]:
    given.only(*Purpose)
    return {
        Purpose(name): ConsentState(given.choice(name, *ConsentState)) for name in given.data if name in set(Purpose)
    }


def read_placed(given: Fields, step: str, value: Value, persons: Mapping[str, Person]) -> Placed | None:
    """An item as a case writes it: a text, or a mapping with a text. None after a problem."""
    if isinstance(value, str):
        return Placed(text=value)
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return None
    inner = given.mapping(step)
    return read_place(inner, persons, text=cast("str", value["text"]), known=("text", *PLACE))


def read_place(given: Fields, persons: Mapping[str, Person], *, text: str, known: tuple[str, ...] = PLACE) -> Placed:
    given.only(*known)
    source = _matching(given, "source", _SOURCE, "a source of the taxonomy") if "source" in given.data else None
    about = given.texts("about", maximum=16)
    author = given.text("author") if "author" in given.data else None
    for name in (*about, *((author,) if author else ())):
        if name not in persons:
            key = "author" if name == author else "about"
            given.report(
                key, f"names somebody who is none of the people{did_you_mean(name, persons)}", code="person-unknown"
            )
    visibility = Visibility(given.choice("visibility", *Visibility)) if "visibility" in given.data else None
    return Placed(text=text, source=source, visibility=visibility, about=about, author=author)


def _matching(given: Fields, key: str, pattern: re.Pattern[str], what: str) -> str | None:
    value = given.data.get(key)
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    given.report(key, f"must be {what}")
    return None
