"""Where each treatment stands: in the texts that people wrote, and in the messages that a vendor would receive."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ai_gateway.model import ClearedOutbound, Coarser, EntityType, Item, Pseudonym, Span, TreatedItem
from ai_gateway.model import Treatment as Done
from ai_gateway.policies.policy import FeaturePolicy
from ai_gateway.policies.vocabulary import COARSER_FORMS
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.prompts.render import render
from ai_gateway.treatment.generalize import generalize
from ai_gateway.treatment.markers import redacted
from ai_gateway.treatment.quasi import industry_of

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Private-use characters around each item while its place is looked for; they are in no text that is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One entity, from ``start`` to ``end`` (characters of the text it is in).

    ``treatment`` is what was done to it, ``found_by`` who found it (``known``, ``pattern``, ``model``,
    ``propagation``), ``rule`` and ``rests_on`` the policy's rule for it and the rule's source.
    """

    start: int
    end: int
    item: str
    entity: EntityType
    treatment: Done
    found_by: str
    rule: str
    rests_on: str

    @property
    def why(self) -> str:
        """For people: what it is, what was done, who found it and by which rule."""
        return f"{self.entity}: {self.treatment}; found by {self.found_by}; {self.rule} ({self.rests_on})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a marked text. ``item`` is the path of the item it comes from (None: the prompt's own words), ``mark``
    the entity that it is, if it is one."""

    text: str = field(repr=False)
    item: str | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text in parts, in order; joined, they are the text. ``title`` is a message's role or an item's path."""

    title: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    def marks(self) -> tuple[Mark, ...]:
        return tuple(part.mark for part in self.parts if part.mark is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPair:
    """What goes in, item by item as it was written, and what a vendor would receive, message by message."""

    items: tuple[Marked, ...]
    messages: tuple[Marked, ...]


def marked(cleared: ClearedOutbound, prompt: Prompt | None, policy: FeaturePolicy) -> MarkedPair:
    """Both sides of one call, as it was prepared. ``prompt`` is None for an exchange, whose messages are its items.

    An item that was withheld has one part, without marks; the decisions say why.
    """
    budgeted = cleared.prompt
    treated = {item.path: item for item in budgeted.items}
    pseudonyms = budgeted.treated.pseudonyms
    inside = {
        item.path: _Inside(item, treated[item.path], pseudonyms, policy)
        for item in budgeted.treated.permission.call.items
        if item.path in treated
    }
    before = tuple(
        inside[item.path].before() if item.path in inside else Marked(title=item.path, parts=(_plain(item),))
        for item in budgeted.treated.permission.call.items
    )
    if prompt is None:
        pairs = zip(budgeted.messages, budgeted.items, strict=True)
        messages = tuple(Marked(title=message.role, parts=tuple(inside[item.path].after())) for message, item in pairs)
    else:
        messages = _in_messages(cleared, prompt, inside)
    return MarkedPair(items=before, messages=messages)


def _plain(item: Item) -> Part:
    return Part(text=item.text, item=item.path)


def _in_messages(cleared: ClearedOutbound, prompt: Prompt, inside: Mapping[str, "_Inside"]) -> tuple[Marked, ...]:
    """Rendered once more with every item between two characters: the template says where each of them went."""
    budgeted = cleared.prompt
    order = list(budgeted.items)
    texts: dict[str, list[str]] = {}
    for number, item in enumerate(order):
        texts.setdefault(item.input, []).append(f"{_OPEN}{chr(0xE100 + number)}{item.text}{_CLOSE}")
    readable = not any(_OPEN in item.text or _CLOSE in item.text for item in order)
    if readable:
        rendered, _ = render(prompt, texts, budgeted.treated.permission.call.parameters)
        found = tuple(
            Marked(title=message.role, parts=tuple(_cut(message.content, order, inside))) for message in rendered
        )
        if [one.text for one in found] == [message.content for message in budgeted.messages]:
            return found
    # A template that asks what a text says, or how long it is, renders otherwise; then nothing is marked.
    return tuple(Marked(title=m.role, parts=(Part(text=m.content),)) for m in budgeted.messages)


def _cut(content: str, order: Sequence[TreatedItem], inside: Mapping[str, "_Inside"]) -> Iterator[Part]:
    own, *rest = content.split(_OPEN)
    if own:
        yield Part(text=own)
    for piece in rest:
        number, (text, _, own) = ord(piece[0]) - 0xE100, piece[1:].partition(_CLOSE)
        item = order[number]
        if text == item.text:
            yield from inside[item.path].after()
        if own:
            yield Part(text=own)


class _Inside:
    """One treated item: its entities, and what stands for each afterwards."""

    def __init__(
        self, item: Item, treated: TreatedItem, pseudonyms: Sequence[Pseudonym], policy: FeaturePolicy
    ) -> None:
        self._item, self._treated, self._pseudonyms = item, treated, pseudonyms
        self._rule = policy.inputs.get(item.input)
        self._news = _aligned(item.text, treated, pseudonyms)

    def before(self) -> Marked:
        return Marked(title=self._item.path, parts=tuple(self._parts(after=False)))

    def after(self) -> Iterator[Part]:
        return self._parts(after=True)

    def _parts(self, *, after: bool) -> Iterator[Part]:
        text, path, at, written = self._item.text, self._item.path, 0, 0
        if self._news is None:
            yield Part(text=self._treated.text if after else text, item=path)
            return
        for span, new in zip(self._treated.spans, self._news, strict=True):
            if between := text[at : span.start]:
                yield Part(text=between, item=path)
                written += len(between)
            value = text[span.start : span.end]
            shown = new if after else value
            yield Part(text=shown, item=path, mark=self._mark(span, value, new, written, len(shown)))
            at, written = span.end, written + len(shown)
        if rest := text[at:]:
            yield Part(text=rest, item=path)

    def _mark(self, span: Span, value: str, new: str, start: int, length: int) -> Mark:
        ref = self._rule.entity_refs.get(span.entity, self._rule.ref) if self._rule is not None else None
        return Mark(
            start=start,
            end=start + length,
            item=self._item.path,
            entity=span.entity,
            treatment=_done(span.entity, value, new, set(_coarse(value, span.entity, self._treated.decision.coarser))),
            found_by=span.found_by,
            rule=ref.rule if ref is not None else "",
            rests_on=ref.source if ref is not None else "",
        )


def _done(entity: EntityType, value: str, new: str, coarse: Collection[str]) -> Done:
    if new == value:
        return Done.SHARE
    if new == redacted(entity):
        return Done.REDACT
    return Done.GENERALIZE if new in coarse else Done.PSEUDONYMIZE


def _aligned(text: str, treated: TreatedItem, pseudonyms: Sequence[Pseudonym]) -> tuple[str, ...] | None:
    """What stands for each span in the treated text; what is between spans is in both. None: cannot be told."""
    news: list[str] = []
    at, written = 0, 0
    for number, span in enumerate(treated.spans):
        between = text[at : span.start]
        if not treated.text.startswith(between, written):
            return None
        written += len(between)
        following = treated.spans[number + 1].start if number + 1 < len(treated.spans) else len(text)
        after = text[span.end : following]
        new = next(
            (
                one
                for one in _candidates(text[span.start : span.end], span, pseudonyms, treated.decision.coarser)
                if treated.text.startswith(one + after, written)
            ),
            None,
        )
        if new is None:
            return None
        news.append(new)
        at, written = span.end, written + len(new)
    return tuple(news)


def _candidates(
    value: str, span: Span, pseudonyms: Sequence[Pseudonym], coarser: Mapping[EntityType, Coarser]
) -> Iterator[str]:
    yield from (
        one.token for one in pseudonyms if (one.value, one.entity, one.subject) == (value, span.entity, span.subject)
    )
    yield redacted(span.entity)
    yield value
    yield from _coarse(value, span.entity, coarser)


def _coarse(value: str, entity: EntityType, coarser: Mapping[EntityType, Coarser]) -> Iterator[str]:
    """Whatever coarser value the policy may have put there."""
    if entity in coarser and (industry := industry_of(value, coarser[entity].industries)) is not None:
        yield industry
    for form in COARSER_FORMS.get(entity, ()):
        if (coarse := generalize(entity, value, form)) is not None:
            yield coarse
