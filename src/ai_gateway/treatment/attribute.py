"""Whose a known identifier is, where two people share it."""

from collections.abc import Sequence

from ai_gateway.model import EntityType, Item, Span, SubjectId
from ai_gateway.ports import Detector, Party
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split

_PERSON = EntityType("PERSON")


class Owners:
    """Asks the detector for people's spellings only where two share one that their identifiers do not spell out: a
    nickname."""

    def __init__(self, detector: Detector, parties: Sequence[Party]) -> None:
        self._detector = detector
        self._parties = parties
        self._written: dict[SubjectId, str] = {}

    def owner(self, span: Span, item: Item) -> SubjectId | None:
        """One of those who have this spelling: whom the item is about, before who wrote it, before the first party.

        People write about each other more than about themselves; which of two is meant cannot be known, only that it is
        always the same one.
        """
        value = item.text[span.start : span.end]
        words = " ".join(split(fold(value)))
        owners = [party.id for party in self._parties if f" {words} " in self._of(party)]
        if not owners and span.entity == _PERSON:
            writings = {fold(value), words}
            owners = [p.id for p in self._parties if not writings.isdisjoint(self._detector.spellings([p]))]
        about = [subject for subject in item.about if subject in owners]
        others = [subject for subject in about if subject != item.author]
        return next(iter((*others, *about, *owners)), None)

    def _of(self, party: Party) -> str:
        """The words of all identifiers of a person."""
        if party.id not in self._written:
            known = party.known
            values = (*known.names, *known.emails, *known.handles, *known.organizations, *known.urls, *known.addresses)
            self._written[party.id] = f" {' '.join(split(fold(' | '.join(values))))} "
        return self._written[party.id]
