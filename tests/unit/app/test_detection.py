"""The detector that the settings name: how much caution finds, with the real model."""

import json
from pathlib import Path

import pytest

from ai_gateway.app.detection import open_detection
from ai_gateway.config import Caution, Settings

CORPUS = Path(__file__).parents[2] / "corpus" / "dev.jsonl"
TEXTS = [json.loads(line)["text"] for line in CORPUS.read_text("utf-8").splitlines()[::3]]

pytestmark = pytest.mark.anyio


async def covered(caution: Caution) -> tuple[str, set[tuple[int, int]]]:
    """Who detected, and the places of what was found: number of the text and of the character."""
    async with open_detection(Settings(detection_caution=caution)) as detecting:
        found = await detecting.detector.detect(TEXTS, ())
        return detecting.detector.identity, {
            (number, at) for number, spans in enumerate(found) for span in spans for at in range(span.start, span.end)
        }


async def test_with_more_caution_more_is_found_and_the_share_says_so() -> None:
    measured, high, highest = [await covered(caution) for caution in Caution]
    assert len(measured[1]) < len(high[1]) < len(highest[1])
    assert len(measured[1] - highest[1]) < 0.01 * len(measured[1])
    assert len({measured[0], high[0], highest[0]}) == len(Caution)
