"""The tables of one run, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.detection.score import Score, Scores

_LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi in Latin letters",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "tl": "Tagalog-English",
    "uk": "Ukrainian",
}
NOTHING = "\u2013"
_COST = "ms / 1,000 characters"
_TAGS = {"none": "without tag", "adversarial": "disguised", "hard_negative": "nothing personal"}


@dataclass(slots=True)
class Run:
    """Scores by set; ``disguises`` by disguise, then set."""

    plain: dict[str, Scores] = field(default_factory=dict)
    known: dict[str, Scores] = field(default_factory=dict)
    presidio: dict[str, Scores] = field(default_factory=dict)
    disguises: dict[str, dict[str, Scores]] = field(default_factory=dict)
    sampled: int = 0


def document(run: Run, heading: str) -> str:
    parts = [heading, table(*_sets(run)), *_cost(run), table(*_told(run)), table(*_types(run.plain))]
    if run.disguises:
        parts.append(f"Leak of disguised texts, {run.sampled} texts of each set:")
        parts.append(table(*_disguised(run.disguises)))
    for name, scores in run.plain.items():
        if rows := list(_groups(scores)):
            parts.append(f"By kind and language, {name}:")
            parts.append(table(("texts", "number", "leak", "found", "over", "alarmed"), rows))
    return "\n\n".join(parts) + "\n"


Rows = Sequence[Sequence[str]]


def table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _sets(run: Run) -> tuple[Sequence[str], Rows]:
    head = ("set", "detector", "leak", "found", "over", "PERSON recall", "PERSON right", _COST, "seen before")
    rows: list[Sequence[str]] = []
    for name, scores in run.plain.items():
        rows.append((name, "this one", *_line(scores)))
        if name in run.presidio:
            rows.append(("", "presidio-analyzer", *_line(run.presidio[name])))
    return head, rows


def _line(scores: Scores) -> Sequence[str]:
    person = scores.types.get("PERSON", Score())
    return (
        f"{scores.all.leak:.2f} %",
        f"{scores.all.found:.1f} %",
        f"{scores.all.over_removal:.2f} %",
        f"{person.recall:.1f} %",
        f"{scores.precision:.1f} %",
        f"{scores.milliseconds:.1f}",
        f"{scores.milliseconds_again:.2f}" if scores.seconds_again else NOTHING,
    )


def _cost(run: Run) -> Iterator[str]:
    """Over all sets, each letter counting the same."""
    ours, again = (sum(getattr(s, name) for s in run.plain.values()) for name in ("seconds", "seconds_again"))
    if again and run.presidio:
        presidio = sum(scores.seconds for scores in run.presidio.values())
        yield (
            f"CPU time over all sets: {ours / presidio:.3f} of presidio-analyzer's for texts that are new, "
            f"1/{ours / again:.0f} of that for texts seen before."
        )


def _told(run: Run) -> tuple[Sequence[str], Rows]:
    head = (
        "set",
        "labels of the parties",
        "leak, parties unknown",
        "leak, parties known",
        "leak of all, known",
        "over",
    )
    rows = [
        (
            name,
            f"{known.told.labels:,}",
            f"{run.plain[name].told.leak:.2f} %",
            f"{known.told.leak:.2f} %",
            f"{known.all.leak:.2f} %",
            f"{known.all.over_removal:.2f} %",
        )
        for name, known in run.known.items()
    ]
    return head, rows


def _types(plain: Mapping[str, Scores]) -> tuple[Sequence[str], Rows]:
    entities = sorted({entity for scores in plain.values() for entity in scores.types})
    head = ("leak (labels) by type", *plain)
    rows = [(entity, *(_cell(scores.types.get(entity)) for scores in plain.values())) for entity in entities]
    return head, rows


def _cell(score: Score | None) -> str:
    return f"{score.leak:.1f} % ({score.labels:,})" if score is not None and score.labels else NOTHING


def _disguised(disguises: Mapping[str, Mapping[str, Scores]]) -> tuple[Sequence[str], Rows]:
    names = list(next(iter(disguises.values())))
    rows = [(disguise, *(f"{by_set[name].all.leak:.2f} %" for name in names)) for disguise, by_set in disguises.items()]
    return ("", *names), rows


def _groups(scores: Scores) -> Iterator[Sequence[str]]:
    order = ("tag", "kind", "lang")
    for name in sorted((n for n in scores.groups if n != "all"), key=lambda n: (order.index(n.partition(" ")[0]), n)):
        score, bare = scores.groups[name], name.partition(" ")[2]
        yield (
            _TAGS.get(bare, _LANGUAGES.get(bare, bare.replace("_", " "))),
            f"{score.texts}",
            f"{score.leak:.1f} %" if score.labels else NOTHING,
            f"{score.found:.1f} %" if score.labels else NOTHING,
            f"{score.over_removal:.2f} %",
            f"{score.alarmed}",
        )
