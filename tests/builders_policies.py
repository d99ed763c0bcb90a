"""Plain constructors for whatever is decided about: the shipped policies, people, items, calls, consents."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.model import (
    AgeStatus,
    Call,
    Choices,
    ConsentEvent,
    Consents,
    ConsentState,
    Decision,
    FeatureName,
    Item,
    Known,
    Permission,
    Purpose,
    Refusal,
    Role,
    Subject,
    SubjectId,
    Visibility,
)
from ai_gateway.policies.decide import decide
from ai_gateway.policies.policy import FeaturePolicy, Policies, VendorChoice

POLICIES_FOLDER = Path(__file__).parents[1] / "policies"
PROPOSAL = FeatureName("proposal_draft")
SUMMARY = FeatureName("profile_summary")
PRO = SubjectId("pro_17")
CLIENT = SubjectId("cli_9")
NOW = 1_750_000_000_000


@cache
def shipped() -> Policies:
    return load_policies(POLICIES_FOLDER)


def choice_of(feature: FeaturePolicy, vendor: str = "standin") -> VendorChoice:
    """The feature's own choice of this vendor."""
    return next(choice for choice in feature.vendors if choice.vendor == vendor)


def subject(id_: SubjectId = PRO, **facts: Any) -> Subject:
    """A registered adult of the US with a public profile who opted in to both shipped features."""
    defaults: dict[str, Any] = {
        "role": Role.CLIENT if id_.startswith("cli") else Role.INDEPENDENT_PROFESSIONAL,
        "region": "US-CA",
        "age_status": AgeStatus.ADULT,
        "profile_visibility": Visibility.PUBLIC,
        "known": Known(),
        "choices": Choices(opted_in=frozenset({PROPOSAL, SUMMARY})),
    }
    return Subject(id=id_, **(defaults | facts))


def people(*subjects: Subject) -> Mapping[SubjectId, Subject]:
    """These; the professional and the client as well, unless they are among them."""
    return {person.id: person for person in (subject(PRO), subject(CLIENT), *subjects)}


def item(path: str = "profile", **facts: Any) -> Item:
    defaults: dict[str, Any] = {
        "input": path.partition("[")[0],
        "text": "Some text.",
        "source": "profile.overview",
        "visibility": Visibility.PUBLIC,
        "about": (PRO,),
    }
    return Item(path=path, **(defaults | facts))


def message(author: SubjectId | None = CLIENT, index: int = 0, **facts: Any) -> Item:
    defaults: dict[str, Any] = {
        "input": "messages",
        "source": "message.content",
        "visibility": Visibility.PRIVATE,
        "about": (CLIENT, PRO),
        "author": author,
    }
    return item(f"messages[{index}]", **(defaults | facts))


def job_post(**facts: Any) -> Item:
    return item("job_post", **({"source": "job_post.description", "about": (CLIENT,)} | facts))


def proposal_call(*items: Item, actor: SubjectId = PRO) -> Call:
    """The professional's proposal: job post, profile, and whatever else is given."""
    return Call(feature=PROPOSAL, actor=actor, items=(job_post(), item("profile"), *items))


def summary_call(*items: Item, actor: SubjectId = CLIENT) -> Call:
    """The client's look at the professional's public profile."""
    return Call(feature=SUMMARY, actor=actor, items=items or (item("profile"),))


def consent(
    author: SubjectId = CLIENT,
    state: ConsentState = ConsentState.GIVEN,
    purpose: Purpose = Purpose.PROVIDE,
    expires_at: int | None = None,
) -> ConsentEvent:
    return ConsentEvent(
        id=f"con_{author}_{purpose}",
        subject=author,
        purpose=purpose,
        state=state,
        at=NOW - 1000,
        notice_version="2025",
        channel="settings",
        expires_at=expires_at,
    )


def consents(*events: ConsentEvent) -> Consents:
    return Consents(latest={(event.subject, event.purpose): event for event in events}, at=NOW)


def decided(
    call: Call,
    *subjects: Subject,
    events: Iterable[ConsentEvent] = (),
    vendor: str = "standin",
    policies: Policies | None = None,
    known: Mapping[SubjectId, Subject] | None = None,
) -> Decision:
    """The decision on a call, under the shipped policies unless others are given."""
    policies = policies or shipped()
    feature = policies.features[call.feature]
    everybody = people(*subjects) if known is None else known
    return decide(policies, feature, choice_of(feature, vendor), call, everybody, consents(*events))


def codes(decision: Decision) -> dict[str, str]:
    """Each item's path with its reason's code."""
    return {one.item: one.reason.code for one in decision.items}


def refusal_codes(decision: Decision) -> tuple[str, ...]:
    assert isinstance(decision, Refusal), codes(decision)
    return tuple(reason.code for reason in decision.reasons)


def permitted(decision: Decision) -> Permission:
    assert isinstance(decision, Permission), [reason.code for reason in decision.reasons]
    return decision


def with_feature(policies: Policies, name: FeatureName, **changes: Any) -> Policies:
    """The policies with one feature changed, past the loader: to see that deciding does not rely on it."""
    changed = replace(policies.features[name], **changes)
    return replace(policies, features={**policies.features, name: changed})


def with_vendor(policies: Policies, name: str = "standin", **changes: Any) -> Policies:
    """The policies with one vendor changed, past the loader."""
    return replace(
        policies,
        vendors={key: replace(one, **changes) if key == name else one for key, one in policies.vendors.items()},
    )
