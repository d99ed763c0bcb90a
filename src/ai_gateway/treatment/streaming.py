"""A vendor's streamed reply on its way to the client: bytes in, bytes out, nothing kept but an unfinished event."""

from ai_gateway.errors import VendorError, VendorUnreachable
from ai_gateway.model import BudgetedPrompt, Completion
from ai_gateway.policies.policy import OutputRule
from ai_gateway.protocols.account import Account
from ai_gateway.protocols.deltas import StreamRelease
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.replies import is_structured
from ai_gateway.protocols.sse import Event, Reader
from ai_gateway.treatment.treat import Treatment


class StreamFlow:
    """One stream. Reads events, restores what is in them, writes them again."""

    def __init__(self, treatment: Treatment, prompt: BudgetedPrompt, rule: OutputRule) -> None:
        exchange = prompt.exchange
        self._reader = Reader()
        self._account = Account()
        self._release = StreamRelease(
            exchange.protocol if exchange is not None else Protocol.CHAT,
            treatment.restorers(prompt, rule),
            structured=exchange is not None and is_structured(exchange.body),
        )

    @property
    def over(self) -> bool:
        """Whether the reply's last event was there."""
        return self._account.over

    def feed(self, piece: bytes) -> bytes:
        """What may be sent on after this piece. Raises ``VendorReplyUnreadable``."""
        self._account.received(piece)
        out: list[Event] = []
        for event in self._reader.feed(piece):
            self._account.note(event)
            out += self._release.feed(event)
        return b"".join(event.encode() for event in out)

    def finish(self) -> bytes:
        """What was held back. Raises ``VendorUnreachable`` for a stream that just stopped."""
        if not self._account.ended:
            raise VendorUnreachable("The vendor's stream stopped before its reply was complete.")
        return b"".join(event.encode() for event in self._release.finish())

    def fail(self, error: VendorError, request_id: str) -> bytes:
        """What was held back, and the protocol's own event for an error."""
        return b"".join(event.encode() for event in self._release.fail(error.code, error.detail, request_id))

    def completion(self, model: str) -> Completion:
        """What the record says of the reply: its text is a digest of all that the vendor sent, which is not kept."""
        account = self._account
        return Completion(
            text=f"sha256:{account.digest}",
            finish_reason=account.finish or "other",
            model=account.model or model,
            vendor_response_id=account.id,
            input_tokens=account.input_tokens,
            output_tokens=account.output_tokens,
            body_length=account.length,
        )
