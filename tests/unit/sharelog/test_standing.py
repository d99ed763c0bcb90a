"""How a person stands, in words and times, from the values that say so."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.erasure import Basis, Erasure, Step, Verification
from ai_gateway.sharelog.standing import Standing, State

SHREDDED, COMPLETED = 1_790_000_060_000, 1_790_000_999_000


def erasure(step: Step, facts: Mapping[str, Json]) -> Erasure:
    return Erasure(
        id="ers_1",
        mark=b"",
        tag=b"",
        ref=None,
        step=step,
        requested_at=1_790_000_000_000,
        changed_at=COMPLETED,
        verified=Verification.ACCOUNT,
        basis=Basis.GDPR_ERASE,
        facts=facts,
    )


def test_an_erased_person_is_so_since_the_key_was_destroyed_not_since_the_last_step() -> None:
    standing = Standing(state=State.ERASED, erasure=erasure(Step.COMPLETED, {"shredded_at": SHREDDED}))
    assert standing.erased_since == "2026-09-21T14:14:20Z"
    assert "(done 2026-09-21T14:14:20Z)" in str(standing.notice)
    unsaid = replace(standing, erasure=erasure(Step.COMPLETED, {}))
    assert unsaid.erased_since == "2026-09-21T14:29:59Z", "all that is known of an older erasure"


@pytest.mark.parametrize("step", [Step.REQUESTED, Step.SUPPRESSED, Step.DIRECTED])
def test_nothing_new_is_shared_once_the_person_is_suppressed_and_not_before(step: Step) -> None:
    standing = Standing(state=State.BEING_ERASED, erasure=erasure(step, {}))
    assert ("nothing new about them is shared" in str(standing.notice)) is (step is not Step.REQUESTED)
    assert standing.erased_since is None
