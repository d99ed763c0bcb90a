"""The certificate of an erasure, from what rests in the stores."""

from ai_gateway.app.stores import Stores
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.certificate import certificate
from ai_gateway.sharelog.erase import Eraser
from ai_gateway.sharelog.erasure import Erasure


async def certificate_of(erasure: Erasure, eraser: Eraser, stores: Stores) -> dict[str, Json]:
    return certificate(
        erasure,
        await eraser.store.directives(erasure.id),
        await eraser.store.holds(erasure.mark),
        await stores.shares.tree(),
        stores.ring.epochs,
    )
