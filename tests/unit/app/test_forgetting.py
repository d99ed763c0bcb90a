"""A process that hears of an erasure elsewhere holds nothing about anybody afterwards."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.app.detection import open_detection
from ai_gateway.app.privacy import forgetting
from ai_gateway.config import Detection, Settings
from ai_gateway.model import Known, SubjectId
from ai_gateway.policies.recognizer import Recognizers
from ai_gateway.ports import Party

pytestmark = pytest.mark.anyio

PRO = Party(SubjectId("pro_17"), Known(names=("Dana Okafor",)))
OWN = Recognizers(each=(), allowed=("Okafor Works",))


async def test_every_detector_of_the_process_lets_go_of_the_people_it_knew() -> None:
    heard = asyncio.Event()

    async def fence() -> int:
        return 1

    async with open_detection(Settings(detection=Detection.PATTERNS)) as detection:
        detectors = [detection.detector, detection.treatment(OWN).detector]
        for detector in detectors:
            await detector.detect(["ask Dana"], [PRO])
        held = [_held(detector) for detector in detectors]
        stores: Any = SimpleNamespace(
            keys=SimpleNamespace(forget=lambda: None), coordination=None, erasures=SimpleNamespace(fence=fence)
        )
        async with forgetting(stores, detection.forget, heard.set):
            await heard.wait()
        assert (held, [_held(detector) for detector in detectors]) == ([1, 1], [0, 0])


def _held(detector: object) -> int:
    assert isinstance(detector, StackDetector)
    assert len(detector._parties._kept) == len(detector._combined)
    return len(detector._combined)
