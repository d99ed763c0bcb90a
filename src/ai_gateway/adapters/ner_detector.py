"""The model tier: an in-process named-entity model in threads of its own, so that the event loop never waits for it."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ai_gateway.adapters.ner_model import RAMPART, LoadedModel, NerModel, load
from ai_gateway.adapters.ner_words import FlaggedWord, best_of, flagged, spans_of, windows
from ai_gateway.model import Span
from ai_gateway.treatment.normalize import plain

_SPECIAL_TOKENS = 2
_TOKEN_OVERLAP = 64


class NerDetector:
    """Party-independent. Loads on ``warm`` or first use.

    ``workers`` texts are read at a time, each on ``threads`` cores; the others wait their turn.
    """

    def __init__(self, model: NerModel = RAMPART, *, workers: int = 1, threads: int = 1) -> None:
        self.identity = model.identity
        self._model = model
        self._threads = threads
        self._loaded: LoadedModel | None = None
        self._loading = threading.Lock()
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="ner")

    async def warm(self) -> None:
        """Load and run once. Raises ``ConfigurationError`` when the model's files are not as expected."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._read, "Warm.", threading.Event())

    async def find(self, text: str) -> list[Span]:
        """Disjoint spans in the original text. Cancelling it stops the work at the next window."""
        stopped = threading.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._read, text, stopped)
        finally:
            stopped.set()

    async def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _read(self, text: str, stopped: threading.Event) -> list[Span]:
        view = plain(text)
        words = best_of(self._flagged_words(view.text, stopped))
        spans: list[Span] = []
        for span in spans_of(view.text, words, self._model.labels):
            start, end = view.original(span.start, span.end)
            spans.append(Span(start=start, end=end, entity=span.entity, found_by="model", score=span.score))
        return spans

    def _flagged_words(self, text: str, stopped: threading.Event) -> Iterator[FlaggedWord]:
        loaded = self._load()
        for start, end in windows(text, self._model.window, self._model.overlap):
            if stopped.is_set():
                return
            piece = text[start:end]
            if not any(c.isalnum() for c in piece):
                continue
            for word in self._read_window(loaded, piece):
                yield FlaggedWord(word.start + start, word.end + start, word.label, word.score)

    def _read_window(self, loaded: LoadedModel, piece: str) -> Iterator[FlaggedWord]:
        """A window whose characters make more tokens than the model takes is read in parts."""
        encoding = loaded.tokenizer.encode(piece, add_special_tokens=False)
        ids, offsets, word_ids = encoding.ids, encoding.offsets, encoding.word_ids
        room = loaded.most_tokens - _SPECIAL_TOKENS
        for start in range(0, max(len(ids), 1), room - _TOKEN_OVERLAP):
            part = slice(start, start + room)
            if not ids[part]:
                return
            probabilities = loaded.classify(ids[part])
            yield from flagged(probabilities, offsets[part], word_ids[part], loaded.labels, self._model.threshold)
            if start + room >= len(ids):
                return

    def _load(self) -> LoadedModel:
        with self._loading:
            if self._loaded is None:
                self._loaded = load(self._model, threads=self._threads)
            return self._loaded
