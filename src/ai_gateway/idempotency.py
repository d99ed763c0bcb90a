"""A repeated request never shares twice.

The coordination port says who runs a request and keeps its answer; the share log's ``once`` (``Call.once``) is what
makes a second share impossible, whatever happens to the coordination in between. So a claim may be given back after
any failure: if the failed run shared something, the repetition is refused by the log, otherwise it simply runs.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field

from ai_gateway.errors import (
    CoordinationUnavailable,
    IdempotencyConflict,
    IdempotencyInProgress,
    IdempotencyOutcomeUnknown,
    RequestInvalid,
)
from ai_gateway.model import CallerId, ShareId, SubjectId
from ai_gateway.ports import Claimed, Coordination, Done, Running, Seal

_FINGERPRINT = 32
MAX_KEY = 255


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One go at a request.

    ``replay`` is the earlier answer, to be sent again instead of running; ``once`` goes into ``Call.once``. ``keep``
    stores the answer for repetitions. Without an idempotency key all of it is empty and ``keep`` does nothing.
    """

    once: bytes | None = field(default=None, repr=False)
    replay: "Answer | None" = field(default=None, repr=False)
    answer: "Answer | None" = field(default=None, repr=False)
    about: tuple[SubjectId, ...] = ()

    def keep(self, answer: bytes, share: ShareId, about: Sequence[SubjectId] = ()) -> None:
        """Keep the answer when the attempt ends; ``about`` names everybody whose erasure must take it away."""
        self.answer, self.about = Answer(body=answer, share=share), tuple(about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered, and the share it came of."""

    body: bytes = field(repr=False)
    share: ShareId


class Idempotency:
    """``lease`` is how long a run that died blocks its key, ``keep`` how long an answer is replayed; in seconds."""

    def __init__(self, coordination: Coordination, seal: Seal, *, lease: float = 120.0, keep: float = 86_400.0) -> None:
        self._coordination = coordination
        self._seal = seal
        self._lease = lease
        self._keep = keep

    def attempt(self, caller: CallerId, key: str | None, request: bytes) -> AbstractAsyncContextManager[Attempt]:
        """Enter with the request's canonical bytes (method, path, body); leave with the answer kept or the claim back.

        Raises ``RequestInvalid`` (the key's shape), ``IdempotencyConflict`` (another request had this key),
        ``IdempotencyInProgress`` (``facts['retry_after']`` in seconds), ``IdempotencyOutcomeUnknown`` (the kept answer
        cannot be read) and ``CoordinationUnavailable``: a request that asks for this promise is refused without it.
        """
        return nullcontext(Attempt()) if key is None else self._attempt(caller, key, request)

    @asynccontextmanager
    async def _attempt(self, caller: CallerId, key: str, request: bytes) -> AsyncGenerator[Attempt]:
        _check(key)
        who = (caller.encode(), key.encode())
        place = self._seal.tag("idempotency/place", *who).hex()
        fingerprint = self._seal.tag("idempotency/request", request)
        claim = await self._coordination.claim(place, fingerprint, self._lease)
        if not isinstance(claim, Claimed):
            yield Attempt(replay=self._earlier(claim, place, fingerprint))
            return
        attempt = Attempt(once=self._seal.tag("idempotency/once", *who))
        try:
            yield attempt
        finally:
            # A caller who hangs up must not leave the key blocked until its lease ends.
            await asyncio.shield(self._end(attempt, place, fingerprint, claim))

    async def forget(self, subject: SubjectId) -> int:
        """Remove every kept answer that is about this person; how many."""
        return await self._coordination.forget(self._about(subject))

    def _earlier(self, claim: Running | Done, place: str, fingerprint: bytes) -> Answer:
        if isinstance(claim, Running):
            if claim.note != fingerprint:
                raise _conflict()
            raise IdempotencyInProgress(
                "The first request with this key is still running; repeat it after retry_after seconds",
                retry_after=max(1, round(claim.retry_after)),
            )
        kept = self._seal.open(claim.value, place.encode())
        if kept is None:
            raise IdempotencyOutcomeUnknown(
                "The kept answer was sealed under another key; look the share up, or use a new idempotency key"
            )
        if kept[:_FINGERPRINT] != fingerprint:
            raise _conflict()
        share, _, body = kept[_FINGERPRINT:].partition(b"\n")
        return Answer(body=body, share=ShareId(share.decode()))

    async def _end(self, attempt: Attempt, place: str, fingerprint: bytes, claim: Claimed) -> None:
        # The answer is the caller's whatever becomes of its copy: a repetition then finds the share log's refusal.
        with suppress(CoordinationUnavailable):
            if attempt.answer is not None:
                told = attempt.answer.share.encode() + b"\n" + attempt.answer.body
                kept = self._seal.seal(fingerprint + told, place.encode())
                about = [self._about(subject) for subject in attempt.about]
                if await self._coordination.complete(place, claim.token, kept, self._keep, about):
                    return
            await self._coordination.release(place, claim.token)

    def _about(self, subject: SubjectId) -> str:
        return self._seal.tag("idempotency/about", subject.encode()).hex()


def _check(key: str) -> None:
    if not (1 <= len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise RequestInvalid(f"An idempotency key is 1 to {MAX_KEY} printable ASCII characters")


def _conflict() -> IdempotencyConflict:
    return IdempotencyConflict("This idempotency key was used for a different request; use a new one")
