"""Milliseconds per step of one call, for ``Server-Timing`` and the overhead header."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Stopwatch:
    """Steps add up when they run more than once (a fallback vendor)."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._spent[name] = self._spent.get(name, 0.0) + (time.perf_counter() - started) * 1000.0

    def milliseconds(self) -> Mapping[str, float]:
        return dict(self._spent)
