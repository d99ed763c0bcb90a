"""A share as an auditor's page tells it: plain values, in the order in which they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ai_gateway.console import words
from ai_gateway.model import CategoryCode, Purpose, ShareId, SubjectId, VendorName
from ai_gateway.policies.policy import Policies
from ai_gateway.policies.vocabulary import RecordClass
from ai_gateway.sharelog.account import recipient
from ai_gateway.sharelog.erasure import Erasure
from ai_gateway.sharelog.view import ItemFate, Participant, SharedItem, ShareState, ShareView


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A share in a list. ``at`` is None when its leaf is no longer kept; ``gone`` counts people whose keys are."""

    id: ShareId
    at: int | None
    state: ShareState
    feature: str | None
    vendor: str | None
    model: str | None
    ended: str | None
    people: tuple[SubjectId, ...]
    gone: int
    withheld: int
    trial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided about one item, and why; ``item`` is what left of it, None when it was withheld or cannot be
    read any more. ``about`` names those of its people whose keys still exist."""

    path: str
    input: str
    shared: bool
    category: str
    source: str
    code: str
    why: str
    rule: str
    rests_on: str
    about: tuple[SubjectId, ...]
    author: SubjectId | None
    item: SharedItem | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the entry itself says of texts that were decided alike: of nobody a word, so no erasure takes it."""

    input: str
    source: str
    visibility: str
    shared: bool | None
    code: str | None
    why: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What of a share nobody can read any more. ``erased`` are times (ms), ascending, at which somebody's key was
    destroyed since it was made: nothing leads from an erasure to a share, so that it was one of them is all that can be
    said."""

    texts: int
    people: int
    body: bool
    erased: tuple[int, ...] = ()
    months: int | None

    def __bool__(self) -> bool:
        return bool(self.texts or self.people or self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    row: Row
    index: int
    facts: Mapping[str, Any]
    purpose: str | None
    recipient: Mapping[str, Any]
    refused_for: Sequence[Mapping[str, str]]
    people: tuple[Participant, ...]
    decided: Sequence[Decided] = field(repr=False)
    asked: Sequence[Line]
    gone: Gone
    view: ShareView = field(repr=False)

    def since(self, erasures: Iterable[Erasure]) -> Self:
        """With what is known of erasures since it was made."""
        times = (one.shredded_at for one in erasures)
        erased = sorted(at for at in times if at is not None and at >= self.view.at)
        return replace(self, gone=replace(self.gone, erased=tuple(erased)))


def row_of(share: ShareView, *, whole: bool = True) -> Row:
    """Not ``whole``: one person's side, in which the others are not gone but unnamed."""
    described = sum(segment.get("kind") == "person" for segment in share.facts.get("segments", ()))
    return Row(
        id=share.id,
        at=share.at or None,
        state=share.state,
        feature=share.fact("feature"),
        vendor=share.fact("vendor"),
        model=share.fact("model"),
        ended=share.outcome.status if share.outcome is not None else None,
        people=tuple(person.subject for person in share.people),
        gone=max(0, described - len(share.people)) if whole else 0,
        withheld=len(share.facts.get("withheld", ()) if whole else {fate.path for fate in share.withheld}),
        trial=share.facts.get("trial") is True,
    )


def told_of(share: ShareView, policies: Policies) -> Told:
    """A share that was read whole."""
    vendor, purpose = policies.vendors.get(VendorName(share.fact("vendor") or "")), share.fact("purpose")
    reasons = share.facts.get("reasons", ())
    return Told(
        row=row_of(share),
        index=share.index,
        facts=share.facts,
        purpose=policies.taxonomy.purposes.get(Purpose(purpose)) if purpose in set(Purpose) else None,
        recipient=recipient(share, vendor),
        refused_for=[{**reason, "why": words.why(reason["code"], "")} for reason in reasons],
        people=share.people,
        decided=_decided(share, policies),
        asked=_asked(share),
        gone=_gone(share, policies),
        view=share,
    )


def _decided(share: ShareView, policies: Policies) -> Sequence[Decided]:
    """Each item once, however many people it concerns."""
    items = {item.path: item for item in share.items}
    fates: dict[str, list[ItemFate]] = {}
    for fate in share.fates:
        fates.setdefault(fate.path, []).append(fate)
    decided: list[Decided] = []
    for path, alike in fates.items():
        first, item = alike[0], items.get(path)
        category = policies.taxonomy.categories.get(CategoryCode(first.category))
        decided.append(
            Decided(
                path=path,
                input=first.input,
                shared=first.action == "shared",
                category=first.category if category is None else category.name,
                source=first.source,
                code=first.code,
                why=words.why(first.code, ""),
                rule=first.rule,
                rests_on=first.rule_source,
                about=tuple(fate.subject for fate in alike),
                author=next((fate.subject for fate in alike if fate.author), None),
                item=item,
            )
        )
    return sorted(decided, key=lambda one: (not one.shared, one.path))


def _asked(share: ShareView) -> Sequence[Line]:
    lines = share.facts.get("asked", {}).get("items", ())
    return [
        Line(
            input=line["input"],
            source=line["source"],
            visibility=line["visibility"],
            shared=None if line["action"] is None else line["action"] == "shared",
            code=line["code"],
            why=words.why(line["code"], "") if line["code"] else "",
            count=line["n"],
        )
        for line in lines
    ]


def _gone(share: ShareView, policies: Policies) -> Gone:
    kinds = [segment.get("kind") for segment in share.facts.get("segments", ())]
    kept = None if policies.retention is None else policies.retention[RecordClass.SHARE_CONTENT].months
    return Gone(
        texts=kinds.count("item") - len(share.items),
        people=kinds.count("person") - len(share.people),
        body="body" in kinds and share.body is None,
        months=kept,
    )
