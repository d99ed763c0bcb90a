"""Measure detection on labelled texts: leak, recall and precision by type, over-removal.

    python tools/measure_detection.py FOLDER [--tiers patterns,model] [--model marketplace]
        [--threshold 0.3] [--known] [--disguise KIND]

FOLDER holds pairs of ``name.jsonl`` (``{"text", "spans": [[start, end, TYPE], …]}``, offsets in characters) and
``name.meta.json`` (``{"scored": [types labelled completely], "neutral": [types to ignore]}``).

With ``--known`` the labelled names, e-mail addresses and phone numbers of each text are told as a party's identifiers.
``--disguise look-alikes`` writes a, e, o as Cyrillic letters, ``full-width`` writes digits in full width.

* leak: share of the scored spans' characters (letters and digits) that nothing covers
* recall: share of a type's spans that are covered at least half
* precision: share of PERSON characters found that lie in a PERSON label (where PERSON is scored)
* over: removed characters outside every label, per 1,000 characters of text (where only PERSON is labelled: of PERSON)
"""

import argparse
import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ai_gateway.adapters.ner_detector import NerDetector
from ai_gateway.adapters.ner_model import MARKETPLACE, RAMPART
from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.stack_detector import StackDetector, Tier
from ai_gateway.model import Known, Span, SubjectId
from ai_gateway.ports import Party

Labels = list[tuple[int, int, str]]
MODELS = {"marketplace": MARKETPLACE, "rampart": RAMPART}

_DISGUISES: dict[str, dict[int, str]] = {
    "none": {},
    "look-alikes": {
        ord(c): chr(n) for c, n in zip("aeocAEO", (0x430, 0x435, 0x43E, 0x441, 0x410, 0x415, 0x41E), strict=True)
    },
    "full-width": {ord(c): chr(0xFF10 + int(c)) for c in "0123456789"},
}


@dataclass
class Score:
    """Character counts over one set."""

    characters: int = 0
    personal: int = 0
    leaked: int = 0
    over: int = 0
    person_found: int = 0
    person_right: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def _read(path: Path, limit: int) -> Iterator[tuple[str, Labels]]:
    for line in path.read_text(encoding="utf-8").splitlines()[:limit]:
        row = json.loads(line)
        yield row["text"], [(start, end, kind) for start, end, kind in row["spans"]]


def _add(score: Score, text: str, labels: Labels, spans: Sequence[Span], scored: frozenset[str]) -> None:
    covered, allowed, person = bytearray(len(text)), bytearray(len(text)), bytearray(len(text))
    for span in spans:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    for start, end, kind in labels:
        allowed[start:end] = b"\1" * (end - start)
        if kind in ("PERSON", "USERNAME"):
            person[start:end] = b"\1" * (end - start)
    score.characters += len(text)
    for start, end, kind in labels:
        if kind not in scored:
            continue
        places = [i for i in range(start, end) if text[i].isalnum()]
        open_places = sum(not covered[i] for i in places)
        score.personal += len(places)
        score.leaked += open_places
        score.labels[kind] += 1
        if open_places * 2 <= len(places):
            score.hits[kind] += 1
        else:
            score.missed[kind].append(f"{text[max(0, start - 30) : start]}[{text[start:end]}]{text[end : end + 20]}")
    _add_found(score, text, spans if len(scored) > 1 else _persons(spans), allowed, person)


def _persons(spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.entity == "PERSON"]


def _add_found(score: Score, text: str, spans: Sequence[Span], allowed: bytearray, person: bytearray) -> None:
    for span in spans:
        outside = [i for i in range(span.start, span.end) if not allowed[i] and text[i].isalnum()]
        score.over += len(outside)
        if len(outside) * 2 > span.end - span.start:
            context = (
                f"{text[max(0, span.start - 25) : span.start]}[{text[span.start : span.end]}]{text[span.end :][:15]}"
            )
            score.wrong.append(f"{span.entity} {span.found_by} {span.score}: {context}")
        if span.entity == "PERSON":
            score.person_found += span.end - span.start
            score.person_right += sum(person[span.start : span.end])


def _party(text: str, labels: Labels) -> Party:
    def told(*kinds: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text[start:end] for start, end, kind in labels if kind in kinds))

    return Party(SubjectId("known"), Known(names=told("PERSON"), emails=told("EMAIL"), phones=told("PHONE")))


async def _measure(detector: StackDetector, path: Path, arguments: argparse.Namespace) -> Score:
    score, scored = Score(), frozenset(json.loads(path.with_suffix(".meta.json").read_text(encoding="utf-8"))["scored"])
    for original, labels in _read(path, arguments.limit):
        text = original.translate(_DISGUISES[arguments.disguise])
        parties = [_party(original, labels)] if arguments.known else []
        started = time.process_time()
        (spans,) = await detector.detect([text], parties)
        score.seconds += time.process_time() - started
        _add(score, text, labels, spans, scored)
    return score


def _report(name: str, score: Score, misses: int) -> None:
    precision = 100 * score.person_right / max(score.person_found, 1)
    print(
        f"{name:16} leak {100 * score.leaked / max(score.personal, 1):5.1f} %  "
        f"over {1000 * score.over / max(score.characters, 1):5.2f} / 1,000  PERSON precision {precision:5.1f} %  "
        f"{1000 * 1000 * score.seconds / max(score.characters, 1):6.1f} ms CPU / 1,000 characters"
    )
    print(
        "  recall " + "  ".join(f"{k} {100 * score.hits[k] / n:.0f} % of {n}" for k, n in sorted(score.labels.items()))
    )
    for kind, examples in score.missed.items():
        for example in examples[:misses]:
            print(f"    missed {kind}: {example!r}")
    for example in score.wrong[:misses]:
        print(f"    not labelled: {example!r}")


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tiers", default="patterns,model")
    parser.add_argument("--model", choices=sorted(MODELS), default="marketplace")
    parser.add_argument("--threshold", type=float, help="of the model for every type, within 0…1")
    parser.add_argument("--limit", type=int, default=1_000_000, help="texts per set")
    parser.add_argument("--misses", type=int, default=0, help="examples to print per type")
    parser.add_argument("--known", action="store_true", help="tell the detector who the people are")
    parser.add_argument("--disguise", choices=sorted(_DISGUISES), default="none")
    parser.add_argument("--sets", default="", help="names, separated by commas; all when empty")
    arguments = parser.parse_args()
    model = MODELS[arguments.model]
    if arguments.threshold is not None:
        model = replace(model, threshold=arguments.threshold, thresholds={})
    available: dict[str, Tier] = {"patterns": PatternDetector(), "model": NerDetector(model)}
    tiers = [available[name] for name in arguments.tiers.split(",") if name]
    detector = StackDetector(tiers=tiers, deadline=60.0, remembered=0)
    await detector.warm()
    print(detector.identity)
    wanted = set(filter(None, arguments.sets.split(",")))
    for path in sorted(arguments.folder.glob("*.jsonl")):
        if not wanted or path.stem in wanted:
            _report(path.stem, await _measure(detector, path, arguments), arguments.misses)
    await detector.close()


if __name__ == "__main__":
    asyncio.run(_main())
