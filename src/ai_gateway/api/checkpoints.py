"""``/v1/checkpoint`` and ``/v1/shares/{id}/proof``: what an outsider needs to hold the share log to its word."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse, Response

from ai_gateway.api.auth import Audits
from ai_gateway.api.limits import ParsedRoute
from ai_gateway.api.reference import problems
from ai_gateway.api.services import Given
from ai_gateway.api.shares import Named
from ai_gateway.errors import CheckpointAbsent, LogInconsistent, NotFound, StoreUnavailable
from ai_gateway.model import ShareId

router = APIRouter(prefix="/v1", tags=["audit"], route_class=ParsedRoute)

_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
_ERRORS = problems(CheckpointAbsent, LogInconsistent, StoreUnavailable, body=False)
OfOutcome = Annotated[bool, Query(description="Prove the outcome instead of the opening entry.")]


@router.get("/checkpoint", response_class=Response, responses={**_ERRORS, **_TEXT})
async def checkpoint(_caller: Audits, services: Given) -> Response:
    """The newest signed checkpoint of the share log: a C2SP signed note of its size and root. Keep it: with it in hand
    nobody can change or remove an entry up to there without its being seen."""
    return PlainTextResponse(await services.proofs.checkpoint())


@router.get(
    "/shares/{share}/proof",
    response_class=Response,
    responses={**problems(NotFound, CheckpointAbsent, LogInconsistent, StoreUnavailable, body=False), **_TEXT},
)
async def proof(share: Named, _caller: Audits, services: Given, *, outcome: OfOutcome = False) -> Response:
    """That the share is in the log: a C2SP `.tlog-proof`, which carries the entry and a checkpoint. Check it offline
    with `python verify.py proof FILE --key KEY`; `ai-gateway log verifier` prints that program."""
    return PlainTextResponse(await services.proofs.of_share(ShareId(share), outcome=outcome))
