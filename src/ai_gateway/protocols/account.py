"""What a streamed reply says of itself: ids, model, reason and tokens, for the record; and a digest of all of it."""

import re
from hashlib import sha256
from typing import cast

from ai_gateway.protocols import event_data
from ai_gateway.protocols.shape import Json
from ai_gateway.protocols.sse import Event
from ai_gateway.protocols.tokens import tokens_of

DONE = "[DONE]"
_FINAL = ("completed", "incomplete", "failed", "cancelled")
_LAST = frozenset({"message_stop", "response.completed", "response.incomplete", "response.failed"})
_TELLS = re.compile(
    r'"(?:usage|usageMetadata)":\s*\{|"(?:finish_reason|stop_reason|finishReason|blockReason)":\s*"'
    r'|"status":\s*"(?:completed|incomplete|failed|cancelled)"|"type":\s*"message_stop"'
)
"""Within a text, quotes are escaped: what this finds is the event's own."""
_LONGEST_WORD = 200


class Account:
    """Reads along. Of the texts it keeps nothing."""

    def __init__(self) -> None:
        self._hash = sha256()
        self.length = 0
        self.id: str | None = None
        self.model: str | None = None
        self.finish: str | None = None
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self.ended = False
        """Whether the reply was complete: the reason why it ended was there."""
        self.over = False
        """Whether the protocol's last event was there: nothing more comes."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the bytes the vendor sent."""
        return self._hash.hexdigest()

    def received(self, piece: bytes) -> None:
        self._hash.update(piece)
        self.length += len(piece)

    def note(self, event: Event) -> None:
        """The first event names the reply; later ones are only looked into where they may tell something."""
        if event.data.strip() == DONE:
            self.ended = self.over = True
        if event.comment or (self.id is not None and not _TELLS.search(event.data)):
            return
        said = event_data.read(event.data)
        if said is None:
            return
        if said.get("type") in _LAST:
            self.ended = self.over = True
        within = (said.get(name) for name in ("message", "response", "delta", "promptFeedback"))
        for part in (said, *within, _first(said, "choices"), _first(said, "candidates")):
            if isinstance(part, dict):
                self._part(part)

    def _part(self, part: dict[str, Json]) -> None:
        self.id = self.id or _word(part.get("id")) or _word(part.get("responseId"))
        self.model = self.model or _word(part.get("model")) or _word(part.get("modelVersion"))
        told = [part.get(name) for name in ("finish_reason", "stop_reason", "finishReason")]
        finish = next((word for one in told if (word := _word(one)) is not None), None)
        if part.get("blockReason") is not None:
            finish = "content_filter"
        if part.get("status") in _FINAL:
            self.ended = True
            finish = finish or ("stop" if part["status"] == "completed" else None)
        if finish is not None:
            self.finish, self.ended = finish, True
        usage = part.get("usage", part.get("usageMetadata"))
        if isinstance(usage, dict):
            read, written = tokens_of(usage)
            self.input_tokens = self.input_tokens if read is None else read
            self.output_tokens = self.output_tokens if written is None else written


def _first(said: dict[str, Json], name: str) -> Json:
    several = said.get(name)
    return several[0] if isinstance(several, list) and several else None


def _word(value: Json) -> str | None:
    """A vendor's identifier, if it looks like one."""
    fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_WORD and value.isprintable() and " " not in value
    return cast("str", value) if fits else None
