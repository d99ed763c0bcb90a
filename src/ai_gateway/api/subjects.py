"""The registry: ``/v1/subjects/{id}``, its consents and its choices. For the marketplace's back end."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from ai_gateway.api.answers import (
    ChoicesAnswer,
    ConsentsAnswer,
    SubjectAnswer,
    choices_answer,
    respond,
    subject_answer,
)
from ai_gateway.api.auth import KeepsRegistry
from ai_gateway.api.limits import ParsedRoute
from ai_gateway.api.reference import problems
from ai_gateway.api.schemas import ID_PATTERN, ChosenFeatures, ConsentReport, RegisteredSubject
from ai_gateway.api.services import Given, Services
from ai_gateway.consent.receipt import receipt
from ai_gateway.errors import (
    ConsentConflict,
    CoordinationUnavailable,
    InputUnknown,
    NotFound,
    StoreUnavailable,
    SubjectConflict,
    SubjectUnknown,
)
from ai_gateway.model import Subject, SubjectId

router = APIRouter(prefix="/v1/subjects/{subject}", tags=["registry"], route_class=ParsedRoute)

Named = Annotated[str, Path(pattern=ID_PATTERN, max_length=128, examples=["pro_17"])]
_STORES = (StoreUnavailable, CoordinationUnavailable)


@router.put("", response_model=SubjectAnswer, responses=problems(SubjectConflict, *_STORES))
async def register(subject: Named, said: RegisteredSubject, _caller: KeepsRegistry, services: Given) -> Response:
    """Register a person, or replace all that is registered but their choices. Durable on return."""
    person = SubjectId(subject)
    described = said.subject(person, registered=True, restricted=said.restricted)
    await services.subjects.put(described)
    return respond(subject_answer(await _registered(services, person)))


@router.get("", response_model=SubjectAnswer, responses=problems(NotFound, StoreUnavailable, body=False))
async def show(subject: Named, _caller: KeepsRegistry, services: Given) -> Response:
    """What is registered of a person. Identifiers are counted, not read back."""
    return respond(subject_answer(await _registered(services, SubjectId(subject))))


@router.put(
    "/choices", response_model=ChoicesAnswer, responses=problems(SubjectUnknown, NotFound, InputUnknown, *_STORES)
)
async def choose(subject: Named, chosen: ChosenFeatures, _caller: KeepsRegistry, services: Given) -> Response:
    """Replace a person's choices. Holds for every request that starts after this returned, on every replica."""
    choices, known = chosen.choices(), services.gateway.catalogue.features
    unknown = (choices.opted_in | choices.opted_out) - set(known)
    if unknown:
        raise InputUnknown(
            f"Choices name {len(unknown)} feature(s) there are not; there are: {', '.join(sorted(known))}"
        )
    await services.subjects.choose(SubjectId(subject), choices)
    return respond(choices_answer((await _registered(services, SubjectId(subject))).choices))


@router.get("/choices", response_model=ChoicesAnswer, responses=problems(NotFound, StoreUnavailable, body=False))
async def chosen(subject: Named, _caller: KeepsRegistry, services: Given) -> Response:
    """A person's choices now."""
    return respond(choices_answer((await _registered(services, SubjectId(subject))).choices))


@router.post("/consents", status_code=201, responses=problems(SubjectUnknown, ConsentConflict, *_STORES))
async def record(subject: Named, said: ConsentReport, _caller: KeepsRegistry, services: Given) -> Response:
    """Record that a person gave, refused or withdrew consent, and answer with the receipt.

    A withdrawal that was answered holds for every request that starts afterwards, on every replica.
    """
    person = SubjectId(subject)
    event = await services.registry.record(said.request(person))
    history = tuple(await services.consents.history(person))
    return respond(receipt(event, history, services.terms).document(), status=201)


@router.get("/consents", response_model=ConsentsAnswer, responses=problems(StoreUnavailable, body=False))
async def receipts(subject: Named, _caller: KeepsRegistry, services: Given) -> Response:
    """Every consent event of a person, as receipts, oldest first."""
    history = tuple(await services.consents.history(SubjectId(subject)))
    documents = [receipt(event, history, services.terms).document() for event in history]
    return respond({"subject": subject, "receipts": documents})


async def _registered(services: Services, subject: SubjectId) -> Subject:
    found = (await services.subjects.get((subject,))).get(subject)
    if found is None:
        raise NotFound("No data subject is registered under this id", subject=subject)
    return found
