"""From token probabilities to spans: windows over a text, words that are flagged, words that belong together."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ai_gateway.model import EntityType, Span

_PERSON, _ADDRESS, _LOCATION = EntityType("PERSON"), EntityType("ADDRESS"), EntityType("LOCATION")
_WORDS = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})
_ANYTHING = frozenset({"HANDLE", "SECRET", "DATE_OF_BIRTH"})
_JOINERS = frozenset("-'")
_PIECE = re.compile(r"\S+")
_ADDRESS_IN = re.compile(r"\w@\w")
_WIDEST_PLACE_GAP, _WIDEST_GAP = 3, 2
_FEWEST_DIGITS, _FEWEST_LONE_DIGITS = 3, 4


@dataclass(frozen=True, slots=True)
class FlaggedWord:
    """``label`` is the model's, without its prefix; ``begins``: the model sees the first word of a value in it."""

    start: int
    end: int
    label: str
    score: float
    begins: bool = False


def windows(text: str, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Bounds that cover the text; cut at white space where there is some near the end."""
    start = 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            cut = max(text.rfind(" ", end - overlap, end), text.rfind("\n", end - overlap, end))
            end = cut if cut > start else end
        yield start, end
        if end == len(text):
            return
        back = max(text.find(" ", end - overlap, end), end - overlap)
        start = max(back, start + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelling:
    """What the columns of a model's answer mean, made once so that reading a window is arithmetic on whole arrays.

    ``names`` are the labels without prefix. ``mass`` (columns, names) adds up what speaks for a name, ``begins`` the
    same less what speaks for its going on; ``thresholds`` has one for each name.
    """

    names: tuple[str, ...]
    mass: npt.NDArray[np.float32] = field(repr=False)
    begins: npt.NDArray[np.float32] = field(repr=False)
    thresholds: tuple[float, ...] = field(repr=False)

    @classmethod
    def of(cls, labels: Sequence[str], thresholds: Mapping[str, float]) -> "Labelling":
        """``labels`` by column, ``O`` first. Raises ``KeyError`` for one without a threshold."""
        prefixes, _, columns = zip(*(label.partition("-") for label in labels), strict=True)
        names = sorted(set(columns[1:]), reverse=True)  # of two that weigh the same, the later in the alphabet
        mass = np.array([[name == column for name in names] for column in columns], dtype=np.float32)
        begun = np.array([[1.0 if prefix == "B" else -1.0] for prefix in prefixes], dtype=np.float32)
        return cls(
            names=tuple(names), mass=mass, begins=mass * begun, thresholds=tuple(thresholds[name] for name in names)
        )


def flagged(
    probabilities: npt.NDArray[np.float32],
    offsets: Sequence[tuple[int, int]],
    word_ids: Sequence[int | None],
    labelling: Labelling,
) -> Iterator[FlaggedWord]:
    """Words of one window; offsets are the window's. Rows, offsets and word ids run in step, a word's rows together."""
    told = 1.0 - probabilities[:, 0]
    least = min(labelling.thresholds)
    if told.max(initial=0.0) < least:
        return
    firsts = [i for i, word in enumerate(word_ids) if not i or word != word_ids[i - 1]]
    ends = [*firsts[1:], len(word_ids)]
    surest = np.maximum.reduceat(told, firsts)
    words = np.add.reduceat(probabilities, firsts)
    best = (words @ labelling.mass).argmax(axis=1).tolist()
    begins = words @ labelling.begins
    for at in np.flatnonzero(surest >= least).tolist():
        label, score, first = best[at], float(surest[at]), firsts[at]
        if score >= labelling.thresholds[label] and word_ids[first] is not None:
            start, end = offsets[first][0], offsets[ends[at] - 1][1]
            yield FlaggedWord(start, end, labelling.names[label], round(score, 4), bool(begins[at, label] > 0))


def best_of(words: Iterable[FlaggedWord]) -> list[FlaggedWord]:
    """In order; where windows overlap, a word's surest reading. A word cut by an edge yields to the whole one."""
    best: dict[int, FlaggedWord] = {}
    for word in words:
        before = best.get(word.start)
        if before is None or (word.end, word.score) > (before.end, before.score):
            best[word.start] = word
    return [best[start] for start in sorted(best)]


def spans_of(text: str, words: Sequence[FlaggedWord], labels: Mapping[str, str]) -> list[Span]:
    """Adjacent words of one value, joined, if it can be what it is labelled. Spans are in the given text."""
    joined = (_narrowed(text, span) for span in _joined(text, words, labels))
    return [span for span in joined if _can_be(span.entity, text[span.start : span.end])]


def _joined(text: str, words: Sequence[FlaggedWord], labels: Mapping[str, str]) -> list[Span]:
    spans: list[Span] = []
    group: list[FlaggedWord] = []
    for word in words:
        if word.label not in labels:
            continue
        if group and not _belongs(text, group[-1], word, labels):
            spans.append(_span(text, group, labels))
            group = []
        group.append(word)
    if group:
        spans.append(_span(text, group, labels))
    return spans


def _narrowed(text: str, span: Span) -> Span:
    """Without the words that the model takes along: ``email: dana@…``, ``555 0100 fax``."""
    telling: Callable[[str], bool]
    if span.entity == "PHONE_NUMBER":
        telling = "0123456789".__contains__
    elif span.entity == "EMAIL_ADDRESS" and _ADDRESS_IN.search(text, span.start, span.end):
        telling = "@.".__contains__
    else:
        return span
    pieces = list(_PIECE.finditer(text, span.start, span.end))
    kept = [piece for piece in pieces if any(map(telling, piece.group()))]
    return replace(span, start=kept[0].start(), end=kept[-1].end()) if kept else span


def _can_be(entity: EntityType, value: str) -> bool:
    """An e-mail address has more than letters in it, a number has digits or is spelled out, a name has letters."""
    digits = sum(c.isdigit() for c in value)
    letters = any(c.isalpha() for c in value)
    if entity in ("EMAIL_ADDRESS", "URL"):
        return not value.isalpha()
    if entity in _WORDS:
        return letters
    if entity == _ADDRESS:
        return letters or digits >= _FEWEST_LONE_DIGITS
    spelled = not digits and len(value.split()) >= _FEWEST_DIGITS
    return digits >= _FEWEST_DIGITS or spelled or entity in _ANYTHING


def _belongs(text: str, last: FlaggedWord, word: FlaggedWord, labels: Mapping[str, str]) -> bool:
    one, other = labels[last.label], labels[word.label]
    gap = text[last.end : word.start]
    if any(c.isalnum() for c in gap):
        return False
    if one in (_ADDRESS, _LOCATION) and other in (_ADDRESS, _LOCATION):
        return len(gap) <= _WIDEST_PLACE_GAP
    if one != other:
        return False
    if one == _PERSON:
        another = (word.begins and word.label == _PERSON) or (last.label, word.label) == ("SURNAME", "GIVEN_NAME")
        if another and gap not in _JOINERS:
            return False
        initial = last.end - last.start == 1
        return gap.strip(" ") in ("", "-", "'", "." if initial else "") and len(gap) <= _WIDEST_GAP
    return len(gap) <= _WIDEST_GAP


def _span(text: str, group: Sequence[FlaggedWord], labels: Mapping[str, str]) -> Span:
    entities = {labels[word.label] for word in group}
    entity = _ADDRESS if _ADDRESS in entities else EntityType(labels[group[0].label])
    start, end = group[0].start, group[-1].end
    if entity == _PERSON:
        start, end = _whole_name(text, start, end)
    return Span(start=start, end=end, entity=entity, found_by="model", score=max(word.score for word in group))


def _whole_name(text: str, start: int, end: int) -> tuple[int, int]:
    """``O'Neill`` and ``Anne-Marie`` are one name even where the model saw half of it; a possessive is not in it."""
    while start > 1 and text[start - 1] in _JOINERS and text[start - 2].isalpha():
        start -= 1
        while start and text[start - 1].isalpha():
            start -= 1
    while end + 1 < len(text) and text[end] in _JOINERS and text[end + 1].isalpha():
        stop = end + 1
        while stop < len(text) and text[stop].isalpha():
            stop += 1
        if text[end] == "'" and stop - end == 2:  # noqa: PLR2004  's
            break
        end = stop
    return start, end
