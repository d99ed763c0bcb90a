"""The door to every vendor: litellm translates, our own transport carries exactly the bytes that are on record."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import cast

import orjson

from ai_gateway.adapters import vendor_exchanges
from ai_gateway.adapters.litellm_translation import Translation, load
from ai_gateway.adapters.vendor_doors import Door, doors
from ai_gateway.adapters.vendor_failures import failure
from ai_gateway.adapters.vendor_protocols import Protocol as VendorProtocol
from ai_gateway.adapters.vendor_replies import parse
from ai_gateway.adapters.vendor_shapes import rebuild
from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.errors import (
    ConfigurationError,
    VendorError,
    VendorReplyUnreadable,
    VendorUnconfigured,
    VendorUnreachable,
)
from ai_gateway.model import BudgetedPrompt, Completion, Message, Outbound, RecordedShare, VendorName
from ai_gateway.policies.policy import VendorProfile
from ai_gateway.protocols.complaints import complaint_of
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.sse import Reader

_OK = 200
SETTINGS = frozenset({"temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"})
"""What a prompt's ``config`` may ask of a vendor; the token limit comes from the budget."""
_BUDGETED = frozenset({"max_tokens", "max_output_tokens"})
_FIRST = (Message(role="system", content="."), Message(role="user", content="."))


class LitellmVendor:
    """``ports.Vendor``. ``environ`` is read once, here: what it lacks leaves one vendor unconfigured, not all."""

    def __init__(
        self,
        profiles: Mapping[VendorName, VendorProfile],
        transport: VendorTransport,
        environ: Mapping[str, str],
        translation: Callable[[], Translation] = load,
    ) -> None:
        """Raises ``ConfigurationError`` for profiles no door can be made of."""
        self._doors = doors(profiles, environ)
        self._transport = transport
        self._translation = translation

    def load(self) -> None:
        """Import litellm, and what it imports late for each vendor's models, so that no request waits for it.

        Raises ``ConfigurationError`` for models it cannot translate for.
        """
        translation = self._translation()
        problems: list[str] = []
        for door in self._doors.values():
            for model in door.profile.models:
                try:
                    translation.body(door.profile.provider, model, _FIRST, {"max_tokens": 1}, door.base or "")
                except VendorError:
                    problems.append(f"{door.profile.ref.rule}: models: litellm cannot translate for {model}")
        if problems:
            raise ConfigurationError(*problems)

    def offers(self, protocol: Protocol, vendor: VendorName) -> bool:
        """As ``ports.Vendor``."""
        return protocol in self._door(vendor).protocol.exchanges

    def missing(self, vendor: VendorName) -> str | None:
        """What to do before this vendor can be used (which variable to set), or None when it is ready."""
        return self._door(vendor).missing()

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        """As ``ports.Vendor``. Raises ``VendorUnconfigured``, or ``VendorError`` for a body off the allow-list.

        The vendor's ``user`` field and its kin are never set.
        """
        door = self._door(vendor)
        if prompt.exchange is not None:
            return vendor_exchanges.outbound(door, prompt, prompt.exchange)
        base, model = door.address(), prompt.treated.permission.model
        made = self._translation().body(
            door.profile.provider, model, prompt.messages, _settings(prompt, door.protocol), base
        )
        body = cast("dict[str, object]", rebuild({**made, **door.profile.no_store}, door.protocol.body))
        stream = prompt.treated.permission.call.stream
        return Outbound(
            vendor=vendor,
            model=model,
            method="POST",
            url=(door.protocol.stream_address if stream else door.protocol.address)(base, model),
            headers=door.headers(stream=stream),
            body=orjson.dumps({**body, **door.protocol.streams} if stream else body),
            speech=door.protocol.name,
        )

    async def send(self, share: RecordedShare) -> Completion:
        """As ``ports.Vendor``: 1. send the recorded bytes, 2. map a failure, 3. read the reply."""
        outbound = share.cleared.outbound
        door = self._door(outbound.vendor)
        answer = await self._transport.post(outbound, door.profile.timeout_seconds)
        if answer.status != _OK:
            raise failure(outbound.vendor, answer)
        exchange = share.cleared.prompt.exchange
        if exchange is not None:
            return vendor_exchanges.read(exchange.protocol, answer, outbound)
        return parse(door.protocol.name, answer, outbound)

    @asynccontextmanager
    async def stream(self, share: RecordedShare) -> AsyncGenerator[AsyncIterator[bytes]]:
        """As ``ports.Vendor``: 1. send the recorded bytes, 2. map a failure, 3. wait for the first event, which may be
        one, too."""
        outbound = share.cleared.outbound
        door = self._door(outbound.vendor)
        async with self._transport.open(outbound, door.profile.timeout_seconds, stream=True) as answer:
            if answer.status != _OK:
                raise failure(outbound.vendor, await answer.whole())
            if not answer.headers.get("content-type", "").lower().startswith("text/event-stream"):
                raise VendorReplyUnreadable(
                    "The vendor's reply is no stream by its content type.", vendor=outbound.vendor
                )
            async with aclosing(answer.chunks()) as chunks:
                yield _after(await _first(chunks, outbound.vendor), chunks)

    async def close(self) -> None:
        """Close the pool."""
        await self._transport.close()

    def _door(self, vendor: VendorName) -> Door:
        door = self._doors.get(vendor)
        if door is None:
            raise VendorUnconfigured("No vendor of this name is in the policy.", vendor=vendor)
        return door


async def _first(chunks: AsyncIterator[bytes], vendor: VendorName) -> bytes:
    """Up to the first event. Raises what that one complains of: nothing was told yet, so another may be asked."""
    reader, arrived = Reader(), list[bytes]()
    async for piece in chunks:
        arrived.append(piece)
        events = reader.feed(piece)
        if events:
            break
    else:
        events = reader.finish()
    if not events:
        raise VendorUnreachable("The vendor ended its stream before it began.", vendor=vendor)
    if (complaint := complaint_of(events[0])) is not None:
        raise complaint
    return b"".join(arrived)


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _settings(prompt: BudgetedPrompt, protocol: VendorProtocol) -> dict[str, float | int]:
    unknown = sorted(set(prompt.config) - SETTINGS - _BUDGETED)
    if unknown:
        raise VendorError(
            f"The prompt's config has settings no vendor is sent; use {', '.join(sorted(SETTINGS))}.", settings=unknown
        )
    asked = {
        name: value
        for name, value in prompt.config.items()
        if name in SETTINGS and protocol.left_out_beside.get(name) not in prompt.config
    }
    return {**asked, "max_tokens": prompt.max_output_tokens}
