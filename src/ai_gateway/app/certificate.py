"""The certificate of an erasure, from what rests in the stores, with the proof of each of its entries."""

from collections.abc import Mapping

from ai_gateway.app.checkpoints import newest_note
from ai_gateway.app.stores import Stores
from ai_gateway.errors import CheckpointAbsent
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.certificate import certificate
from ai_gateway.sharelog.erase import Eraser
from ai_gateway.sharelog.erasure import Erasure


async def certificate_of(erasure: Erasure, eraser: Eraser, stores: Stores) -> dict[str, Json]:
    """Signed as of now where the signing key is held; else proofs come with the signer's next checkpoint."""
    note = await newest_note(stores.publisher, stores.tree)
    return certificate(
        erasure,
        await eraser.store.directives(erasure.id),
        await eraser.store.holds(erasure.mark),
        checkpoint=note,
        proofs=await _proofs(erasure, stores),
        epochs=stores.ring.epochs,
    )


async def _proofs(erasure: Erasure, stores: Stores) -> Mapping[str, str | None]:
    """A ``.tlog-proof`` per step; None for an entry that no checkpoint covers yet."""
    entries = erasure.facts.get("entries")
    proofs: dict[str, str | None] = {}
    for step, index in entries.items() if isinstance(entries, Mapping) else ():
        try:
            proofs[step] = await stores.proofs.of_entry(int(str(index)))
        except CheckpointAbsent:
            proofs[step] = None
    return proofs
