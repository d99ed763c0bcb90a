"""Proofs for those who ask: that a share is in the log, and that the log of today begins with that of a checkpoint.

Whatever is handed out was checked first, with the code that outsiders run.
"""

import logging
from collections.abc import Callable, Sequence

from ai_gateway.errors import CheckpointAbsent, LogInconsistent, NotFound, RequestInvalid
from ai_gateway.model import ShareId
from ai_gateway.sharelog import proof
from ai_gateway.sharelog.tiles import hashes_of
from ai_gateway.sharelog.tree import TreeStore
from ai_gateway.verifier import (
    Broken,
    Checkpoint,
    ProofFile,
    Unreadable,
    check_consistency,
    check_inclusion,
    read_checkpoint,
    write_consistency,
    write_proof,
)

_logger = logging.getLogger(__name__)


class Proofs:
    """Every method raises ``StoreUnavailable`` when the store fails, ``LogInconsistent`` when nothing can be proven."""

    def __init__(self, store: TreeStore) -> None:
        self._store = store

    async def checkpoint(self) -> str:
        """The newest one, a signed note. Raises ``CheckpointAbsent``."""
        note = await self._store.newest_checkpoint()
        if note is None:
            raise CheckpointAbsent("Nothing was signed yet; a signer makes the first checkpoint within seconds")
        return note

    async def knows(self, share: ShareId) -> bool:
        """Whether there is such a share; nothing of it is read."""
        return await self._store.place(share) is not None

    async def of_share(self, share: ShareId, *, outcome: bool = False) -> str:
        """The opening entry's inclusion, or the outcome's, as a C2SP ``.tlog-proof``.

        Raises ``NotFound``; ``CheckpointAbsent`` when the entry is younger than the newest checkpoint.
        """
        place = await self._store.place(share)
        if place is None:
            raise NotFound("No share has this id", share=share)
        index = place.outcome if outcome else place.opened
        if index is None:
            raise NotFound("The share has no outcome yet", share=share)
        return await self.of_entry(index)

    async def of_entry(self, index: int) -> str:
        """The same by index."""
        note = await self.checkpoint()
        at = read_checkpoint(note)[0]
        if index >= at.size:
            raise CheckpointAbsent("The entry is younger than the newest checkpoint; ask again in some seconds")
        hashed, leaf = await self._store.leaf(index)
        hashes = await self._prove(
            proof.inclusion(index, at.size), lambda path: check_inclusion(index, at.size, hashed, path, at.root)
        )
        return write_proof(ProofFile(index, leaf if leaf is not None else hashed, hashes, note))

    async def consistency(self, old: Checkpoint, new: Checkpoint) -> list[bytes]:
        """Shows that the tree of ``new`` begins with that of ``old``; raises ``LogInconsistent`` when it does not."""
        if old.size > new.size:
            raise LogInconsistent(
                f"The log has {new.size} entries, an older checkpoint {old.size}: entries are gone", entry=new.size
            )
        return await self._prove(
            proof.consistency(old.size, new.size),
            lambda path: check_consistency(old.size, old.root, new.size, new.root, path),
        )

    async def consistency_since(self, note: str) -> str:
        """The file that ``verify.py consistency`` takes, from a checkpoint somebody holds to the newest."""
        try:
            old = read_checkpoint(note)[0]
        except (Unreadable, Broken) as error:
            raise RequestInvalid(str(error)) from None
        newest = await self.checkpoint()
        hashes = await self.consistency(old, read_checkpoint(newest)[0])
        return write_consistency(old.size, hashes, newest)

    async def _prove(self, ranges: Sequence[proof.Range], holds: Callable[[list[bytes]], bool]) -> list[bytes]:
        wanted = proof.needed(ranges)
        for trust_tiles in (True, False):
            made = proof.assemble(ranges, await hashes_of(self._store, wanted, trust_tiles=trust_tiles))
            if holds(made):
                if not trust_tiles:
                    _logger.error("tiles of the share log are wrong; run `ai-gateway log fsck --rebuild-tiles`")
                return made
        raise LogInconsistent("The log is not the one that was signed; run `ai-gateway log verify` and `log fsck`")
