"""The detector that the settings name, and the treatment over it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.adapters.stack_detector import StackDetector, Tier
from ai_gateway.config import Detection, Settings
from ai_gateway.treatment.treat import Treatment

_PROBE = "Ready?"


@dataclass(frozen=True, slots=True)
class Detecting:
    detector: StackDetector
    treatment: Treatment

    async def check(self) -> str:
        """What detects, after it did; for readiness. Raises ``DetectorUnavailable``."""
        await self.detector.detect([_PROBE], ())
        return self.detector.identity


@asynccontextmanager
async def open_detection(settings: Settings) -> AsyncIterator[Detecting]:
    detector = StackDetector(tiers=list(_tiers(settings)), deadline=settings.detector_deadline_ms / 1000)
    try:
        yield Detecting(detector, Treatment(detector, PresidioOperators()))
    finally:
        await detector.close()


def _tiers(settings: Settings) -> list[Tier]:
    from ai_gateway.adapters.pattern_detector import PatternDetector

    tiers: list[Tier] = [PatternDetector()]
    if settings.detection is Detection.FULL:
        from ai_gateway.adapters.ner_detector import NerDetector

        tiers.append(NerDetector(threads=settings.detector_threads))
    return tiers
