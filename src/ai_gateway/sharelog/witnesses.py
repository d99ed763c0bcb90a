"""Witnesses (C2SP tlog-witness): others who sign that a checkpoint begins with every one they saw before.

Each remembers the newest checkpoint it cosigned, so a log that shows different people different pasts is found out by
it. A witness that is away or refuses never holds a checkpoint back: it is published without that signature, and said
so in the log of the program.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ai_gateway.errors import CheckpointRefused, GatewayError
from ai_gateway.verifier import EMPTY, Broken, Checkpoint, Key, Unreadable, cosignatures, encode, read_checkpoint

_logger = logging.getLogger(__name__)
_TRIES = 3  # its memory may change between two requests, when another replica asks, too


@dataclass(frozen=True, slots=True)
class Cosigned:
    """``lines`` is what the witness answered: note signature lines, not yet checked."""

    lines: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RemembersOther:
    """The newest checkpoint that the witness cosigned has ``size`` entries."""

    size: int


class Witness(Protocol):
    @property
    def key(self) -> Key: ...

    async def add_checkpoint(self, request: str) -> Cosigned | RemembersOther:
        """Raises ``CheckpointRefused`` when the witness refuses, ``StoreUnavailable`` when it does not answer."""
        ...


Earlier = Callable[[int], Awaitable[Checkpoint | None]]
"""The log's own checkpoint of so many entries."""
Prove = Callable[[Checkpoint, Checkpoint], Awaitable[Sequence[bytes]]]
"""A proof that the log of the second begins with that of the first; raises ``LogInconsistent``."""


class Witnesses:
    """Asks all of them at once; ``deadline`` (seconds) is for each."""

    def __init__(self, witnesses: Sequence[Witness], *, deadline: float = 5.0) -> None:
        self._witnesses = witnesses
        self._deadline = deadline
        self._seen: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._witnesses)

    async def cosign(self, note: str, earlier: Earlier, prove: Prove) -> str:
        """The note with the signature line of every witness that gave a good one."""
        lines = await asyncio.gather(*(self._ask(witness, note, earlier, prove) for witness in self._witnesses))
        return note + "".join(lines)

    async def _ask(self, witness: Witness, note: str, earlier: Earlier, prove: Prove) -> str:
        try:
            async with asyncio.timeout(self._deadline):
                return await self._asked(witness, note, earlier, prove)
        except GatewayError as error:
            _logger.error("a checkpoint was not cosigned by %s: %s", witness.key.name, error.detail)  # noqa: TRY400
        except (OSError, TimeoutError) as error:
            _logger.error("a checkpoint was not cosigned by %s: %s", witness.key.name, type(error).__name__)  # noqa: TRY400
        return ""

    async def _asked(self, witness: Witness, note: str, earlier: Earlier, prove: Prove) -> str:
        now = read_checkpoint(note)[0]
        for _ in range(_TRIES):
            old = await _checkpoint_of(self._seen.get(witness.key.text, 0), now, earlier)
            answer = await witness.add_checkpoint(request(old, await prove(old, now), note))
            if isinstance(answer, RemembersOther):
                self._seen[witness.key.text] = answer.size
                continue
            self._seen[witness.key.text] = now.size
            return _checked(note, answer.lines, witness.key)
        raise CheckpointRefused("it remembers another size at every request")


def request(old: Checkpoint, proof: Sequence[bytes], note: str) -> str:
    """The body of ``add-checkpoint``."""
    return "\n".join([f"old {old.size}", *map(encode, proof), "", note])


async def _checkpoint_of(size: int, now: Checkpoint, earlier: Earlier) -> Checkpoint:
    if size == 0:
        return EMPTY
    if size > now.size:
        raise CheckpointRefused(
            f"it has seen {size} entries, the log has {now.size}: entries are gone; restore a newer backup",
            entry=now.size,
        )
    old = now if size == now.size else await earlier(size)
    if old is None:
        raise CheckpointRefused(f"it has seen a checkpoint of {size} entries, of which this log knows nothing")
    return old


def _checked(note: str, lines: str, key: Key) -> str:
    """The lines of the answer that are the witness', and hold."""
    try:
        found = cosignatures(note + lines, key)
    except (Broken, Unreadable) as error:
        raise CheckpointRefused(f"its answer is worth nothing: {error}") from None
    if not found:
        raise CheckpointRefused("its answer holds no signature by its key")
    return found[-1][1]
