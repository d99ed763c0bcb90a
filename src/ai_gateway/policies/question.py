"""What is decided about: everything a rule may look at, and how a rule says why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ai_gateway.model import Call, Consents, FeatureName, Item, Purpose, Reason, Role, Subject, SubjectId
from ai_gateway.policies.codes import MEANINGS, Code
from ai_gateway.policies.policy import (
    Category,
    DataSource,
    FeaturePolicy,
    InputRule,
    Policies,
    RuleRef,
    VendorChoice,
    VendorProfile,
)
from ai_gateway.policies.vocabulary import StandingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this call, at this moment, be shared with this vendor? ``languages``: of the items, by path, whose language
    could be told."""

    policies: Policies
    feature: FeaturePolicy
    choice: VendorChoice
    call: Call
    subjects: Mapping[SubjectId, Subject]
    consents: Consents
    languages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    _people: dict[tuple[object, object], tuple[Subject, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def purpose(self) -> Purpose:
        return self.feature.purpose

    @property
    def name(self) -> FeatureName:
        return self.feature.name

    @property
    def actor(self) -> Subject:
        return self.subjects[self.call.actor]

    @property
    def vendor(self) -> VendorProfile:
        return self.policies.vendors[self.choice.vendor]

    def category(self, rule: InputRule) -> Category:
        return self.policies.taxonomy.categories[rule.category]

    def source(self, item: Item) -> DataSource | None:
        return self.policies.taxonomy.sources.get(item.source)

    def people(self, item: Item) -> tuple[Subject, ...]:
        """Everybody the item is about, and its author."""
        who = item.about, item.author
        people = self._people.get(who)
        if people is None:
            people = self._people[who] = tuple([self.subjects[id_] for id_ in concerned(item)])
        return people

    def others(self, item: Item, roles: frozenset[Role]) -> tuple[Subject, ...]:
        """Those of these roles, without the actor."""
        return tuple([p for p in self.people(item) if p.role in roles and p.id != self.call.actor]) if roles else ()

    def because(self, code: Code, ref: RuleRef | StandingRule, item: Item | None = None) -> Reason:
        if isinstance(ref, StandingRule):
            ref = self.policies.taxonomy.rules[ref]
        detail = MEANINGS[code].detail
        return Reason(
            code=code.value, rule=ref.rule, source=ref.source, item=item.path if item else None, detail=detail
        )


def concerned(item: Item) -> tuple[SubjectId, ...]:
    """The ids of everybody the item is about, and of its author, each once."""
    return tuple(dict.fromkeys((*item.about, *((item.author,) if item.author is not None else ()))))
