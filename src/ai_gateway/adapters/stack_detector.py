"""The whole detector behind one port: known identifiers, patterns, model, propagation, resolution."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Protocol

from ai_gateway.adapters.combining import CombinedSpans, Combining
from ai_gateway.adapters.party_indexes import PartyIndex, PartyIndexes
from ai_gateway.adapters.shared_spans import SharedSpans
from ai_gateway.adapters.span_cache import SpanCache
from ai_gateway.adapters.word_lists import word_lists, word_lists_digest
from ai_gateway.errors import DetectorDeadline, DetectorUnavailable, RequestTooLarge
from ai_gateway.model import Span
from ai_gateway.ports import Party
from ai_gateway.treatment import identifiers
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.detect import judge
from ai_gateway.treatment.propagate import Names, names_in

_VERSION = "stack/6"
_INLINE_CHARACTERS = 8_000
"""Up to here the plain computations take a few milliseconds and run where they are; beyond, in a thread."""


class Tier(Protocol):
    """Finds personal data whoever the parties are. MUST be a function of the text alone."""

    @property
    def identity(self) -> str: ...

    async def find(self, text: str) -> Sequence[Span]: ...

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


class StackDetector:
    """``ports.Detector``. ``tiers`` run in order; known identifiers are always found, whatever the tiers.

    ``deadline`` is in seconds, for one call over all its texts; ``most_characters`` for all its texts together.
    ``remembered`` texts keep their spans (not the text) for the next call; 0 remembers none. ``shared``: what replicas
    tell each other.
    """

    def __init__(
        self,
        *,
        tiers: Sequence[Tier],
        deadline: float = 5.0,
        most_characters: int = 400_000,
        remembered: int = 4_096,
        lists: WordLists | None = None,
        shared: SharedSpans | None = None,
    ) -> None:
        self._tiers = tuple(tiers)
        self._deadline = deadline
        self._most_characters = most_characters
        self._lists = word_lists() if lists is None else lists
        self._cache = SpanCache(remembered)
        self._parties = PartyIndexes(self._lists)
        self._combined = CombinedSpans(remembered)
        self._shared = shared
        own = [f"allowed:{_digest(self._lists.allowed)}"] if self._lists.allowed else []
        told = [tier.identity for tier in self._tiers]
        self._identity = " ".join([_VERSION, f"lists:{word_lists_digest()}", *own, *told])

    @property
    def identity(self) -> str:
        return self._identity

    async def warm(self) -> None:
        """Make every tier ready; raises what a tier raises, for the start to fail on."""
        for tier in self._tiers:
            await tier.warm()

    async def close(self) -> None:
        for tier in self._tiers:
            await tier.close()

    def forget(self) -> None:
        """Let go of all that is held about parties: somebody may have been erased. On the event loop."""
        self._parties.forget()
        self._combined.clear()
        identifiers.forget()

    async def detect(self, texts: Sequence[str], parties: Sequence[Party]) -> tuple[tuple[Span, ...], ...]:
        """See ``ports.Detector``. Raises ``RequestTooLarge`` beyond ``most_characters``."""
        size = sum(map(len, texts))
        if size > self._most_characters:
            detail = f"at most {self._most_characters} characters can be examined in one call"
            raise RequestTooLarge(detail, characters=size, limit=self._most_characters)
        try:
            digests = [self._cache.digest(text) for text in texts]
            remembered = [self._remembered(text, digest) for text, digest in zip(texts, digests, strict=True)]
            if size <= _INLINE_CHARACTERS and None not in remembered:
                return self._combine(texts, digests, [one for one in remembered if one is not None], parties)
            async with asyncio.timeout(self._deadline):
                found = await self._found_in(texts)
                if size <= _INLINE_CHARACTERS:
                    return self._combine(texts, digests, found, parties)
                about = await asyncio.to_thread(self._about, texts, found, parties)
                combining = Combining(self._combined, digests, *about, texts, found)
                return combining.told(await asyncio.to_thread(combining.missing))
        except TimeoutError:
            raise DetectorDeadline(deadline_seconds=self._deadline) from None
        except DetectorUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  whatever a tier raises: refused, and its words may quote the text
            raise DetectorUnavailable(cause=type(error).__name__) from None

    def spellings(self, parties: Sequence[Party]) -> frozenset[str]:
        return self._parties.of(parties).spellings

    def _combine(
        self,
        texts: Sequence[str],
        digests: Sequence[bytes],
        found: Sequence[Sequence[Span]],
        parties: Sequence[Party],
    ) -> tuple[tuple[Span, ...], ...]:
        combining = Combining(self._combined, digests, *self._about(texts, found, parties), texts, found)
        return combining.told(combining.missing())

    def _about(
        self, texts: Sequence[str], found: Sequence[Sequence[Span]], parties: Sequence[Party]
    ) -> tuple[PartyIndex, Names]:
        """Of whom a call is, and who is named in it. Many parties or long texts take a while: may run in a thread."""
        return self._parties.of(parties), names_in(texts, found, self._lists)

    def _remembered(self, text: str, digest: bytes) -> tuple[Span, ...] | None:
        if not self._tiers or not text or text.isspace():
            return ()
        return self._cache.get(digest)

    async def _found_in(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """What the tiers find in each text, from memory or another replica where it was read before."""
        if self._shared is None:
            return [await self._found(text) for text in texts]
        unread = [text for text in dict.fromkeys(texts) if self._remembered(text, self._cache.digest(text)) is None]
        asked = await self._shared.ask(self._identity, unread)
        for text, spans in asked.found.items():
            self._cache.put(self._cache.digest(text), spans)
        found = [await self._found(text) for text in texts]
        await self._shared.tell(asked, dict(zip(texts, found, strict=True)))
        return found

    async def _found(self, text: str) -> tuple[Span, ...]:
        """What the tiers find in one text and ``judge`` leaves, from memory if it was read before."""
        if not text or text.isspace():
            return ()
        digest = self._cache.digest(text)
        spans = self._cache.get(digest)
        if spans is None:
            found = [span for tier in self._tiers for span in await tier.find(text)]
            inline = len(text) <= _INLINE_CHARACTERS
            spans = (
                judge(text, found, self._lists) if inline else await asyncio.to_thread(judge, text, found, self._lists)
            )
            self._cache.put(digest, spans)
        return spans


def _digest(allowed: frozenset[tuple[str, ...]]) -> str:
    return hashlib.sha256(repr(sorted(allowed)).encode()).hexdigest()[:12]
