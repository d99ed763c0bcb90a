"""Labelled texts from two kinds of files, in one shape.

Our corpus: ``tests/corpus/*.jsonl``, see its README. Sets of others: pairs of ``name.jsonl`` (``{"text", "spans":
[[start, end, TYPE], …]}``, offsets in characters) and ``name.meta.json`` (``{"scored": [types that are labelled
completely], "neutral": [types that are neither a miss nor a false alarm]}``).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ai_gateway.model import Known, SubjectId
from ai_gateway.ports import Party

CORPUS = Path(__file__).parents[2] / "tests" / "corpus"

_NAMES = {
    "EMAIL": "EMAIL_ADDRESS",
    "PHONE": "PHONE_NUMBER",
    "USERNAME": "HANDLE",
    "LOC": "LOCATION",
    "IP": "IP_ADDRESS",
    "ORG": "ORGANIZATION",
}
TOLD = {"PERSON": "names", "EMAIL_ADDRESS": "emails", "PHONE_NUMBER": "phones", "HANDLE": "handles"}
_PARTIES = ("client", "professional")
_DISGUISED = "adversarial"


@dataclass(frozen=True, slots=True)
class Label:
    """``counts``: whether missing it is a leak; finding it is never a mistake. ``told``: a party's, of a type that the
    marketplace knows."""

    start: int
    end: int
    entity: str
    counts: bool = True
    told: bool = False
    party: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """``groups``: the lines of the tables that this text counts in."""

    id: str
    text: str
    labels: tuple[Label, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextSet:
    """``people_only``: nothing but people is labelled, so nothing else that is found can be judged."""

    name: str
    texts: tuple[Text, ...]
    people_only: bool = False


def corpus(split: str, limit: int | None = None) -> TextSet:
    rows = list(_rows(CORPUS / f"{split}.jsonl"))[:limit]
    return TextSet(f"our corpus, {split}", tuple(_of_corpus(row) for row in rows))


def folder(path: Path, limit: int | None = None) -> list[TextSet]:
    """Every set in a folder, by name."""
    return [_of_others(file, limit) for file in sorted(path.glob("*.jsonl"))]


def parties(text: Text) -> list[Party]:
    """Who the marketplace would know in this text, and by what."""
    found: dict[str, dict[str, list[str]]] = {}
    for label in text.labels:
        if label.told:
            told = found.setdefault(label.party, {})
            told.setdefault(TOLD[label.entity], []).append(text.text[label.start : label.end])
    return [
        Party(SubjectId(name), Known(**{kind: tuple(dict.fromkeys(values)) for kind, values in told.items()}))
        for name, told in found.items()
    ]


def _rows(path: Path) -> Iterator[dict[str, object]]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def _of_corpus(row: dict[str, object]) -> Text:
    tags = _strings(row["tags"])
    disguised = _DISGUISED in tags
    labels = tuple(
        Label(
            start,
            end,
            entity,
            counts=party != "nobody",
            told=not disguised and party in _PARTIES and entity in TOLD,
            party=party,
        )
        for start, end, entity, party in _spans(row)
    )
    groups = (f"lang {row['lang']}", f"kind {row['kind']}", *(f"tag {tag}" for tag in tags or ("none",)))
    return Text(str(row["id"]), str(row["text"]), labels, groups)


def _of_others(file: Path, limit: int | None) -> TextSet:
    scored = frozenset(_NAMES.get(t, t) for t in json.loads(file.with_suffix(".meta.json").read_bytes())["scored"])
    texts: list[Text] = []
    for at, row in enumerate(_rows(file)):
        labels: list[Label] = []
        for start, end, kind in _spans(row):
            entity = _NAMES.get(kind, kind)
            counts = entity in scored
            labels.append(Label(start, end, entity, counts, counts and entity in TOLD, "somebody"))
        texts.append(Text(str(row.get("id", at)), str(row["text"]), tuple(labels)))
    return TextSet(file.stem, tuple(texts[:limit]), people_only=scored == {"PERSON"})


def _strings(value: object) -> Sequence[str]:
    assert isinstance(value, list)
    return [str(one) for one in value]


def _spans(row: dict[str, object]) -> list[list]:  # type: ignore[type-arg]  # what JSON holds
    spans = row["spans"]
    assert isinstance(spans, list)
    return spans
