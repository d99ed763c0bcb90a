"""What is counted: letters and digits, nothing else.

* leak: share of the labelled characters that nothing covers
* found: share of the labels of which every character is covered; touched: at least half
* right: share of the characters found as PERSON that lie in a PERSON label (a handle is somebody too)
* over: share of the characters outside every label that is covered all the same
* alarmed: texts with a span that touches no label
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.detection.texts import Label, Text

_PEOPLE = frozenset({"PERSON", "HANDLE"})


class Found(NamedTuple):
    """A span of any detector."""

    start: int
    end: int
    entity: str
    found_by: str = ""
    score: float = 1.0


@dataclass(slots=True)
class Score:
    texts: int = 0
    characters: int = 0
    personal: int = 0
    leaked: int = 0
    labels: int = 0
    whole: int = 0
    touched: int = 0
    other: int = 0
    over: int = 0
    alarmed: int = 0

    @property
    def leak(self) -> float:
        return _percent(self.leaked, self.personal)

    @property
    def found(self) -> float:
        return _percent(self.whole, self.labels)

    @property
    def recall(self) -> float:
        return _percent(self.touched, self.labels)

    @property
    def over_removal(self) -> float:
        return _percent(self.over, self.other)


@dataclass(slots=True)
class Scores:
    """Every score of one detector on one set."""

    groups: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    types: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    told: Score = field(default_factory=Score)
    person_found: int = 0
    person_right: int = 0
    missed: list[tuple[str, str, int]] = field(default_factory=list)
    """Type, context, characters left."""
    wrong: list[tuple[str, str, int]] = field(default_factory=list)
    seconds: float = 0.0
    seconds_again: float = 0.0

    @property
    def all(self) -> Score:
        return self.groups["all"]

    @property
    def precision(self) -> float:
        return _percent(self.person_right, self.person_found)

    @property
    def milliseconds(self) -> float:
        """Of CPU for 1,000 characters."""
        return 1_000_000 * self.seconds / max(self.all.characters, 1)

    @property
    def milliseconds_again(self) -> float:
        """The same for texts that are remembered; 0 where that was not measured."""
        return 1_000_000 * self.seconds_again / max(self.all.characters, 1)


def add(scores: Scores, text: Text, spans: Iterable[Found], *, people_only: bool = False) -> None:
    """Count what these spans cover and leave of this text."""
    spans = list(spans)
    covered = _places(text.text, spans)
    labelled = _places(text.text, text.labels)
    judged = [span for span in spans if span.entity == "PERSON"] if people_only else spans
    over = _places(text.text, judged) - labelled
    for label in text.labels:
        if label.counts:
            _add_label(scores, text, label, covered)
    wrong = [span for span in judged if labelled.isdisjoint(range(span.start, span.end))]
    for span in judged:
        outside = sum(i in over for i in range(span.start, span.end))
        if outside * 2 > span.end - span.start:
            scores.wrong.append((f"{span.entity} {span.found_by} {span.score:.2f}", _context(text, span), outside))
    other = sum(c.isalnum() for c in text.text) - len(labelled)
    for name in ("all", *text.groups):
        score = scores.groups[name]
        score.texts += 1
        score.characters += len(text.text)
        score.other += other
        score.over += len(over)
        score.alarmed += bool(wrong)
    people = _places(text.text, [span for span in spans if span.entity == "PERSON"])
    scores.person_found += len(people)
    scores.person_right += len(people & _places(text.text, [one for one in text.labels if one.entity in _PEOPLE]))


def _add_label(scores: Scores, text: Text, label: Label, covered: frozenset[int]) -> None:
    mine = [i for i in range(label.start, label.end) if text.text[i].isalnum()]
    leaked = sum(i not in covered for i in mine)
    lines = [scores.types[label.entity], *(scores.groups[name] for name in ("all", *text.groups))]
    for score in (*lines, scores.told) if label.told else lines:
        score.personal += len(mine)
        score.leaked += leaked
        score.labels += 1
        score.whole += not leaked
        score.touched += leaked * 2 <= len(mine)
    if leaked:
        scores.missed.append((label.entity, _context(text, label), leaked))


def _places(text: str, spans: Sequence[Found] | Sequence[Label]) -> frozenset[int]:
    return frozenset(i for span in spans for i in range(span.start, span.end) if text[i].isalnum())


def _context(text: Text, span: Found | Label) -> str:
    before, value, after = text.text[: span.start][-30:], text.text[span.start : span.end], text.text[span.end :][:20]
    return f"{text.id}: {before}[{value}]{after}".replace("\n", "\\n")


def _percent(part: int, whole: int) -> float:
    return 100 * part / max(whole, 1)
