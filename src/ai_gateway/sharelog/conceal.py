"""What no disclosure shows, whatever was shared: numbers that open an account or an identity (11 CCR 7024(d))."""

from collections.abc import Iterator, Mapping, Sequence

from ai_gateway.model import CategoryCode, EntityType, Span
from ai_gateway.ports import Detector

NEVER_SHOWN = frozenset({CategoryCode("sensitive_gov_id"), CategoryCode("financial")})
_AT_ONCE = 100_000
"""Characters that a detector is given in one call."""


class Concealing:
    """``entities`` says which category each type of entity counts under; those of ``NEVER_SHOWN`` are named, not
    shown."""

    def __init__(self, detector: Detector, entities: Mapping[EntityType, CategoryCode]) -> None:
        self._detector = detector
        self._never = frozenset(entity for entity, category in entities.items() if category in NEVER_SHOWN)

    def of(self, entities: Mapping[str, int]) -> dict[str, int]:
        """Those counts that are of types never shown."""
        return {entity: count for entity, count in entities.items() if EntityType(entity) in self._never}

    async def __call__(self, texts: Sequence[str]) -> Sequence[str]:
        """The texts, with ``[<type>: held, not shown]`` in the place of each such number. Raises
        ``DetectorUnavailable``."""
        concealed: list[str] = []
        for some in _batches(texts):
            found = await self._detector.detect(some, ())
            concealed.extend(self._concealed(text, spans) for text, spans in zip(some, found, strict=True))
        return concealed

    def _concealed(self, text: str, spans: Sequence[Span]) -> str:
        for span in reversed(spans):
            if span.entity in self._never:
                text = f"{text[: span.start]}[{span.entity}: held, not shown]{text[span.end :]}"
        return text


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    length = 0
    for text in texts:
        if batch and length + len(text) > _AT_ONCE:
            yield batch
            batch, length = [], 0
        batch.append(text)
        length += len(text)
    if batch:
        yield batch
