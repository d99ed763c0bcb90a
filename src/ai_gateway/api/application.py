"""The ASGI application: its routes, and around them what every request passes."""

from collections.abc import Callable, Container
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any, ClassVar

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from ai_gateway.api import (
    chat,
    checkpoints,
    disclosures,
    embeddings,
    features,
    health,
    messages,
    models,
    pages,
    responses,
    shares,
    subjects,
)
from ai_gateway.api.auth import Authentication
from ai_gateway.api.edge import Edge
from ai_gateway.api.limits import Bounds, Limits
from ai_gateway.api.problems import InvalidRequest, gateway_error, http_error
from ai_gateway.api.reference import describe
from ai_gateway.api.schemas import names
from ai_gateway.api.straight import Straight
from ai_gateway.api.visit import Observer
from ai_gateway.errors import GatewayError

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_EXCHANGES = (chat.router, responses.router, embeddings.router, messages.router, models.router)
_ABOUT = """Stands between a marketplace's features and the companies that sell large language models. Decides what may
be shared about whom, treats personal data, puts every share on record before it is sent, and puts the names back.

Authenticate with `Authorization: Bearer <API key>` or `x-api-key: <API key>`. Errors are problem details (RFC 9457)
with a stable `code`, on the vendors' own routes in that vendor's shape with the same `code`; every response has an
`x-request-id`."""


def application(
    *,
    lifespan: Lifespan,
    observer: Observer,
    bounds: Bounds,
    exchanges: Bounds,
    words: Container[str],
    console: APIRouter,
) -> FastAPI:
    """``exchanges`` bounds requests in a vendor's protocol. ``words`` are the catalogue's own names, which errors may
    say; new ones may come while it runs. ``lifespan`` sets ``app.state.services``; ``console``: pages for a browser."""
    app = _Application(
        title="ai-gateway",
        version=version("ai-gateway"),
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # The framework's own telemetry would record paths and errors' messages; Edge records what may be recorded.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        exception_handlers=_error_answers(words),
    )
    for router in (  # looked through in this order
        features.router,
        *_EXCHANGES,
        subjects.router,
        shares.router,
        disclosures.router,
        checkpoints.router,
    ):
        app.include_router(router)
    for router in (health.router, pages.router, console):
        app.include_router(router)
    # The one added last stands outermost.
    app.add_middleware(Straight, invalid=InvalidRequest(names(), words))
    app.add_middleware(Limits, bounds=bounds, exchanges=exchanges)
    app.add_middleware(Authentication)
    app.add_middleware(Edge, observer=observer)
    app.openapi()  # takes a while, so not at a request
    return app


class _Application(FastAPI):
    _described: ClassVar[dict[str, Any]] = {}

    def openapi(self) -> dict[str, Any]:
        """Made once in a process: the next application has the same routes, for a console's are not described."""
        if not self._described:
            made = super().openapi()
            describe(made)
            self._described.update(made)
        return self._described

    def build_middleware_stack(self) -> ASGIApp:
        """From ``Edge`` inwards: what the framework puts around it guards against what ``Edge`` lets through, which is
        nothing."""
        stack: Any = super().build_middleware_stack()
        while not isinstance(stack, Edge):
            stack = stack.app
        return stack


def _error_answers(words: Container[str]) -> Any:  # noqa: ANN401 - the framework's alias is wider than its use
    return {
        GatewayError: gateway_error,
        HTTPException: http_error,
        RequestValidationError: InvalidRequest(names(), words).__call__,
    }
