"""The model tier: an in-process named-entity model in threads of its own, so that the event loop never waits for it."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from ai_gateway.adapters.ner_model import MARKETPLACE, LoadedModel, NerModel, load
from ai_gateway.adapters.ner_words import FlaggedWord, best_of, flagged, spans_of, windows
from ai_gateway.adapters.ner_writing import kinds_of
from ai_gateway.model import Span
from ai_gateway.treatment.normalize import Mapped, plain

_SPECIAL_TOKENS = 2
_TOKEN_OVERLAP = 64


class NerDetector:
    """Party-independent. Loads on ``warm`` or first use.

    ``workers`` windows are read at a time, each on ``threads`` cores. Texts take turns, a window each, so that a long
    one delays a short one by one window and not by all of its own.
    """

    def __init__(self, model: NerModel = MARKETPLACE, *, workers: int = 1, threads: int = 1) -> None:
        self.identity = model.identity
        self._model = model
        self._threads = threads
        self._loaded: LoadedModel | None = None
        self._loading = threading.Lock()
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="ner")

    async def warm(self) -> None:
        """Load and run once. Raises ``ConfigurationError`` when the model's files are not as expected."""
        await self.find("Warm.")

    async def find(self, text: str) -> list[Span]:
        """Disjoint spans in the original text. Cancelling it stops the work after the window that is being read."""
        loop = asyncio.get_running_loop()
        view, words, left = await loop.run_in_executor(self._executor, self._begin, text)
        for start, end in left:
            # One at a time: the queue is first come, first served, and a text's next window stands behind all others'.
            words += await loop.run_in_executor(self._executor, self._read_window, view.text[start:end], start)
        return self._spans(view, words)

    async def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _begin(self, text: str) -> tuple[Mapped, list[FlaggedWord], list[tuple[int, int]]]:
        """What is read of the text, the words of its first window, and the windows that are left. Together, because
        going to another thread and back costs as much as reading a short text."""
        view = plain(text)
        found = list(windows(view.text, self._model.window, self._model.overlap))
        words = [word for start, end in found[:1] for word in self._read_window(view.text[start:end], start)]
        return view, words, found[1:]

    def _spans(self, view: Mapped, words: list[FlaggedWord]) -> list[Span]:
        spans: list[Span] = []
        for span in spans_of(view.text, best_of(words), self._model.labels):
            start, end = view.original(span.start, span.end)
            spans.append(Span(start=start, end=end, entity=span.entity, found_by="model", score=span.score))
        return spans

    def _read_window(self, piece: str, behind: int) -> list[FlaggedWord]:
        """Words of a window that begins ``behind`` characters into the text. One whose characters make more tokens than
        the model takes is read in parts."""
        loaded = self._load()
        if not any(c.isalnum() for c in piece):
            return []
        encoding = loaded.tokenizer.encode(piece, add_special_tokens=False)
        ids, offsets, word_ids = encoding.ids, encoding.offsets, encoding.word_ids
        kinds = kinds_of(piece, offsets, word_ids) if loaded.reads_writing else ()
        offsets = [(start + behind, end + behind) for start, end in offsets]
        words: list[FlaggedWord] = []
        room = loaded.most_tokens - _SPECIAL_TOKENS
        for start in range(0, max(len(ids), 1), room - _TOKEN_OVERLAP):
            part = slice(start, start + room)
            if not ids[part]:
                break
            probabilities = loaded.classify(ids[part], kinds[part])
            words += flagged(probabilities, offsets[part], word_ids[part], loaded.labelling)
            if start + room >= len(ids):
                break
        return words

    def _load(self) -> LoadedModel:
        with self._loading:
            if self._loaded is None:
                self._loaded = load(self._model, threads=self._threads)
            return self._loaded
