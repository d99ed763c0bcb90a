"""``/v1/shares``: what was shared about whom, with whom, why. For auditors."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
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
from ai_gateway.sharelog.asking import SHARE_PATTERN, check_names, not_in_force, notice_of, place_of, wanted_of
from ai_gateway.sharelog.read import PAGE_LIMIT, SharePage
from ai_gateway.sharelog.reads import Reading, Why
from ai_gateway.sharelog.search import Wanted
from ai_gateway.sharelog.view import ShareState, ShareView

router = APIRouter(prefix="/v1/shares", tags=["audit"], route_class=ParsedRoute)

AboutSubject = Annotated[
    str | None,
    Query(pattern=ID_PATTERN, max_length=128, description="One person's side alone: only what is about them."),
]
After = Annotated[str | None, Query(pattern=SHARE_PATTERN, max_length=64, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]
_WHEN = "a day (`2026-03-31`, UTC) or a time of RFC 3339 (`2026-03-31T09:00:00Z`)."
Name = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=128,
        description="Only this one's shares, also where it is no longer in force. Where it is not and none is found, "
        "`notice` says so; where nothing else narrows the list, it is refused: no share has it.",
    ),
]
InState = Annotated[ShareState | None, Query(description="Only those in this state.")]
Since = Annotated[str | None, Query(min_length=1, max_length=64, description=f"From then on: {_WHEN}")]
Until = Annotated[
    str | None, Query(min_length=1, max_length=64, description=f"Before then, or to that day's end: {_WHEN}")
]
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
    """Newest first. ``notice`` says what has to be known first: the person asked for is not registered, or erased; the
    feature or vendor is none in force.

    ``looked`` is through how many shares the search went. It stops after so many: where ``stopped_early``, a page is
    short, or empty, and older shares may be like that, too. Ask on with ``next``.
    """

    shares: list[ShareAnswer]
    next: str | None
    notice: str | None
    looked: int
    stopped_early: bool


_PARAMETERS = ("subject", "feature", "vendor", "state", "since", "until", "after", "limit")


async def _named(request: Request) -> None:  # not async, FastAPI would call it in a thread
    check_names(request.query_params, _PARAMETERS)


async def _wanted(  # not async, FastAPI would call it in a thread
    feature: Name = None, vendor: Name = None, state: InState = None, since: Since = None, until: Until = None
) -> Wanted:
    return wanted_of(feature=feature, vendor=vendor, state=state, since=since, until=until)


@router.get(
    "",
    response_model=SharesAnswer,
    responses=problems(StoreUnavailable, ShareLogUnavailable, body=False),
    dependencies=[Depends(_named)],
)
async def listed(
    caller: Audits,
    services: Given,
    wanted: Annotated[Wanted, Depends(_wanted)],
    subject: AboutSubject = None,
    after: After = None,
    limit: Limit = 50,
    why: Reason = Why.NOT_STATED,
) -> Response:
    """Shares and denials, newest first, a page at a time, as narrowly as is asked. Without bodies; ask for one
    share to see its body. Other parameters than these, and an `after` that no page had as `next`, are refused.

    A search looks through a bounded number of shares: `stopped_early` says that `next` goes on with it.

    Who read it and why goes on record first."""
    about = SubjectId(subject) if subject is not None else None
    place, catalogue = await place_of(after, services.proofs.knows), services.gateway.catalogue
    page = await services.shares.shares(Reading(caller.id, why), about, place, limit, wanted)
    unknown = not_in_force(wanted, catalogue.features, catalogue.policies.vendors)
    notices = [notice_of(page, wanted, unknown, is_alone=about is None and place is None)]
    if about is not None:
        notices.append((await services.standings.of(about)).notice)
    return respond(page_answer(page, notices))


@router.get(
    "/{share}",
    response_model=ShareAnswer,
    responses=problems(NotFound, StoreUnavailable, ShareLogUnavailable, body=False),
)
async def show(share: Named, caller: Audits, services: Given, why: Reason = Why.NOT_STATED) -> Response:
    """One share, whole: the exact body, every item with its treatment and rule, what was withheld, how it ended.

    Who read it and why goes on record first."""
    return respond(share_answer(await services.shares.share(Reading(caller.id, why), ShareId(share))))


def page_answer(page: SharePage, notices: Iterable[str | None]) -> Json:
    return {
        "shares": [share_answer(share) for share in page.shares],
        "next": page.next,
        "notice": " ".join(filter(None, notices)) or None,
        "looked": page.looked,
        "stopped_early": page.stopped_early,
    }


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
