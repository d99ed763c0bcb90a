"""Anthropic's streamed messages. A channel is one kind of delta of one content block."""

from collections.abc import Mapping
from types import MappingProxyType

from ai_gateway.protocols.channels import Again, Body, Channels, Told
from ai_gateway.protocols.replies import JSON_TEXTS, OWN_WORDS, Whole
from ai_gateway.protocols.shape import Json

_BEGUN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"text": ("text_delta", "text"), "thinking": ("thinking_delta", "thinking")}
)
"""Per kind of block: the delta that goes on with what its start may say already, and the field."""
_STRUCTURED = "text_delta"
_CLOSING = frozenset({"message_delta", "message_stop", "error"})


class MessagesDeltas:
    def __init__(self, channels: Channels, whole: Whole, *, structured: bool) -> None:
        self._channels = channels
        self._whole = whole
        self._structured = structured

    def read(self, body: Body, name: str | None) -> tuple[list[Told], Body]:
        """What comes out before this event, and the event."""
        index = _index(body)
        match body.get("type"):
            case "content_block_start":
                before = self._channels.close(index)
                return before, self._start(body, index, name)
            case "content_block_delta" if isinstance(body.get("delta"), dict):
                return self._delta(body, index, name)
            case "content_block_stop":
                return self._channels.close(index), body
            case kind:
                before = self._channels.close() if str(kind) in _CLOSING else []
                return before, _object(self._whole.value(body))

    def _start(self, body: Body, index: str | int | None, name: str | None) -> Body:
        block = _object(body.get("content_block"))
        delta, field = _BEGUN.get(str(block.get("type")), ("", ""))
        begun = block.get(field)
        if not isinstance(begun, str):
            return _object(self._whole.value(body))
        again = _again(name and "content_block_delta", index, delta, field)
        told = self._tell(index, delta, field, begun, again)
        rest = self._whole.value({name: value for name, value in block.items() if name != field})
        return {**body, "content_block": {**block, **_object(rest), field: told}}

    def _delta(self, body: Body, index: str | int | None, name: str | None) -> tuple[list[Told], Body]:
        delta = _object(body.get("delta"))
        kind = str(delta.get("type"))
        # What signs a block's thoughts comes when they are complete.
        before = self._channels.close(index, "thinking_delta") if kind == "signature_delta" else []
        changed: Body = {}
        for field, value in delta.items():
            if isinstance(value, str) and field not in OWN_WORDS:
                changed[field] = self._tell(index, kind, field, value, _again(name, index, kind, field))
            else:
                changed[field] = self._whole.value(value, field)
        return before, {**body, "delta": changed}

    def _tell(self, index: str | int | None, delta: str, field: str, piece: str, again: Again) -> str:
        in_json = field in JSON_TEXTS or (self._structured and delta == _STRUCTURED)
        return self._channels.feed((index, delta, field), piece, again, in_json=in_json)


def _again(name: str | None, index: str | int | None, delta: str, field: str) -> Again:
    def again(text: str) -> Told:
        return Told(name, {"type": "content_block_delta", "index": index, "delta": {"type": delta, field: text}})

    return again


def _index(body: Body) -> int | None:
    index = body.get("index")
    return index if isinstance(index, int) else None


def _object(value: Json) -> Body:
    return value if isinstance(value, dict) else {}
