"""Who sees a page: a browser with a session, or (in development) whoever asks. And what makes browsers careful."""

import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ai_gateway.api.services import services_of
from ai_gateway.api.visit import current
from ai_gateway.console.fields import Fields
from ai_gateway.console.landing import way_in
from ai_gateway.console.rendering import page
from ai_gateway.errors import CallerNotAllowed, FormForged, GatewayError, SessionOver
from ai_gateway.model import Caller, Right

COOKIE = "__Host-ai-gateway-console"
"""The prefix makes browsers take it only over TLS (or from this machine), from this host, for every path."""
OPENS = (Right.AUTHOR, Right.AUDIT)
"""Rights that open pages; a key needs one of them to sign in."""
_TICKET = re.compile(r"[A-Za-z0-9_-]{43}")
_OWN_PAGES = frozenset({"same-origin", "none"})
_HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks for a page. ``caller`` is None before a sign-in; ``ticket`` is the browser's, or a new one for it."""

    ticket: str = field(repr=False)
    token: str = field(repr=False)
    caller: Caller | None = None
    guest: bool = False

    def holding(self, right: Right) -> Caller:
        """Raises ``CallerNotAllowed``."""
        if self.caller is None or right not in self.caller.rights:
            raise CallerNotAllowed(f"Your API key lacks the right `{right}`. Ask for one, and sign in with it.")
        return self.caller

    def may(self, right: Right) -> bool:
        return self.caller is not None and right in self.caller.rights


async def visitor_of(request: Request) -> Visitor:
    """Raises ``SessionOver`` for a browser without a session."""
    services, given = services_of(request.scope), ticket_of(request)
    if services.guest is not None:
        caller, ticket = services.guest, given or services.sessions.new_ticket()
    else:
        session = await services.sessions.of(given)
        caller, ticket = session.caller, session.ticket
    current(request.scope).caller = caller
    token = services.sessions.form_token(ticket)
    return Visitor(ticket=ticket, token=token, caller=caller, guest=services.guest is not None)


def stranger_of(request: Request) -> Visitor:
    """Somebody who may sign in."""
    sessions = services_of(request.scope).sessions
    ticket = ticket_of(request) or sessions.new_ticket()
    return Visitor(ticket=ticket, token=sessions.form_token(ticket))


def _whoever(request: Request) -> Visitor:
    """Whoever asked, as far as this request found out: they keep their way to other pages."""
    guest = services_of(request.scope).guest is not None
    return replace(stranger_of(request), caller=current(request.scope).caller, guest=guest)


def ticket_of(request: Request) -> str | None:
    ticket = request.cookies.get(COOKIE, "")
    return ticket if _TICKET.fullmatch(ticket) else None


def check_form(request: Request, fields: Fields) -> None:
    """Raises ``FormForged`` for a form that another site's page sent, or none of ours."""
    if request.headers.get("sec-fetch-site", "same-origin") not in _OWN_PAGES:
        raise FormForged("This form was sent by a page of another site; nothing was done")
    services_of(request.scope).sessions.check_form(ticket_of(request), fields.one("token"))


def show(visitor: Visitor, name: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - what a page shows
    """A page, with the browser's ticket."""
    response = HTMLResponse(page(name, visitor=visitor, **values), status, headers=dict(_HEADERS))
    return keep(response, visitor.ticket)


def sign_in_page(
    request: Request, error: GatewayError | None = None, *, lost: bool = False, ended: bool = False, to: str = ""
) -> Response:
    """``to``: where the sign-in leads, a page of ours."""
    status = 200 if error is None else error.status
    return show(stranger_of(request), "sign_in.html", status, error=error, lost=lost, ended=ended, to=to)


def _way_in(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return way_in(request.scope["path"], query, ended=ticket_of(request) is not None)


def attached(response: Response, name: str) -> Response:
    """A file to keep, which no browser opens as a page. ``name`` holds nothing that somebody typed."""
    response.headers.update({**_HEADERS, "content-disposition": f'attachment; filename="{name}"'})
    return response


def keep(response: Response, ticket: str) -> Response:
    response.set_cookie(COOKIE, ticket, path="/", secure=True, httponly=True, samesite="strict")
    return response


class PageRoute(APIRoute):
    """Its errors are pages; where a session is over, the way back in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                return await handle(request)
            except SessionOver as error:
                current(request.scope).failed(error)
                if request.method == "GET":
                    return RedirectResponse(_way_in(request), 303)
                return sign_in_page(request, error, lost=True)
            except GatewayError as error:
                current(request.scope).failed(error)
                response = show(_whoever(request), "error.html", error.status, error=error)
                if isinstance(wait := error.facts.get("retry_after"), int):
                    response.headers["retry-after"] = str(wait)
                return response

        return handle_page
