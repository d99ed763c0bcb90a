"""Score the detector on the authored corpus: leak, recall, precision, over-removal, false alarms.

    python tools/measure_corpus.py [--split test] [--tiers patterns,model] [--model marketplace]
        [--threshold 0.3] [--known] [--misses 0]

A label of party ``nobody`` may be found or not; neither counts. Letters and digits are counted, nothing else.

* leak: share of the labelled characters that nothing covers; recall of characters is 100 % less that
* found: share of the labels of which every character is covered
* right: share of the characters found that lie in labels
* over: characters found outside every label, per 1,000 characters of text
* alarmed: texts with a span that touches no label

The first table leaves out ORGANIZATION, which the model does not know; the table by type has it. With ``--known`` the
names, e-mail addresses, phone numbers and handles of the client and of the professional in each text are told to the
detector, and a line says what of those leaked; disguised texts are left out of that line, for the marketplace knows the
plain identifier and the corpus only the disguised one.
"""

import argparse
import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ai_gateway.adapters.ner_detector import NerDetector
from ai_gateway.adapters.ner_model import MARKETPLACE, RAMPART
from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.stack_detector import StackDetector, Tier
from ai_gateway.model import Known, Span, SubjectId
from ai_gateway.ports import Party

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
MODELS = {"marketplace": MARKETPLACE, "rampart": RAMPART}
UNKNOWN_TO_THE_MODEL = frozenset({"ORGANIZATION"})
_TOLD = {
    "PERSON": "names",
    "EMAIL_ADDRESS": "emails",
    "PHONE_NUMBER": "phones",
    "HANDLE": "handles",
}
_PARTIES = ("client", "professional")


@dataclass(frozen=True, slots=True)
class Label:
    start: int
    end: int
    entity: str
    party: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """One line of the corpus."""

    id: str
    kind: str
    lang: str
    tags: tuple[str, ...]
    text: str
    labels: tuple[Label, ...]


@dataclass(slots=True)
class Score:
    """Counts over some texts; the ratios are percentages, over is per 1,000 characters."""

    texts: int = 0
    characters: int = 0
    personal: int = 0
    leaked: int = 0
    labels: int = 0
    whole: int = 0
    found: int = 0
    over: int = 0
    alarmed: int = 0

    def row(self, name: str) -> str:
        return (
            f"{name:24} {self.texts:5} {self.labels:6} {_share(self.leaked, self.personal):7.1f} "
            f"{_share(self.whole, self.labels):7.1f} {_share(self.found - self.over, self.found):7.1f} "
            f"{1000 * self.over / max(self.characters, 1):7.2f} {self.alarmed:7}"
        )


@dataclass(slots=True)
class Tables:
    """Every score of one run."""

    groups: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    types: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    told: Score = field(default_factory=Score)
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def read(path: Path) -> list[Labelled]:
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [
        Labelled(r["id"], r["kind"], r["lang"], tuple(r["tags"]), r["text"], tuple(Label(*s) for s in r["spans"]))
        for r in rows
    ]


def parties(text: Labelled) -> list[Party]:
    """The two sides of a text, as the marketplace knows them."""
    found = []
    for party in _PARTIES:
        told = {field: tuple(dict.fromkeys(_values(text, party, entity))) for entity, field in _TOLD.items()}
        if any(told.values()):
            found.append(Party(SubjectId(party), Known(**told)))
    return found


def _values(text: Labelled, party: str, entity: str) -> Iterable[str]:
    return (text.text[s.start : s.end] for s in text.labels if s.party == party and s.entity == entity)


def add(tables: Tables, text: Labelled, spans: Sequence[Span]) -> None:
    """Count what these spans cover and leave of this text."""
    places = frozenset(i for span in spans for i in range(span.start, span.end) if text.text[i].isalnum())
    labelled = frozenset(i for label in text.labels for i in range(label.start, label.end))
    for label in text.labels:
        if label.party != "nobody":
            _add_label(tables, text, label, places)
    outside = len(places - labelled)
    wrong = [span for span in spans if labelled.isdisjoint(range(span.start, span.end))]
    tables.wrong += [f"{text.id} {span.entity} {span.found_by}: {_context(text.text, span)}" for span in wrong]
    for name in _groups(text):
        score = tables.groups[name]
        score.texts += 1
        score.characters += len(text.text)
        score.found += len(places)
        score.over += outside
        score.alarmed += bool(wrong)


