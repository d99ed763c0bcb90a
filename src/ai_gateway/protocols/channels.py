"""The texts of one streamed reply that are open at once, and what each still holds back."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.protocols.annotations import Placed
from ai_gateway.protocols.restoring import InText, RestorerLike, Restorers
from ai_gateway.protocols.restoring_json import InJson
from ai_gateway.protocols.shape import Json

MOST_OPEN = 512

Key = tuple[str | int | None, ...]
Body = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Told:
    """The body of an event, and its name as ``sse.Event`` has it."""

    name: str | None
    body: Body = field(repr=False)


Again = Callable[[str], Told]
"""Makes an event like a channel's last one, of another text. It keeps nothing of that event's text."""


@dataclass(slots=True)
class _Channel:
    restorer: RestorerLike
    in_json: bool
    again: Again


class Channels:
    """Open channels by key, in the order in which they opened. A closed channel's restorers serve the next one."""

    def __init__(self, restorers: Restorers) -> None:
        self._restorers = restorers
        self._open: dict[Key, _Channel] = {}
        self._spare: dict[bool, list[RestorerLike]] = {False: [], True: []}

    def feed(self, key: Key, piece: str, again: Again, *, in_json: bool = False, last: bool = False) -> str:
        """What of this channel may be told now. ``last`` closes it: all of it.

        Raises ``VendorReplyUnreadable`` for more than ``MOST_OPEN`` open channels.
        """
        channel = self._open.get(key)
        if channel is None:
            if not piece:
                return ""
            channel = self._open[key] = self._opened(again, in_json=in_json)
        channel.again = again
        out = channel.restorer.feed(piece)
        return out + self._closed(key) if last else out

    def place(self, *key: str | int | None) -> Placed:
        """Where places of a channel's text stand now; of a text that is not open any more, nowhere."""
        channel = self._open.get(key)
        return channel.restorer.place if channel is not None else _nowhere

    def close(self, *within: str | int | None) -> list[Told]:
        """Events of what the channels held back whose keys begin so; they are closed."""
        return self._close([key for key in self._open if key[: len(within)] == within])

    def close_fields(self, index: int, fields: Collection[str]) -> list[Told]:
        """``close``, of these fields of one choice."""
        return self._close([key for key in self._open if key[0] == index and key[1] in fields])

    def _close(self, keys: Iterable[Key]) -> list[Told]:
        told: list[Told] = []
        for key in keys:
            again = self._open[key].again
            rest = self._closed(key)
            if rest:
                told.append(again(rest))
        return told

    def _opened(self, again: Again, *, in_json: bool) -> _Channel:
        if len(self._open) >= MOST_OPEN:
            raise VendorReplyUnreadable(f"The vendor's stream has more than {MOST_OPEN} texts open at once.")
        spare = self._spare[in_json]
        if spare:
            return _Channel(spare.pop(), in_json, again)
        return _Channel(InJson(self._restorers) if in_json else InText(self._restorers(str)), in_json, again)

    def _closed(self, key: Key) -> str:
        channel = self._open.pop(key)
        rest = channel.restorer.finish()
        self._spare[channel.in_json].append(channel.restorer)
        return rest


def _nowhere(_at: int) -> None:
    return None


def tokens_channel(channels: Channels, key: Key, again: Again, *, last: int | None) -> Callable[[int, str], str]:
    """For ``replies.tokens_restored``: the tokens of a text that goes on; ``last`` is the position that ends it."""
    return lambda position, token: channels.feed(key, token, again, last=position == last)
