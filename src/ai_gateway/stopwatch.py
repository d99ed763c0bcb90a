"""Milliseconds per step of one call, for ``Server-Timing`` and the overhead header."""

import time
from collections.abc import Mapping


class Stopwatch:
    """Steps add up when they run more than once (a fallback vendor)."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}

    def step(self, name: str) -> "_Step":
        return _Step(self._spent, name)

    def milliseconds(self) -> Mapping[str, float]:
        return dict(self._spent)


class _Step:
    """A context that adds its time to a step. (``contextlib`` would take five times as long to enter one.)"""

    __slots__ = ("_name", "_spent", "_started")

    def __init__(self, spent: dict[str, float], name: str) -> None:
        self._spent = spent
        self._name = name

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._spent[self._name] = self._spent.get(self._name, 0.0) + (time.perf_counter() - self._started) * 1000.0
