"""The whole flow of one call, told once, in order. Each step takes what the one before proved."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from ai_gateway.budget import fit
from ai_gateway.errors import GatewayError, ShapeNotOffered, ShareRefused, VendorError
from ai_gateway.features import Catalogue, Feature, resolve
from ai_gateway.model import (
    Call,
    Caller,
    ClearedOutbound,
    Completion,
    Intent,
    Message,
    Opened,
    Outbound,
    Refusal,
    Released,
    Reply,
    RunId,
    ShareId,
    ShareSummary,
    new_run_id,
)
from ai_gateway.policies.decide import Decide, decide
from ai_gateway.policies.policy import OutputRule, VendorChoice
from ai_gateway.ports import ConsentStore, TokenCounter, Vendor
from ai_gateway.sharelog.log import Recording, ShareLog
from ai_gateway.stopwatch import Stopwatch
from ai_gateway.subjects import Subjects, registry
from ai_gateway.treatment.egress import clear
from ai_gateway.treatment.streaming import Stream, stream_of
from ai_gateway.treatment.treat import Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be shared, with whom and why; nothing was sent and nothing recorded."""

    cleared: ClearedOutbound = field(repr=False)

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.cleared.prompt.messages

    @property
    def outbound(self) -> Outbound:
        return self.cleared.outbound


class Gateway:
    """Everything that answers a call. Holds ports and the catalogue in force; keeps nothing between calls."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        subjects: Subjects,
        consents: ConsentStore,
        treatment: Treatment,
        tokens: TokenCounter,
        log: ShareLog,
        vendor: Vendor,
        decide: Decide = decide,
    ) -> None:
        self.catalogue = catalogue
        self.subjects = subjects
        self.consents = consents
        self.treatment = treatment
        self.tokens = tokens
        self.log = log
        self.vendor = vendor
        self.decide = decide

    async def answer(self, caller: Caller, call: Call) -> Reply:
        """Run a feature: one share per vendor tried, in the policy's order, each decided afresh.

        Raises ``ShareRefused`` when no vendor may be used, the last vendor's error when none answered, and what a step
        raises; nothing is sent unless its intent is durable.
        """
        attempts = _Attempts(self, caller, call)
        while (intent := await attempts.intent()) is not None:
            try:
                completion, released = await self._share(intent, attempts)
            except VendorError as error:
                attempts.failed(error)
            else:
                return attempts.reply(intent, completion, released)
        raise await attempts.error()

    async def stream(self, caller: Caller, call: Call, request_id: str) -> AsyncGenerator[Opened | bytes | Reply]:
        """``answer``, piece by piece: ``Opened``, then what the client is sent, then the ``Reply`` without its output.

        Until ``Opened`` it raises as ``answer`` does. A vendor that fails later is told in the protocol's own way, and
        raised; the share is settled with that error. One whose reader goes away is settled as abandoned.
        """
        attempts = _Attempts(self, caller, call)
        while (intent := await attempts.intent()) is not None:
            stream, last = cast("Stream | None", None), b""
            try:
                async with self._opening(intent, attempts) as (recording, arriving):
                    stream = stream_of(self.treatment, intent.cleared, self._rule(intent))
                    yield attempts.opened()
                    async for piece in arriving:
                        last = await stream.feed(piece)
                        if stream.over:
                            break
                        yield last
                        last = b""
                    last += await stream.finish()
                    completion = stream.completion(intent.cleared.outbound.model)
                    recording.answered(completion)
            except VendorError as error:
                if stream is None:
                    attempts.failed(error)
                    continue
                yield stream.fail(error, request_id)
                raise
            yield last  # after the share is settled: a reader may leave as soon as it has the last event
            yield attempts.reply(intent, completion, stream.released())
            return
        raise await attempts.error()

    async def preview(self, caller: Caller, call: Call) -> Preview:
        """The flow up to the vendor's door, for the first vendor the policy allows. Sends nothing, records nothing."""
        attempts = _Attempts(self, caller, call)
        cleared = await attempts.prepared()
        if cleared is None:
            raise attempts.why()
        return Preview(cleared=cleared)

    async def prepare(
        self, feature: Feature, call: Call, choice: VendorChoice, watch: Stopwatch
    ) -> ClearedOutbound | Refusal:
        """Up to the vendor's door. Raises a ``VendorError`` where this vendor cannot take the call."""
        policies, policy = self.catalogue.policies, feature.policy
        self._offered(call, choice)
        with watch.step("registry"):
            subjects, consents = await registry(self.subjects, self.consents, call)
        with watch.step("decide"):
            decision = self.decide(policies, policy, choice, call, subjects, consents)
        if isinstance(decision, Refusal):
            return decision
        with watch.step("treat"):
            treated = await self.treatment.treat(decision)
        with watch.step("budget"):
            model = policies.vendors[choice.vendor].models[choice.model]
            budgeted = fit(treated, feature.prompts.get(call.prompt_label), policy.budget, model, self.tokens)
        with watch.step("check"):
            outbound = self.vendor.prepare(budgeted, choice.vendor)
            return clear(outbound, budgeted)

    def _offered(self, call: Call, choice: VendorChoice) -> None:
        exchange = call.exchange
        if exchange is None:
            return
        if not choice.takes(exchange.protocol) or not self.vendor.offers(exchange.protocol, choice.vendor):
            raise ShapeNotOffered(vendor=choice.vendor, protocol=exchange.protocol)

    async def _share(self, intent: Intent, attempts: "_Attempts") -> tuple[Completion, Released]:
        watch = attempts.watch
        recording = await self._record(intent, attempts)
        async with recording as share:
            with watch.step("vendor"):
                completion = await self.vendor.send(share)
            recording.answered(completion)
            with watch.step("release"):
                released = await self.treatment.release(completion, intent.cleared.prompt, self._rule(intent))
        return completion, released

    @asynccontextmanager
    async def _opening(
        self, intent: Intent, attempts: "_Attempts"
    ) -> AsyncGenerator[tuple[Recording, AsyncIterator[bytes]]]:
        """On record, and the vendor's first piece in hand."""
        async with AsyncExitStack() as stack:
            recording = await self._record(intent, attempts)
            share = await stack.enter_async_context(recording)
            with attempts.watch.step("vendor"):
                arriving = await stack.enter_async_context(self.vendor.stream(share))
            yield recording, arriving

    async def _record(self, intent: Intent, attempts: "_Attempts") -> Recording:
        with attempts.watch.step("record"):
            recording = await self.log.begin(intent)
        attempts.tried.append(self._summarize(recording.id, intent.cleared))
        return recording

    def _rule(self, intent: Intent) -> OutputRule:
        return self.catalogue.policies.features[intent.cleared.prompt.treated.permission.feature].output

    def intend(self, run: RunId, caller: Caller, cleared: ClearedOutbound, previous: ShareId | None) -> Intent:
        permission = cleared.prompt.treated.permission
        vendor = self.catalogue.policies.vendors[cleared.outbound.vendor]
        return Intent(
            run=run,
            caller=caller.id,
            actor_role=permission.subjects[permission.call.actor].role,
            feature_version=f"{cleared.prompt.prompt_name}@{cleared.prompt.prompt_version}",
            region=vendor.region,
            recipient_role=vendor.role,
            transfers=vendor.transfers,
            cleared=cleared,
            detector=self.treatment.detector.identity,
            previous=previous,
        )

    def _summarize(self, share: ShareId, cleared: ClearedOutbound) -> ShareSummary:
        vendor = self.catalogue.policies.vendors[cleared.outbound.vendor]
        return ShareSummary(id=share, vendor=vendor.name, model=cleared.outbound.model, region=vendor.region)


