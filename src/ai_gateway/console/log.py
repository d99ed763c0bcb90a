"""``/console/log``: how long the share log is, what of it is signed, what is in doubt, how to check it elsewhere."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from ai_gateway.api.services import services_of
from ai_gateway.console.asked import asked_of
from ai_gateway.console.fields import Fields
from ai_gateway.console.gate import PageRoute, attached, show, visitor_of
from ai_gateway.console.proof_told import Signed, signed_of
from ai_gateway.console.services import Console, console_of
from ai_gateway.errors import CheckpointAbsent
from ai_gateway.model import Right
from ai_gateway.model.entries import InDoubt
from ai_gateway.sharelog.canonical import parsed
from ai_gateway.sharelog.erase import RUNNING_AT_MOST_MS

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/console/log"
_COUNTED_AT_MOST = 1_000
_LISTED_AT_MOST = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """Shares that no call can still be running for, and that have no outcome. ``more``: not all were counted."""

    count: int
    more: bool
    oldest: tuple[InDoubt, ...]


@router.get(PATH)
async def shown(request: Request) -> Response:
    """The newest checkpoint, what it covers, and what stands open."""
    visitor = await visitor_of(request)
    visitor.holding(Right.AUDIT)
    console, asked = console_of(request.scope), asked_of(Fields(request.query_params.multi_items()))
    signed = await _signed(request)
    return show(
        visitor,
        "log.html",
        size=(await console.log.tree()).size,
        signed=signed,
        covered_until=await _made_at(console, signed.size - 1) if signed and signed.size else None,
        doubtful=await _doubtful(console),
        because=asked.why if asked.reason else "",
    )


@router.get(f"{PATH}/checkpoint")
async def note(request: Request) -> Response:
    """The newest checkpoint, to keep."""
    visitor = await visitor_of(request)
    visitor.holding(Right.AUDIT)
    return attached(PlainTextResponse(await services_of(request.scope).proofs.checkpoint()), "held.note")


async def _signed(request: Request) -> Signed | None:
    try:
        return signed_of(await services_of(request.scope).proofs.checkpoint())
    except CheckpointAbsent:
        return None


async def _made_at(console: Console, index: int) -> int | None:
    """When an entry was made, in ms; None when its leaf is no longer kept."""
    for leaf in await console.log.leaves(index, 1):
        return None if leaf.leaf is None else parsed(leaf.leaf)["t"]
    return None


async def _doubtful(console: Console) -> Doubtful:
    before = console.clock.now() - RUNNING_AT_MOST_MS
    found = await console.log.in_doubt(before, _COUNTED_AT_MOST)
    return Doubtful(count=len(found), more=len(found) == _COUNTED_AT_MOST, oldest=tuple(found[:_LISTED_AT_MOST]))
