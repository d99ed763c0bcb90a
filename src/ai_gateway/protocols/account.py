"""What a streamed reply says of itself: ids, model, reason and tokens, for the record; and a digest of all of it."""

import json
import re
from hashlib import sha256
from typing import cast

from ai_gateway.protocols.shape import Json
from ai_gateway.protocols.sse import Event

_DONE = "[DONE]"
_FINAL = ("completed", "incomplete", "failed", "cancelled")
_LAST = re.compile(r'"type":\s*"(?:message_stop|response\.(?:completed|incomplete|failed))"')
_TELLS = re.compile(
    r'"usage":\s*\{|"(?:finish|stop)_reason":\s*"|"status":\s*"(?:completed|incomplete|failed|cancelled)"'
)
"""Within a text, quotes are escaped: what these find is the event's own."""


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
        if event.data.strip() == _DONE or _LAST.search(event.data):
            self.ended = self.over = True
        if event.comment or (self.id is not None and not _TELLS.search(event.data)):
            return
        try:
            said = cast("Json", json.loads(event.data))
        except (ValueError, RecursionError):
            return
        if isinstance(said, dict):
            for part in (said, said.get("message"), said.get("response"), said.get("delta"), _first(said)):
                if isinstance(part, dict):
                    self._part(part)

    def _part(self, part: dict[str, Json]) -> None:
        self.id = self.id or _word(part.get("id"))
        self.model = self.model or _word(part.get("model"))
        finish = part.get("finish_reason") or part.get("stop_reason")
        if finish is None and part.get("status") == "completed":
            finish = "stop"
        if part.get("status") in _FINAL:
            self.ended = True
        if _word(finish) is not None:
            self.finish, self.ended = _word(finish), True
        usage = part.get("usage")
        if isinstance(usage, dict):
            self.input_tokens = _count(usage, "prompt_tokens", "input_tokens") or self.input_tokens
            self.output_tokens = _count(usage, "completion_tokens", "output_tokens") or self.output_tokens


def _first(said: dict[str, Json]) -> Json:
    choices = said.get("choices")
    return choices[0] if isinstance(choices, list) and choices else None


def _word(value: Json) -> str | None:
    fits = isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() and " " not in value  # noqa: PLR2004
    return cast("str", value) if fits else None


def _count(usage: dict[str, Json], *names: str) -> int | None:
    for name in names:
        value = usage.get(name)
        if type(value) is int and 0 <= value <= 100_000_000:  # noqa: PLR2004
            return value
    return None
