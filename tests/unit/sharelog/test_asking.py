"""What the log is asked for, from words: days, times, and names that no file has."""

from typing import Any

import pytest

from ai_gateway.errors import RequestInvalid
from ai_gateway.model import ShareId
from ai_gateway.sharelog.asking import (
    NO_TIME,
    begins,
    check_names,
    ends,
    is_day,
    not_in_force,
    notice_of,
    place_of,
    wanted_of,
)
from ai_gateway.sharelog.read import SharePage
from ai_gateway.sharelog.search import ANY, Wanted
from ai_gateway.sharelog.view import ShareState

MARCH_31 = 1_774_915_200_000
DAY = 86_400_000
NINE = MARCH_31 + 9 * 3_600_000
FEATURES, VENDORS = {"proposal_draft", "assistant"}, {"openai", "mistral"}
NOTHING = SharePage(shares=(), next=None)
FURTHER = SharePage(shares=(), next=ShareId("shr_" + "0" * 32), looked=2_000, stopped_early=True)


def test_a_day_is_the_whole_day_and_a_time_is_itself() -> None:
    assert (begins("2026-03-31"), ends("2026-03-31")) == (MARCH_31, MARCH_31 + DAY)
    for time in ("2026-03-31T09:00:00Z", "2026-03-31t09:00:00z", "2026-03-31T11:00:00+02:00", "2026-03-31T09:00:00.0Z"):
        assert (begins(time), ends(time)) == (NINE, NINE)
    assert begins("2026-03-31T09:00:00.123Z") == NINE + 123
    assert (begins(""), ends("")) == (None, None)


def test_a_part_of_a_millisecond_leaves_out_what_was_before_it() -> None:
    assert begins("2026-03-31T09:00:00.0001Z") == ends("2026-03-31T09:00:00.0001Z") == NINE + 1


@pytest.mark.parametrize(
    "said",
    [
        "yesterday",
        "1999-12-31",
        "9999-12-31",
        "2026-02-30",
        "2026-3-31",
        "20260331",
        "2026-W14-2",
        "2026-03-31T09:00:00",
        "2026-03-31T09:00Z",
        "2026-03-31 09:00:00Z",
        "2026-03-31T09:00:60Z",
        "2026-03-31T25:00:00Z",
        "2026-03-31T09:00:00+24:00",
        "2026-03-31T09:00:00 02:00",
        "\u0662026-03-31",
        "1774915200000",
    ],
)
def test_what_is_neither_is_refused_without_being_repeated(said: str) -> None:
    assert not is_day(said)
    for name, since, until in (("since", said, None), ("until", None, said)):
        with pytest.raises(RequestInvalid) as refused:
            wanted_of(since=since, until=until)
        said_back, _, hint = refused.value.detail.partition("; ")
        assert said_back == f"{name} {NO_TIME}"
        assert ("%2B" in hint) == (said == "2026-03-31T09:00:00 02:00")


def test_every_mistake_is_told_and_so_is_a_time_that_ends_before_it_begins() -> None:
    with pytest.raises(RequestInvalid) as refused:
        wanted_of(since="x", until="y")
    assert [one["at"] for one in _problems(refused.value)] == ["since", "until"]
    for until in ("2026-03-30", "2026-03-31T00:00:00Z"):
        with pytest.raises(RequestInvalid, match="until must be later than since"):
            wanted_of(since="2026-03-31", until=until)


def test_a_name_or_a_time_of_no_characters_is_refused_and_not_taken_for_none() -> None:
    with pytest.raises(RequestInvalid) as refused:
        wanted_of(feature="", vendor="", since="", until="")
    assert [one["at"] for one in _problems(refused.value)] == ["feature", "vendor", "since", "until"]


@pytest.mark.anyio
async def test_a_list_goes_on_after_a_share_that_there_is() -> None:
    there = ShareId("shr_" + "1" * 32)

    async def is_known(share: ShareId) -> bool:
        return share == there

    assert await place_of(None, is_known) is None
    assert await place_of(there, is_known) == there
    for after in ("", "nonsense", there + "\n", "shr_" + "0" * 32):
        with pytest.raises(RequestInvalid, match="after must be the `next` of the page before"):
            await place_of(after, is_known)


def test_names_of_parameters_are_those_there_are() -> None:
    check_names(["limit", "limit"], ["limit"])
    with pytest.raises(RequestInvalid) as refused:
        check_names(["limit", "limits", *(f"dana{number}" for number in range(100))], ["limit"])
    assert len(_problems(refused.value)) == 24
    assert "dana" not in refused.value.detail


def test_what_is_said_is_wanted() -> None:
    assert wanted_of() == ANY
    one = wanted_of(
        feature="assistant", vendor="openai", state=ShareState.DENIED, since="2026-03-31", until="2026-03-31"
    )
    assert one == Wanted(
        feature="assistant", vendor="openai", state=ShareState.DENIED, since=MARCH_31, until=MARCH_31 + DAY
    )


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(feature="proposal_drafd"), 'feature names none in force (did you mean "proposal_draft"?)'),
        (Wanted(vendor="zzz"), "vendor names none in force (mistral, openai)"),
    ],
)
def test_a_name_that_no_file_and_no_share_has_is_refused_with_what_may_be_meant(wanted: Wanted, said: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        notice_of(NOTHING, wanted, not_in_force(wanted, FEATURES, VENDORS), is_alone=True)
    assert refused.value.detail == f"{said}, and no share was found with it"
    assert len(_problems(refused.value)) == 1
    assert "drafd" not in refused.value.detail


@pytest.mark.parametrize(
    ("page", "wanted", "is_alone"),
    [
        (FURTHER, Wanted(vendor="openay"), True),
        (NOTHING, Wanted(vendor="openay"), False),
        (NOTHING, Wanted(vendor="openay", feature="assistant"), True),
        (NOTHING, Wanted(vendor="openay", state=ShareState.DENIED), True),
        (NOTHING, Wanted(vendor="openay", since=MARCH_31), True),
        (NOTHING, Wanted(vendor="openay", until=MARCH_31), True),
    ],
)
def test_where_other_shares_may_have_a_name_it_is_only_told_of(
    page: SharePage, wanted: Wanted, *, is_alone: bool
) -> None:
    unknown = not_in_force(wanted, FEATURES, VENDORS)
    said = 'The vendor names none in force (did you mean "openai"?).'
    assert notice_of(page, wanted, unknown, is_alone=is_alone) == said


def test_two_names_that_no_file_has_are_told_of_both() -> None:
    wanted = Wanted(feature="assistent", vendor="openay")
    notice = notice_of(NOTHING, wanted, not_in_force(wanted, FEATURES, VENDORS), is_alone=True)
    assert notice is not None
    assert ("The feature names none" in notice, "The vendor names none" in notice) == (True, True)


def test_names_in_force_and_none_are_nothing_to_tell_of() -> None:
    for wanted in (ANY, Wanted(feature="assistant"), Wanted(feature="assistant", vendor="mistral")):
        assert notice_of(NOTHING, wanted, not_in_force(wanted, FEATURES, VENDORS), is_alone=True) is None


def _problems(error: RequestInvalid) -> Any:
    return error.facts["problems"]
