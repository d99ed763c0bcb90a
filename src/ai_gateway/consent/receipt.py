"""The receipt of a consent event: a copy of the record that the person can keep.

Fields after ISO/IEC TS 27560:2023 (consent record and receipt), states and terms as in the W3C Data Privacy Vocabulary.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ai_gateway.model import CategoryCode, ConsentEvent

SCHEMA = "ISO/IEC TS 27560:2023; ai-gateway consent receipt 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A controller or a recipient, as the notice names it. ``country`` is ISO 3166-1 alpha-2."""

    id: str
    name: str
    role: str
    contact: str
    country: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a notice says of a consent, the same for everybody: comes from configuration, not from people."""

    notice: str
    """Where the notice is published."""
    controller: Party
    recipients: tuple[Party, ...]
    category: CategoryCode
    withdrawal: str
    """How a person withdraws, in words."""
    storage: str
    retention: str
    jurisdiction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One event with the terms it was given under, and every earlier event of the same purpose (by id and state)."""

    event: ConsentEvent
    terms: Terms
    earlier: tuple[ConsentEvent, ...] = ()

    def document(self) -> Mapping[str, Any]:
        """Plain JSON; times are RFC 3339 in UTC."""
        event, terms = self.event, self.terms
        return {
            "schema_version": SCHEMA,
            "record_id": event.id,
            "pii_principal_id": event.subject,
            "notice": {"version": event.notice_version, "location": terms.notice, "language": event.language},
            "purpose": event.purpose.value,
            "lawful_basis": "consent",
            "pii_categories": [terms.category],
            "pii_controllers": [_party(terms.controller)],
            "recipients": [_party(recipient) for recipient in terms.recipients],
            "storage_location": terms.storage,
            "retention_period": terms.retention,
            "jurisdiction": terms.jurisdiction,
            "withdrawal_method": terms.withdrawal,
            "collection_method": event.channel,
            "event": {
                "event_time": _time(event.at),
                "event_type": "explicit-consent",
                "event_state": event.state.value,
                "entity_id": event.subject,
                "validity": None if event.expires_at is None else _time(event.expires_at),
            },
            "earlier_events": [
                {"record_id": past.id, "event_time": _time(past.at), "event_state": past.state.value}
                for past in self.earlier
            ],
        }


def _party(party: Party) -> Mapping[str, str]:
    return {
        "party_id": party.id,
        "party_name": party.name,
        "party_role": party.role,
        "party_contact": party.contact,
        "party_address": party.address,
        "party_country": party.country,
    }


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def receipt(event: ConsentEvent, history: tuple[ConsentEvent, ...], terms: Terms) -> Receipt:
    """``history`` is the person's, oldest first; the receipt lists what came before the event for its purpose."""
    earlier: list[ConsentEvent] = []
    for past in history:
        if past.id == event.id:
            break
        if past.purpose is event.purpose:
            earlier.append(past)
    return Receipt(event=event, terms=terms, earlier=tuple(earlier))
