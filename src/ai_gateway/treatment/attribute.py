"""Whose a known identifier is, where two people share it."""

from collections.abc import Sequence

from ai_gateway.model import Item, SubjectId
from ai_gateway.ports import Detector, Party
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split


class Owners:
    """Asks for a person's spellings only when two people have the same one, which is rare."""

    def __init__(self, detector: Detector, parties: Sequence[Party]) -> None:
        self._detector = detector
        self._parties = parties
        self._spellings: dict[SubjectId, frozenset[str]] = {}

    def owner(self, value: str, item: Item) -> SubjectId | None:
        """One of those who have this spelling: whom the item is about, before who wrote it, before the first party.

        People write about each other more than about themselves; which of two is meant cannot be known, only that it is
        always the same one.
        """
        writings = {fold(value), " ".join(split(fold(value)))}
        owners = [party.id for party in self._parties if not writings.isdisjoint(self._of(party))]
        about = [subject for subject in item.about if subject in owners]
        others = [subject for subject in about if subject != item.author]
        return next(iter((*others, *about, *owners)), None)

    def _of(self, party: Party) -> frozenset[str]:
        if party.id not in self._spellings:
            self._spellings[party.id] = self._detector.spellings([party])
        return self._spellings[party.id]
