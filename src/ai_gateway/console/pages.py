"""``/console``: the way in, the way out, and what there is."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from ai_gateway.api.services import services_of
from ai_gateway.api.visit import current
from ai_gateway.console import log, people, shares, workbench
from ai_gateway.console.forms import form_of
from ai_gateway.console.gate import (
    OPENS,
    PageRoute,
    check_form,
    keep,
    show,
    sign_in_page,
    stranger_of,
    ticket_of,
    visitor_of,
)
from ai_gateway.console.landing import HOME, SIGN_IN, landing
from ai_gateway.console.rendering import STATIC, static
from ai_gateway.errors import CallerNotAllowed, CallerUnknown, RouteUnknown, TooManyAttempts

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable", "cross-origin-resource-policy": "same-origin"}
_MAX_KEY = 256


@router.get(HOME)
async def home(request: Request) -> Response:
    """What this person may use."""
    visitor = await visitor_of(request)
    return show(visitor, "home.html")


@router.get(SIGN_IN)
async def sign_in_form(request: Request) -> Response:
    to = landing(request.query_params.get("to", ""))
    if services_of(request.scope).guest is not None:
        return RedirectResponse(to, 303)
    return sign_in_page(request, ended="ended" in request.query_params, to=to)


@router.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Exchanges an API key for a session, and leads to the page that was asked for. The key is in no page, no address
    and no log."""
    services, visitor = services_of(request.scope), stranger_of(request)
    async with form_of(request) as fields:
        check_form(request, fields)
        key, to = fields.one("key").strip(), landing(fields.one("to"))
        try:
            session = await services.sessions.sign_in(key[:_MAX_KEY], OPENS, _address(request))
        except (CallerUnknown, CallerNotAllowed, TooManyAttempts) as error:
            current(request.scope).failed(error)
            response = sign_in_page(request, error, to=to)
            if isinstance(wait := error.facts.get("retry_after"), int):
                response.headers["retry-after"] = str(wait)
            return response
    await services.sessions.sign_out(visitor.ticket)  # whoever sat here before
    current(request.scope).caller = session.caller
    return keep(RedirectResponse(to, 303), session.ticket)


@router.post(f"{HOME}/sign-out")
async def sign_out(request: Request) -> Response:
    async with form_of(request) as fields:
        check_form(request, fields)
        ticket = ticket_of(request)
        if ticket is not None:
            await services_of(request.scope).sessions.sign_out(ticket)
    sessions = services_of(request.scope).sessions
    return keep(RedirectResponse(SIGN_IN, 303), sessions.new_ticket())


@router.get(f"{HOME}/static/{{name}}")
async def static_file(name: Annotated[str, Path(max_length=64)]) -> Response:
    if name not in STATIC:
        raise RouteUnknown("The console has no such page")
    return Response(static(name), media_type=STATIC[name], headers=_FOR_GOOD)


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


for part in (workbench.router, shares.router, people.router, log.router):
    router.include_router(part)


@router.get(f"{HOME}/{{rest:path}}")
async def nothing(rest: str) -> Response:  # noqa: ARG001 - whatever it is
    raise RouteUnknown("The console has no such page")
