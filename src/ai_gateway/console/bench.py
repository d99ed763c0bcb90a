"""What an author has on the bench: a feature in one version of its prompt, for one vendor, and the case at hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ai_gateway.console.cases import Case, Problem, case_of
from ai_gateway.console.draft import Draft
from ai_gateway.console.shown import Answer, Shown, answer_of, shown_of
from ai_gateway.console.trials import Recipient, Trial, Trials
from ai_gateway.errors import FeatureUnknown, GatewayError, VendorUnconfigured
from ai_gateway.features import PRODUCTION, Feature, mismatches
from ai_gateway.model import CallerId
from ai_gateway.policies.policy import FeatureKind
from ai_gateway.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """``recipients`` are all that a trial could be for, ``recipient`` the one it is for."""

    trials: Trials
    feature: Feature
    prompt: Prompt
    recipients: Sequence[Recipient]
    recipient: Recipient
    draft: Draft = field(repr=False)

    @property
    def unfit(self) -> Sequence[str]:
        """How this version and the policy in force contradict each other: such a version cannot be tried."""
        return sorted(mismatches(self.feature.policy, self.prompt))

    def on_standin(self) -> "Bench":
        """Raises ``VendorUnconfigured`` where the policies hold no profile of a stand-in."""
        for recipient in self.recipients:
            if recipient.standin:
                return replace(self, recipient=recipient)
        raise VendorUnconfigured("vendors.yaml has no stand-in; see the shipped one for its profile.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a case: what is wrong with its fields, what would leave, what came back, or what failed."""

    problems: Sequence[Problem] = ()
    shown: Shown | None = None
    answer: Answer | None = None
    error: GatewayError | None = None


def prompted(trials: Trials) -> Sequence[Feature]:
    """The features that have a prompt; those of exchanges take the client's own messages."""
    features = trials.catalogue.features.values()
    return sorted((f for f in features if f.policy.kind is FeatureKind.PROMPT), key=lambda feature: feature.name)


def feature_of(trials: Trials, name: str) -> Feature:
    """Of this name; without a name the first. Raises ``FeatureUnknown``."""
    features = prompted(trials)
    for feature in features:
        if name in (feature.name, ""):
            return feature
    names = [str(feature.name) for feature in features]
    raise FeatureUnknown("No feature with a prompt has this name.", features=names)


def prompt_of(feature: Feature, version: str) -> Prompt:
    """The version asked for; the one in production for none, or one that is gone."""
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else 0  # noqa: PLR2004
    return feature.versions.get(number, feature.prompts[PRODUCTION])


def bench_of(trials: Trials, feature: Feature, prompt: Prompt, vendor: str, draft: Draft) -> Bench:
    """For the vendor asked for; for none, the policy's first. Raises ``VendorUnconfigured`` where there is none."""
    recipients = trials.recipients(feature)
    if not recipients:
        raise VendorUnconfigured("No vendor of this feature is ready, and vendors.yaml has no stand-in.")
    recipient = next((r for r in recipients if r.choice.vendor == vendor), recipients[0])
    return Bench(trials=trials, feature=feature, prompt=prompt, recipients=recipients, recipient=recipient, draft=draft)


async def prepared(bench: Bench, author: CallerId) -> Outcome:
    """What would leave; sends nothing, records nothing."""
    case = _case(bench, author)
    if not isinstance(case, Trial):
        return case
    try:
        return Outcome(shown=shown_of(bench.trials, case, await bench.trials.prepare(author, case)))
    except GatewayError as error:
        return Outcome(error=error)


async def run(bench: Bench, author: CallerId) -> Outcome:
    """What left and what came back, on record as a trial."""
    case = _case(bench, author)
    if not isinstance(case, Trial):
        return case
    try:
        answered = await bench.trials.run(author, case)
    except GatewayError as error:
        return replace(await prepared(bench, author), error=error)
    return Outcome(shown=shown_of(bench.trials, case, answered.cleared), answer=answer_of(answered))


def _case(bench: Bench, author: CallerId) -> Trial | Outcome:
    case = case_of(bench.draft, bench.feature, bench.prompt, author)
    if not isinstance(case, Case):
        return Outcome(problems=case)
    if bench.unfit:
        return Outcome(problems=[Problem(field="version", says=problem) for problem in bench.unfit])
    return Trial(
        feature=bench.feature,
        prompt=bench.prompt,
        recipient=bench.recipient,
        call=case.call,
        people=case.people,
    )
