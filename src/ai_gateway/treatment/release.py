"""A vendor's reply on its way to the actor: what nobody sent in is taken out, then pseudonyms become values again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ai_gateway.errors import ReplyRefused
from ai_gateway.model import BudgetedPrompt, EntityType, Released, Span, Subject, SubjectId, TreatedPrompt
from ai_gateway.policies.policy import OutputRule, UnexpectedPersonalData
from ai_gateway.ports import Operators
from ai_gateway.treatment.markers import removed
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.placeholder import placeholders, stem_of
from ai_gateway.treatment.stream import Restorer, restore
from ai_gateway.treatment.words import split

_NOBODYS = frozenset({EntityType("ORGANIZATION"), EntityType("LOCATION")})
"""Of no person by themselves: a company or a town that a vendor mentions is personal data only if it is known to be."""


def released(
    text: str, found: Sequence[Span], prompt: BudgetedPrompt, rule: OutputRule, operators: Operators
) -> Released:
    """``found`` is what the detector found in ``text``. Raises ``ReplyRefused`` where the rule says so.

    1. Set the pseudonyms aside: they are no personal data yet.  2. Take out, or refuse, what nobody sent in.
    3. Restore for the parties the actor may see.
    """
    surprises = tuple(unexpected(text, found, prompt))
    if surprises and rule.unexpected == UnexpectedPersonalData.REFUSE:
        raise ReplyRefused(
            "The vendor's reply holds personal data that nobody sent in; the policy refuses such replies. Try again.",
            entities=sorted({str(span.entity) for span in surprises}),
            count=len(surprises),
            rule=rule.ref.rule,
        )
    kept = operators.apply(text, [(s.start, s.end, removed(s.entity)) for s in surprises]) if surprises else text
    restorer = Restorer(prompt.treated.pseudonyms, visible(prompt.treated, rule))
    counts: Mapping[EntityType, int] = Counter(span.entity for span in surprises)
    return Released(text=restore(kept, restorer), restored=restorer.restored, removed=counts)


def visible(treated: TreatedPrompt, rule: OutputRule) -> frozenset[str]:
    """The tokens this actor may see restored.

    Their own, those of parties whose role the rule names, and those of nobody known: such a value stood in a text that
    the actor's own service gave for this actor.
    """
    permission = treated.permission
    return frozenset(
        pseudonym.token
        for pseudonym in treated.pseudonyms
        if pseudonym.subject is None or _may_see(pseudonym.subject, permission.call.actor, permission.subjects, rule)
    )


def _may_see(subject: SubjectId, actor: SubjectId, subjects: Mapping[SubjectId, Subject], rule: OutputRule) -> bool:
    return subject == actor or (subject in subjects and subjects[subject].role in rule.restore_roles)


def unexpected(text: str, found: Iterable[Span], prompt: BudgetedPrompt) -> Iterator[Span]:
    """Personal data in the reply that does not stand in what the vendor was sent, pseudonyms set aside.

    A known identifier in clear is as unexpected as any: the vendor was not told it.
    """
    stems = {stem_of(pseudonym.token) for pseudonym in prompt.treated.pseudonyms}
    aside = [(place.start, place.end) for place in placeholders(text, stems)]
    sent = _spoken(message.content for message in prompt.messages)
    for span in found:
        if span.entity in _NOBODYS and span.found_by != "known":
            continue
        for start, end in _without(span, aside):
            rest = text[start:end].strip()
            words = split(fold(rest))
            if words and f" {' '.join(words)} " not in sent:
                begin = text.index(rest, start)
                yield replace(span, start=begin, end=begin + len(rest))


def _spoken(texts: Iterable[str]) -> str:
    return f" {' '.join(' '.join(split(fold(text))) for text in texts)} "


def _without(span: Span, aside: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What is left of a span beside the pseudonyms it touches."""
    at = span.start
    for start, end in aside:
        if end <= at or start >= span.end:
            continue
        if start > at:
            yield at, start
        at = max(at, end)
    if at < span.end:
        yield at, span.end
