"""The outermost layer: every request gets an id, a log line, its counts and its headers, however it ends."""

import re
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import PurePath

import structlog
from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ai_gateway.api.dialects import answer
from ai_gateway.api.visit import Observer, Visit, begin
from ai_gateway.errors import GatewayError
from ai_gateway.model import new_request_id

_log = structlog.get_logger("ai_gateway.api")
_tracer = trace.get_tracer("ai_gateway.api")
_OWN_ID = re.compile(rb"(req_)?[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Request ids taken from a caller: ours, a UUID or a trace id. Anything freer could carry a name into the log."""
_SAFETY = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
]


class Edge:
    """Nothing raised inside passes this point: an unknown error's own text may quote a prompt."""

    def __init__(self, app: ASGIApp, *, observer: Observer) -> None:
        self._app = app
        self._observer = observer
        self._log = _log.bind()  # as configured by now; to find out anew for each line costs more than the line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        bodiless = scope["method"] == "HEAD"
        if bodiless:  # RFC 9110 section 9.3.2: as GET, the content left out
            scope = {**scope, "method": "GET"}
        visit = begin(scope, _request_id(headers.get(b"x-request-id")))
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*_safe(message["headers"]), *visit.headers()]}
            elif bodiless:
                message = {**message, "body": b""}
            await send(message)

        with _span(scope) as span:
            try:
                await self._app(scope, receive, send_marked)
            except Exception as error:  # noqa: BLE001 - told by kind and place alone
                self._log.error(
                    "unknown error", request_id=visit.request_id, kind=type(error).__name__, at=list(where(error))
                )
                visit.failed(GatewayError())
                if not status:
                    await answer(scope, GatewayError(), visit.request_id)(scope, receive, send_marked)
            finally:
                self._close(scope, visit, status, span)

    def _close(self, scope: Scope, visit: Visit, status: int, span: trace.Span) -> None:
        method, route = _method(scope), _route(scope)
        self._observer.visited(
            method=method,
            route=route,
            status=status,
            code=visit.code,
            feature=visit.feature,
            reasons=visit.reasons,
            ms=visit.milliseconds(),
        )
        if span.is_recording():
            _tell(span, method, route, status, visit)
        self._log.info(
            "request",
            request_id=visit.request_id,
            method=method,
            route=route,
            status=status or None,
            code=visit.code,
            ms=round(visit.milliseconds(), 2),
            caller=visit.caller.id if visit.caller else None,
            share=visit.share,
        )


def _tell(span: trace.Span, method: str, route: str, status: int, visit: Visit) -> None:
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    span.set_attributes({f"ai_gateway.step.{step}": spent for step, spent in visit.timings.items()})
    if status >= 500 or not status:  # noqa: PLR2004
        span.set_attribute("error.type", visit.code)
        span.set_status(StatusCode.ERROR)


def _safe(headers: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """With the headers that keep browsers careful, where the route did not choose its own."""
    own = {name for name, _ in headers}
    yield from headers
    yield from ((name, value) for name, value in _SAFETY if name not in own)


def _span(scope: Scope) -> AbstractContextManager[trace.Span]:
    """A server's span under the caller's. Where nobody collects spans, none is made: it would be lost, at a cost."""
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return nullcontext(trace.INVALID_SPAN)
    context = propagate.extract({name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]})
    return _tracer.start_as_current_span("http", context, SpanKind.SERVER, record_exception=False)


def where(error: BaseException) -> Iterator[str]:
    """The places an error came through, innermost last: files and lines, no values and no message."""
    for frame in traceback.extract_tb(error.__traceback__)[-8:]:
        yield f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"


def _request_id(given: bytes | None) -> str:
    return given.decode() if given is not None and _OWN_ID.fullmatch(given) else new_request_id()


def _method(scope: Scope) -> str:
    return (
        scope["method"] if scope["method"] in {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} else "other"
    )


def _route(scope: Scope) -> str:
    """The path's template; paths themselves hold what callers write."""
    return getattr(scope.get("route"), "path", None) or "unmatched"
