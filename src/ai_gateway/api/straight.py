"""The routes that are asked most, served before the framework looks for them.

Matching, dependencies, exit stacks and a second reading of the body cost as much as deciding and treating together (see
``docs/benchmarks.md``), and these routes need none of it: their bodies are read and parsed by ``Limits``. The framework
still describes them, and answers for whatever is not exactly one of them.
"""

import re
from collections.abc import Mapping

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_gateway.api import features
from ai_gateway.api.auth import holding
from ai_gateway.api.exchanges import exchange
from ai_gateway.api.limits import is_parsed, json_of
from ai_gateway.api.problems import InvalidRequest
from ai_gateway.api.schemas import FeatureRun
from ai_gateway.api.services import services_of
from ai_gateway.model import Right
from ai_gateway.protocols.protocol import Protocol

_EXCHANGES: Mapping[str, Protocol] = {
    "/v1/chat/completions": Protocol.CHAT,
    "/v1/responses": Protocol.RESPONSES,
    "/v1/embeddings": Protocol.EMBEDDINGS,
    "/v1/messages": Protocol.MESSAGES,
}
_RUN = re.compile(r"/v1/features/([a-z][a-z0-9_]{0,63})/runs")


class _Route:
    """What ``Edge`` reads of the route that was taken, and what tells of mistakes in its body."""

    def __init__(self, path: str, endpoint: object = None) -> None:
        self.path = path
        self.endpoint = endpoint


_ROUTES = {path: _Route(path) for path in _EXCHANGES}
_RUNS = _Route("/v1/features/{feature}/runs", features.run)


class Straight:
    """Stands inside ``Limits``, which answers the errors that are raised here."""

    def __init__(self, app: ASGIApp, *, invalid: InvalidRequest) -> None:
        self._app = app
        self._invalid = invalid

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = None
        if scope["type"] == "http" and scope["method"] == "POST" and is_parsed(scope):
            answer = await self._answer(Request(scope, receive), scope)
        await (answer or self._app)(scope, receive, send)

    async def _answer(self, request: Request, scope: Scope) -> Response | None:
        path: str = scope["path"]
        protocol = _EXCHANGES.get(path)
        if protocol is not None:
            scope["route"] = _ROUTES[path]
            caller, key = holding(Right.FEATURES, scope), request.headers.get("idempotency-key")
            return await exchange(protocol, request, caller, services_of(scope), key)
        named = _RUN.fullmatch(path)
        if named is None:
            return None
        scope["route"] = _RUNS
        return await self._run(named[1], request)

    async def _run(self, feature: str, request: Request) -> Response:
        try:
            asked = FeatureRun.model_validate(json_of(request.scope))
        except ValidationError as error:
            mistakes = [{**mistake, "loc": ("body", *mistake["loc"])} for mistake in error.errors(include_url=False)]
            return await self._invalid(request, RequestValidationError(mistakes))
        return await features.run(
            feature=feature,
            asked=asked,
            request=request,
            idempotency_key=request.headers.get("idempotency-key"),
            sec_gpc=request.headers.get("sec-gpc"),
        )
