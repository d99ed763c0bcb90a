"""Working fakes of ports, for tests of what stands before or behind them."""

import re
from collections.abc import Mapping, Sequence

from ai_gateway.model import EntityType, Span, SubjectId
from ai_gateway.ports import Party
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split


class LiteralDetector:
    """Finds the parties' own identifiers, whole words in any case, and the literal strings it was told, as written.

    Real in all that matters behind the port: spans are disjoint and ascending, the longer first, a spelling that two
    people share is nobody's.
    """

    identity = "literal/1"

    def __init__(self, literals: Mapping[str, str] | None = None) -> None:
        """``literals`` maps a string to its entity type; it counts as found by the model."""
        self._literals = dict(literals or {})

    async def detect(self, texts: Sequence[str], parties: Sequence[Party]) -> Sequence[tuple[Span, ...]]:
        return [self._find(text, parties) for text in texts]

    def spellings(self, parties: Sequence[Party]) -> frozenset[str]:
        return frozenset(" ".join(split(fold(value))) for value, _, _ in _known(parties))

    def _find(self, text: str, parties: Sequence[Party]) -> tuple[Span, ...]:
        found: list[Span] = []
        for value, entity, subject in sorted(_known(parties), key=lambda known: -len(known[0])):
            found += _spans(rf"(?<!\w){re.escape(value)}(?!\w)", text, entity, "known", subject)
        for value, entity in sorted(self._literals.items(), key=lambda literal: -len(literal[0])):
            found += _spans(re.escape(value), text, entity, "model", None)
        return _disjoint(found)


def _spans(pattern: str, text: str, entity: str, found_by: str, subject: SubjectId | None) -> list[Span]:
    flags = re.IGNORECASE if found_by == "known" else 0
    return [
        Span(start=m.start(), end=m.end(), entity=EntityType(entity), found_by=found_by, subject=subject)
        for m in re.finditer(pattern, text, flags)
    ]


def _known(parties: Sequence[Party]) -> list[tuple[str, str, SubjectId | None]]:
    owners: dict[tuple[str, str], SubjectId | None] = {}
    for party in parties:
        known = party.known
        names = [part for name in known.names for part in (name, *name.split())]
        for entity, values in (
            ("PERSON", names),
            ("EMAIL_ADDRESS", known.emails),
            ("PHONE_NUMBER", known.phones),
            ("HANDLE", known.handles),
            ("ORGANIZATION", known.organizations),
            ("URL", known.urls),
            ("ADDRESS", known.addresses),
        ):
            for value in values:
                key = value, entity
                owners[key] = party.id if owners.get(key, party.id) == party.id else None
    return [(value, entity, subject) for (value, entity), subject in owners.items()]


def _disjoint(found: Sequence[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in found:
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))
