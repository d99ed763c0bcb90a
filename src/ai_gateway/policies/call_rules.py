"""Rules about the whole call. Each looks at one thing and gives a reason per fault; no reason means it has none."""

from collections.abc import Callable, Iterator

from ai_gateway.model import AgeStatus, Reason
from ai_gateway.policies.codes import Code
from ai_gateway.policies.question import Question, concerned
from ai_gateway.policies.vocabulary import StandingRule

CallRule = Callable[[Question], Iterator[Reason]]


# --- what must hold before anything else can be asked -------------------------------------------------


def vendor_is_listed(q: Question) -> Iterator[Reason]:
    """The vendor and model are among the feature's, and in the vendors' register."""
    vendor = q.policies.vendors.get(q.choice.vendor)
    listed = any((c.vendor, c.model) == (q.choice.vendor, q.choice.model) for c in q.feature.vendors)
    if not listed or vendor is None or q.choice.model not in vendor.models:
        yield q.because(Code.VENDOR_NOT_LISTED, q.feature.ref)


def actor_is_known(q: Question) -> Iterator[Reason]:
    if q.call.actor not in q.subjects:
        yield q.because(Code.SUBJECT_UNKNOWN, StandingRule.KNOWN_PEOPLE)


def inputs_are_listed(q: Question) -> Iterator[Reason]:
    """Every item is of an input the policy lists, from a source its rule lists."""
    for item in q.call.items:
        rule = q.feature.inputs.get(item.input)
        if rule is None:
            yield q.because(Code.INPUT_UNKNOWN, StandingRule.LISTED_ONLY, item)
        elif item.source not in rule.sources or q.source(item) is None:
            yield q.because(Code.SOURCE_NOT_LISTED, rule.ref, item)


def people_are_known(q: Question) -> Iterator[Reason]:
    """Every item is about somebody, and everybody it concerns is known."""
    for item in q.call.items:
        if not item.about:
            yield q.because(Code.ITEM_ABOUT_NOBODY, StandingRule.KNOWN_PEOPLE, item)
        elif any(id_ not in q.subjects for id_ in concerned(item)):
            yield q.because(Code.SUBJECT_UNKNOWN, StandingRule.KNOWN_PEOPLE, item)


# --- what the rules say of the people and the vendor ---------------------------------------------------


def vendor_does_not_train(q: Question) -> Iterator[Reason]:
    if q.vendor.trains_on_data:
        yield q.because(Code.VENDOR_TRAINS, StandingRule.TRAINING)


def human_in_the_loop(q: Question) -> Iterator[Reason]:
    if q.feature.significant_decision and not q.feature.human_in_loop:
        yield q.because(Code.HUMAN_MISSING, StandingRule.SIGNIFICANT_DECISIONS)


def no_minors(q: Question) -> Iterator[Reason]:
    """A known minor anywhere in the call, actor or not, ends it."""
    if any(person.age_status is AgeStatus.MINOR for person in q.subjects.values()):
        yield q.because(Code.MINOR, StandingRule.MINORS)


def actor_may_be_processed(q: Question) -> Iterator[Reason]:
    if q.actor.erased:
        yield q.because(Code.ACTOR_ERASED, StandingRule.ERASED)
    if q.actor.restricted:
        yield q.because(Code.ACTOR_RESTRICTED, StandingRule.RESTRICTED)


def actor_chose_the_feature(q: Question) -> Iterator[Reason]:
    """Off by default; an opt-out beats an opt-in. Nobody chose where a request names nobody: whether such a request may
    run at all is the caller's policy, which was asked before."""
    if q.call.unattributed:
        return
    if q.name in q.actor.choices.opted_out:
        yield q.because(Code.ACTOR_OPTED_OUT, StandingRule.OPT_OUT)
    elif q.name not in q.actor.choices.opted_in:
        yield q.because(Code.ACTOR_NOT_OPTED_IN, q.feature.opt_in.ref)


def languages_are_taken(q: Question) -> Iterator[Reason]:
    """Of the texts whose language could be told; a few words tell none."""
    rule = q.feature.languages
    if rule is None or rule.names is None or (rule.unattributed and not q.call.unattributed):
        return
    for item in q.call.items:
        language = q.languages.get(item.path)
        if language is not None and language not in rule.names:
            yield q.because(Code.LANGUAGE_NOT_TAKEN, rule.ref, item)


FOUNDATIONS: tuple[CallRule, ...] = (vendor_is_listed, actor_is_known, inputs_are_listed, people_are_known)
"""Without these no item can be decided."""

CALL_RULES: tuple[CallRule, ...] = (
    vendor_does_not_train,
    human_in_the_loop,
    no_minors,
    actor_may_be_processed,
    actor_chose_the_feature,
    languages_are_taken,
)
