"""A feature run in pieces, as server-sent events: ``started``, any number of ``delta``, ``completed`` or ``error``."""

from typing import Any

import orjson

from ai_gateway.api.answers import Json, reply_answer, share_summary
from ai_gateway.api.problems import problem_body
from ai_gateway.api.services import Services
from ai_gateway.api.streams import EventStream
from ai_gateway.api.visit import Observer, Visit
from ai_gateway.errors import GatewayError, RequestInvalid
from ai_gateway.model import Call, Caller, Opened, Reply

_EXAMPLE = """event: started
data: {"id": "run_0198…", "share": {"id": "shr_0198…", "vendor": "openai", "model": "gpt-4.1-mini", "region": "us"}}

event: delta
data: {"text": "Dear Kim,"}

event: delta
data: {"text": " I can start in May."}

event: completed
data: {"id": "run_0198…", "finish_reason": "stop", "shares": […], "decisions": […], "usage": {…}, …}
"""
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": (
            "The answer. With `stream: true` as server-sent events: `started` names the run and its share, each "
            "`delta` adds text to the output, and `completed` holds the rest of the answer. An error after `started` "
            "is an `error` event that holds the problem details; nothing follows it."
        ),
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "examples": {"run": {"summary": "A run in two pieces", "value": _EXAMPLE}},
            }
        },
    }
}


def run_stream(caller: Caller, call: Call, services: Services, visit: Visit, key: str | None) -> EventStream:
    """Raises ``RequestInvalid`` for a run that is to be repeated, too."""
    if key is not None:
        raise RequestInvalid("A streamed reply is not kept, so it cannot be repeated by an idempotency key.")
    pieces = services.gateway.stream(caller, call, visit.request_id)
    return EventStream(pieces, visit, _Told(services.observer, call.feature, visit.request_id))


class _Told:
    """``api.streams.Telling``."""

    def __init__(self, observer: Observer, feature: str, request_id: str) -> None:
        self._observer, self._feature, self._request_id = observer, feature, request_id

    def opened(self, opened: Opened) -> bytes:
        return _event("started", {"id": opened.run, "share": share_summary(opened.share)})

    def answered(self, reply: Reply) -> bytes:
        self._observer.replied(self._feature, reply)
        return _event("completed", {name: value for name, value in reply_answer(reply).items() if name != "output"})

    def failed(self, error: GatewayError) -> bytes:
        return _event("error", problem_body(error, self._request_id))


def _event(name: str, body: Json) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n"
