"""What the stand-in received, byte for byte: the newest requests, up to a bound."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One request as it arrived. ``target`` is path and query."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> dict[str, object]:
        """The body, which must be a JSON object."""
        value = orjson.loads(self.body)
        if not isinstance(value, dict):
            raise TypeError("the captured body is not a JSON object")
        return value

    def raw(self) -> bytes:
        """Everything a vendor could have read of it, in one piece."""
        head = "\n".join(
            [f"{self.method} {self.target}", *(f"{name}: {value}" for name, value in self.headers.items())]
        )
        return head.encode() + b"\n\n" + self.body


class Capture:
    """``keep`` requests at most; ``total`` counts all there were."""

    def __init__(self, keep: int) -> None:
        self._kept: deque[Captured] = deque(maxlen=keep)
        self.total = 0

    def add(self, request: Captured) -> None:
        self._kept.append(request)
        self.total += 1

    def clear(self) -> None:
        self._kept.clear()
        self.total = 0

    def __iter__(self) -> Iterator[Captured]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, index: int) -> Captured:
        return self._kept[index]
