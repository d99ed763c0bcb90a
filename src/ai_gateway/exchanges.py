"""A client's request in a vendor's protocol: as a call, every text in it an item, by who speaks; and back again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ai_gateway.errors import RequestInvalid, RequestTooLarge
from ai_gateway.model import (
    WITHHELD,
    Call,
    CallerId,
    ConversationId,
    Exchange,
    FeatureName,
    Item,
    Role,
    Subject,
    SubjectId,
    TreatedExchange,
    TreatedPrompt,
    Visibility,
)
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.requests import REQUESTS
from ai_gateway.protocols.shape import Json, Leaf, Place
from ai_gateway.protocols.walk import rewrite, texts

MAX_TEXTS = 20_000
MAX_CHARACTERS = 4_000_000

_TOOL = "tool"
_SPEAKERS: Mapping[str | None, str] = MappingProxyType(
    {"system": "instructions", "developer": "instructions", "user": "user", "assistant": "assistant"}
)
_BRACKETS, _SPACES = re.compile(r"[<>\[\]:]"), re.compile(r"\s")
_TURNS = ("/messages/", "/input/")
"""Where a conversation grows. Everything else comes first, so that a longer conversation only adds pseudonyms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Whose request it is, as far as it says. ``feature`` overrides what ``model`` would choose."""

    actor: SubjectId | None = None
    feature: FeatureName | None = None
    conversation: ConversationId | None = None
    subjects: Mapping[SubjectId, Subject] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    about: tuple[SubjectId, ...] = ()
    """People of the registry whom the texts are about, besides the actor."""
    gpc: bool = False


def read(protocol: Protocol, body: Json) -> Exchange:
    """Raises ``RequestInvalid`` for a body whose model or stream is not of its type; ``call_of`` looks at the rest."""
    if not isinstance(body, dict):
        raise RequestInvalid("The body is not an object.")
    model, stream = body.get("model"), body.get("stream", False)
    if not isinstance(model, str):
        raise RequestInvalid("The field model is missing.", at="/model")
    if stream not in (True, False, None):
        raise RequestInvalid("The field stream is true or false.", at="/stream")
    return Exchange(protocol=protocol, body=body, model=model, stream=stream is True and protocol.writes)


def call_of(
    exchange: Exchange, feature: FeatureName, caller: CallerId, said: Attribution, once: bytes | None = None
) -> Call:
    """Raises ``ShapeRefused`` for what may not pass, ``RequestInvalid``, and ``RequestTooLarge``.

    Without an actor the call is ``unattributed@<caller>``'s: no id of a person can be written so.
    """
    actor = said.actor or SubjectId(f"unattributed@{caller}")
    subjects = dict(said.subjects)
    if said.actor is None:
        subjects[actor] = Subject(id=actor, role=Role.SITE_VISITOR, registered=False)
    about = tuple(dict.fromkeys((actor, *said.subjects, *said.about)))
    leaves = [leaf for leaf in texts(REQUESTS[exchange.protocol], exchange.body, exchange.passing) if leaf.text.strip()]
    _check(leaves)
    items: dict[tuple[str, str], Item] = {}
    for leaf in sorted(leaves, key=_order):
        item = _item(leaf, actor, about)
        items.setdefault(_same(item), item)
    return Call(
        feature=feature,
        actor=actor,
        items=tuple(items.values()),
        subjects=MappingProxyType(subjects),
        conversation=said.conversation,
        gpc=said.gpc,
        once=once,
        exchange=exchange,
        stream=exchange.stream,
        unattributed=said.actor is None,
    )


def _check(leaves: list[Leaf]) -> None:
    characters = sum(len(leaf.text) for leaf in leaves)
    if len(leaves) > MAX_TEXTS or characters > MAX_CHARACTERS:
        raise RequestTooLarge(
            f"A request may have {MAX_TEXTS} texts of {MAX_CHARACTERS} characters together.",
            texts=len(leaves),
            characters=characters,
        )


def _order(leaf: Leaf) -> bool:
    return leaf.place.pointer.startswith(_TURNS)


def _speaker(place: Place) -> str:
    return _SPEAKERS.get(place.role, _TOOL)


def _item(leaf: Leaf, actor: SubjectId, about: tuple[SubjectId, ...]) -> Item:
    name = _speaker(leaf.place)
    return Item(
        path=leaf.place.pointer,
        input=name,
        text=leaf.text,
        source=f"chat.{name}",
        visibility=Visibility.PRIVATE,
        about=about,
        author=actor if name == "user" else None,
    )


def _same(item: Item) -> tuple[str, str]:
    """Definitions of tools say the same over and over: one item stands for all places of such a text."""
    return (item.input, item.text) if item.input == _TOOL else (item.input, item.path)


def rebuilt(treated: TreatedPrompt) -> TreatedExchange:
    """The request with every text as treated; one that was withheld, or is no item, says so instead."""
    exchange = treated.permission.call.exchange
    if exchange is None:
        raise RequestInvalid("The call is no exchange.")
    asked = {item.path: item for item in treated.permission.call.items}
    shared = {_same(asked[item.path]): item.text for item in treated.items}

    def new(place: Place, text: str) -> str:
        if not text.strip():
            return text
        name = _speaker(place)
        now = shared.get((name, text if name == _TOOL else place.pointer), WITHHELD)
        return _SPACES.sub("-", _BRACKETS.sub("", now)) if place.bare and now != text else now

    body = rewrite(REQUESTS[exchange.protocol], exchange.body, new, exchange.passing)
    return TreatedExchange(protocol=exchange.protocol, body=body, model=exchange.model, stream=exchange.stream)
