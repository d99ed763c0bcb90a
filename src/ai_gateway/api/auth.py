"""Who calls, by API key; and whether that key may do what the route does."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_gateway.api.dialects import answer
from ai_gateway.api.services import services_of
from ai_gateway.api.visit import current
from ai_gateway.errors import CallerNotAllowed, CallerUnknown, FeaturesNotServed, GatewayError
from ai_gateway.model import Caller, Right

_MAX_KEY_BYTES = 256


class Authentication:
    """Authenticates before a body is read: a stranger costs a hash, not a megabyte."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        visit = current(scope)
        try:
            services = services_of(scope)
            visit.caller = services.guest or await services.callers.authenticate(presented(scope))
        except GatewayError as error:
            visit.failed(error)
            await answer(scope, error, visit.request_id)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def presented(scope: Scope) -> str:
    """The one key a request presents; raises ``CallerUnknown`` for none, two that differ, and what cannot be one."""
    keys: set[bytes] = set()
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, key = value.partition(b" ")
            if scheme.lower() != b"bearer":
                raise CallerUnknown("Authenticate with `Authorization: Bearer <API key>` or `x-api-key: <API key>`")
            keys.add(key.strip())
        elif name == b"x-api-key":
            keys.add(value.strip())
    if len(keys) != 1:
        raise CallerUnknown("Send one API key, as `Authorization: Bearer <API key>` or `x-api-key: <API key>`")
    key = keys.pop()
    if not 0 < len(key) <= _MAX_KEY_BYTES or not key.isascii():
        raise CallerUnknown("This is not an API key; make one with `ai-gateway keys create`")
    return key.decode("ascii")


def holder_of(right: Right) -> Any:  # noqa: ANN401 - what Depends returns
    """A dependency that gives the caller, and refuses one without the right."""

    async def holder(request: Request) -> Caller:  # not async, FastAPI would call it in a thread
        return holding(right, request.scope)

    return Depends(holder)


def holding(right: Right, scope: Scope) -> Caller:
    """The caller, who has this right; ``holder_of`` where every microsecond counts. Raises ``CallerNotAllowed``,
    or ``FeaturesNotServed`` where none are run."""
    caller = current(scope).caller
    if caller is None or right not in caller.rights:
        raise CallerNotAllowed(f"This API key lacks the right `{right}`; make one with `ai-gateway keys create`")
    if right is Right.FEATURES and services_of(scope).audit_alone:
        raise FeaturesNotServed("Ask a gateway that runs features: AI_GATEWAY_SERVES=audit is set for this one")
    return caller


SCHEMES: Mapping[str, Mapping[str, str]] = {
    "HTTPBearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, made with `ai-gateway keys create`.",
    },
    "APIKeyHeader": {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "The same key, for clients that send it this way.",
    },
}
"""Both ways to authenticate, for the API's description. ``Authentication`` does the work, before the framework."""
Runs = Annotated[Caller, holder_of(Right.FEATURES)]
KeepsRegistry = Annotated[Caller, holder_of(Right.REGISTRY)]
Audits = Annotated[Caller, holder_of(Right.AUDIT)]
Holder = Callable[[Request], Awaitable[Caller]]
