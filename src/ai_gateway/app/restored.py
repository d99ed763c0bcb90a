"""Going on from a restored database: on record, and under a signing key that did not sign what is gone."""

from ai_gateway.adapters.signing_key_file import SigningKeyFile, newest, succeed
from ai_gateway.app.stores import Stores
from ai_gateway.config import Settings
from ai_gateway.errors import LogInconsistent
from ai_gateway.sharelog.merkle import root
from ai_gateway.verifier import Checkpoint


async def accept_database(stores: Stores, settings: Settings) -> dict[str, object]:
    """Accept it if it is older than what was seen; give the log a new signing key if the one held here signed entries
    that are gone. Raises ``StoreUnavailable``, and ``ConfigurationError`` when a key cannot be written."""
    signer = await _lost(stores, settings)
    if stores.continuity.restored is None and signer is None:
        return {"accepted": False}
    await stores.continuity.accept(None if signer is None else signer.last().note)
    if signer is None:
        return {"accepted": True}
    tree = await stores.tree.tree()
    begin = Checkpoint(signer.origin, tree.size, root(tree.size, tree.frontier))
    return {"accepted": True, "key": succeed(signer, settings.log_name, begin).key}


async def _lost(stores: Stores, settings: Settings) -> SigningKeyFile | None:
    """The signing key held here, when it signed what the log does not hold."""
    path = newest(settings.signing_folder)
    if stores.publisher is None or path is None:
        return None
    signer = SigningKeyFile(path)
    last, tree = signer.last(), await stores.tree.tree()
    if tree.size < last.size:
        return signer
    try:
        await stores.proofs.consistency(last, Checkpoint(signer.origin, tree.size, root(tree.size, tree.frontier)))
    except LogInconsistent:
        return signer
    return None
