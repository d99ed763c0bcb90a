"""The whole flow of one call, told once, in order. Each step takes what the one before proved."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ai_gateway.budget import fit
from ai_gateway.errors import ShareRefused, VendorError
from ai_gateway.features import Catalogue, Feature, resolve
from ai_gateway.model import (
    Call,
    Caller,
    ClearedOutbound,
    Completion,
    Intent,
    Message,
    Outbound,
    Refusal,
    Released,
    Reply,
    RunId,
    ShareId,
    ShareSummary,
    new_run_id,
)
from ai_gateway.policies.decide import decide
from ai_gateway.policies.policy import VendorChoice
from ai_gateway.ports import ConsentStore, TokenCounter, Vendor
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.stopwatch import Stopwatch
from ai_gateway.subjects import Subjects
from ai_gateway.treatment.egress import clear
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
    ) -> None:
        self.catalogue = catalogue
        self.subjects = subjects
        self.consents = consents
        self.treatment = treatment
        self.tokens = tokens
        self.log = log
        self.vendor = vendor

    async def answer(self, caller: Caller, call: Call) -> Reply:
        """Run a feature: one share per vendor tried, in the policy's order, each decided afresh.

        Raises ``ShareRefused`` when no vendor may be used, the last vendor's error when none answered, and what a step
        raises; nothing is sent unless its intent is durable.
        """
        run, watch = new_run_id(), Stopwatch()
        feature = resolve(self.catalogue, caller, call)
        tried: list[ShareSummary] = []
        refusal: Refusal | None = None
        failure: VendorError | None = None
        for choice in feature.policy.vendors:
            prepared = await self._prepare(feature, call, choice, watch)
            if isinstance(prepared, Refusal):
                refusal = refusal or prepared
                continue
            intent = self._intend(run, caller, prepared, tried[-1].id if tried else None)
            try:
                share, completion, released = await self._share(intent, watch, tried)
            except VendorError as error:
                failure = error
                if not error.fallback:
                    raise
                continue
            return _reply(run, prepared, completion, released, (*tried[:-1], share), watch)
        if failure is not None:
            raise failure
        if refusal is None:  # a policy without vendors does not load
            raise ShareRefused
        await self.log.refuse(run, caller, refusal)
        raise refused(refusal)

    async def preview(self, caller: Caller, call: Call) -> Preview:
        """The flow up to the vendor's door, for the first vendor the policy allows. Sends nothing, records nothing."""
        feature = resolve(self.catalogue, caller, call)
        refusal: Refusal | None = None
        for choice in feature.policy.vendors:
            prepared = await self._prepare(feature, call, choice, Stopwatch())
            if not isinstance(prepared, Refusal):
                return Preview(cleared=prepared)
            refusal = refusal or prepared
        raise refused(refusal) if refusal else ShareRefused()

    async def _prepare(
        self, feature: Feature, call: Call, choice: VendorChoice, watch: Stopwatch
    ) -> ClearedOutbound | Refusal:
        policies, policy = self.catalogue.policies, feature.policy
        with watch.step("registry"):
            subjects = await self.subjects.gather(call)
            consents = await self.consents.standing(tuple(subjects))
        with watch.step("decide"):
            decision = decide(policies, policy, choice, call, subjects, consents)
        if isinstance(decision, Refusal):
            return decision
        with watch.step("treat"):
            treated = await self.treatment.treat(decision)
        with watch.step("budget"):
            model = policies.vendors[choice.vendor].models[choice.model]
            budgeted = fit(treated, feature.prompts[call.prompt_label], policy.budget, model, self.tokens)
        with watch.step("check"):
            outbound = self.vendor.prepare(budgeted, choice.vendor)
            return clear(outbound, budgeted)

    async def _share(
        self, intent: Intent, watch: Stopwatch, tried: list[ShareSummary]
    ) -> tuple[ShareSummary, Completion, Released]:
        prompt = intent.cleared.prompt
        with watch.step("record"):
            recording = await self.log.begin(intent)
        async with recording as share:
            summary = self._summarize(share.id, intent.cleared)
            tried.append(summary)
            with watch.step("vendor"):
                completion = await self.vendor.send(share)
            recording.answered(completion)
            with watch.step("release"):
                rule = self.catalogue.policies.features[prompt.treated.permission.feature].output
                released = await self.treatment.release(completion, prompt, rule)
        return summary, completion, released

    def _intend(self, run: RunId, caller: Caller, cleared: ClearedOutbound, previous: ShareId | None) -> Intent:
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


def _reply(
    run: RunId,
    cleared: ClearedOutbound,
    completion: Completion,
    released: Released,
    shares: tuple[ShareSummary, ...],
    watch: Stopwatch,
) -> Reply:
    prompt = cleared.prompt
    timings: Mapping[str, float] = watch.milliseconds()
    return Reply(
        run=run,
        output=released.text,
        finish_reason=completion.finish_reason,
        shares=shares,
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
