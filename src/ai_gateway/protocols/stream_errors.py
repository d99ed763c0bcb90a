"""How each protocol tells, within a stream, that it failed."""

from ai_gateway.protocols.channels import Body
from ai_gateway.protocols.event_data import write
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.sse import Event


def error_event(protocol: Protocol, code: str, message: str, request_id: str, *, number: int = 0) -> Event:
    """One from which the vendor's own SDK makes its exception. ``number`` is the ``sequence_number``, where there is
    one. Nothing follows it."""
    told: Body = {"type": "server_error", "code": code, "message": message, "param": None, "request_id": request_id}
    match protocol:
        case Protocol.MESSAGES | Protocol.COUNT_TOKENS:
            told = {"type": "api_error", "message": message, "code": code}
            return Event(name="error", data=write({"type": "error", "error": told, "request_id": request_id}))
        case Protocol.RESPONSES:
            # The documented event has the fields beside its type; SDKs raise for those under ``error``.
            beside: Body = {"type": "error", "code": code, "message": message, "param": None}
            return Event(name="error", data=write({**beside, "sequence_number": number, "error": told}))
        case _:
            return Event(data=write({"error": told}))
