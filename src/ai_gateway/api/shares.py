"""``/v1/shares``: what was shared about whom, with whom, why. For auditors."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from ai_gateway.api.answers import Json, respond
from ai_gateway.api.auth import Audits
from ai_gateway.api.limits import ParsedRoute
from ai_gateway.api.reference import problems
from ai_gateway.api.schemas import ID_PATTERN
from ai_gateway.api.services import Given
from ai_gateway.errors import NotFound, ShareLogUnavailable, StoreUnavailable
from ai_gateway.model import ShareId, SubjectId
from ai_gateway.sharelog.read import PAGE_LIMIT
from ai_gateway.sharelog.reads import Reading, Why
from ai_gateway.sharelog.view import ShareView

router = APIRouter(prefix="/v1/shares", tags=["audit"], route_class=ParsedRoute)

SHARE_PATTERN = r"^shr_[0-9a-f]{32}$"
AboutSubject = Annotated[
    str | None,
    Query(pattern=ID_PATTERN, max_length=128, description="One person's side alone: only what is about them."),
]
After = Annotated[str | None, Query(pattern=SHARE_PATTERN, max_length=64, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]
Reason = Annotated[
    Why, Header(alias="x-ai-gateway-purpose", description="Why you read; on record, and told to the people concerned.")
]
Named = Annotated[str, Path(pattern=SHARE_PATTERN, max_length=64)]


class ShareAnswer(BaseModel):
    """A share, as far as the keys of the people in it still exist.

    ``at`` is in ms since the epoch; ``body`` is the exact text a vendor was sent, where one share is shown;
    ``unreadable`` counts parts whose keys are gone.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    state: str
    at: int
    index: int
    facts: dict[str, Any]
    people: list[dict[str, Any]]
    items: list[dict[str, Any]]
    fates: list[dict[str, Any]]
    outcome: dict[str, Any] | None
    body: str | None
    unreadable: int


class SharesAnswer(BaseModel):
    """Newest first. ``notice`` says of the person asked for what has to be known first: not registered, or erased."""

    shares: list[ShareAnswer]
    next: str | None
    notice: str | None


@router.get("", response_model=SharesAnswer, responses=problems(StoreUnavailable, ShareLogUnavailable, body=False))
async def listed(
    caller: Audits,
    services: Given,
    subject: AboutSubject = None,
    after: After = None,
    limit: Limit = 50,
    why: Reason = Why.NOT_STATED,
) -> Response:
    """Shares and denials, newest first, a page at a time. Without bodies; ask for one share to see its body.

    Who read it and why goes on record first."""
    about = SubjectId(subject) if subject is not None else None
    page = await services.shares.shares(
        Reading(caller.id, why), about, ShareId(after) if after is not None else None, limit
    )
    notice = None if about is None else (await services.standings.of(about)).notice
    return respond({"shares": [share_answer(share) for share in page.shares], "next": page.next, "notice": notice})


@router.get(
    "/{share}",
    response_model=ShareAnswer,
    responses=problems(NotFound, StoreUnavailable, ShareLogUnavailable, body=False),
)
async def show(share: Named, caller: Audits, services: Given, why: Reason = Why.NOT_STATED) -> Response:
    """One share, whole: the exact body, every item with its treatment and rule, what was withheld, how it ended.

    Who read it and why goes on record first."""
    return respond(share_answer(await services.shares.share(Reading(caller.id, why), ShareId(share))))


def share_answer(share: ShareView) -> Json:
    return {
        "id": share.id,
        "state": share.state,
        "at": share.at,
        "index": share.index,
        "facts": share.facts,
        "people": [asdict(person) for person in share.people],
        "items": [asdict(item) for item in share.items],
        "fates": [asdict(fate) for fate in share.fates],
        "outcome": asdict(share.outcome) if share.outcome is not None else None,
        "body": share.body.decode() if share.body is not None else None,
        "unreadable": share.unreadable,
    }
