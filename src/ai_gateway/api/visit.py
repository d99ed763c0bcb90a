"""What one HTTP request leaves behind: ids, codes and milliseconds for its log line, its metrics and its headers."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.types import Scope

from ai_gateway.errors import GatewayError
from ai_gateway.model import Caller, Opened, Reply, ShareId

_KEY = "ai_gateway.visit"
NO_CODE = "ok"


@dataclass(slots=True, kw_only=True)
class Visit:
    """Filled in as the request goes; nothing in it is personal.

    ``code`` is ``ok`` or an error's stable code, ``reasons`` the codes of what the rules refused.
    """

    request_id: str
    started: float = field(default_factory=time.perf_counter)
    caller: Caller | None = None
    feature: str | None = None
    share: ShareId | None = None
    code: str = NO_CODE
    reasons: tuple[str, ...] = ()
    replayed: bool = False
    timings: Mapping[str, float] = field(default_factory=dict)

    def failed(self, error: GatewayError) -> None:
        self.code = error.code
        reasons = error.facts.get("reasons")
        if isinstance(reasons, list):
            self.reasons = tuple(reason["code"] for reason in reasons if isinstance(reason, dict))

    def answered(self, reply: Reply) -> None:
        self.share = reply.shares[-1].id
        self.timings = reply.timings

    def again(self, share: ShareId) -> None:
        """An earlier answer is sent again; ``share`` is what it came of."""
        self.share, self.replayed = share, True

    def opened(self, opened: Opened) -> None:
        self.share = opened.share.id
        self.timings = opened.timings

    def milliseconds(self) -> float:
        return (time.perf_counter() - self.started) * 1000.0

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Response headers. The overhead is everything but waiting for the vendor."""
        headers = [(b"x-request-id", self.request_id.encode())]
        if self.share is not None:
            headers.append((b"x-ai-gateway-share-id", self.share.encode()))
        if self.replayed:
            headers.append((b"idempotency-replayed", b"true"))
        if self.timings:
            overhead = max(0.0, self.milliseconds() - self.timings.get("vendor", 0.0))
            steps = ", ".join(f"{step};dur={spent:.2f}" for step, spent in self.timings.items())
            headers.append((b"x-ai-gateway-overhead-ms", f"{overhead:.2f}".encode()))
            headers.append((b"server-timing", steps.encode()))
        return headers


class Observer(Protocol):
    """Counts what happens. Labels MUST come from configuration and code, never from a request."""

    def visited(
        self, *, method: str, route: str, status: int, code: str, feature: str | None, reasons: Sequence[str], ms: float
    ) -> None:
        """One request has ended. ``status`` 0: before it was answered."""
        ...

    def replied(self, feature: str, reply: Reply) -> None: ...

    def exposition(self) -> tuple[bytes, str]:
        """Everything counted so far, and its media type."""
        ...


def begin(scope: Scope, request_id: str) -> Visit:
    visit = Visit(request_id=request_id)
    scope[_KEY] = visit
    return visit


def current(scope: Mapping[str, Any]) -> Visit:
    visit: Visit = scope[_KEY]
    return visit
