"""A streamed reply on its way to the client: events in, events with the values put back out.

A pure transducer. A text arrives in deltas; each text (one choice's content, one call's arguments, one block's
thinking …) is a channel of its own, and no channel holds back more than its restorer does. What is held back comes out
before the event that closes its channel, so that the deltas joined are the unstreamed reply (``replies.restored``).
"""

from collections.abc import Iterable

from ai_gateway.protocols import event_data
from ai_gateway.protocols.channels import Channels, Told
from ai_gateway.protocols.deltas_chat import ChatDeltas
from ai_gateway.protocols.deltas_messages import MessagesDeltas
from ai_gateway.protocols.deltas_responses import ResponsesDeltas
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.replies import Whole
from ai_gateway.protocols.restoring import RestorerLike, Restorers
from ai_gateway.protocols.sse import Event
from ai_gateway.protocols.stream_errors import error_event

__all__ = ["RestorerLike", "Restorers", "StreamRelease", "error_event"]

_DONE = "[DONE]"


class StreamRelease:
    """One streamed reply. Feed it every event of the vendor's, in order; send on what it gives, in order.

    ``restorers(write)`` makes a restorer; ``write`` says how a value is written where it goes (``str`` in text):
    ``lambda write: Restorer(pseudonyms, visible, write)``. ``structured``: the request asked for JSON as its text
    (``response_format``, ``text.format``), so that values are escaped there as in tool-call arguments.

    ``feed`` raises ``VendorReplyUnreadable`` for an event nested too deeply, or too many texts open at once.
    """

    def __init__(self, protocol: Protocol, restorers: Restorers, *, structured: bool = False) -> None:
        self._protocol = protocol
        self._channels = Channels(restorers)
        self._whole = Whole(restorers, structured=structured)
        self._deltas = _DELTAS[protocol](self._channels, self._whole, structured=structured)

    def feed(self, event: Event) -> list[Event]:
        """What may be sent on after ``event``: itself with values put back, held-back text before it where it closes
        a channel. Comments pass as they are."""
        if event.comment:
            return [event]
        if event.data.strip() == _DONE:
            return [*self.finish(), event]
        body = event_data.read(event.data)
        if body is None:
            return [Event(data=self._whole.text(event.data), name=event.name)]
        before, changed = self._deltas.read(body, event.name)
        itself = event if changed == body else Event(data=event_data.write(changed), name=event.name)
        return [*_events(before), itself]

    def finish(self) -> list[Event]:
        """What is still held back: the stream is over, or simply stopped."""
        rest = self._channels.close()
        return _events(self._deltas.numbered(rest) if isinstance(self._deltas, ResponsesDeltas) else rest)

    def fail(self, code: str, message: str, request_id: str) -> list[Event]:
        """The vendor died: what is held back, then the protocol's own error event, numbered where events are."""
        rest = self.finish()
        number = self._deltas.next_number if isinstance(self._deltas, ResponsesDeltas) else 0
        return [*rest, error_event(self._protocol, code, message, request_id, number=number)]


_DELTAS: dict[Protocol, type[ChatDeltas | MessagesDeltas | ResponsesDeltas]] = {
    Protocol.CHAT: ChatDeltas,
    Protocol.MESSAGES: MessagesDeltas,
    Protocol.RESPONSES: ResponsesDeltas,
}


def _events(told: Iterable[Told]) -> list[Event]:
    return [Event(data=event_data.write(one.body), name=one.name) for one in told]
