"""A draft into the call it describes, with its people, through the shapes that the API checks requests with."""

import hashlib
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ValidationError

from ai_gateway.api.problems import InvalidRequest
from ai_gateway.api.schemas import ID_PATTERN, ChosenFeatures, FeatureRun, RegisteredSubject, names
from ai_gateway.console.draft import KINDS, NO_CONSENT, Draft, Person, Piece, consent_states
from ai_gateway.console.invented import invented
from ai_gateway.errors import RequestInvalid
from ai_gateway.features import Feature
from ai_gateway.model import Call, CallerId, ConsentState, Item, Purpose, Subject
from ai_gateway.policies.policy import InputRule
from ai_gateway.prompts.people import Person as Registered
from ai_gateway.prompts.prompt import Parameter, ParameterKind, Prompt

_ID = re.compile(ID_PATTERN)
_LONGEST_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with the form. ``field`` names the field to mend; ``says`` quotes nothing that was typed."""

    field: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    call: Call = field(repr=False)
    people: Mapping[str, Registered] = field(repr=False)


def case_of(draft: Draft, feature: Feature, prompt: Prompt, author: CallerId) -> Case | Sequence[Problem]:
    """The case, or what is wrong with the fields. Optional empty texts are left out."""
    problems = [*_unnamed(draft), *_wrong_pieces(draft, feature), *_wrong_parameters(draft, prompt)]
    if problems:
        return problems
    subjects = [_subject(place, person, feature) for place, person in enumerate(draft.people)]
    call = _call(draft, feature, prompt, author)
    problems = [problem for made in (*subjects, call) if not isinstance(made, Subject | Call) for problem in made]
    if problems or not isinstance(call, Call):
        return problems[:_LONGEST_TOLD]
    purpose = feature.policy.purpose
    people = {
        str(subject.id): Registered(subject=subject, consents=_consents(person, purpose))
        for person, subject in zip(draft.people, subjects, strict=True)
        if isinstance(subject, Subject)
    }
    return Case(call=call, people=people)


def _unnamed(draft: Draft) -> Iterator[Problem]:
    if not draft.people:
        yield Problem(field="", says="Somebody must ask: add a person.")
    ids = [person.name for person in draft.people]
    for place, name in enumerate(ids):
        at = f"person-{place}-name"
        if not _ID.fullmatch(name):
            yield Problem(field=at, says=f"Person {place + 1} needs an id of letters, digits and _ . : -")
        elif name in ids[:place]:
            yield Problem(field=at, says=f"Person {place + 1} has the same id as another one")
        if draft.people[place].consent not in consent_states():
            yield Problem(field=f"person-{place}-consent", says=f"Person {place + 1} needs a state of consent, or none")


def _wrong_pieces(draft: Draft, feature: Feature) -> Iterator[Problem]:
    for place, piece in enumerate(draft.pieces):
        rule = feature.policy.inputs[piece.input]
        path = draft.path(place, many=rule.many)
        if _left_out(piece, rule):
            continue
        if not piece.text.strip():
            yield Problem(field=f"piece-{place}-text", says=f"{path} needs a text")
        elif len(piece.text) > rule.max_characters:
            yield Problem(field=f"piece-{place}-text", says=f"{path} may have {rule.max_characters:,} characters")
        if not piece.about:
            yield Problem(field=f"piece-{place}-about", says=f"{path} is about somebody: tick everybody it is about")
        if piece.source not in rule.sources:
            yield Problem(field=f"piece-{place}-source", says=f"{path} needs one of the sources that its rule lists")
        if piece.visibility not in ("public", "private"):
            yield Problem(field=f"piece-{place}-visibility", says=f"{path} is either public or private")


def _left_out(piece: Piece, rule: InputRule) -> bool:
    return not rule.required and not piece.text.strip()


def _wrong_parameters(draft: Draft, prompt: Prompt) -> Iterator[Problem]:
    for name, value in _parameters(draft, prompt).items():
        if wrong := prompt.parameters[name].wrong_with(value):
            yield Problem(field=f"parameter-{name}", says=f"{name} {wrong}")


def _parameters(draft: Draft, prompt: Prompt) -> Mapping[str, Any]:
    """Those that were filled in; for the others the prompt's defaults hold."""
    return {
        name: _value(parameter, text)
        for name, parameter in prompt.parameters.items()
        if (text := draft.parameters.get(name, "").strip())
    }


