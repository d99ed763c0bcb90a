"""A vendor's reply on its way to the actor: what nobody sent in is taken out, then pseudonyms become values again.

One program, whether the reply comes whole or in pieces. A rule that has replies scanned lets a passage go when it is
complete, having been read together with those before it; one that refuses replies lets nothing go before the end.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ai_gateway.errors import ReplyRefused
from ai_gateway.model import BudgetedPrompt, EntityType, Released, Span, Subject, SubjectId, TreatedPrompt
from ai_gateway.policies.policy import OutputRule, UnexpectedPersonalData
from ai_gateway.ports import Detector, Operators, Party
from ai_gateway.treatment.markers import removed
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.passages import Passages
from ai_gateway.treatment.placeholder import placeholders, stem_of
from ai_gateway.treatment.stream import Restorer, said_twice
from ai_gateway.treatment.words import split

_NOBODYS = frozenset({EntityType("ORGANIZATION"), EntityType("LOCATION")})
"""Of no person by themselves: a company or a town that a vendor mentions is personal data only if it is known to be."""
_READ_AGAIN = 4_000
"""Characters before a passage that it is read with: a name that was found there is one here."""


class Release:
    """One reply. Feed it the text in pieces; send on what it gives.

    Raises ``DetectorUnavailable``, and ``ReplyRefused`` where the rule says so.
    """

    def __init__(self, prompt: BudgetedPrompt, rule: OutputRule, detector: Detector, operators: Operators) -> None:
        self._rule = rule
        self._detector, self._operators = detector, operators
        self._parties = tuple(Party(one.id, one.known) for one in prompt.treated.permission.subjects.values())
        self._restorer = restoring(prompt.treated, rule)(str)
        self._expected = Expected(prompt)
        self._passages = Passages()
        self._before: deque[str] = deque()
        self._held: list[str] = []
        self._removed: Counter[EntityType] = Counter()

    async def feed(self, piece: str) -> str:
        """1. Take out, or refuse, what nobody sent in.  2. Restore for the parties the actor may see."""
        if self._rule.unexpected is UnexpectedPersonalData.KEEP:
            return self._restorer.feed(piece)
        told = [self._restorer.feed(await self._scanned(passage)) for passage in self._passages.feed(piece)]
        if self._rule.unexpected is UnexpectedPersonalData.REFUSE:
            self._held += told
            return ""
        return "".join(told)

    async def finish(self) -> str:
        """The rest; the reply is over."""
        rest = self._passages.finish()
        told = self._restorer.feed(await self._scanned(rest)) if rest else ""
        return "".join((*self._held, told, self._restorer.finish()))

    def released(self, text: str) -> Released:
        """``text``, which came of this, with what was done to it."""
        return Released(text=text, restored=self._restorer.restored, removed=dict(self._removed))

    async def _scanned(self, passage: str) -> str:
        *_, found = await self._detector.detect([*self._before, passage], self._parties)
        surprises = [
            span
            for span, leads in self._expected.others(passage, found)
            if not leads or await self._stands_alone(passage[span.start : span.end])
        ]
        if surprises and self._rule.unexpected is UnexpectedPersonalData.REFUSE:
            raise ReplyRefused(
                "The vendor's reply holds personal data that nobody sent in; the policy refuses such. Try again.",
                entities=sorted({str(span.entity) for span in surprises}),
                count=len(surprises),
                rule=self._rule.ref.rule,
            )
        self._remember(passage)
        self._removed.update(span.entity for span in surprises)
        if not surprises:
            return passage
        return self._operators.apply(passage, [(s.start, s.end, removed(s.entity)) for s in surprises])

    async def _stands_alone(self, rest: str) -> bool:
        """Whether what leads to a pseudonym is something by itself: the model takes *Hello* for a part of what it
        greets. What follows one may be a surname that the vendor made up."""
        (found,) = await self._detector.detect([rest], self._parties)
        return bool(found)

    def _remember(self, passage: str) -> None:
        self._before.append(passage)
        while sum(map(len, self._before)) > _READ_AGAIN:
            self._before.popleft()


def restoring(treated: TreatedPrompt, rule: OutputRule) -> Callable[[Callable[[str], str]], Restorer]:
    """Makes restorers of what this actor may see, given how a value is written where it goes."""
    pseudonyms, seen = treated.pseudonyms, visible(treated, rule)
    whole = said_twice([item.text for item in treated.items], pseudonyms, seen)
    return lambda write: Restorer(pseudonyms, seen, write, whole)


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


class Expected:
    """What stands in what the vendor was sent."""

    def __init__(self, prompt: BudgetedPrompt) -> None:
        self._prompt = prompt
        self._stems = {stem_of(pseudonym.token) for pseudonym in prompt.treated.pseudonyms}
        self._sent: str | None = None

    def others(self, text: str, found: Iterable[Span]) -> Iterator[tuple[Span, bool]]:
        """Personal data in the reply that does not, pseudonyms set aside; and whether it only leads to a pseudonym that
        the model saw as one with it.

        A known identifier in clear is as unexpected as any: the vendor was not told it.
        """
        aside = [(place.start, place.end) for place in placeholders(text, self._stems)]
        for span in found:
            if span.entity in _NOBODYS and span.found_by != "known":
                continue
            for start, end in _without(span, aside):
                rest = text[start:end].strip()
                words = split(fold(rest))
                if words and f" {' '.join(words)} " not in self._spoken():
                    begin = text.index(rest, start)
                    leads = span.found_by == "model" and end < span.end
                    yield replace(span, start=begin, end=begin + len(rest)), leads

    def _spoken(self) -> str:
        if self._sent is None:
            texts = (message.content for message in self._prompt.messages)
            self._sent = f" {' '.join(' '.join(split(fold(text))) for text in texts)} "
        return self._sent


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
