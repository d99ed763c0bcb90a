"""Rules about one item. Each looks at one thing and gives the reason to withhold it, or None.

An unregistered person (described by the call alone) made no choices and registered no profile: what only the registry
can confirm counts as not confirmed.
"""

from collections.abc import Callable

from ai_gateway.model import (
    ConsentEvent,
    ConsentState,
    ConsentUsed,
    Item,
    Reason,
    Subject,
    Treatment,
    Visibility,
)
from ai_gateway.policies.codes import Code
from ai_gateway.policies.policy import ConsentRule, InputRule, RuleRef, VendorRole
from ai_gateway.policies.question import Question
from ai_gateway.policies.regions import Regime, regime_of, regimes
from ai_gateway.policies.vocabulary import LOCAL, SourceVisibility, StandingRule

ItemRule = Callable[[Question, Item, InputRule], Reason | None]


def policy_shares_it(q: Question, item: Item, rule: InputRule) -> Reason | None:
    if rule.treatment is Treatment.WITHHOLD:
        return q.because(Code.POLICY_WITHHOLDS, rule.ref, item)
    return None


def people_may_be_processed(q: Question, item: Item, _: InputRule) -> Reason | None:
    for person in q.people(item):
        if person.erased:
            return q.because(Code.SUBJECT_ERASED, StandingRule.ERASED, item)
        if person.restricted:
            return q.because(Code.SUBJECT_RESTRICTED, StandingRule.RESTRICTED, item)
    return None


def nobody_opted_out(q: Question, item: Item, _: InputRule) -> Reason | None:
    name = q.name
    if any(name in person.choices.opted_out for person in q.people(item)):
        return q.because(Code.SUBJECT_OPTED_OUT, StandingRule.OPT_OUT, item)
    return None


def asked_roles_opted_in(q: Question, item: Item, _: InputRule) -> Reason | None:
    if any(q.name not in person.choices.opted_in for person in q.others(item, q.feature.opt_in.roles)):
        return q.because(Code.SUBJECT_NOT_OPTED_IN, q.feature.opt_in.ref, item)
    return None


def purpose_is_stated(q: Question, item: Item, rule: InputRule) -> Reason | None:
    """The notice names the purpose for the category, outright or with consent (which the next rule asks for)."""
    category = q.category(rule)
    if q.purpose not in category.purposes | category.consent_purposes:
        return q.because(Code.PURPOSE_NOT_STATED, category.ref, item)
    return None


def author_consented(q: Question, item: Item, rule: InputRule) -> Reason | None:
    if not _needs_consent(q, item, rule):
        return None
    by_policy = rule.consent is ConsentRule.AUTHOR
    ref = (
        RuleRef(rule=f"{rule.ref.rule}/consent", source=rule.ref.source) if by_policy else StandingRule.MESSAGE_CONSENT
    )
    if item.author is None:
        return q.because(Code.MESSAGE_AUTHOR_MISSING, ref, item)
    if q.consents.standing(item.author, q.purpose) is None:
        return q.because(_why_not(q.consents.latest.get((item.author, q.purpose))), ref, item)
    return None


def not_sensitive(q: Question, item: Item, rule: InputRule) -> Reason | None:
    """Sensitive categories stay, but for messages, which consent governs unless somebody concerned limited that too."""
    category = q.category(rule)
    if not category.sensitive:
        return None
    if not category.consent_purposes:
        return q.because(Code.SENSITIVE_CATEGORY, StandingRule.SENSITIVE, item)
    if any(person.choices.limit_sensitive for person in q.people(item)):
        return q.because(Code.SENSITIVE_LIMITED, StandingRule.SENSITIVE, item)
    return None


def public_where_asked(q: Question, item: Item, rule: InputRule) -> Reason | None:
    """``public_only``: the item is public, its source counts as public, and so does the profile it comes from, now."""
    if not rule.public_only:
        return None
    source = q.source(item)
    if item.source not in q.feature.public_sources or source is None:
        return q.because(Code.SOURCE_NOT_PUBLIC, rule.ref, item)
    if source.visibility not in (SourceVisibility.ITEM, SourceVisibility.PROFILE):
        return q.because(Code.SOURCE_NOT_PUBLIC, source.ref, item)
    if item.visibility is not Visibility.PUBLIC:
        return q.because(Code.NOT_PUBLIC, rule.ref, item)
    if source.visibility is SourceVisibility.PROFILE:
        return _profiles_are_public(q, item)
    return None


