"""A vendor's door that answers from recordings, or asks the vendor behind it and records what it says."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from ai_gateway.errors import VendorError
from ai_gateway.model import BudgetedPrompt, ClearedOutbound, Completion, Outbound, RecordedShare, VendorName
from ai_gateway.ports import Vendor
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.workbench.recordings import Key, Recording, key_of

_MILLISECONDS = 1000


class RecordingMissing(VendorError):
    """Nothing was sent. Another vendor of the policy may have a recording."""

    code: ClassVar[str] = "recording-missing"
    title: ClassVar[str] = "No reply is recorded for what would be sent"


class RecordedVendor:
    """``ports.Vendor`` for one run of one case. ``sent`` is what it was last given to send, ``used`` the answer."""

    def __init__(
        self, door: Vendor, recordings: dict[Key, Recording], *, case: str, today: Callable[[], str] | None
    ) -> None:
        """With ``today`` the vendor behind ``door`` is asked, and its answer recorded; without, never."""
        self._door, self._recordings, self._case, self._today = door, recordings, case, today
        self.sent: ClearedOutbound | None = None
        self.used: Recording | None = None

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        return self._door.prepare(prompt, vendor)

    def offers(self, protocol: Protocol, vendor: VendorName) -> bool:
        return self._door.offers(protocol, vendor)

    async def send(self, share: RecordedShare) -> Completion:
        """Raises ``RecordingMissing``, and as the vendor behind it."""
        self.sent = share.cleared
        if self._today is not None:
            return await self._ask(share, self._today())
        self.used = self._recordings.get(key_of(share.cleared))
        if self.used is None:
            raise RecordingMissing(
                "Nothing is recorded for this body; `prompts test --live` asks a vendor and records it."
            )
        return self.used.completion()

    async def _ask(self, share: RecordedShare, today: str) -> Completion:
        began = time.perf_counter()
        completion = await self._door.send(share)
        taken = (time.perf_counter() - began) * _MILLISECONDS
        vendor, body = key_of(share.cleared)
        self.used = Recording(
            vendor=vendor,
            model=share.cleared.outbound.model,
            body=body,
            case=self._case,
            recorded=today,
            finish_reason=completion.finish_reason,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            milliseconds=taken,
            text=completion.text,
        )
        before = self._recordings.get(self.used.key)
        if before is None or before.text != completion.text:  # the same answer again is no news to a review
            self._recordings[self.used.key] = self.used
        return completion

    def stream(self, share: RecordedShare) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._door.stream(share)
