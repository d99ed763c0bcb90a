"""A vendor's streamed reply on its way to the client: bytes in, bytes out, nothing kept but what is not complete."""

from typing import Protocol

from ai_gateway.errors import VendorError, VendorUnreachable
from ai_gateway.model import BudgetedPrompt, ClearedOutbound, Completion, Released
from ai_gateway.policies.policy import OutputRule
from ai_gateway.protocols import event_data
from ai_gateway.protocols.account import DONE, Account
from ai_gateway.protocols.complaints import complaint_of
from ai_gateway.protocols.deltas import StreamRelease
from ai_gateway.protocols.dictation import Dictation
from ai_gateway.protocols.finish import finish_of
from ai_gateway.protocols.replies import is_structured
from ai_gateway.protocols.sse import Event, Reader
from ai_gateway.treatment.release import Release
from ai_gateway.treatment.treat import Treatment

DELTA = "delta"


class Flow(Protocol):
    """One stream. What it gives is sent on in order."""

    async def told(self, event: Event) -> list[Event]:
        """What may be sent on after one of the vendor's events."""
        ...

    async def rest(self) -> list[Event]:
        """What was held back; the reply is complete."""
        ...

    def broken(self, error: VendorError, request_id: str) -> list[Event]:
        """What may still be sent on of a reply that will not be complete, and the protocol's event for that."""
        ...

    @property
    def refused(self) -> bool:
        """Whether the model said nothing but why it would not."""
        ...

    def released(self) -> Released:
        """What was done to the text, which is not kept."""
        ...


class Stream:
    """Reads the vendor's events, keeps account of them, and writes what the flow makes of them."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._reader = Reader()
        self._account = Account()
        self._unsaid: list[Event] = []

    @property
    def over(self) -> bool:
        """Whether the reply's last event was there."""
        return self._account.over

    async def feed(self, piece: bytes) -> bytes:
        """What may be sent on after this piece. Raises the vendor's own failure where an event tells one,
        ``VendorReplyUnreadable``, and as ``Release``; ``fail`` then tells what came before it in this piece."""
        self._account.received(piece)
        self._unsaid = []
        for event in self._reader.feed(piece):
            self._unsaid += await self._told(event)
        said, self._unsaid = self._unsaid, []
        return _written(said)

    async def finish(self) -> bytes:
        """What was held back. Raises ``VendorUnreachable`` for a stream that just stopped, and as ``feed``."""
        last = [out for event in self._reader.finish() if _is_whole(event) for out in await self._told(event)]
        if not self._account.ended:
            raise VendorUnreachable("The vendor's stream stopped before its reply was complete.")
        return _written([*last, *await self._flow.rest()])

    def fail(self, error: VendorError, request_id: str) -> bytes:
        return _written([*self._unsaid, *self._flow.broken(error, request_id)])

    def completion(self, model: str) -> Completion:
        """What the record says of the reply: its text is a digest of all that the vendor sent, which is not kept."""
        account = self._account
        return Completion(
            text=f"sha256:{account.digest}",
            finish_reason="refusal" if self._flow.refused else finish_of(account.finish),
            model=account.model or model,
            vendor_response_id=account.id,
            input_tokens=account.input_tokens,
            output_tokens=account.output_tokens,
            body_length=account.length,
        )

    def released(self) -> Released:
        return self._flow.released()

    async def _told(self, event: Event) -> list[Event]:
        if (complaint := complaint_of(event)) is not None:
            raise complaint
        self._account.note(event)
        return await self._flow.told(event)


class ExchangeFlow:
    """A reply in the client's own protocol: the vendor's events, restored."""

    refused = False

    def __init__(self, release: StreamRelease) -> None:
        self._release = release

    async def told(self, event: Event) -> list[Event]:
        return self._release.feed(event)

    async def rest(self) -> list[Event]:
        return self._release.finish()

    def broken(self, error: VendorError, request_id: str) -> list[Event]:
        return self._release.fail(error.code, error.detail, request_id)

    def released(self) -> Released:
        return Released(text="", restored=0, removed={})


class RunFlow:
    """A reply to a feature's own prompt: its text alone, in events of the gateway's own."""

    def __init__(self, dictation: Dictation, release: Release) -> None:
        self._dictation = dictation
        self._release = release

    async def told(self, event: Event) -> list[Event]:
        if event.comment:
            return [event]
        text = self._dictation.text(event)
        return _delta(await self._release.feed(text)) if text else []

    async def rest(self) -> list[Event]:
        last = await self._release.feed(self._dictation.rest())
        return _delta(last + await self._release.finish())

    def broken(self, error: VendorError, request_id: str) -> list[Event]:  # noqa: ARG002 - told by the route
        return []

    @property
    def refused(self) -> bool:
        return self._dictation.refused

    def released(self) -> Released:
        return self._release.released("")


def stream_of(treatment: Treatment, cleared: ClearedOutbound, rule: OutputRule) -> Stream:
    return Stream(_flow(treatment, cleared, cleared.prompt, rule))


def _flow(treatment: Treatment, cleared: ClearedOutbound, prompt: BudgetedPrompt, rule: OutputRule) -> Flow:
    exchange = prompt.exchange
    if exchange is None:
        return RunFlow(Dictation(cleared.outbound.speech), treatment.releasing(prompt, rule))
    restorers, structured = treatment.restorers(prompt, rule), is_structured(exchange.body)
    return ExchangeFlow(StreamRelease(exchange.protocol, restorers, structured=structured))


def _is_whole(event: Event) -> bool:
    """Of a last event without its empty line: whether it is only that which is missing."""
    return event.data.strip() == DONE or event_data.read(event.data) is not None


def _delta(text: str) -> list[Event]:
    return [Event(name=DELTA, data=event_data.write({"text": text}))] if text else []


def _written(events: list[Event]) -> bytes:
    return b"".join(event.encode() for event in events)
