"""``/console/shares``: the share log, read by a person: many shares, one, its proof. Every reading goes on record."""

import re
from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from ai_gateway.api.services import Services, services_of
from ai_gateway.console.asked import PLACE_LOST, Asked, asked_of
from ai_gateway.console.cases import Problem
from ai_gateway.console.fields import Fields
from ai_gateway.console.gate import PageRoute, attached, show, visitor_of
from ai_gateway.console.proof_told import Proof, proof_of
from ai_gateway.console.services import console_of
from ai_gateway.console.share_told import row_of, told_of
from ai_gateway.errors import CheckpointAbsent, NotFound, RequestInvalid
from ai_gateway.model import Caller, Right, ShareId
from ai_gateway.sharelog.asking import SHARE_PATTERN, place_of
from ai_gateway.sharelog.read import SharePage
from ai_gateway.sharelog.reads import Reading, Why

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/console/shares"
PAGE = 25
_MISTAKEN = 422


@router.get(PATH)
async def listed(request: Request) -> Response:
    """Newest first, as narrowly as was asked. Nothing is read before a reason is chosen."""
    visitor = await visitor_of(request)
    auditor, asked = visitor.holding(Right.AUDIT), _asked(request)
    services = services_of(request.scope)
    page: SharePage | None = None
    problems = [*asked.problems, *await _lost(services, asked)]
    if asked.reason is not None and not problems:
        page = await _read(services, auditor, asked.reason, asked)
    policies = services.gateway.catalogue.policies
    return show(
        visitor,
        "shares.html",
        _MISTAKEN if problems else 200,
        asked=asked,
        problems=problems,
        because=asked.why if asked.reason else "",
        page=page,
        short=page is not None and page.stopped_early,
        rows=[row_of(share, whole=asked.person is None) for share in page.shares] if page else [],
        person=asked.person,
        standing=(await services.standings.of(asked.person)).account() if page and asked.person else None,
        features=sorted(services.gateway.catalogue.features),
        vendors=sorted(policies.vendors),
    )


@router.get(f"{PATH}/{{share}}")
async def shown(share: str, request: Request) -> Response:
    """One share, whole, and its place in the log."""
    visitor = await visitor_of(request)
    auditor, asked, id_ = visitor.holding(Right.AUDIT), _asked(request), _id(share)
    if asked.reason is None:
        return show(visitor, "reason.html", path=f"{PATH}/{id_}", what=id_)
    services = services_of(request.scope)
    view = await services.shares.share(Reading(auditor.id, asked.reason), id_)
    told = told_of(view, services.gateway.catalogue.policies)
    if told.gone:
        told = told.since(await console_of(request.scope).erasures.erasures())
    return show(visitor, "share.html", told=told, proof=await _proof(services, id_), because=asked.why)


@router.get(f"{PATH}/{{share}}/proof")
async def proven(share: str, request: Request) -> Response:
    """The ``.tlog-proof`` to keep, of the opening entry, or of the outcome. It holds nothing about anybody."""
    visitor = await visitor_of(request)
    visitor.holding(Right.AUDIT)
    id_, of_outcome = _id(share), "outcome" in request.query_params
    text = await services_of(request.scope).proofs.of_share(id_, outcome=of_outcome)
    name = f"{id_}{'.outcome' if of_outcome else ''}.tlog-proof"
    return attached(PlainTextResponse(text), name)


async def _read(services: Services, auditor: Caller, why: Why, asked: Asked) -> SharePage:
    return await services.shares.shares(Reading(auditor.id, why), asked.person, asked.place, PAGE, asked.wanted())


async def _lost(services: Services, asked: Asked) -> Sequence[Problem]:
    """Behind a share that never was, nothing is: that must not look like the end of the list."""
    if asked.place is None or asked.reason is None or asked.problems:
        return ()
    try:
        await place_of(asked.place, services.proofs.knows)
    except RequestInvalid:
        return (PLACE_LOST,)
    return ()


async def _proof(services: Services, share: ShareId) -> Proof | None:
    """None while no signed checkpoint covers the entry."""
    try:
        return proof_of(share, await services.proofs.of_share(share))
    except CheckpointAbsent:
        return None


def _asked(request: Request) -> Asked:
    return asked_of(Fields(request.query_params.multi_items()))


def _id(share: str) -> ShareId:
    if not re.fullmatch(SHARE_PATTERN, share):
        raise NotFound("No share has this id. Ids of shares begin with `shr_`.")
    return ShareId(share)
