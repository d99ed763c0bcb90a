"""What was found in a text, told to the other replicas: a text costs the model once, whichever of them reads it first.

A key is a keyed hash of the text and of the detector's identity; a value, sealed, holds places and types and no text.
What was changed by somebody else does not open, and counts as not found. If the replicas' store is away, every replica
reads for itself: nothing depends on what is kept here.
"""

import json
import logging
from collections.abc import Mapping, Sequence

from ai_gateway.errors import CoordinationUnavailable
from ai_gateway.model import EntityType, Span
from ai_gateway.ports import Coordination, Seal

_log = logging.getLogger(__name__)
_KEPT_SECONDS = 3_600.0
_FEWEST_CHARACTERS = 64
"""A shorter text costs less to read than to ask for."""


class SharedSpans:
    """``ask`` before reading, ``tell`` after. One exchange each, for all texts of a call together."""

    def __init__(self, coordination: Coordination, seal: Seal, *, keep: float = _KEPT_SECONDS) -> None:
        self._coordination = coordination
        self._seal = seal
        self._keep = keep

    async def ask(self, identity: str, texts: Sequence[str]) -> "Asked":
        """What other replicas found, by text."""
        keys = {text: self._key(identity, text) for text in texts if len(text) >= _FEWEST_CHARACTERS}
        if not keys:
            return Asked({}, {})
        try:
            looked = await self._coordination.look_up(list(keys.values()))
        except CoordinationUnavailable as error:
            _log.warning("spans are not shared: %s", error.code)
            return Asked({}, {})
        found: dict[str, tuple[Span, ...]] = {}
        tickets: dict[str, tuple[str, str]] = {}
        for text, key in keys.items():
            value, ticket = looked[key].value, looked[key].ticket
            plain = None if value is None else self._seal.open(value, key.encode())
            if plain is not None:
                found[text] = _read(plain)
            elif ticket is not None:
                tickets[text] = (key, ticket)
        return Asked(found, tickets)

    async def tell(self, asked: "Asked", found: Mapping[str, Sequence[Span]]) -> None:
        """What was found in texts that were asked for in vain."""
        entries = {
            key: (ticket, self._seal.seal(_written(found[text]), key.encode()))
            for text, (key, ticket) in asked.tickets.items()
            if text in found
        }
        if not entries:
            return
        try:
            await self._coordination.put_if_unchanged(entries, self._keep)
        except CoordinationUnavailable as error:
            _log.warning("spans are not shared: %s", error.code)

    def _key(self, identity: str, text: str) -> str:
        tag = self._seal.tag("spans", identity.encode(), text.encode("utf-8", "surrogatepass"))
        return f"spans:{tag.hex()}"


class Asked:
    """``found`` by text; ``tickets``: for the others, the key and the right to tell what stands under it."""

    __slots__ = ("found", "tickets")

    def __init__(self, found: Mapping[str, tuple[Span, ...]], tickets: Mapping[str, tuple[str, str]]) -> None:
        self.found = found
        self.tickets = tickets


def _written(spans: Sequence[Span]) -> bytes:
    return json.dumps([[s.start, s.end, s.entity, s.found_by, s.score] for s in spans], separators=(",", ":")).encode()


def _read(plain: bytes) -> tuple[Span, ...]:
    return tuple(
        Span(start=start, end=end, entity=EntityType(entity), found_by=found_by, score=score)
        for start, end, entity, found_by, score in json.loads(plain)
    )
