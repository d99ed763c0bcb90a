"""OpenAI's streamed responses. A channel is one kind of ``….delta`` of one part of one output item.

An event that is added takes the next ``sequence_number``; those after it move up.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ai_gateway.protocols.annotations import moved
from ai_gateway.protocols.channels import Again, Body, Channels, Key, Told, tokens_channel
from ai_gateway.protocols.replies import Whole, are_tokens, token_like, tokens_restored
from ai_gateway.protocols.shape import Json

_BEGUN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "output_text": ("response.output_text", "text"),
        "refusal": ("response.refusal", "refusal"),
        "reasoning_text": ("response.reasoning_text", "text"),
        "summary_text": ("response.reasoning_summary_text", "text"),
        "function_call": ("response.function_call_arguments", "arguments"),
        "mcp_call": ("response.mcp_call_arguments", "arguments"),
        "custom_tool_call": ("response.custom_tool_call_input", "input"),
    }
)
"""Per kind of part or item: the deltas that go on with what its ``….added`` may say already, and the field."""
_CLOSING = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled", "error"})
_PARTS = frozenset({"response.content_part", "response.reasoning_summary_part"})
_NOT_TEXT = frozenset({"response.audio"})
_LONGEST_WORD = 512


class ResponsesDeltas:
    def __init__(self, channels: Channels, whole: Whole, *, structured: bool) -> None:
        self._channels = channels
        self._whole = whole
        self._structured = structured
        self._added = 0
        self._number: int | None = None

    @property
    def next_number(self) -> int:
        return 0 if self._number is None else self._number + 1

    def read(self, body: Body, name: str | None) -> tuple[list[Told], Body]:
        """What comes out before this event, and the event."""
        stem, _, stage = str(body.get("type")).rpartition(".")
        before = self.numbered(self._closed(body, stem, stage))
        if stage == "delta" and isinstance(body.get("delta"), str):
            changed = self._delta(body, stem, name)
        elif "annotation" in body:
            changed = self._annotated(body)
        elif stage == "added":
            changed = self._begun(body, name)
        else:
            changed = self._restored(body)
        return before, self._moved_up(changed)

    def _closed(self, body: Body, stem: str, stage: str) -> list[Told]:
        item, part = _place(body)
        if f"{stem}.{stage}" in _CLOSING or body.get("type") == "error":
            return self._channels.close()
        if stage != "done":
            return []
        if stem == "response.output_item":
            return self._channels.close(item)
        if stem in _PARTS:
            return self._channels.close(item, part)
        return self._channels.close(item, part, stem)

    def _delta(self, body: Body, stem: str, name: str | None) -> Body:
        if stem in _NOT_TEXT:
            return body
        key, again = (*_place(body), stem), _again(body, name)
        changed = self._restored({n: value for n, value in body.items() if n not in ("delta", "logprobs")})
        changed = {**body, **changed, "delta": self._tell(key, str(body["delta"]), again)}
        tokens = body.get("logprobs")
        if isinstance(tokens, list) and are_tokens(tokens):
            entry = token_like(tokens[-1], "")
            follow = tokens_channel(self._channels, (*key, "logprobs"), _again_of_token(body, name, entry), last=None)
            changed["logprobs"] = tokens_restored(tokens, follow, self._whole.value)
        return changed

    def _begun(self, body: Body, name: str | None) -> Body:
        holder = "part" if "part" in body else "item"
        thing = body.get(holder)
        changed = self._restored(body)
        if not isinstance(thing, dict):
            return changed
        stem, field = _BEGUN.get(str(thing.get("type")), ("", ""))
        text, restored = thing.get(field), changed.get(holder)
        if isinstance(text, str) and isinstance(restored, dict):
            like: Body = {"item_id": thing.get("id"), **body, "type": f"{stem}.delta"}
            again = _again({n: value for n, value in like.items() if n != holder}, name and f"{stem}.delta")
            changed[holder] = {**restored, field: self._tell((*_place(body), stem), text, again)}
        return changed

    def _annotated(self, body: Body) -> Body:
        """Of the text as far as it was told: annotations come after what they are about, and before its end."""
        changed = self._restored(body)
        place = self._channels.place(*_place(body), "response.output_text")
        return {**changed, "annotation": moved(changed["annotation"], place)}

    def _tell(self, key: Key, piece: str, again: Again) -> str:
        stem = str(key[-1])
        in_json = "arguments" in stem or (self._structured and stem == "response.output_text")
        return self._channels.feed(key, piece, again, in_json=in_json)

    def _restored(self, body: Body) -> Body:
        restored = self._whole.value(body)
        return restored if isinstance(restored, dict) else body

    def numbered(self, told: list[Told]) -> list[Told]:
        """Events that the vendor did not send, with numbers of their own where the vendor numbers its events."""
        for one in told:
            one.body.pop("sequence_number", None)
            if self._number is not None:
                self._number += 1
                self._added += 1
                one.body["sequence_number"] = self._number
        return told

    def _moved_up(self, body: Body) -> Body:
        number = body.get("sequence_number")
        if not isinstance(number, int):
            return body
        self._number = number + self._added
        return {**body, "sequence_number": self._number}


def _place(body: Body) -> Key:
    item = body.get("output_index", body.get("item_id"))
    for kind in ("content_index", "summary_index"):
        number = body.get(kind)
        if isinstance(number, int):
            return (item if isinstance(item, int | str) else None, f"{kind} {number}")
    return (item if isinstance(item, int | str) else None, None)


def _again(body: Body, name: str | None) -> Again:
    like = {n: value for n, value in body.items() if n not in ("delta", "obfuscation") and _is_short(value)}
    if "logprobs" in body:
        like["logprobs"] = []
    return lambda text: Told(name, {**like, "delta": text})


def _again_of_token(body: Body, name: str | None, entry: Json) -> Again:
    again = _again(body, name)

    def told(text: str) -> Told:
        return Told(name, {**again("").body, "logprobs": [token_like(entry, text)]})

    return told


def _is_short(value: Json) -> bool:
    return not isinstance(value, list | dict) and (not isinstance(value, str) or len(value) <= _LONGEST_WORD)
