"""Measure detection: ``python -m benchmarks.detection [--sets FOLDER] [--presidio] [--write]``.

Our corpus' split is always measured; sets of others where a folder of them is given, or named by DETECTION_SETS.
What is counted, ``score.py`` says; percentages are of letters and digits, or of labels. Time is
the process's CPU, which runs as a worker does: on uvloop, settled after start, some texts read before.
"""

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from ai_gateway.app import memory
from benchmarks.detection.detectors import (
    MODELS,
    install_presidio,
    measure,
    measure_presidio,
    ours,
    sample,
    seconds_again,
    warmed,
)
from benchmarks.detection.disguises import DISGUISES
from benchmarks.detection.report import DOCUMENT, written
from benchmarks.detection.score import Scores
from benchmarks.detection.tables import Run, document
from benchmarks.detection.texts import TextSet, corpus, folder

MARKS = "<!-- detection: begin -->", "<!-- detection: end -->"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sets", default=os.environ.get("DETECTION_SETS", ""), help="folder of labelled sets of others"
    )
    parser.add_argument("--split", choices=("train", "dev", "test"), default="test", help="of our corpus")
    parser.add_argument("--limit", type=int, help="texts per set, from the first")
    parser.add_argument("--tiers", default="patterns,model")
    parser.add_argument("--model", choices=sorted(MODELS), default="marketplace")
    parser.add_argument("--threshold", type=float, help="of the model, within 0…1")
    parser.add_argument("--disguises", type=int, default=150, help="texts per set to disguise; 0 for none")
    parser.add_argument("--presidio", action="store_true", help="beside presidio-analyzer with a small spaCy model")
    parser.add_argument("--misses", type=int, default=0, help="mistakes to print per set, the longest first")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    return parser.parse_args()


async def _measured(arguments: argparse.Namespace, sets: Sequence[TextSet]) -> tuple[Run, str]:
    run = Run(sampled=arguments.disguises)
    detector = ours(arguments.tiers, arguments.threshold, MODELS[arguments.model])
    await warmed(detector)
    memory.settle()
    for texts in sets:
        run.plain[texts.name] = await measure(detector, texts)
        run.known[texts.name] = await measure(detector, texts, known=True)
    if arguments.disguises:
        disguises = {"as they are": None, **DISGUISES}
        some = [sample(texts, arguments.disguises) for texts in sets if not texts.people_only]
        for name, disguise in disguises.items():
            run.disguises[name] = {s.name: await measure(detector, s, disguise=disguise) for s in some}
    await detector.close()
    await _again(run, arguments, sets)
    if arguments.presidio:
        install_presidio()
        run.presidio = {texts.name: measure_presidio(texts) for texts in sets}
    return run, detector.identity


async def _again(run: Run, arguments: argparse.Namespace, sets: Sequence[TextSet]) -> None:
    """What the texts cost a detector that has read them before."""
    most = max(len(texts.texts) for texts in sets)
    detector = ours(arguments.tiers, arguments.threshold, MODELS[arguments.model], remembered=most)
    for texts in sets:
        run.plain[texts.name].seconds_again = await seconds_again(detector, texts)
    await detector.close()


def _print_mistakes(name: str, scores: Scores, number: int) -> None:
    for what, mistakes in (("missed", scores.missed), ("wrong", scores.wrong)):
        for kind, context, _ in sorted(mistakes, key=lambda m: -m[2])[:number]:
            print(f"{name}: {what} {kind} {context}")


def _main() -> None:
    arguments = _arguments()
    sets = [corpus(arguments.split, arguments.limit)]
    if arguments.sets:
        sets += folder(Path(arguments.sets), arguments.limit)
    run, identity = uvloop.run(_measured(arguments, sets))
    machine = f"{os.cpu_count()} virtual cores, {platform.machine()}, Python {platform.python_version()}"
    heading = f"{datetime.now(UTC):%d %B %Y}, {machine}; `{identity}`."
    section = document(run, heading)
    print(section)
    for name, scores in run.plain.items():
        _print_mistakes(name, scores, arguments.misses)
    if arguments.write:
        written(DOCUMENT, section, *MARKS)


if __name__ == "__main__":
    _main()
