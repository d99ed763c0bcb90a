"""One case tried: through the same gateway as a service's call, with the case's people registered and nobody else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ai_gateway.errors import GatewayError
from ai_gateway.features import Catalogue, Feature
from ai_gateway.model import Caller, ClearedOutbound, FeatureName, ItemDecision, Reply, Right
from ai_gateway.pipeline import Gateway
from ai_gateway.policies.policy import FeaturePolicy, VendorChoice
from ai_gateway.ports import ConsentStore, Languages, SubjectStore, TokenCounter, Vendor
from ai_gateway.prompts.cases import Case
from ai_gateway.prompts.people import Person
from ai_gateway.prompts.prompt import Prompt, PromptVersions
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.spoken import knowing
from ai_gateway.subjects import Subjects
from ai_gateway.treatment.treat import Treatment
from ai_gateway.workbench.calls import call_of
from ai_gateway.workbench.cost import Prices
from ai_gateway.workbench.marks import MarkedPair, marked
from ai_gateway.workbench.recorded_vendor import RecordedVendor
from ai_gateway.workbench.recordings import Key, Recording

Registry = Callable[[Mapping[str, Person]], tuple[SubjectStore, ConsentStore]]
"""Stores that hold these people, their choices and consents, and last as long as one trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one case. ``cleared`` is what would be or was sent (None: refused before); ``error`` why there is
    no reply, where one was wanted; ``milliseconds`` how long the vendor took, then or when it was recorded."""

    case: Case
    prompt: Prompt
    cleared: ClearedOutbound | None = field(default=None, repr=False)
    reply: Reply | None = None
    error: GatewayError | None = None
    used: Recording | None = field(default=None, repr=False)

    @property
    def decisions(self) -> tuple[ItemDecision, ...]:
        return self.cleared.prompt.decisions if self.cleared is not None else ()

    @property
    def refusals(self) -> tuple[Mapping[str, str], ...]:
        """Of the whole call: ``{code, rule, source, item?}`` for every reason."""
        reasons = self.error.facts.get("reasons") if self.error is not None else None
        return tuple(one for one in reasons if isinstance(one, dict)) if isinstance(reasons, list) else ()

    @property
    def outbound_text(self) -> str:
        """The messages as a model sees them, one after the other."""
        messages = self.cleared.prompt.messages if self.cleared is not None else ()
        return "\n\n".join(message.content for message in messages)

    @property
    def entities(self) -> Mapping[str, int]:
        """How many of each type did not leave as they were."""
        return (
            {str(kind): count for kind, count in self.cleared.prompt.treated.entities.items()} if self.cleared else {}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all trials of one feature share. ``today`` is None while no vendor may be asked."""

    policy: FeaturePolicy
    versions: PromptVersions
    catalogue: Catalogue
    treatment: Treatment
    tokens: TokenCounter
    languages: Languages
    prices: Prices
    log: ShareLog
    vendor: Vendor
    registry: Registry
    recordings: dict[Key, Recording] = field(repr=False)
    today: Callable[[], str] | None = None

    async def preview(self, case: Case, prompt: Prompt, choice: VendorChoice | None = None) -> Tried:
        """Up to the vendor's door, for ``choice`` or the first vendor the policy allows."""
        gateway, caller = self._gateway(case, prompt, self.vendor, choice), self._caller()
        try:
            shown = await gateway.preview(caller, call_of(case, self.policy, prompt.version))
        except GatewayError as error:
            return Tried(case=case, prompt=prompt, error=error)
        return Tried(case=case, prompt=prompt, cleared=shown.cleared)

    async def run(self, case: Case, prompt: Prompt, choice: VendorChoice | None = None) -> Tried:
        """The whole run: from recordings, or with a vendor."""
        door = RecordedVendor(self.vendor, self.recordings, case=f"v{prompt.version} {case.name}", today=self.today)
        gateway, caller = self._gateway(case, prompt, door, choice), self._caller()
        try:
            reply = await gateway.answer(caller, call_of(case, self.policy, prompt.version))
        except GatewayError as error:
            return Tried(case=case, prompt=prompt, cleared=door.sent, error=error, used=door.used)
        return Tried(case=case, prompt=prompt, cleared=door.sent, reply=reply, used=door.used)

    def marked(self, tried: Tried) -> MarkedPair | None:
        return None if tried.cleared is None else marked(tried.cleared, tried.prompt, self.policy)

    def _caller(self) -> Caller:
        return Caller(id=min(self.policy.callers), rights=frozenset({Right.FEATURES}))

    def _gateway(self, case: Case, prompt: Prompt, vendor: Vendor, choice: VendorChoice | None) -> Gateway:
        policy = self.policy if choice is None else replace(self.policy, vendors=(choice,))
        feature = Feature(name=policy.name, policy=policy, prompts={f"v{prompt.version}": prompt})
        policies = replace(self.catalogue.policies, features={policy.name: policy})
        features: Mapping[FeatureName, Feature] = {policy.name: feature}
        subjects, consents = self.registry(case.people)
        return Gateway(
            catalogue=Catalogue(features=features, policies=policies),
            subjects=Subjects(subjects),
            consents=consents,
            treatment=self.treatment,
            tokens=self.tokens,
            log=self.log,
            vendor=vendor,
            decide=knowing(self.languages),
        )
