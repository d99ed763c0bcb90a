"""What the party-independent tiers found in a text, remembered by keyed hash: spans and types, never text.

The key is random per process, so a hash says nothing outside it; a job post is read once for hundreds of proposals.
"""

import hashlib
import os
from collections import OrderedDict

from ai_gateway.model import Span

_KEY_BYTES = 32


class SpanCache:
    """Least recently used first out; ``limit`` texts. Not for several threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._key = os.urandom(_KEY_BYTES)
        self._spans: OrderedDict[bytes, tuple[Span, ...]] = OrderedDict()

    def digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=_KEY_BYTES).digest()

    def get(self, digest: bytes) -> tuple[Span, ...] | None:
        spans = self._spans.get(digest)
        if spans is not None:
            self._spans.move_to_end(digest)
        return spans

    def put(self, digest: bytes, spans: tuple[Span, ...]) -> None:
        self._spans[digest] = spans
        self._spans.move_to_end(digest)
        while len(self._spans) > self._limit:
            self._spans.popitem(last=False)

    def __len__(self) -> int:
        return len(self._spans)
