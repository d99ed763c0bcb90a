"""What the stand-in does instead of answering well: one step per request, then it answers well again."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

_LONGEST_SCRIPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens to one request.

    ``delay`` is in seconds, before the first byte. ``body`` replaces the reply as it is; with ``text`` the stand-in
    answers properly, but with that text; ``finish`` is the protocol's own finish reason. ``cut``: the connection is
    closed ``before`` the head of the reply, or in the ``middle`` of its body. ``gzip`` compresses the reply.
    """

    status: int = 200
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    text: str | None = None
    finish: str | None = None
    cut: Literal["before", "middle"] | None = None
    gzip: bool = False


GOOD = Step()


class Script:
    """Steps still to come, in order."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self._steps: deque[Step] = deque(steps, maxlen=_LONGEST_SCRIPT)

    def add(self, steps: Iterable[Step]) -> None:
        self._steps.extend(steps)

    def clear(self) -> None:
        self._steps.clear()

    def next(self) -> Step:
        return self._steps.popleft() if self._steps else GOOD
