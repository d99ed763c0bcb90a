"""``/console/people``: one person, and everything that was shared about them, to read and to hand over."""

from collections.abc import Iterator, Mapping, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from ai_gateway.api.answers import respond
from ai_gateway.api.services import services_of
from ai_gateway.console.asked import Asked, asked_of
from ai_gateway.console.cases import Problem
from ai_gateway.console.fields import Fields
from ai_gateway.console.forms import form_of
from ai_gateway.console.gate import PageRoute, Visitor, attached, check_form, show, visitor_of
from ai_gateway.console.report_told import told_of
from ai_gateway.model import Caller, Right, SubjectId
from ai_gateway.sharelog.asking import begins, ends
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.disclose import look_back
from ai_gateway.sharelog.reads import Reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/console/people"
_MISTAKEN = 422


@router.get(PATH)
async def asked_for(request: Request) -> Response:
    """The form; of an id, with a reason, how the person stands. Reads no share."""
    visitor = await visitor_of(request)
    auditor = visitor.holding(Right.AUDIT)
    asked = asked_of(Fields(request.query_params.multi_items()))
    if asked.person is None or asked.reason is None or asked.problems:
        return _form(visitor, asked, asked.problems)
    return _form(visitor, asked, (), await _looked_up(request, Reading(auditor.id, asked.reason), asked.person))


@router.post(PATH)
async def reported(request: Request) -> Response:
    """The disclosure, as a page or as the file that it is; or only how the person stands. Each is on record, and the
    person is told of it."""
    visitor = await visitor_of(request)
    auditor = visitor.holding(Right.AUDIT)
    async with form_of(request) as fields:
        check_form(request, fields)
        if not fields.is_set("prove"):
            return await _answered(request, visitor, auditor, fields)
    # To prove takes minutes on a large log, and has room of its own: no form waits for it.
    return await _answered(request, visitor, auditor, fields)


async def _answered(request: Request, visitor: Visitor, auditor: Caller, fields: Fields) -> Response:
    asked, do = asked_of(fields), fields.one("do")
    problems = (*asked.problems, *_missing(asked))
    if asked.person is None or asked.reason is None or problems:
        return _form(visitor, asked, problems, status=_MISTAKEN)
    reading, proven = Reading(auditor.id, asked.reason), fields.is_set("prove")
    if do == "look":
        return _form(visitor, asked, (), await _looked_up(request, reading, asked.person))
    disclosures = services_of(request.scope).disclosures
    window = look_back(disclosures.now(), begins(asked.since), ends(asked.until))
    disclosure = await disclosures.disclose(asked.person, window, reading, prove=proven)
    if do == "file":
        return attached(respond(disclosure), f"{disclosure['id']}.json")
    return show(
        visitor,
        "report.html",
        asked=asked,
        person=asked.person,
        standing=disclosure["standing"],
        told=told_of(disclosure),
        proven=proven,
        because=asked.why,
    )


async def _looked_up(request: Request, reading: Reading, person: SubjectId) -> Mapping[str, Json]:
    services = services_of(request.scope)
    await services.shares.looked_up(reading, person)
    return (await services.standings.of(person)).account()


def _form(
    visitor: Visitor,
    asked: Asked,
    problems: Sequence[Problem],
    standing: Mapping[str, Json] | None = None,
    status: int = 200,
) -> Response:
    return show(
        visitor,
        "people.html",
        status,
        asked=asked,
        problems=problems,
        person=asked.person,
        standing=standing,
        because=asked.why if asked.reason else "",
    )


def _missing(asked: Asked) -> Iterator[Problem]:
    if asked.person is None:
        yield Problem(field="subject", says="Whom is it about? Type their id")
    if asked.reason is None:
        yield Problem(field="why", says="Choose why you read")
