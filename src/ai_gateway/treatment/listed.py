"""Words that a marketplace wants found wherever they stand: whole, in order, whatever case, accents and separators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ai_gateway.model import Span
from ai_gateway.policies.recognizer import Recognizer
from ai_gateway.treatment.normalize import fold, folded
from ai_gateway.treatment.words import read, split


@dataclass(frozen=True, slots=True)
class Listed:
    """``by_first_word``: the sequences that begin with a word, longest first."""

    by_first_word: Mapping[str, Sequence[tuple[tuple[str, ...], Recognizer]]] = field(repr=False)

    def find(self, text: str) -> list[Span]:
        """Spans in the original text; the longest at each place."""
        if not self.by_first_word:
            return []
        view = folded(text)
        reading = read(view)
        found: list[Span] = []
        for at, word in enumerate(reading.words):
            for words, recognizer in self.by_first_word.get(word, ()):
                if reading.stands(at, words):
                    start, end = view.original(reading.start(at), reading.end(at + len(words) - 1))
                    found.append(
                        Span(
                            start=start,
                            end=end,
                            entity=recognizer.entity,
                            found_by="pattern",
                            score=recognizer.words_score,
                        )
                    )
                    break
        return found


def listed(recognizers: Sequence[Recognizer]) -> Listed:
    by_first_word: dict[str, list[tuple[tuple[str, ...], Recognizer]]] = {}
    for recognizer in recognizers:
        for entry in recognizer.words:
            words = split(fold(entry))
            if words:
                by_first_word.setdefault(words[0], []).append((words, recognizer))
    return Listed({word: sorted(found, key=lambda one: -len(one[0])) for word, found in by_first_word.items()})
