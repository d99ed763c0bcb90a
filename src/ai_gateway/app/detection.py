"""The detector that the settings name, and the treatment over it."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from weakref import WeakSet

from ai_gateway.adapters.own_recognizers import OwnRecognizers
from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.adapters.shared_spans import SharedSpans
from ai_gateway.adapters.stack_detector import StackDetector, Tier
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.config import Caution, Detection, Settings
from ai_gateway.policies.recognizer import Recognizers
from ai_gateway.treatment.allow import allowing
from ai_gateway.treatment.treat import Treatment

_PROBE_SECONDS = 5
MODEL_ODDS = MappingProxyType({Caution.HIGH: 0.2, Caution.HIGHEST: 0.05})
"""What the odds are multiplied by from which on a word counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detecting:
    """The tiers that every version of the catalogue shares; the model among them is loaded once. ``detector`` has no
    more than those."""

    settings: Settings
    tiers: Sequence[Tier]
    shared: SharedSpans | None
    detector: StackDetector
    _others: WeakSet[StackDetector] = field(default_factory=WeakSet, init=False)

    def forget(self) -> None:
        """Somebody may have been erased: no detector, of any version that still runs, holds anything about parties."""
        for detector in (self.detector, *self._others):
            detector.forget()

    def treatment(self, recognizers: Recognizers) -> Treatment:
        """With what a version's own recognizers find and allow."""
        own: list[Tier] = [OwnRecognizers(recognizers)] if recognizers.each else []
        if not own and not recognizers.allowed:
            return Treatment(self.detector, PresidioOperators(), word_lists().nicknames)
        detector = _detector(self.settings, [*self.tiers, *own], self.shared, recognizers.allowed)
        self._others.add(detector)
        return Treatment(detector, PresidioOperators(), word_lists().nicknames)

    async def check(self) -> str:
        """What detects, after it did; for readiness. Raises ``DetectorUnavailable``."""
        # The detector remembers texts: a new one every few seconds asks it afresh, and no more often than that.
        await self.detector.detect([f"Ready, number {int(time.monotonic()) // _PROBE_SECONDS}?"], ())
        return self.detector.identity


@asynccontextmanager
async def open_detection(settings: Settings, shared: SharedSpans | None = None) -> AsyncGenerator[Detecting]:
    """``shared``: what replicas tell each other; patterns alone cost less than asking."""
    tiers = _tiers(settings)
    told = shared if settings.detection is not Detection.PATTERNS else None
    detector = _detector(settings, tiers, told, ())
    try:
        yield Detecting(settings=settings, tiers=tiers, shared=told, detector=detector)
    finally:
        await detector.close()


def _detector(
    settings: Settings, tiers: Sequence[Tier], shared: SharedSpans | None, allowed: Sequence[str]
) -> StackDetector:
    return StackDetector(
        tiers=tiers,
        deadline=settings.detector_deadline_ms / 1000,
        lists=allowing(word_lists(), allowed),
        shared=shared,
    )


def _tiers(settings: Settings) -> Sequence[Tier]:
    from ai_gateway.adapters.pattern_detector import PatternDetector

    tiers: list[Tier] = [PatternDetector()]
    if settings.detection is not Detection.PATTERNS:
        from ai_gateway.adapters.ner_detector import NerDetector
        from ai_gateway.adapters.ner_model import MARKETPLACE, RAMPART

        model = RAMPART if settings.detection is Detection.RAMPART else MARKETPLACE
        if settings.detection_caution is not Caution.MEASURED:
            model = model.at_odds(MODEL_ODDS[settings.detection_caution])
        tiers.append(NerDetector(model, threads=settings.detector_threads))
    return tiers
