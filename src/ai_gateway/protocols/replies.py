"""A vendor's whole reply, or one event of a streamed one, with every string restored, whatever its field is called.

Ids, models and reasons stay as the vendor gave them; object keys too. Arguments are JSON inside a string and stay so.
It is the same program that restores streams, fed once.
"""

from collections.abc import Callable
from functools import cached_property

from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.protocols.annotations import Placed, moved
from ai_gateway.protocols.restoring import InText, RestorerLike, Restorers
from ai_gateway.protocols.restoring_json import InJson
from ai_gateway.protocols.shape import Json

MAX_DEPTH = 128

OWN_WORDS = frozenset(
    (
        *("call_id", "encrypted_content", "finish_reason", "id", "item_id", "model", "name", "object"),
        *("previous_response_id", "response_id", "role", "service_tier", "signature", "status", "stop_reason"),
        *("system_fingerprint", "tool_call_id", "tool_use_id", "type"),
    )
)
"""Fields whose strings are the protocol's own, or a vendor's seal on what it wrote."""
_FREE = frozenset({"arguments", "input", "input_schema", "json_schema", "metadata", "parameters", "schema"})
"""Objects with keys of somebody's choosing: ``arguments`` or ``id`` mean nothing in them."""
JSON_TEXTS = frozenset({"arguments", "partial_json"})
_STRUCTURED = frozenset({"content", "text"})
_FORMATS = ("response_format", "format", "output_format")


def restored(reply: Json, restorers: Restorers, *, structured: bool = False) -> Json:
    """``structured``: the request asked for JSON as the reply's text, so values are escaped there as in arguments.

    Raises ``VendorReplyUnreadable`` for a reply that is nested too deeply.
    """
    return Whole(restorers, structured=structured).value(reply)


def has_nothing(key: str, value: Json) -> bool:
    """Whether nothing of a ``value`` under ``key`` is ever restored: a word of the protocol's own, or no text."""
    if isinstance(value, str):
        return key in OWN_WORDS
    return value is None or isinstance(value, int | float)


def is_structured(request: Json) -> bool:
    """Whether a request asks for JSON as the reply's text, in any protocol."""
    if not isinstance(request, dict):
        return False
    around = [request, *(request.get(name) for name in ("text", "output_config"))]
    told = [one.get(name) for one in around if isinstance(one, dict) for name in _FORMATS]
    return any(isinstance(one, dict) and one.get("type") in ("json_object", "json_schema") for one in told)


class Whole:
    """Restores one whole after another."""

    def __init__(self, restorers: Restorers, *, structured: bool = False) -> None:
        self._restorers = restorers
        self._text = InText(restorers(str))
        self._structured = structured

    @cached_property
    def _json(self) -> InJson:
        return InJson(self._restorers)

    @cached_property
    def _tokens(self) -> InText:
        return InText(self._restorers(str))

    def text(self, text: str) -> str:
        return _all_of(self._text, text)

    def value(self, value: Json, key: str = "") -> Json:
        """``value``, which stands under ``key``."""
        return self._value(value, key, {}, free=False, depth=0)

    def _value(self, value: Json, key: str, owner: dict[str, Json], *, free: bool, depth: int) -> Json:
        if depth > MAX_DEPTH:
            raise VendorReplyUnreadable(f"The vendor's reply is nested deeper than {MAX_DEPTH} levels.")
        match value:
            case str():
                return self.text(value) if free else self._string(value, key, owner)
            case list() if are_tokens(value):
                return self._run(value, apart=key == "top_logprobs", depth=depth)
            case list():
                return [self._value(one, key, owner, free=free, depth=depth + 1) for one in value]
            case dict():
                inside = free or key in _FREE
                told = {n: self._value(one, n, value, free=inside, depth=depth + 1) for n, one in value.items()}
                if value.get("annotations") and not inside:
                    told["annotations"] = moved(told["annotations"], self._place_in(value))
                return told
            case _:
                return value

    def _place_in(self, owner: dict[str, Json]) -> Placed:
        """Of the text that the annotations beside it are about."""
        text = next((text for name in _STRUCTURED if isinstance(text := owner.get(name), str)), "")
        if self._structured:
            return self._json.place
        self.text(text)
        return self._text.place

    def _string(self, text: str, key: str, owner: dict[str, Json]) -> str:
        if key in OWN_WORDS:
            return text
        in_json = key in JSON_TEXTS or (self._structured and key in _STRUCTURED and not _is_thought(owner))
        return _all_of(self._json, text) if in_json else self.text(text)

    def _run(self, tokens: list[Json], *, apart: bool, depth: int) -> list[Json]:
        last = len(tokens) - 1

        def piece(position: int, token: str) -> str:
            if apart:  # within a run that may hold something back
                return self.text(token)
            return self._tokens.feed(token) + (self._tokens.finish() if position == last else "")

        def alternatives(others: Json, key: str) -> Json:
            return self._value(others, key, {}, free=False, depth=depth + 1)

        return tokens_restored(tokens, piece, alternatives)


def _is_thought(owner: dict[str, Json]) -> bool:
    kind = owner.get("type")
    return isinstance(kind, str) and ("reasoning" in kind or "summary" in kind or "thinking" in kind)


def _all_of(restorer: RestorerLike, text: str) -> str:
    return restorer.feed(text) + restorer.finish()


def are_tokens(value: Json) -> bool:
    """Whether these are tokens with their log probabilities."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and isinstance(one.get("token"), str) and "logprob" in one for one in value)
    )


def tokens_restored(
    tokens: list[Json], piece: Callable[[int, str], str], alternatives: Callable[[Json, str], Json]
) -> list[Json]:
    """A pseudonym runs over several tokens: ``piece(position, token)`` says what now stands at each, its value where
    it ends. Alternatives stand alone."""
    entries: list[Json] = []
    for position, token in enumerate(tokens):
        entry = dict(token) if isinstance(token, dict) else {}
        before = str(entry.get("token"))
        entry["token"] = now = piece(position, before)
        if now != before and isinstance(entry.get("bytes"), list):
            entry["bytes"] = _bytes_of(now)
        if "top_logprobs" in entry:
            entry["top_logprobs"] = alternatives(entry["top_logprobs"], "top_logprobs")
        entries.append(entry)
    return entries


def token_like(token: Json, text: str) -> Json:
    """One more token, of ``text``, as likely as ``token``."""
    known = token if isinstance(token, dict) else {}
    more: dict[str, Json] = {"token": text, "logprob": known.get("logprob")}
    if "bytes" in known:
        more["bytes"] = _bytes_of(text)
    if "top_logprobs" in known:
        more["top_logprobs"] = []
    return more


def _bytes_of(text: str) -> list[Json]:
    return list(text.encode(errors="replace"))
