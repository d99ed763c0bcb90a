"""Drafts to begin with: the sample people's case where the package has one, a prompt's example, or empty fields."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ai_gateway import samples
from ai_gateway.console.draft import KINDS, NO_CONSENT, Draft, Person, Piece
from ai_gateway.features import Feature
from ai_gateway.model import Role, Visibility
from ai_gateway.policies.policy import InputRule
from ai_gateway.prompts.cases import EXAMPLE, Case
from ai_gateway.prompts.people import Person as Registered
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.workbench.calls import call_of

SAMPLE, EMPTY = "sample", "empty"
_PEOPLE = (
    Person(
        name="pro_1",
        role=Role.INDEPENDENT_PROFESSIONAL,
        known=MappingProxyType({"names": "Robin Sample", "emails": "robin@sample.example", "handles": "robinmakes"}),
        opted_in=True,
        consent="given",
    ),
    Person(
        name="cli_1",
        role=Role.CLIENT,
        known=MappingProxyType({"names": "Kim Specimen", "organizations": "Specimen Works LLC"}),
        opted_in=True,
        consent="given",
    ),
)


def starts(feature: Feature, prompt: Prompt) -> Sequence[tuple[str, str]]:
    """``(key, what it is)`` of every draft one may begin with."""
    found = [(SAMPLE, "Sample people")] if feature.name in samples.FEATURES else []
    found += [(case.name, case.title) for case in sorted(prompt.cases, key=lambda case: case.kind != EXAMPLE)]
    return (*found, (EMPTY, "Empty fields"))


def start(key: str, feature: Feature, prompt: Prompt) -> Draft:
    """The draft of this key, or of the first one there is."""
    keys = [known for known, _ in starts(feature, prompt)]
    key = key if key in keys else keys[0]
    if key == SAMPLE:
        return _complete(_sample(feature), feature, prompt)
    for case in prompt.cases:
        if case.name == key:
            return _complete(_of_case(case, feature, prompt), feature, prompt)
    return _complete(Draft(people=_PEOPLE), feature, prompt)


def _of_case(case: Case, feature: Feature, prompt: Prompt) -> Draft:
    """As the command line tries it."""
    call, names = call_of(case, feature.policy, prompt.version), list(case.people)
    pieces = tuple(
        Piece(
            input=item.input,
            text=item.text,
            source=item.source,
            visibility=item.visibility,
            about=frozenset(names.index(one) for one in item.about),
            author=names.index(item.author) if item.author is not None else None,
        )
        for item in call.items
    )
    return Draft(
        people=tuple(_person(name, person, feature) for name, person in case.people.items()),
        actor=names.index(case.actor),
        pieces=pieces,
        parameters=MappingProxyType({name: _written(value) for name, value in case.parameters.items()}),
    )


def _person(name: str, person: Registered, feature: Feature) -> Person:
    subject, choices = person.subject, person.subject.choices
    known = {kind: "\n".join(getattr(subject.known, kind)) for kind in KINDS}
    consent = person.consents.get(feature.policy.purpose)
    return Person(
        name=name,
        role=subject.role,
        region=subject.region or "",
        age_status=subject.age_status,
        profile_visibility=subject.profile_visibility,
        known=MappingProxyType(known),
        consent=consent if consent is not None else NO_CONSENT,
        opted_in=feature.name in choices.opted_in,
        opted_out=feature.name in choices.opted_out,
        opt_out_sale_share=choices.opt_out_sale_share,
        limit_sensitive=choices.limit_sensitive,
        gpc=choices.gpc,
        restricted=subject.restricted,
    )


def _empty(rule: InputRule) -> Piece:
    visibility = Visibility.PUBLIC if rule.public_only else Visibility.PRIVATE
    return Piece(input=rule.name, source=min(rule.sources), visibility=visibility, about=frozenset({0}))


def _complete(draft: Draft, feature: Feature, prompt: Prompt) -> Draft:
    """With a field for every input and every parameter."""
    there = {piece.input for piece in draft.pieces}
    missing = [_empty(rule) for name, rule in feature.policy.inputs.items() if name not in there and rule.required]
    order = list(feature.policy.inputs)
    pieces = sorted((*draft.pieces, *missing), key=lambda piece: order.index(piece.input))
    defaults = {
        name: _written(parameter.default)
        for name, parameter in prompt.parameters.items()
        if parameter.default is not None
    }
    given = {name: value for name, value in draft.parameters.items() if name in prompt.parameters}
    return replace(draft, pieces=tuple(pieces), parameters=MappingProxyType({**defaults, **given}))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sample(feature: Feature) -> Draft:
    registry, run = samples.read("registry"), samples.read(feature.name)
    names = list(registry["subjects"])
    people = tuple(_sample_person(registry, name, feature.name) for name in names)
    pieces: list[Piece] = []
    for name, given in run["inputs"].items():
        if name in feature.policy.inputs:
            pieces += [_sample_piece(name, item, names) for item in (given if isinstance(given, list) else [given])]
    parameters = {name: _written(value) for name, value in run.get("parameters", {}).items()}
    return Draft(
        people=people,
        actor=names.index(run["actor"]),
        pieces=tuple(pieces),
        parameters=MappingProxyType(parameters),
    )


def _sample_person(registry: Mapping[str, Any], name: str, feature: str) -> Person:
    said, chosen = registry["subjects"][name], registry["choices"].get(name, {})
    states = [consent["state"] for consent in registry["consents"] if consent["subject"] == name]
    known: Mapping[str, list[str]] = said.get("known", {})
    return Person(
        name=name,
        role=said["role"],
        region=said.get("region", ""),
        age_status=said.get("age_status", "unknown"),
        profile_visibility=said.get("profile_visibility", "private"),
        known=MappingProxyType({kind: "\n".join(known.get(kind, ())) for kind in KINDS}),
        consent=states[-1] if states else "",
        opted_in=feature in chosen.get("opted_in", ()),
    )


def _sample_piece(name: str, item: Mapping[str, Any], names: Sequence[str]) -> Piece:
    author = item.get("author")
    return Piece(
        input=name,
        text=item["text"],
        source=item["source"],
        visibility=item.get("visibility", "private"),
        about=frozenset(names.index(one) for one in item["about"]),
        author=names.index(author) if author is not None else None,
    )
