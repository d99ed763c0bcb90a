"""``/console/people``: one person, and everything that was shared about them, to read and to hand over."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from ai_gateway.api.answers import respond
from ai_gateway.api.schemas import ID_PATTERN
from ai_gateway.api.services import services_of
from ai_gateway.console.asked import Asked, asked_of, day_begins, day_ends
from ai_gateway.console.cases import Problem
from ai_gateway.console.fields import Fields
from ai_gateway.console.forms import form_of
from ai_gateway.console.gate import PageRoute, Visitor, attached, check_form, show, visitor_of
from ai_gateway.console.report_told import told_of
from ai_gateway.console.services import console_of
from ai_gateway.model import Right, SubjectId
from ai_gateway.sharelog.disclose import look_back
from ai_gateway.sharelog.erasure import Erasure, Step
from ai_gateway.sharelog.reads import Reading, Why

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/console/people"
_MISTAKEN = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the registry and the erasures say of somebody: whether they are there, and nothing else of them."""

    subject: SubjectId
    registered: bool
    erased: bool
    erasure: Erasure | None

    @property
    def over(self) -> bool:
        """Whether nothing of theirs can be read any more."""
        return self.erasure.step in (Step.SHREDDED, Step.COMPLETED) if self.erasure is not None else self.erased


@router.get(PATH)
async def asked_for(request: Request) -> Response:
    """The form; of an id, whether it is anybody's. Reads no share."""
    visitor = await visitor_of(request)
    visitor.holding(Right.AUDIT)
    asked = asked_of(Fields(request.query_params.multi_items()))
    return await _form(request, visitor, asked, asked.problems)


@router.post(PATH)
async def reported(request: Request) -> Response:
    """The disclosure, as a page or as the file that it is. Each is on record, and the person is told of it."""
    visitor = await visitor_of(request)
    auditor = visitor.holding(Right.AUDIT)
    async with form_of(request) as fields:
        check_form(request, fields)
        asked = asked_of(fields)
        problems = (*asked.problems, *_missing(asked))
        if asked.person is None or asked.reason is None or problems:
            return await _form(request, visitor, asked, problems, _MISTAKEN)
        disclosures = services_of(request.scope).disclosures
        window = look_back(disclosures.now(), day_begins(asked.since), day_ends(asked.until))
        disclosure = await disclosures.disclose(
            asked.person, window, Reading(auditor.id, asked.reason), prove=fields.is_set("prove")
        )
    if fields.one("do") == "file":
        return attached(respond(disclosure), f"{disclosure['id']}.json")
    standing = await _standing(request, asked.person)
    told = told_of(disclosure)
    return show(
        visitor,
        "report.html",
        asked=asked,
        standing=standing,
        told=told,
        proven=fields.is_set("prove"),
        because=asked.why,
    )


async def _form(
    request: Request, visitor: Visitor, asked: Asked, problems: Sequence[Problem], status: int = 200
) -> Response:
    person = asked.person if re.fullmatch(ID_PATTERN, asked.subject) else None
    standing = await _standing(request, person) if person is not None else None
    because = asked.why if asked.reason else Why.PRIVACY_REQUEST.value
    return show(visitor, "people.html", status, asked=asked, problems=problems, standing=standing, because=because)


async def _standing(request: Request, subject: SubjectId) -> Standing:
    registered = (await services_of(request.scope).subjects.get((subject,))).get(subject)
    return Standing(
        subject=subject,
        registered=registered is not None,
        erased=registered is not None and registered.erased,
        erasure=await console_of(request.scope).erasures.of(subject),
    )


def _missing(asked: Asked) -> Iterator[Problem]:
    if asked.person is None:
        yield Problem(field="subject", says="Whom is it about? Type their id")
    if asked.reason is None:
        yield Problem(field="why", says="Choose why you read")
