"""Drafts to begin with: the sample people's case where the package has one, a prompt's example, or empty fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

from ai_gateway import samples
from ai_gateway.console.draft import KINDS, Draft, Person, Piece
from ai_gateway.features import Feature
from ai_gateway.model import Role
from ai_gateway.policies.policy import InputRule, Policies
from ai_gateway.policies.vocabulary import SourceVisibility
from ai_gateway.prompts.prompt import Prompt

SAMPLE, EMPTY = "sample", "empty"
_ACTOR, _OTHER = 0, 1
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
_OTHER_SIDE = ("job_post.", "review.", "message.")
"""Sources whose texts come, as a rule, from the other side than the one who asks: where a draft begins, no more."""


def starts(feature: Feature, prompt: Prompt) -> Sequence[tuple[str, str]]:
    """``(key, what it is)`` of every draft one may begin with."""
    found = [(SAMPLE, "Sample people")] if feature.name in samples.FEATURES else []
    for number, example in enumerate(prompt.examples, start=1):
        found.append((str(number), str(example.get("description") or f"Example {number}")))
    return (*found, (EMPTY, "Empty fields"))


def start(key: str, policies: Policies, feature: Feature, prompt: Prompt) -> Draft:
    """The draft of this key, or of the first one there is."""
    keys = [known for known, _ in starts(feature, prompt)]
    key = key if key in keys else keys[0]
    if key == SAMPLE:
        return _complete(_sample(feature), policies, feature, prompt)
    given: Mapping[str, Any] = {} if key == EMPTY else _vars(prompt.examples[int(key) - 1])
    pieces = [
        _piece(policies, rule, text)
        for name, rule in feature.policy.inputs.items()
        for text in _texts(given.get(name), rule)
    ]
    parameters = {name: _written(value) for name, value in given.items() if name in prompt.parameters}
    draft = Draft(people=_PEOPLE, pieces=tuple(pieces), parameters=MappingProxyType(parameters))
    return _complete(draft, policies, feature, prompt)


def _vars(example: Mapping[str, object]) -> Mapping[str, Any]:
    given = example.get("vars")
    return cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}


def _texts(given: object, rule: InputRule) -> Iterable[str]:
    if isinstance(given, str):
        return [given]
    if isinstance(given, list | tuple):
        return [str(text) for text in cast("Sequence[object]", given)]
    return [""] if rule.required else []


def _piece(policies: Policies, rule: InputRule, text: str) -> Piece:
    source = min(rule.sources)
    known = policies.taxonomy.sources.get(source)
    open_to_all = known is not None and known.visibility in (SourceVisibility.ITEM, SourceVisibility.PROFILE)
    theirs = source.startswith(_OTHER_SIDE)
    both = source.startswith(("message.", "review."))
    return Piece(
        input=rule.name,
        text=text,
        source=source,
        visibility="public" if open_to_all else "private",
        about=frozenset({_ACTOR, _OTHER} if both else {_OTHER} if theirs else {_ACTOR}),
        author=_OTHER if both else None,
    )


def _complete(draft: Draft, policies: Policies, feature: Feature, prompt: Prompt) -> Draft:
    """With a field for every input and every parameter."""
    there = {piece.input for piece in draft.pieces}
    missing = [
        _piece(policies, rule, "")
        for name, rule in feature.policy.inputs.items()
        if name not in there and rule.required
    ]
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
