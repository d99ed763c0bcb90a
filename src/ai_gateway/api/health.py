"""``/healthz`` (the process answers), ``/readyz`` (every part can do its work) and ``/metrics``."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from ai_gateway.api.answers import respond
from ai_gateway.api.services import Check, Given, Impaired
from ai_gateway.errors import DatabaseRestored, GatewayError

router = APIRouter(tags=["operation"])
CHECK_SECONDS = 3.0
CHANGE_REFUSED = "change-refused"
ABSENT = "absent"
"""Of a part that this gateway is to do without."""
# A restored database: nothing is shared, but the registry takes what it has lost, so requests must get here.
_SERVING = frozenset({"ready", ABSENT, CHANGE_REFUSED, DatabaseRestored.code})


class HealthAnswer(BaseModel):
    status: str


class PartAnswer(BaseModel):
    """``status`` is ``ready``, an error's code, or that of a part which works though something is wrong with it:
    ``change-refused``, ``database-restored``; or ``absent``, where this gateway does without the part."""

    status: str
    detail: str


class ReadyAnswer(BaseModel):
    status: str
    parts: dict[str, PartAnswer]


@router.get("/healthz", response_model=HealthAnswer)
async def alive() -> Response:
    """The process runs. Says nothing of the parts it needs: restarting it would not mend those."""
    return respond({"status": "alive"})


@router.get("/readyz", response_model=ReadyAnswer, responses={503: {"model": ReadyAnswer}})
async def ready(services: Given) -> Response:
    """Every part that a request needs, each with what it is or what is wrong. 503 when one is away; a part that works
    and still has something wrong with it is told, and takes requests."""
    parts = await look(services.checks)
    fine = all(part["status"] in _SERVING for part in parts.values())
    return respond({"status": "ready" if fine else "not-ready", "parts": parts}, 200 if fine else 503)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(services: Given) -> Response:
    """Counts and durations for Prometheus. Labels come from configuration; none is personal."""
    text, media_type = services.observer.exposition()
    return Response(text, media_type=media_type)


async def look(checks: Mapping[str, Check]) -> Mapping[str, Mapping[str, str]]:
    """Every part's status and detail, all looked at together."""
    found = await asyncio.gather(*map(_part, checks.values()))
    return dict(zip(checks, found, strict=True))


async def _part(check: Check) -> dict[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            said = await check()
        if isinstance(said, Impaired):
            return {"status": said.status, "detail": said.detail}
        return {"status": "ready", "detail": said}  # noqa: TRY300 - what raises is the check
    except TimeoutError:
        return {"status": "timeout", "detail": f"did not answer within {CHECK_SECONDS:.0f} s"}
    except GatewayError as error:
        return {"status": error.code, "detail": error.detail}
    except Exception as error:  # noqa: BLE001 - a part that fails in a new way is not ready either
        return {"status": GatewayError.code, "detail": type(error).__name__}
