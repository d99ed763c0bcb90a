"""OpenAI's streamed chat completions. A channel is one text of one choice's delta, known by the way to it.

A choice's channels close with its finish reason; what a model thinks and what it says take turns, and the turn of one
closes the other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ai_gateway.protocols.annotations import moved
from ai_gateway.protocols.channels import Again, Body, Channels, Key, Told, tokens_channel
from ai_gateway.protocols.replies import (
    JSON_TEXTS,
    OWN_WORDS,
    Whole,
    are_tokens,
    has_nothing,
    token_like,
    tokens_restored,
)
from ai_gateway.protocols.shape import Json

_HEAD = ("id", "object", "created", "model", "system_fingerprint", "service_tier", "provider")
_THOUGHTS = frozenset({"reasoning", "reasoning_content", "reasoning_details", "reasoning_text", "thinking"})
_SPEECH = frozenset({"content", "refusal"})
_CALLS = frozenset({"tool_calls", "function_call"})
_IN_PIECES = frozenset({"function_call", "function", "custom"})
_BY_TYPE = frozenset({"content", "thinking"})
"""Lists whose elements are told apart by type where they have no index: some vendors' content parts."""

_DEEPEST = 16
"""Below this, what a delta holds is restored as it comes."""

Wrap = Callable[[Json], Body]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One choice in one chunk: whether the choice ends, or else which of its fields do; how to write one more."""

    index: int
    ends: bool
    annotated: bool
    fields: frozenset[str]
    told: Callable[[Mapping[str, Json]], Told]

    def ends_with(self, field: Json) -> bool:
        """A text that is annotated stays open as long as its annotations are looked at."""
        return (self.ends and not self.annotated) or field in self.fields

    def again(self, wrap: Wrap) -> Again:
        return lambda text: self.told({"delta": wrap(text)})

    def again_of_token(self, kind: str, entry: Json) -> Again:
        return lambda text: self.told({"logprobs": {kind: [token_like(entry, text)]}})


class ChatDeltas:
    def __init__(self, channels: Channels, whole: Whole, *, structured: bool) -> None:
        self._channels = channels
        self._whole = whole
        self._structured = structured

    def read(self, body: Body, name: str | None) -> tuple[list[Told], Body]:
        """What comes out before this chunk, and the chunk."""
        choices = body.get("choices")
        if not isinstance(choices, list) or not choices:
            over = bool(body.get("error") or body.get("usage"))
            whole = self._whole.value(body)
            return self._channels.close() if over else [], whole if isinstance(whole, dict) else body
        changed = {
            n: value if n == "choices" or has_nothing(n, value) else self._whole.value(value, n)
            for n, value in body.items()
        }
        before: list[Told] = []
        told: list[Json] = []
        for position, choice in enumerate(choices):
            if isinstance(choice, dict):
                turn = _turn(choice, position, body, name)
                told.append(self._choice(choice, turn))
                before += self._ended(turn)
            else:
                told.append(self._whole.value(choice))
        return before, {**changed, "choices": told}

    def _ended(self, turn: _Turn) -> list[Told]:
        if turn.ends:
            return self._channels.close(turn.index)
        return self._channels.close_fields(turn.index, turn.fields) if turn.fields else []

    def _choice(self, choice: Body, turn: _Turn) -> Body:
        changed: Body = {}
        for field, value in choice.items():
            if field == "delta" and isinstance(value, dict):
                changed[field] = self._object(value, turn, (turn.index,), _as_it_is)
            elif field == "logprobs" and isinstance(value, dict):
                changed[field] = {kind: self._tokens(kind, tokens, turn) for kind, tokens in value.items()}
            else:
                changed[field] = value if has_nothing(field, value) else self._whole.value(value, field)
        return changed

    def _tokens(self, kind: str, tokens: Json, turn: _Turn) -> Json:
        if not isinstance(tokens, list) or not are_tokens(tokens):
            return self._whole.value(tokens)
        last = len(tokens) - 1
        again = turn.again_of_token(kind, token_like(tokens[last], ""))
        key = (turn.index, "logprobs", kind)
        follow = tokens_channel(self._channels, key, again, last=last if turn.ends else None)
        return tokens_restored(tokens, follow, self._whole.value)

    def _object(self, value: Body, turn: _Turn, key: Key, wrap: Wrap) -> Body:
        return {
            field: self._piece(inner, turn, (*key, field), lambda text, field=field: wrap({field: text}))  # type: ignore[misc]
            for field, inner in sorted(value.items(), key=_is_annotations)
        }

    def _piece(self, value: Json, turn: _Turn, key: Key, wrap: Wrap) -> Json:
        field = str(key[-1])
        match value:
            case str() if field not in OWN_WORDS:
                in_json = field in JSON_TEXTS or (self._structured and key[1:] == ("content",))
                last = turn.ends_with(key[1])
                return self._channels.feed(key, value, turn.again(wrap), in_json=in_json, last=last)
            case list() if field == "annotations":
                return moved(self._whole.value(value, field), self._channels.place(turn.index, "content"))
            case dict() if field in _IN_PIECES and len(key) < _DEEPEST:
                return self._object(value, turn, key, wrap)
            case list() if len(key) < _DEEPEST:
                return [self._element(one, turn, key, wrap) for one in value]
            case _:
                return self._whole.value(value, field)

    def _element(self, value: Json, turn: _Turn, key: Key, wrap: Wrap) -> Json:
        """One of several texts side by side: known by its index, or its type. Others are complete as they come."""
        if not isinstance(value, dict):
            return self._whole.value(value)
        known = value.get("index", value.get("type") if key[-1] in _BY_TYPE else None)
        if not isinstance(known, int | str):
            return self._whole.value(value)
        marks: Body = {mark: value[mark] for mark in ("index", "type") if mark in value}
        return self._object(value, turn, (*key, known), lambda inner: wrap([{**marks, **_object(inner)}]))


def _turn(choice: Body, position: int, body: Body, name: str | None) -> _Turn:
    """Keeps nothing of the chunk but what every chunk of this reply says."""
    index = choice.get("index")
    number = index if isinstance(index, int) else position
    head = {n: body[n] for n in _HEAD if n in body}
    nothing: Body = {"index": number, "delta": {}, "finish_reason": None}
    if "logprobs" in choice:
        nothing["logprobs"] = None
    if "usage" in body:
        head["usage"] = None

    def told(said: Mapping[str, Json]) -> Told:
        return Told(name, {**head, "choices": [{**nothing, **said}]})

    delta = choice.get("delta")
    annotated = isinstance(delta, dict) and bool(delta.get("annotations"))
    return _Turn(number, choice.get("finish_reason") is not None, annotated, _ended_fields(delta), told)


def _ended_fields(delta: Json) -> frozenset[str]:
    """The fields of thoughts, once something is said or called; those of speech, once there are thoughts again."""
    said = {field for field, value in delta.items() if value} if isinstance(delta, dict) else set[str]()
    if said & (_SPEECH | _CALLS):
        return _THOUGHTS
    return _SPEECH if said & _THOUGHTS else frozenset()


def _is_annotations(field: tuple[str, Json]) -> bool:
    """They come after the text that they are about."""
    return field[0] == "annotations"


def _as_it_is(value: Json) -> Body:
    return _object(value)


def _object(value: Json) -> Body:
    return value if isinstance(value, dict) else {}