def _groups(text: Labelled) -> list[str]:
    return ["all", f"kind {text.kind}", f"lang {text.lang}", *(f"tag {tag}" for tag in text.tags or ("none",))]


def _add_label(tables: Tables, text: Labelled, label: Label, places: frozenset[int]) -> None:
    mine = [i for i in range(label.start, label.end) if text.text[i].isalnum()]
    leaked = sum(i not in places for i in mine)
    scores = [tables.types[label.entity]]
    if label.entity not in UNKNOWN_TO_THE_MODEL:
        scores += [tables.groups[name] for name in _groups(text)]
    if label.entity in _TOLD and label.party in _PARTIES and "adversarial" not in text.tags:
        scores.append(tables.told)
    for score in scores:
        score.personal += len(mine)
        score.leaked += leaked
        score.labels += 1
        score.whole += not leaked
    if leaked:
        tables.missed[label.entity].append(f"{text.id}: {_context(text.text, label)}")


def _context(text: str, span: Span | Label) -> str:
    around = f"{text[: span.start][-30:]}[{text[span.start : span.end]}]{text[span.end :][:20]}"
    return repr(around)


def _share(part: int, whole: int) -> float:
    return 100 * part / max(whole, 1)


def report(tables: Tables, *, known: bool, misses: int) -> None:
    """Print every table; ``misses`` examples of each kind of mistake."""
    print(f"{'':24} texts labels  leak %  found %  right %  over  alarmed")
    order = ("all", "tag", "kind", "lang")
    for name in sorted(tables.groups, key=lambda name: (order.index(name.split(" ")[0]), name)):
        print(tables.groups[name].row(name))
    print(f"\n{'type':24} labels  leak %  found %")
    for entity, score in sorted(tables.types.items()):
        print(
            f"{entity:24} {score.labels:6} {_share(score.leaked, score.personal):7.1f} "
            f"{_share(score.whole, score.labels):8.1f}"
        )
    of_parties = "told of the parties" if known else "of the parties, not told"
    print(
        f"\n{of_parties}: leak {_share(tables.told.leaked, tables.told.personal):.2f} % of {tables.told.labels} labels"
    )
    everything = tables.groups["all"]
    print(f"{1_000_000 * tables.seconds / max(everything.characters, 1):.0f} ms of CPU per 1,000 characters")
    for entity, examples in sorted(tables.missed.items()):
        for example in examples[:misses]:
            print(f"missed {entity} {example}")
    for example in tables.wrong[:misses]:
        print(f"wrong {example}")


async def measure(detector: StackDetector, texts: Sequence[Labelled], *, known: bool) -> Tables:
    tables = Tables()
    for text in texts:
        started = time.process_time()
        (spans,) = await detector.detect([text.text], parties(text) if known else [])
        tables.seconds += time.process_time() - started
        add(tables, text, spans)
    return tables


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("train", "dev", "test"), default="test")
    parser.add_argument("--tiers", default="patterns,model")
    parser.add_argument("--model", choices=sorted(MODELS), default="marketplace")
    parser.add_argument("--threshold", type=float, help="of the model for every type, within 0…1")
    parser.add_argument("--known", action="store_true", help="tell the detector who the two parties are")
    parser.add_argument("--misses", type=int, default=0, help="examples to print of each kind")
    arguments = parser.parse_args()
    model = MODELS[arguments.model]
    if arguments.threshold is not None:
        model = replace(model, threshold=arguments.threshold, thresholds={})
    available: dict[str, Tier] = {"patterns": PatternDetector(), "model": NerDetector(model)}
    tiers = [available[name] for name in arguments.tiers.split(",") if name]
    detector = StackDetector(tiers=tiers, deadline=60.0, remembered=0)
    await detector.warm()
    print(detector.identity)
    tables = await measure(detector, read(CORPUS / f"{arguments.split}.jsonl"), known=arguments.known)
    report(tables, known=arguments.known, misses=arguments.misses)
    await detector.close()


if __name__ == "__main__":
    asyncio.run(_main())
