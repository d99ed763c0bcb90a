"""What finds personal data, tells languages, and rewrites a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ai_gateway.model import Known, Span, SubjectId


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

        MUST be deterministic, MUST NOT block the event loop, MUST raise ``DetectorDeadline`` when its deadline passes,
        ``DetectorUnavailable`` when any tier fails. MUST NOT keep any text.
        """
        ...

    def spellings(self, parties: Sequence[Party]) -> frozenset[str]:
        """Every identifier string of the parties that may not leave, folded as ``treatment.normalize.fold`` folds."""
        ...


class Languages(Protocol):
    def of(self, text: str) -> str | None:
        """The language of a text (ISO 639-1), or None where it cannot be told with confidence. MUST be pure, MUST take
        linear time and no network."""
        ...


class Operators(Protocol):
    """Rewrites a text at its spans."""

    def apply(self, text: str, replacements: Sequence[tuple[int, int, str]]) -> str:
        """MUST replace each disjoint ``(start, end, new)`` and nothing else."""
        ...
