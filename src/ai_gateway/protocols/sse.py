"""Server-sent events (WHATWG HTML, section 9.2), read from and written to bytes.

Reading is incremental: any split of the bytes, inside a line ending or a UTF-8 sequence too, gives the same events.
"""

import codecs
from dataclasses import dataclass, field

from ai_gateway.errors import VendorReplyUnreadable

MAX_EVENT_CHARACTERS = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. ``comment`` events (keep-alives) carry no data; ``name`` is the ``event:`` field."""

    data: str = field(default="", repr=False)
    name: str | None = None
    comment: bool = False

    def encode(self) -> bytes:
        if self.comment:
            return b": keep-alive\n\n"
        head = f"event: {self.name}\n" if self.name else ""
        lines = "data: {}\n".format(self.data.replace("\n", "\ndata: "))
        return f"{head}{lines}\n".encode()


class Reader:
    """Bytes in, events out. A line ends with LF, CR or CRLF; an event with an empty line."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending: list[str] = []
        self._waiting = 0
        self._after_cr = False
        self._started = False
        self._name: str | None = None
        self._data: list[str] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[Event]:
        """The events that ``piece`` completes. Raises ``VendorReplyUnreadable`` for one that grows beyond bounds."""
        text = self._decoder.decode(piece)
        if text and not self._started:
            self._started = True
            text = text.removeprefix("\ufeff")
        if text and self._after_cr:
            self._after_cr = False
            text = text.removeprefix("\n")
        if text.endswith("\r"):
            self._after_cr = True
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = text.split("\n")
        events: list[Event] = []
        for line in lines:
            whole = line
            if self._pending:
                whole = "".join((*self._pending, line))
                self._pending.clear()
                self._waiting = 0
            self._line(whole, events)
        if rest:
            self._pending.append(rest)
            self._waiting += len(rest)
        if self._waiting + self._size > MAX_EVENT_CHARACTERS:
            raise VendorReplyUnreadable(f"an event of the stream is longer than {MAX_EVENT_CHARACTERS} characters")
        return events

    def finish(self) -> list[Event]:
        """The event that lacks its empty line when the bytes are over. Browsers drop it; vendors' clients do not."""
        events: list[Event] = []
        rest = "".join((*self._pending, self._decoder.decode(b"", final=True)))
        self._pending.clear()
        self._waiting = 0
        for line in filter(None, (rest, "\n")):
            self._line(line.removesuffix("\n"), events)
        return events

    def _line(self, line: str, events: list[Event]) -> None:
        if not line:
            if self._data:
                events.append(Event(data="\n".join(self._data), name=self._name))
            self._name, self._data, self._size = None, [], 0
            return
        if line.startswith(":"):
            events.append(Event(comment=True))
            return
        field_name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field_name == "data":
            self._data.append(value)
            self._size += len(value)
        elif field_name == "event":
            self._name = value
