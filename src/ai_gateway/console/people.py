"""``/console/people``: one person, and everything that was shared about them, to read and to hand over."""

import re
from collections.abc import Iterator, Sequence

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
from ai_gateway.model import Right
from ai_gateway.sharelog.disclose import look_back
from ai_gateway.sharelog.reads import Reading, Why

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/console/people"
_MISTAKEN = 422


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
    return show(
        visitor,
        "report.html",
        asked=asked,
        person=asked.person,
        standing=await services_of(request.scope).standings.of(asked.person),
        told=told_of(disclosure),
        proven=fields.is_set("prove"),
        because=asked.why,
    )


async def _form(
    request: Request, visitor: Visitor, asked: Asked, problems: Sequence[Problem], status: int = 200
) -> Response:
    person = asked.person if re.fullmatch(ID_PATTERN, asked.subject) else None
    standing = None if person is None else await services_of(request.scope).standings.of(person)
    because = asked.why if asked.reason else Why.PRIVACY_REQUEST.value
    return show(
        visitor,
        "people.html",
        status,
        asked=asked,
        problems=problems,
        person=person,
        standing=standing,
        because=because,
    )


def _missing(asked: Asked) -> Iterator[Problem]:
    if asked.person is None:
        yield Problem(field="subject", says="Whom is it about? Type their id")
    if asked.reason is None:
        yield Problem(field="why", says="Choose why you read")