def fit_for_third_parties(q: Question, item: Item, rule: InputRule) -> Reason | None:
    """A vendor that is no service provider gets what the notice says is sold or shared, of people who let it be."""
    if q.vendor.role is VendorRole.SERVICE_PROVIDER:
        return None
    if q.category(rule).sold_or_shared is not True:
        return q.because(Code.THIRD_PARTY_NOT_STATED, StandingRule.THIRD_PARTIES, item)
    if any(_keeps_from_sale(person) for person in q.people(item)):
        return q.because(Code.SALE_OR_SHARING_OPTED_OUT, StandingRule.SALE_OPT_OUT, item)
    return None


def transfer_is_covered(q: Question, item: Item, _: InputRule) -> Reason | None:
    """Every regime that may protect anybody concerned has a mechanism, unless the vendor stands under it or here."""
    for person in q.people(item):
        protecting = regimes(person.region)
        if any(not _covered(q, regime) for regime in protecting):
            unknown = len(protecting) == len(Regime)
            code = Code.REGION_UNKNOWN if unknown else Code.TRANSFER_MECHANISM_MISSING
            return q.because(code, StandingRule.TRANSFERS, item)
    return None


ITEM_RULES: tuple[ItemRule, ...] = (
    policy_shares_it,
    people_may_be_processed,
    nobody_opted_out,
    asked_roles_opted_in,
    purpose_is_stated,
    author_consented,
    not_sensitive,
    public_where_asked,
    fit_for_third_parties,
    transfer_is_covered,
)
"""In this order; the first reason is the one told."""


def why_shared(q: Question, item: Item, rule: InputRule) -> Reason:
    """The reason of an item that no rule withholds."""
    if rule.public_only:
        return q.because(Code.ALLOWED_PUBLIC, rule.ref, item)
    if _needs_consent(q, item, rule):
        return q.because(Code.ALLOWED_BY_CONSENT, rule.ref, item)
    if _consent_governs(q, rule):
        return q.because(Code.ALLOWED_OWN_MESSAGE, rule.ref, item)
    return q.because(Code.ALLOWED, rule.ref, item)


def consent_used(q: Question, item: Item, rule: InputRule) -> ConsentUsed | None:
    """The consent that sharing the item rests on, if it rests on one."""
    if item.author is None or not _needs_consent(q, item, rule):
        return None
    event = q.consents.standing(item.author, q.purpose)
    return ConsentUsed(subject=event.subject, purpose=event.purpose, event_id=event.id) if event else None


def _consent_governs(q: Question, rule: InputRule) -> bool:
    """The policy asks for it, or the category holds what people wrote to each other: no policy can do without then."""
    return rule.consent is ConsentRule.AUTHOR or bool(q.category(rule).consent_purposes)


def _needs_consent(q: Question, item: Item, rule: InputRule) -> bool:
    """One's own message needs none, unless the notice asks for consent to the very purpose (notice L49)."""
    asked_by_notice = q.purpose in q.category(rule).consent_purposes
    return asked_by_notice or (_consent_governs(q, rule) and item.author != q.call.actor)


def _why_not(latest: ConsentEvent | None) -> Code:
    match latest.state if latest else None:
        case None | ConsentState.REQUESTED:
            return Code.MESSAGE_CONSENT_MISSING
        case ConsentState.REFUSED:
            return Code.MESSAGE_CONSENT_REFUSED
        case ConsentState.WITHDRAWN:
            return Code.MESSAGE_CONSENT_WITHDRAWN
        case ConsentState.INVALIDATED:
            return Code.MESSAGE_CONSENT_INVALIDATED
        case ConsentState.EXPIRED | ConsentState.GIVEN | ConsentState.RENEWED:
            return Code.MESSAGE_CONSENT_EXPIRED


def _profiles_are_public(q: Question, item: Item) -> Reason | None:
    for person in q.people(item):
        if not person.registered:
            return q.because(Code.VISIBILITY_UNCONFIRMED, StandingRule.PUBLIC_DATA, item)
        if person.profile_visibility is not Visibility.PUBLIC:
            return q.because(Code.VISIBILITY_CHANGED, StandingRule.PUBLIC_DATA, item)
    return None


def _keeps_from_sale(person: Subject) -> bool:
    return person.choices.opt_out_sale_share or person.choices.gpc or not person.registered


def _covered(q: Question, regime: Regime) -> bool:
    vendor = q.vendor
    return vendor.country == LOCAL or regime_of(vendor.country) is regime or regime in vendor.transfers
