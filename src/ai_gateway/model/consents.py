"""Consent to the use of message contents: an append-only record of events, and where everybody stands now.

States and their names follow ISO/IEC TS 27560:2023 as profiled by the W3C Data Privacy Vocabulary.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ai_gateway.model.decision import Purpose
from ai_gateway.model.ids import SubjectId


class ConsentState(StrEnum):
    """Only ``GIVEN`` and ``RENEWED`` permit processing."""

    REQUESTED = "requested"
    GIVEN = "given"
    RENEWED = "renewed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"

    @property
    def permits(self) -> bool:
        return self in (ConsentState.GIVEN, ConsentState.RENEWED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """``at`` is milliseconds since the epoch; order is the store's, not the clock's. ``notice_version`` is the privacy
    notice the person saw; ``channel`` how the event reached us; ``expires_at`` (ms) ends a given consent by itself."""

    id: str
    subject: SubjectId
    purpose: Purpose
    state: ConsentState
    at: int
    notice_version: str
    channel: str
    language: str = "en"
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Consents:
    """The latest event per (subject, purpose), among the people of one call, as of ``at`` (ms)."""

    latest: Mapping[tuple[SubjectId, Purpose], ConsentEvent]
    at: int

    def standing(self, subject: SubjectId, purpose: Purpose) -> ConsentEvent | None:
        """The event that permits this purpose now, or None."""
        event = self.latest.get((subject, purpose))
        if event is None or not event.state.permits:
            return None
        if event.expires_at is not None and event.expires_at <= self.at:
            return None
        return event
