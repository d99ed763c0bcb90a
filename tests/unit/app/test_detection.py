"""The detector that the settings name: how much caution finds, with the real model."""

import json
from pathlib import Path

import pytest
from benchmarks.detection.curve import ODDS

from ai_gateway.app.detection import MODEL_ODDS, open_detection
from ai_gateway.config import Caution, Detection, Settings

ROOT = Path(__file__).parents[3]
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


async def test_the_odds_are_named_whatever_the_model() -> None:
    async with open_detection(Settings(detection=Detection.RAMPART, detection_caution=Caution.HIGH)) as detecting:
        assert " rampart-1.4.0 odds:0.2 " in detecting.detector.identity


def test_what_each_caution_gives_is_what_was_measured() -> None:
    def row(name: str, page: str) -> str:
        lines = (ROOT / "docs" / page).read_text("utf-8").splitlines()
        return next(line.removeprefix(f"| {name} |") for line in lines if line.startswith(f"| {name} |"))

    for caution in Caution:
        odds = MODEL_ODDS.get(caution, 1.0)
        assert odds in ODDS
        assert row(f"`{caution}`", "detection.md") == row(f"{odds:g}", "benchmarks.md")