def _value(parameter: Parameter, text: str) -> str | float | bool:
    match parameter.kind:
        case ParameterKind.BOOLEAN if text in ("true", "false"):
            return text == "true"
        case ParameterKind.INTEGER if re.fullmatch(r"-?[0-9]{1,12}", text, re.ASCII):
            return int(text)
        case ParameterKind.NUMBER if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", text, re.ASCII):
            return float(text)
        case _:
            return text


def _subject(place: int, person: Person, feature: Feature) -> Subject | Sequence[Problem]:
    said = {
        "role": person.role,
        "region": person.region or None,
        "age_status": person.age_status,
        "profile_visibility": person.profile_visibility,
        "known": {kind: _lines(person.known.get(kind, "")) for kind in KINDS},
        "restricted": person.restricted,
    }
    chosen = {
        "opted_in": [feature.name] if person.opted_in else [],
        "opted_out": [feature.name] if person.opted_out else [],
        "opt_out_sale_share": person.opt_out_sale_share,
        "limit_sensitive": person.limit_sensitive,
        "gpc": person.gpc,
    }
    try:
        described = RegisteredSubject.model_validate(said)
        choices = ChosenFeatures.model_validate(chosen).choices()
    except ValidationError as error:
        return _told(f"Person {place + 1}", f"person-{place}-", error, (), RegisteredSubject)
    except RequestInvalid:
        return [Problem(field=f"person-{place}-opted-out", says=f"Person {place + 1} opts in or out, not both")]
    subject = described.subject(invented(person.name), registered=True, restricted=person.restricted)
    return replace(subject, choices=choices)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _call(draft: Draft, feature: Feature, prompt: Prompt, author: CallerId) -> Call | Sequence[Problem]:
    ids = [person.name for person in draft.people]
    inputs: dict[str, Any] = {}
    for piece in draft.pieces:
        rule = feature.policy.inputs[piece.input]
        if _left_out(piece, rule):
            continue
        item = {
            "text": piece.text,
            "source": piece.source,
            "visibility": piece.visibility,
            "about": [ids[place] for place in sorted(piece.about)],
            "author": None if piece.author is None else ids[piece.author],
        }
        inputs[piece.input] = [*inputs.get(piece.input, ()), item] if rule.many else item
    said = {"actor": ids[draft.actor], "inputs": inputs, "parameters": dict(_parameters(draft, prompt))}
    try:
        call = FeatureRun.model_validate(said).call(feature.name, gpc=False, once=_once(draft, author))
    except ValidationError as error:
        return _told("The case", "", error, inputs, FeatureRun)
    items = tuple(_of_invented(item) for item in call.items)
    return replace(call, actor=invented(call.actor), items=items, trial=True)


def _of_invented(item: Item) -> Item:
    author = None if item.author is None else invented(item.author)
    return replace(item, about=tuple(map(invented, item.about)), author=author)


def _once(draft: Draft, author: CallerId) -> bytes | None:
    if not draft.nonce:
        return None
    return hashlib.sha256(f"trial\0{author}\0{draft.nonce}".encode("utf-8", "surrogatepass")).digest()


def _consents(person: Person, purpose: Purpose) -> Mapping[Purpose, ConsentState]:
    return {} if person.consent == NO_CONSENT else {purpose: ConsentState(person.consent)}


def _told(
    who: str, at: str, error: ValidationError, inputs: Container[str], shape: type[BaseModel]
) -> Sequence[Problem]:
    """Where and what, in the API's words: names of fields and of inputs, and no value."""
    mistakes = [{**mistake, "loc": ("body", *mistake["loc"])} for mistake in error.errors(include_input=False)]
    return [
        Problem(field=f"{at}{_first(one['at'])}" if at else "", says=f"{who}, {one['at']} {one['problem']}")
        for one in InvalidRequest(names(), inputs).tell(mistakes, shape)
    ]


def _first(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]