def refused(refusal: Refusal) -> ShareRefused:
    """The error that tells a caller why, without telling anything personal."""
    reasons: list[dict[str, str]] = [
        {"code": r.code, "rule": r.rule, "source": r.source} | ({"item": r.item} if r.item else {})
        for r in refusal.reasons
    ]
    return ShareRefused(refusal.reasons[0].detail, reasons=reasons)


class _Attempts:
    """One call's way along its policy's vendors: what was tried, and why what did not work did not."""

    def __init__(self, gateway: Gateway, caller: Caller, call: Call) -> None:
        """Raises as ``features.resolve``."""
        self.feature = resolve(gateway.catalogue, caller, call)
        self._choices = iter(self.feature.policy.vendors)
        self.run, self.watch = new_run_id(), Stopwatch()
        self.tried: list[ShareSummary] = []
        self._gateway, self._caller, self._call = gateway, caller, call
        self._refusal: Refusal | None = None
        self._failure: VendorError | None = None

    async def prepared(self) -> ClearedOutbound | None:
        """For the next vendor that the policy allows and that takes such a call; None where there is no other."""
        for choice in self._choices:
            try:
                prepared = await self._gateway.prepare(self.feature, self._call, choice, self.watch)
            except VendorError as error:
                self.failed(error)
                continue
            if not isinstance(prepared, Refusal):
                return prepared
            self._refusal = self._refusal or prepared
        return None

    async def intent(self) -> Intent | None:
        """To share with the next such vendor."""
        cleared = await self.prepared()
        if cleared is None:
            return None
        return self._gateway.intend(self.run, self._caller, cleared, self.tried[-1].id if self.tried else None)

    def opened(self) -> Opened:
        return Opened(run=self.run, share=self.tried[-1], timings=self.watch.milliseconds())

    def failed(self, error: VendorError) -> None:
        """Remember, for the next vendor to be tried; raises the error when none may be."""
        if not error.fallback:
            raise error
        if self._failure is None or not isinstance(error, ShapeNotOffered):
            self._failure = error

    def why(self) -> GatewayError:
        """Why no vendor answered: what one of them failed with, else the first refusal."""
        if self._failure is not None and not (self._refusal and isinstance(self._failure, ShapeNotOffered)):
            return self._failure
        return refused(self._refusal) if self._refusal else ShareRefused()

    async def error(self) -> GatewayError:
        """``why``, on record where it is a refusal."""
        error = self.why()
        if self._refusal is not None and isinstance(error, ShareRefused):
            await self._gateway.log.refuse(self.run, self._caller, self._refusal)
        return error

    def reply(self, intent: Intent, completion: Completion, released: Released) -> Reply:
        prompt = intent.cleared.prompt
        timings: Mapping[str, float] = self.watch.milliseconds()
        return Reply(
            run=self.run,
            output=released.text,
            finish_reason=completion.finish_reason,
            shares=tuple(self.tried),
            decisions=prompt.decisions,
            entities=prompt.treated.entities,
            removed_from_reply=released.removed,
            input_tokens=completion.input_tokens if completion.input_tokens is not None else prompt.input_tokens,
            output_tokens=completion.output_tokens or 0,
            prompt_name=prompt.prompt_name,
            prompt_version=prompt.prompt_version,
            policy_digest=prompt.treated.permission.policy_digest,
            timings=timings,
        )
