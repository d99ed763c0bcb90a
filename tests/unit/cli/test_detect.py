"""``ai-gateway detect`` as a reader of a terminal, and a program, see it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
TEXT = "Ask Ottoline at ottoline@brackenridge.example, aged 41."
pytestmark = pytest.mark.usefixtures("shows_people_their_data")


@pytest.fixture(autouse=True)
def without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_GATEWAY_DETECTION", "patterns")


def test_every_span_has_its_place_type_source_and_score(run: Run) -> None:
    shown = run("detect", TEXT, "--name", "Ottoline Brackenridge", "--json")
    assert shown.code == 0
    assert json.loads(shown.out) == [
        {"start": 4, "end": 12, "type": "PERSON", "found_by": "known", "score": 1.0, "text": "Ottoline"},
        {
            "start": 16,
            "end": 45,
            "type": "EMAIL_ADDRESS",
            "found_by": "known",
            "score": 1.0,
            "text": "ottoline@brackenridge.example",
        },
    ]


def test_a_reader_sees_the_text_with_what_was_found_marked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "post.txt").write_text(TEXT)
    shown = run("detect", "--file", str(tmp_path / "post.txt"), "--quasi")
    assert "[ottoline@brackenridge.example] EMAIL_ADDRESS" in shown.out
    assert "[41] AGE" in shown.out
    assert "2 found" in shown.out


def test_a_text_without_anything_personal_says_so(run: Run) -> None:
    assert "nothing found" in run("detect", "We need a booking page.").out


def test_without_a_text_it_says_what_to_give(run: Run, tmp_path: Path) -> None:
    assert run("detect").code == 2
    assert "post.txt: No such file" in run("detect", "--file", str(tmp_path / "post.txt")).err
