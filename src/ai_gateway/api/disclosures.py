"""``/v1/disclosures``: everything that was shared about one person. For whoever answers privacy requests."""

from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from ai_gateway.api.answers import respond
from ai_gateway.api.auth import Audits
from ai_gateway.api.limits import ParsedRoute
from ai_gateway.api.reference import problems
from ai_gateway.api.schemas import DisclosureRequest
from ai_gateway.api.services import Given
from ai_gateway.api.shares import Reason
from ai_gateway.errors import DetectorUnavailable, DisclosureIncomplete, ShareLogUnavailable, StoreUnavailable
from ai_gateway.model import SubjectId
from ai_gateway.sharelog.disclose import look_back
from ai_gateway.sharelog.reads import Reading, Why

router = APIRouter(prefix="/v1/disclosures", tags=["audit"], route_class=ParsedRoute)


_ERRORS = (StoreUnavailable, ShareLogUnavailable, DetectorUnavailable, DisclosureIncomplete)


@router.post("", response_model=dict[str, Any], responses=problems(*_ERRORS))
async def disclose(
    wanted: Annotated[DisclosureRequest, Body()], caller: Audits, services: Given, why: Reason = Why.PRIVACY_REQUEST
) -> Response:
    """Everything that was shared about the person in the window, with the evidence that it is all.

    Read `standing` first. Its `state` is `registered`, `not_registered` (though the log knows the id), `unknown`
    (nothing knows it: see that it is not mistyped), `being_erased` or `erased`, with a `notice` in words and with what
    is kept of an erasure. Of an erased person nothing is counted: `confirmation` has null, not 0 or false.

    The person's verified request is yours to keep; that the disclosure was made goes on record before it is answered.
    `prove` looks at every entry of the log instead of trusting its index, which takes minutes on a large log."""
    window = look_back(services.disclosures.now(), wanted.since, wanted.until)
    disclosure = services.disclosures.disclose(
        SubjectId(wanted.subject), window, Reading(caller.id, why), prove=wanted.prove
    )
    return respond(await disclosure)
