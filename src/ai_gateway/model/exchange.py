"""A request in a vendor's own protocol, as a client sent it, and as a vendor may see it."""

from dataclasses import dataclass, field

from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.shape import Json, Uninspected

WITHHELD = "[withheld]"
"""Stands where the policy withheld a text: the request keeps its form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """``model`` is what the client asked for; ``stream`` whether it wants the reply piece by piece.

    ``passing`` is what the feature's policy lets pass uninspected.
    """

    protocol: Protocol
    body: Json = field(repr=False)
    model: str
    stream: bool = False
    passing: frozenset[Uninspected] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedExchange:
    """``body`` with every text treated; the vendor's door sets what the policy says (model, storing) on its way out."""

    protocol: Protocol
    body: Json = field(repr=False)
    model: str
    stream: bool
