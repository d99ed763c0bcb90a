"""What is held in memory for a while: bounded in number and in time."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Held(Generic[K, V]):
    """At most ``most`` values, each for ``seconds`` from when it was put; the oldest go first. For one thread."""

    def __init__(self, *, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        self._let_go()
        found = self._values.get(key)
        return None if found is None else found[1]

    def put(self, key: K, value: V) -> None:
        self._values[key] = (self._now() + self._seconds, value)
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def drop(self, key: K) -> None:
        self._values.pop(key, None)

    def clear(self) -> None:
        self._values.clear()

    def _let_go(self) -> None:
        """Values stand in the order they were put, so the first are the first to end."""
        now = self._now()
        while self._values and next(iter(self._values.values()))[0] <= now:
            self._values.popitem(last=False)
