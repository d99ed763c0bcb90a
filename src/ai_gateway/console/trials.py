"""A trial: one call of one prompt version on invented people, by the code that decides and answers real calls.

Three things differ. The people stand in the request alone, only one vendor may be used (the one the author chose), and
the author stands in for the feature's callers. A trial that is run goes on record as any share does; its entry says
that it was one.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

from ai_gateway.errors import FeaturesNotServed, RequestInvalid
from ai_gateway.features import PRODUCTION, Catalogue, Feature, resolve
from ai_gateway.model import (
    BudgetedPrompt,
    Call,
    Caller,
    CallerId,
    ClearedOutbound,
    Completion,
    Outbound,
    RecordedShare,
    Refusal,
    Reply,
    Right,
    VendorName,
)
from ai_gateway.pipeline import Gateway
from ai_gateway.policies.policy import Policies, VendorChoice
from ai_gateway.ports import Vendor
from ai_gateway.prompts.people import Person
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.protocols.protocol import Protocol as Exchanged
from ai_gateway.stopwatch import Stopwatch
from ai_gateway.subjects import Subjects
from ai_gateway.workbench.cost import Cost, Prices, cost
from ai_gateway.workbench.trial import Registry

STANDIN_URL = "AI_GATEWAY_STANDIN_URL"
"""The variable that the stand-in's profile names its address by; the profile is known by it."""


class TrialVendors(Protocol):
    """The doors that trials go through. Where nothing names a stand-in, there is one all the same."""

    def door(self, policies: Policies) -> Vendor: ...

    def missing(self, policies: Policies, vendor: VendorName) -> str | None:
        """What to do before this vendor can be used, or None when it is ready."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A vendor that a trial may be prepared for. ``standin``: it is the bundled one, and nothing leaves the machine."""

    choice: VendorChoice
    legal_name: str
    region: str
    standin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is tried. ``prompt`` is any version, labelled or not."""

    feature: Feature
    prompt: Prompt
    recipient: Recipient
    call: Call = field(repr=False)
    people: Mapping[str, Person] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A trial that was run: what was sent, what came back, and what an actor would read."""

    cleared: ClearedOutbound = field(repr=False)
    completion: Completion = field(repr=False)
    reply: Reply = field(repr=False)


class Trials:
    """Over the gateway that serves real calls: its catalogue as it stands now, its detector, its log. Where it serves
    audit alone (``runs`` is false), trials are prepared, and none is run."""

    def __init__(
        self, gateway: Gateway, vendors: TrialVendors, registry: Registry, prices: Prices, *, runs: bool = True
    ) -> None:
        self._gateway = gateway
        self._catalogue = gateway.catalogue  # one snapshot for everything that one page says
        self._vendors = vendors
        self._registry = registry
        self._prices = prices
        self.runs = runs

    @property
    def catalogue(self) -> Catalogue:
        return self._catalogue

    def recipients(self, feature: Feature) -> tuple[Recipient, ...]:
        """The vendors of the feature's policy that are ready, in its order, and the stand-in last."""
        policies = self._catalogue.policies
        listed = [choice for choice in feature.policy.vendors if not _is_standin(policies, choice.vendor)]
        ready = [choice for choice in listed if self._vendors.missing(policies, choice.vendor) is None]
        return tuple(_recipient(policies, choice) for choice in (*ready, *_standin(policies, feature)))

    def cost(self, trial: Trial, cleared: ClearedOutbound) -> Cost:
        tokens = cleared.prompt.input_tokens, cleared.prompt.max_output_tokens
        return cost(self._catalogue.policies, trial.recipient.choice, tokens, self._prices)

    async def prepare(self, author: CallerId, trial: Trial) -> ClearedOutbound | Refusal:
        """Up to the vendor's door; nothing is sent and nothing recorded. Raises what a real call would."""
        gateway, caller = self._of(author, trial, self._vendors.door(self._catalogue.policies))
        feature = resolve(gateway.catalogue, caller, trial.call)
        return await gateway.prepare(feature, trial.call, trial.recipient.choice, Stopwatch())

    async def run(self, author: CallerId, trial: Trial) -> Answered:
        """Put on record as a trial, send, restore. Raises what a real call would, ``FeaturesNotServed`` included."""
        if not self.runs:
            raise FeaturesNotServed("AI_GATEWAY_SERVES=audit is set for this gateway: no trial is run or recorded")
        vendor = _Overheard(self._vendors.door(self._catalogue.policies))
        gateway, caller = self._of(author, trial, vendor)
        reply = await gateway.answer(caller, trial.call)
        return Answered(cleared=vendor.sent(), completion=vendor.heard(), reply=reply)

    def _of(self, author: CallerId, trial: Trial, vendor: Vendor) -> tuple[Gateway, Caller]:
        if not trial.call.trial:
            raise RequestInvalid("A trial's call says that it is one")
        subjects, consents = self._registry(trial.people)
        gateway = Gateway(
            catalogue=_narrowed(self._catalogue, trial, author),
            subjects=Subjects(subjects),
            consents=consents,
            treatment=self._gateway.treatment,
            tokens=self._gateway.tokens,
            log=self._gateway.log,
            vendor=vendor,
            decide=self._gateway.decide,
        )
        return gateway, Caller(id=author, rights=frozenset({Right.FEATURES}))


class _Overheard:
    """``ports.Vendor`` over another one, for one call: remembers what was sent and what came back."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._share: RecordedShare | None = None
        self._completion: Completion | None = None

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        return self._vendor.prepare(prompt, vendor)

    async def send(self, share: RecordedShare) -> Completion:
        self._share = share
        self._completion = await self._vendor.send(share)
        return self._completion

    def offers(self, protocol: Exchanged, vendor: VendorName) -> bool:
        return self._vendor.offers(protocol, vendor)

    def stream(self, share: RecordedShare) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._vendor.stream(share)

    def sent(self) -> ClearedOutbound:
        assert self._share is not None  # noqa: S101 - a reply comes of a share
        return self._share.cleared

    def heard(self) -> Completion:
        assert self._completion is not None  # noqa: S101
        return self._completion


def _narrowed(catalogue: Catalogue, trial: Trial, author: CallerId) -> Catalogue:
    """The rules in force, with one vendor, one version and one caller. Its digests stay those of the rules."""
    feature = trial.feature
    policy = replace(feature.policy, vendors=(trial.recipient.choice,), callers=frozenset({author}))
    tried = replace(feature, policy=policy, prompts={PRODUCTION: trial.prompt})
    policies = replace(catalogue.policies, features={**catalogue.policies.features, feature.name: policy})
    return Catalogue(features={**catalogue.features, feature.name: tried}, policies=policies)


def _recipient(policies: Policies, choice: VendorChoice) -> Recipient:
    profile = policies.vendors[choice.vendor]
    standin = _is_standin(policies, choice.vendor)
    return Recipient(choice=choice, legal_name=profile.legal_name, region=profile.region, standin=standin)


def _is_standin(policies: Policies, vendor: VendorName) -> bool:
    return policies.vendors[vendor].api_base_env == STANDIN_URL


def _standin(policies: Policies, feature: Feature) -> Sequence[VendorChoice]:
    """The policy's own choice, else one for the trial; none where no profile of a stand-in is among the policies."""
    own = [choice for choice in feature.policy.vendors if _is_standin(policies, choice.vendor)]
    profiles: Mapping[VendorName, str] = {
        name: next(iter(profile.models)) for name, profile in policies.vendors.items() if _is_standin(policies, name)
    }
    made = [VendorChoice(vendor=name, model=model, ref=feature.policy.ref) for name, model in profiles.items()]
    return (own or made)[:1]
