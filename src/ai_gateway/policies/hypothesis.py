"""Decisions about people and texts that are only supposed: built as a call would be, decided by ``decide`` itself.

Explanations, matrices, comparisons and replays all ask here, so that none of them knows a rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ai_gateway.model import (
    Action,
    AgeStatus,
    Call,
    Choices,
    ConsentEvent,
    Consents,
    ConsentState,
    Decision,
    EntityType,
    Item,
    Reason,
    Refusal,
    Role,
    Subject,
    SubjectId,
    Treatment,
    Visibility,
)
from ai_gateway.policies.codes import Code
from ai_gateway.policies.decide import decide
from ai_gateway.policies.policy import FeaturePolicy, Policies, VendorChoice
from ai_gateway.policies.question import Question
from ai_gateway.policies.regions import Regime

ACTOR = SubjectId("supposed-actor")
_OF_THE_WHOLE = frozenset(
    {Code.REQUIRED_INPUT_MISSING.value, Code.REQUIRED_INPUT_WITHHELD.value, Code.NOTHING_TO_SHARE.value}
)
"""Reasons that say of a call that other items are missing from it."""

REGION_OF: Mapping[Regime | None, str] = MappingProxyType(
    {Regime.EEA: "DE", Regime.UK: "GB", Regime.CH: "CH", None: "US"}
)
"""A country under each regime; none of them for None."""


class Author(StrEnum):
    """Who wrote the text, as far as rules ask."""

    NOBODY = "nobody named"
    ACTOR = "the actor"
    OTHER = "somebody else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody supposed. The defaults are the standing that stops nothing."""

    role: Role = Role.CLIENT
    region: str | None = "US"
    age: AgeStatus = AgeStatus.ADULT
    profile: Visibility = Visibility.PUBLIC
    registered: bool = True
    opted_in: bool = True
    opted_out: bool = False
    restricted: bool = False
    erased: bool = False
    limits_sensitive: bool = False
    opted_out_of_sale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """One text and whom it concerns. ``about`` nobody else: it is about the actor. ``consent`` is the latest event of
    an author who is somebody else (the first of ``about``), for the feature's purpose."""

    input: str
    source: str
    visibility: Visibility = Visibility.PUBLIC
    author: Author = Author.NOBODY
    consent: ConsentState | None = None
    about: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of one text: ``refused`` ends the whole call. ``entities`` is empty unless it is shared."""

    action: str
    treatment: Treatment
    code: str
    rule: str
    source: str
    entities: Mapping[EntityType, Treatment] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def said(self) -> str:
        """``pseudonymize (allowed)``, ``withheld (not-public)``."""
        return f"{self.treatment if self.action == Action.SHARED else self.action} ({self.code})"


REFUSED = "refused"


def question(
    policies: Policies,
    feature: FeaturePolicy,
    choice: VendorChoice,
    supposed: Sequence[Supposed],
    actor: Person | None = None,
) -> Question:
    """The question that a call with these texts would put."""
    subjects = {ACTOR: _subject(ACTOR, actor or Person(role=Role.INDEPENDENT_PROFESSIONAL), feature)}
    latest: dict[tuple[SubjectId, object], ConsentEvent] = {}
    items: list[Item] = []
    for number, one in enumerate(supposed):
        about = tuple(SubjectId(f"supposed-{number}-{place}") for place, _ in enumerate(one.about)) or (ACTOR,)
        for id_, person in zip(about, one.about, strict=False):
            subjects[id_] = _subject(id_, person, feature)
        author = {Author.NOBODY: None, Author.ACTOR: ACTOR, Author.OTHER: about[0]}[one.author]
        if one.consent is not None and author is not None:
            latest[author, feature.purpose] = _event(author, feature, one.consent)
        items.append(
            Item(
                path=f"{one.input}[{number}]",
                input=one.input,
                text="",
                source=one.source,
                visibility=one.visibility,
                about=about,
                author=author,
            )
        )
    call = Call(feature=feature.name, actor=ACTOR, items=tuple(items))
    consents = Consents(latest=latest, at=0)  # type: ignore[arg-type]  # keys are (subject, purpose)
    return Question(policies=policies, feature=feature, choice=choice, call=call, subjects=subjects, consents=consents)


def decided(q: Question) -> Decision:
    return decide(q.policies, q.feature, q.choice, q.call, q.subjects, q.consents)


def outcomes(q: Question) -> tuple[Outcome, ...]:
    """Of each text by itself: what other inputs the feature needs does not count."""
    decision = decided(q)
    stopped = call_reasons(decision)
    if stopped:
        return tuple(_refused(stopped[0]) for _ in q.call.items)
    return tuple(
        Outcome(
            action=one.action.value,
            treatment=one.treatment,
            code=one.reason.code,
            rule=one.reason.rule,
            source=one.reason.source,
            entities=one.entities if one.action is Action.SHARED else MappingProxyType({}),
        )
        for one in decision.items
    )


def call_reasons(decision: Decision) -> tuple[Reason, ...]:
    """Why the call as such is refused, whatever else it held."""
    if not isinstance(decision, Refusal):
        return ()
    items = {one.reason for one in decision.items}
    return tuple(one for one in decision.reasons if one.code not in _OF_THE_WHOLE and one not in items)


def outcome(
    policies: Policies, feature: FeaturePolicy, choice: VendorChoice, one: Supposed, actor: Person | None = None
) -> Outcome:
    return outcomes(question(policies, feature, choice, (one,), actor))[0]


def _refused(reason: Reason) -> Outcome:
    return Outcome(
        action=REFUSED, treatment=Treatment.WITHHOLD, code=reason.code, rule=reason.rule, source=reason.source
    )


def _subject(id_: SubjectId, person: Person, feature: FeaturePolicy) -> Subject:
    return Subject(
        id=id_,
        role=person.role,
        region=person.region,
        age_status=person.age,
        profile_visibility=person.profile,
        restricted=person.restricted,
        erased=person.erased,
        registered=person.registered,
        choices=Choices(
            opted_in=frozenset({feature.name} if person.opted_in else ()),
            opted_out=frozenset({feature.name} if person.opted_out else ()),
            opt_out_sale_share=person.opted_out_of_sale,
            limit_sensitive=person.limits_sensitive,
        ),
    )


def _event(author: SubjectId, feature: FeaturePolicy, state: ConsentState) -> ConsentEvent:
    return ConsentEvent(
        id="supposed", subject=author, purpose=feature.purpose, state=state, at=0, notice_version="", channel="supposed"
    )
