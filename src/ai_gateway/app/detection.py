"""The detector that the settings name, and the treatment over it."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ai_gateway.adapters.own_recognizers import OwnRecognizers
from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.adapters.shared_spans import SharedSpans
from ai_gateway.adapters.stack_detector import StackDetector, Tier
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.config import Detection, Settings
from ai_gateway.policies.recognizer import Recognizers
from ai_gateway.treatment.allow import allowing
from ai_gateway.treatment.treat import Treatment

_PROBE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Detecting:
    detector: StackDetector
    treatment: Treatment

    async def check(self) -> str:
        """What detects, after it did; for readiness. Raises ``DetectorUnavailable``."""
        # The detector remembers texts: a new one every few seconds asks it afresh, and no more often than that.
        await self.detector.detect([f"Ready, number {int(time.monotonic()) // _PROBE_SECONDS}?"], ())
        return self.detector.identity


@asynccontextmanager
async def open_detection(
    settings: Settings, recognizers: Recognizers, shared: SharedSpans | None = None
) -> AsyncGenerator[Detecting]:
    detector = StackDetector(
        tiers=_tiers(settings, recognizers),
        deadline=settings.detector_deadline_ms / 1000,
        lists=allowing(word_lists(), recognizers.allowed),
        shared=shared if settings.detection is not Detection.PATTERNS else None,  # patterns cost less than asking
    )
    try:
        yield Detecting(detector, Treatment(detector, PresidioOperators()))
    finally:
        await detector.close()


def _tiers(settings: Settings, recognizers: Recognizers) -> list[Tier]:
    from ai_gateway.adapters.pattern_detector import PatternDetector

    tiers: list[Tier] = [PatternDetector()]
    if recognizers.each:
        tiers.append(OwnRecognizers(recognizers))
    if settings.detection is not Detection.PATTERNS:
        from ai_gateway.adapters.ner_detector import NerDetector
        from ai_gateway.adapters.ner_model import MARKETPLACE, RAMPART

        model = RAMPART if settings.detection is Detection.RAMPART else MARKETPLACE
        tiers.append(NerDetector(model, threads=settings.detector_threads))
    return tiers
