"""What the core asks of the outside. An implementation MUST keep every MUST; ``tests/contracts`` runs against each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ai_gateway.model import (
    BudgetedPrompt,
    Choices,
    Completion,
    ConsentEvent,
    Consents,
    EntityType,
    Known,
    Outbound,
    RecordedShare,
    Span,
    Subject,
    SubjectId,
    VendorName,
)


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since the epoch."""
        ...


class TokenCounter(Protocol):
    def count(self, texts: Sequence[str], encoding: str) -> int:
        """Tokens of all texts together. MUST count control tokens written in a text as ordinary text."""
        ...


@dataclass(frozen=True, slots=True)
class Party:
    """A person whose identifiers a detector is told."""

    id: SubjectId
    known: Known


class Detector(Protocol):
    """Finds personal data. The whole stack stands behind this one port."""

    @property
    def identity(self) -> str:
        """Name, version and configuration hash, e.g. ``stack/1 rampart-1.4.0 sha256:ab12…``."""
        ...

    async def detect(self, texts: Sequence[str], parties: Sequence[Party]) -> Sequence[tuple[Span, ...]]:
        """Per text: disjoint spans in ascending order, in offsets of the text given.

        MUST be deterministic, MUST NOT block the event loop, MUST raise ``DetectorDeadline`` when its deadline passes and
        ``DetectorUnavailable`` when any tier fails. MUST NOT keep any text.
        """
        ...

    def spellings(self, parties: Sequence[Party]) -> frozenset[str]:
        """Every identifier string of the parties that may not leave, folded as ``treatment.normalize.fold`` folds."""
        ...


class Operators(Protocol):
    """Rewrites a text at its spans."""

    def apply(self, text: str, replacements: Sequence[tuple[int, int, str]]) -> str:
        """MUST replace each disjoint ``(start, end, new)`` and nothing else."""
        ...


class Vendor(Protocol):
    """The door to every LLM vendor."""

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        """The exact request, without sending it. MUST be pure; MUST build the body from an allow-list of fields."""
        ...

    async def send(self, share: RecordedShare) -> Completion:
        """MUST send exactly ``share.cleared.outbound``; MUST raise a ``VendorError`` for every failure, without quoting
        the request or the reply."""
        ...


class SubjectStore(Protocol):
    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        """Those registered, choices included. MUST see every write that returned, on any replica."""
        ...

    async def put(self, subject: Subject) -> None:
        """Create or replace all but the choices. MUST be durable on return."""
        ...

    async def choose(self, subject: SubjectId, choices: Choices) -> None:
        """Replace the choices; MUST raise ``SubjectUnknown`` for an unregistered person. MUST be durable on return."""
        ...


class ConsentStore(Protocol):
    async def append(self, event: ConsentEvent) -> None:
        """MUST be durable on return. MUST NOT change or remove an earlier event."""
        ...

    async def history(self, subject: SubjectId) -> Sequence[ConsentEvent]:
        """Oldest first, in the order of appending."""
        ...

    async def standing(self, subjects: Sequence[SubjectId]) -> Consents:
        """MUST reflect every append that returned, on any replica."""
        ...


class KeyWrapper(Protocol):
    """Wraps per-person keys under the key of the current epoch."""

    @property
    def epoch(self) -> int: ...

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        """``(epoch, wrapped)``; MUST authenticate ``context``."""
        ...

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes: ...


EntityCounts = Mapping[EntityType, int]
