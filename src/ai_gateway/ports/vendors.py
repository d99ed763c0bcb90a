"""Whom prompts go to, and how long they are for the model that reads them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ai_gateway.model import BudgetedPrompt, Completion, Outbound, RecordedShare, VendorName
from ai_gateway.protocols.protocol import Protocol as Exchanged


class Vendor(Protocol):
    """The door to every LLM vendor."""

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        """The exact request, without sending it. MUST be pure; MUST build the body from an allow-list of fields."""
        ...

    async def send(self, share: RecordedShare) -> Completion:
        """MUST send exactly ``share.cleared.outbound``; MUST raise a ``VendorError`` for every failure, without quoting
        the request or the reply."""
        ...

    def offers(self, protocol: Exchanged, vendor: VendorName) -> bool:
        """Whether this vendor takes exchanges of this protocol; ``prepare`` raises ``ShapeNotOffered`` for others. MUST
        be pure."""
        ...

    def stream(self, share: RecordedShare) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """As ``send``, for a call that streams: lends the reply's bytes as they arrive. MUST have a first piece in
        hand when it lends; MUST read no further than it is asked to; MUST end the request when the block ends."""
        ...


class TokenCounter(Protocol):
    def count(self, texts: Sequence[str], encoding: str) -> int:
        """Tokens of all texts together. MUST count control tokens written in a text as ordinary text."""
        ...
