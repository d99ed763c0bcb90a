"""A streamed reply on its way to the client: events in, events with the values put back out.

A pure transducer. A text arrives in deltas; each text (one choice's content, one call's arguments, one block's
thinking …) is a channel of its own, and no channel holds back more than its restorer does. What is held back comes out
before the event that closes its channel, so that the deltas joined are the unstreamed reply.
"""

from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.restoring import RestorerLike, Restorers
from ai_gateway.protocols.sse import Event

__all__ = ["RestorerLike", "Restorers", "StreamRelease"]


class StreamRelease:
    """One streamed reply. Feed it every event of the vendor's, in order; send on what it gives, in order.

    ``restorers(write)`` makes a restorer; ``write`` says how a value is written where it goes (``str`` in text):
    ``lambda write: Restorer(pseudonyms, visible, write)``. ``structured``: the request asked for JSON as its text
    (``response_format``, ``text.format``), so that values are escaped there as in tool-call arguments.

    ``feed`` and ``finish`` raise ``VendorReplyUnreadable`` for an event nested too deeply or too many open channels.
    """

    def __init__(self, protocol: Protocol, restorers: Restorers, *, structured: bool = False) -> None:
        raise NotImplementedError

    def feed(self, event: Event) -> list[Event]:
        """What may be sent on after ``event``: itself with values put back, held-back text before it where it closes
        a channel. Comments pass as they are."""
        raise NotImplementedError

    def finish(self) -> list[Event]:
        """What is still held back: the stream is over, or simply stopped."""
        raise NotImplementedError

    def fail(self, code: str, message: str, request_id: str) -> list[Event]:
        """The vendor died: what is held back, then the protocol's own error event, numbered where events are."""
        raise NotImplementedError
