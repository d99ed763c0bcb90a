"""Checkpoints: the tree's size and root, signed, and brought to where others can hold them.

Whoever has the signing key can rewrite everything that nobody else has seen; so what matters is who holds older
checkpoints. The signer itself remembers the last one it signed, in a file of its own, and signs nothing that does not
begin with it.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from ai_gateway.errors import CheckpointRefused, GatewayError
from ai_gateway.ports import Claimed, Clock, Coordination
from ai_gateway.sharelog.merkle import root
from ai_gateway.sharelog.proofs import Proofs
from ai_gateway.sharelog.tiles import grow
from ai_gateway.sharelog.tree import TreeStore
from ai_gateway.sharelog.witnesses import Witnesses
from ai_gateway.verifier import EMPTY, Broken, Checkpoint, open_checkpoint, parse_key, read_checkpoint

_logger = logging.getLogger(__name__)
_CLAIM = "share-log/signer"
_LEASE = 60.0


class Signer(Protocol):
    @property
    def origin(self) -> str: ...

    @property
    def key(self) -> str:
        """The verifier key (C2SP signed-note)."""
        ...

    def last(self) -> Checkpoint:
        """The last one signed. Raises ``CheckpointRefused`` when that is not known."""
        ...

    def sign(self, size: int, root: bytes, proof: Sequence[bytes]) -> str:
        """A signed note. ``proof`` shows consistency with ``last``; MUST raise ``CheckpointRefused`` when it does not.
        MUST have the note durable in its own memory before it returns it."""
        ...

    def close(self, note: str) -> None:
        """Sign nothing after this note, ever: it is the year's final one."""
        ...


class Sink(Protocol):
    """Where checkpoints go."""

    name: str

    async def put(self, checkpoint: Checkpoint) -> None: ...


class Publisher:
    """Grows tiles, signs, keeps and sends checkpoints. One among all replicas works at a time."""

    def __init__(
        self,
        store: TreeStore,
        signer: Signer,
        *,
        coordination: Coordination,
        clock: Clock,
        sinks: Sequence[Sink] = (),
        witnesses: Witnesses | None = None,
        every: float = 5.0,
        sink_deadline: float = 5.0,
    ) -> None:
        self._store = store
        self._signer = signer
        self._coordination = coordination
        self._clock = clock
        self._sinks = sinks
        self._witnesses = witnesses or Witnesses(())
        self._every = every
        self._sink_deadline = sink_deadline

    @property
    def key(self) -> str:
        """The verifier key."""
        return self._signer.key

    async def publish(self) -> str:
        """The checkpoint of the tree as it is now: a new one, unless the last one signed is that.

        Raises ``CheckpointRefused`` or ``LogInconsistent`` when the log does not begin with what was signed of it.
        """
        while True:
            last = await asyncio.to_thread(self._signer.last)  # before the tree, which must not be the older of the two
            try:
                note = await self._sign(last)
            except CheckpointRefused:
                if await asyncio.to_thread(self._signer.last) == last:
                    raise
                continue  # another process signed a larger tree meanwhile
            if self._witnesses:
                note = await self._cosigned(note)
            signed = read_checkpoint(note)[0]
            await self._store.put_checkpoint(signed.size, self._clock.now(), note)
            if signed.text != last.text:
                await asyncio.gather(*(self._send(sink, signed) for sink in self._sinks))
            return note

    async def _cosigned(self, note: str) -> str:
        """As it is kept already, or with the witnesses' signatures."""
        now = read_checkpoint(note)[0]
        kept = await self._kept(now.size)
        if kept is not None and kept.text == now.text:
            return kept.note
        return await self._witnesses.cosign(note, self._kept, Proofs(self._store).consistency)

    async def _kept(self, size: int) -> Checkpoint | None:
        notes = await self._store.checkpoints(size, size)
        return read_checkpoint(notes[0])[0] if notes else None

    async def _sign(self, last: Checkpoint) -> str:
        tree = await self._store.tree()
        await grow(self._store, tree.size)
        now = Checkpoint(self._signer.origin, tree.size, root(tree.size, tree.frontier))
        await self._check_kept(last, now)
        proof = await Proofs(self._store).consistency(last, now)
        return await asyncio.to_thread(self._signer.sign, now.size, now.root, proof)

    async def _check_kept(self, last: Checkpoint, now: Checkpoint) -> None:
        """The database may keep what the signer forgot: its folder was restored, or its key was made anew."""
        note = await self._store.newest_checkpoint()
        kept = EMPTY if note is None else read_checkpoint(note)[0]
        if kept.size <= last.size:
            return
        try:
            open_checkpoint(kept.note, parse_key(self._signer.key))
        except Broken:
            told = (
                f"{kept.size} entries were signed with another key, this one remembers {last.size}. Restore the signing"
                " folder; if it is lost, see `ai-gateway keys init --help`"
            )
            raise CheckpointRefused(told) from None
        await Proofs(self._store).consistency(kept, now)

    async def run(self) -> None:
        """Publish every so often while the tree grows, until cancelled. What goes wrong is logged, and tried again."""
        while True:
            try:
                claimed = await self._coordination.claim(_CLAIM, b"", _LEASE)
                if isinstance(claimed, Claimed):
                    try:
                        await self.publish()
                    finally:
                        await self._coordination.release(_CLAIM, claimed.token)
            except GatewayError as error:
                _logger.error("no checkpoint was signed: %s: %s", error.code, error.detail)  # noqa: TRY400  (one line)
            except Exception as error:  # noqa: BLE001  (one failure must not end all signing)
                _logger.error("no checkpoint was signed: %s", type(error).__name__)  # noqa: TRY400
            await asyncio.sleep(self._every)

    async def freeze(self) -> str:
        """The final checkpoint of the year: publish it, and let the signer sign nothing after it."""
        note = await self.publish()
        await asyncio.to_thread(self._signer.close, note)
        return note

    async def _send(self, sink: Sink, checkpoint: Checkpoint) -> None:
        try:
            async with asyncio.timeout(self._sink_deadline):
                await sink.put(checkpoint)
        except (GatewayError, OSError, TimeoutError) as error:
            _logger.error("a checkpoint did not reach %s: %s", sink.name, type(error).__name__)  # noqa: TRY400


def letter(checkpoint: Checkpoint, key: str) -> str:
    """The checkpoint as a mail to somebody who keeps it: plain text, subject first."""
    return (
        f"Subject: Checkpoint of {checkpoint.origin}: {checkpoint.size} entries\n\n"
        "Please keep this message. It fixes what the share log held at this moment: with it in hand, anybody can show\n"
        "later whether an entry up to here was changed or removed. It holds nothing about anybody.\n\n"
        "To check a later log against it, save the part between the lines as old.note and run\n"
        f"  python verify.py log EXPORT --old old.note --key '{key}'\n\n"
        "-----8<-----\n"
        f"{checkpoint.note}"
        "-----8<-----\n"
    )
