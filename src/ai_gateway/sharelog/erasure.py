"""Erasures as values, and what they ask of the place where they rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ai_gateway.model import ShareId
from ai_gateway.model.entries import Entry
from ai_gateway.sharelog.canonical import Json


class Step(StrEnum):
    """The last step that is done. Each is one transaction, its entry included; the next run goes on from there."""

    REQUESTED = "requested"
    SUPPRESSED = "suppressed"
    DIRECTED = "directed"
    SHREDDED = "shredded"
    COMPLETED = "completed"


class Verification(StrEnum):
    """How it was verified that the request is the person's own (11 CCR 7061, 7062, 7063; GDPR Art. 12(6))."""

    ACCOUNT = "account"
    REASONABLE = "reasonable"
    REASONABLY_HIGH = "reasonably_high"
    AGENT = "agent"


class Basis(StrEnum):
    """What obliges to erase."""

    CCPA_DELETE = "ccpa_1798_105"
    GDPR_ERASE = "gdpr_art_17"
    STATE_LAW = "state_law"
    MINOR = "minor"
    ACCOUNT_CLOSED = "account_closed"


class DirectiveState(StrEnum):
    """Of what a vendor is told to delete. ``PLANNED`` has a date by which the vendor's own retention ends."""

    PLANNED = "planned"
    SENT = "sent"
    ACKNOWLEDGED = "acked"
    REFUSED = "refused"
    FAILED = "failed"
    ESCALATED = "escalated"
    EXPIRED_BY_RETENTION = "expired_by_retention"
    NOT_APPLICABLE = "not_applicable"

    @property
    def closed(self) -> bool:
        return self in (
            DirectiveState.ACKNOWLEDGED,
            DirectiveState.EXPIRED_BY_RETENTION,
            DirectiveState.NOT_APPLICABLE,
        )


class HoldReason(StrEnum):
    """Why somebody's data must stay for now (Cal. Civ. Code 1798.105(d), 1798.145(a); GDPR Art. 17(3))."""

    LITIGATION = "litigation"
    LEGAL_OBLIGATION = "legal_obligation"
    SECURITY_INCIDENT = "security_incident"
    COMPLETE_TRANSACTION = "complete_transaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """``mark`` and ``tag`` are keyed hashes of the person's id; ``ref`` is None once their key is destroyed. Times in
    ms. ``facts`` hold counts, the indices of the entries, epochs, and when the key was destroyed."""

    id: str
    mark: bytes = field(repr=False)
    tag: bytes = field(repr=False)
    ref: bytes | None = field(repr=False)
    step: Step
    requested_at: int
    changed_at: int
    verified: Verification
    basis: Basis
    facts: Mapping[str, Json]

    @property
    def is_shredded(self) -> bool:
        """Whether the person's key is destroyed."""
        return self.step in (Step.SHREDDED, Step.COMPLETED)

    @property
    def shredded_at(self) -> int | None:
        """When the key was destroyed; None while it is there. After a restore that brought it back: when it was
        destroyed anew. Where that was not written down, as it once was not: when the last step was done."""
        if not self.is_shredded:
            return None
        at = self.facts.get("shredded_at")
        return at if isinstance(at, int) else self.changed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One object of one vendor. ``object_id`` is sealed, and None where there is none or nothing is left to ask for.
    ``due`` (ms): when the vendor, by its own terms, will have deleted it."""

    id: str
    erasure: str
    vendor: str
    share: ShareId
    object_kind: str
    object_id: bytes | None = field(repr=False)
    state: DirectiveState
    shared_at: int
    due: int
    changed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """``authority`` names the instrument (a case number, a letter's date), never a person."""

    id: str
    reason: HoldReason
    authority: str
    placed_at: int
    lifted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Shredded:
    """How much a shredding removed. ``shared`` segments belonged to others, too: they had become unreadable."""

    segments: int
    shared: int
    index: int
    epoch: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """Outlives any backup of the database, beside the keys."""

    erasure: str
    mark: bytes = field(repr=False)
    tag: bytes = field(repr=False)
    requested_at: int
    verified: Verification
    basis: Basis


class Tombstones(Protocol):
    def add(self, tombstone: Tombstone) -> None:
        """MUST be durable on return; MUST change nothing when one of this mark is there."""
        ...

    def all(self) -> Sequence[Tombstone]: ...


class ErasureStore(Protocol):
    """Each change is one transaction with its entry: done whole, or not at all. Each but ``begin`` raises
    ``StoreUnavailable`` when the erasure is no longer at the step it was given with."""

    async def erasure(self, mark: bytes) -> Erasure | None: ...

    async def erasures(self) -> Sequence[Erasure]:
        """Oldest first."""
        ...

    async def begin(self, erasure: Erasure, entry: Entry) -> Erasure:
        """MUST return the one that is there, and append nothing, if there is one of this mark."""
        ...

    async def suppress(self, erasure: Erasure, entry: Entry, at: int) -> Erasure:
        """From its return no share about the person is opened, and no key made for them, on any replica."""
        ...

    async def running(self, ref: bytes, since: int) -> int:
        """Shares about the person, opened since (ms) and not settled."""
        ...

    async def direct(self, erasure: Erasure, directives: Sequence[Directive], entry: Entry, at: int) -> Erasure: ...

    async def note(self, erasure: Erasure, entry: Entry, facts: Mapping[str, Json], at: int) -> Erasure:
        """Add facts, without a step."""
        ...

    async def shred(
        self, erasure: Erasure, entry: Callable[[Shredded], Entry], at: int, *, whatever_holds: bool = False
    ) -> Erasure | None:
        """Delete key, map, index and every ciphertext the person owned or shared; blank the registry's row.

        ``entry`` is called last in the transaction. MUST change nothing, and return None, while a hold stands, of which
        none can be placed meanwhile; unless ``whatever_holds``.
        """
        ...

    async def complete(self, erasure: Erasure, facts: Mapping[str, Json], at: int) -> Erasure: ...

    async def holds(self, mark: bytes) -> Sequence[Hold]:
        """Those not lifted."""
        ...

    async def place_hold(self, mark: bytes, hold: Hold, entry: Entry) -> None: ...

    async def lift_hold(self, hold: str, entry: Entry, at: int) -> None:
        """Raises ``NotFound``."""
        ...

    async def directives(self, erasure: str | None) -> Sequence[Directive]: ...

    async def close_due(self, at: int, entry: Callable[[int], Entry]) -> int:
        """Close every planned directive whose date has come, and forget its object's id; how many."""
        ...

    async def fence(self) -> int:
        """Another number after every suppression, on any replica."""
        ...

    async def purge(self) -> Mapping[str, Json]:
        """Make the database let go of what was deleted, on disk, as far as it can; what was done. Repeatable."""
        ...
