"""A share as auditors see it, and a person's own side of it: leaves and those segments whose keys still exist."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ai_gateway.errors import KeyUnavailable
from ai_gateway.model import ShareId, SubjectId
from ai_gateway.model.entries import EntryKind, StoredEntry, StoredShare
from ai_gateway.sharelog.canonical import parsed
from ai_gateway.sharelog.keys import PersonKey
from ai_gateway.sharelog.segments import open_segment


class ShareState(StrEnum):
    SETTLED = "settled"
    IN_DOUBT = "in_doubt"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedItem:
    """A treated item that a vendor was to receive. ``about`` names those of its people whose keys still exist."""

    path: str
    input: str
    category: str
    source: str
    visibility: str
    treatment: str
    rule: str
    entities: Mapping[str, int]
    text: str = field(repr=False)
    about: tuple[SubjectId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFate:
    """What was decided about one item, ``shared`` or ``withheld``, as told to ``subject``; ``author`` says they wrote
    it."""

    subject: SubjectId
    path: str
    input: str
    action: str
    category: str
    source: str
    author: bool
    code: str
    rule: str
    rule_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A person named in the share. ``consents`` are the events it rests on."""

    subject: SubjectId
    role: str | None
    actor: bool
    consents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """``at`` in ms. What the vendor's reply carried is None when there was none, or nobody's key is left."""

    status: str
    answered: bool
    at: int
    index: int
    attempts: int | None = None
    response_id: str | None = field(default=None, repr=False)
    model: str | None = None
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """``facts`` is the opening leaf, as it is in the tree; ``unreadable`` counts segments whose keys are gone.

    A person's own side (``shares`` by subject) holds only segments that are theirs, and never the body.
    """

    id: ShareId
    state: ShareState
    at: int
    index: int
    facts: Mapping[str, Any]
    people: tuple[Participant, ...]
    items: tuple[SharedItem, ...]
    fates: tuple[ItemFate, ...]
    outcome: OutcomeView | None
    body: bytes | None = field(repr=False)
    unreadable: int

    @property
    def withheld(self) -> tuple[ItemFate, ...]:
        """Each withheld item once for every person it concerns."""
        return tuple(fate for fate in self.fates if fate.action == "withheld")

    def fact(self, name: str) -> str | None:
        """A plain fact of the opening leaf: ``vendor``, ``model``, ``region``, ``purpose``, ``feature``, ``run`` …"""
        value = self.facts.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class _Readable:
    """One decrypted segment: what kind it is, what it says, and whose references it has."""

    kind: str
    content: bytes
    owners: tuple[bytes, ...]

    def value(self) -> Any:  # noqa: ANN401  (our own JSON, authenticated by its key)
        return parsed(self.content)


def view(share: StoredShare, keys: Mapping[bytes, PersonKey], only: bytes | None = None) -> ShareView:
    """``keys`` by subject reference; ``only`` limits it to one person's side."""
    facts = _facts(share.opened)
    kind = EntryKind(facts.get("type", EntryKind.INTENT))
    opened = list(_readable(share.id, kind, share.opened, facts, keys, only))
    ids = {segment.owners[0]: SubjectId(segment.value()["subject"]) for segment in opened if segment.kind == "person"}
    bodies = [segment.content for segment in opened if segment.kind == "body"]
    people, fates = _people(opened)
    outcome = None if share.outcome is None else _outcome(share.id, share.outcome, keys, only)
    return ShareView(
        id=share.id,
        state=state_of(kind, settled=outcome is not None),
        at=int(facts.get("t", 0)),
        index=share.opened.index,
        facts=facts,
        people=people,
        items=tuple(_item(segment, ids) for segment in opened if segment.kind == "item"),
        fates=fates,
        outcome=outcome,
        body=bodies[0] if bodies and only is None else None,
        unreadable=_mine(share.opened, only) - len(opened),
    )


def state_of(kind: EntryKind, *, settled: bool) -> ShareState:
    """``kind`` of the entry that opened the share; ``settled``: it has an outcome."""
    if kind is EntryKind.DENIED:
        return ShareState.DENIED
    return ShareState.SETTLED if settled else ShareState.IN_DOUBT


def _facts(entry: StoredEntry) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = parsed(entry.leaf) if entry.leaf is not None else {}
    return facts


def _mine(entry: StoredEntry, only: bytes | None) -> int:
    return sum(only is None or only in segment.owners for segment in entry.segments)


def _readable(
    share: ShareId,
    kind: EntryKind,
    entry: StoredEntry,
    facts: Mapping[str, Any],
    keys: Mapping[bytes, PersonKey],
    only: bytes | None,
) -> Iterator[_Readable]:
    described = {said["n"]: said for said in facts.get("segments", ())}
    for segment in entry.segments:
        said = described.get(segment.n)
        if said is None or (only is not None and only not in segment.owners):
            continue
        held = [keys[ref] for ref in segment.owners if ref in keys]
        if len(held) < len(said["tags"]):
            continue
        try:
            content = open_segment(share, kind, segment, held).content
        except KeyUnavailable:
            continue
        yield _Readable(said["kind"], content, segment.owners)


def _item(segment: _Readable, ids: Mapping[bytes, SubjectId]) -> SharedItem:
    about = tuple(sorted(ids[ref] for ref in segment.owners if ref in ids))
    return SharedItem(**segment.value(), about=about)


def _people(opened: Sequence[_Readable]) -> tuple[tuple[Participant, ...], tuple[ItemFate, ...]]:
    people: list[Participant] = []
    fates: list[ItemFate] = []
    for account in (segment.value() for segment in opened if segment.kind == "person"):
        subject = SubjectId(account["subject"])
        people.append(
            Participant(
                subject=subject, role=account["role"], actor=account["actor"], consents=tuple(account["consents"])
            )
        )
        fates.extend(ItemFate(subject=subject, **fate) for fate in account["items"])
    return tuple(people), tuple(fates)


def _outcome(share: ShareId, entry: StoredEntry, keys: Mapping[bytes, PersonKey], only: bytes | None) -> OutcomeView:
    facts = _facts(entry)
    replies = list(_readable(share, EntryKind.OUTCOME, entry, facts, keys, only))
    reply: dict[str, Any] = replies[0].value() if replies else {}
    reply.pop("reply_salt", None)
    return OutcomeView(
        status=facts.get("status", "unknown"),
        answered=facts.get("answered", False),
        at=int(facts.get("t", 0)),
        index=entry.index,
        attempts=facts.get("attempts"),
        **reply,
    )
