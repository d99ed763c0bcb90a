"""What an auditor asked a page for: the fields of its address, as they were typed and as they are meant."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from ai_gateway.api.schemas import ID_PATTERN
from ai_gateway.console.cases import Problem
from ai_gateway.console.fields import Fields
from ai_gateway.model import ShareId, SubjectId
from ai_gateway.sharelog.asking import SHARE_PATTERN, begins, ends, is_crossed, is_day
from ai_gateway.sharelog.reads import Why
from ai_gateway.sharelog.search import Wanted
from ai_gateway.sharelog.view import ShareState

_LONGEST = 128
PLACE_LOST = Problem(field="after", says="The address is not whole; begin again with the newest")
"""The share after which the list is to go on is none."""
_BAD_DATE = "A date is written as year-month-day: 2026-03-31"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """As it was typed; the address of a page holds these fields and no others. Dates are days, UTC, both inclusive."""

    why: str = ""
    subject: str = ""
    feature: str = ""
    vendor: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    after: str = ""

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with it; read nothing while there is anything."""
        return [Problem(field=name, says=says) for name, says in _complaints(self) if says]

    @property
    def reason(self) -> Why | None:
        """None until one of those there are is chosen: nothing is read before, and none is supposed."""
        return Why(self.why) if self.why in set(Why) - {Why.NOT_STATED} else None

    @property
    def person(self) -> SubjectId | None:
        return SubjectId(self.subject) if self.subject else None

    @property
    def place(self) -> ShareId | None:
        return ShareId(self.after) if self.after else None

    @property
    def narrowed(self) -> bool:
        """Whether anything but all shares was asked for."""
        return replace(self, why="", after="") != Asked()

    def wanted(self) -> Wanted:
        """Of fields without problems."""
        return Wanted(
            feature=self.feature or None,
            vendor=self.vendor or None,
            state=ShareState(self.state) if self.state else None,
            since=begins(self.since),
            until=ends(self.until),
        )

    def address(self, path: str, **changed: str) -> str:
        """Of a page that is asked for the same, but for what changed."""
        said = {name: value for name, value in (self._said() | changed).items() if value}
        return f"{path}?{urlencode(said)}" if said else path

    def _said(self) -> dict[str, str]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


def asked_of(sent: Fields) -> Asked:
    """What else stands in the address or the form is not looked at."""
    return Asked(**{one.name: sent.one(one.name).strip()[: _LONGEST + 1] for one in fields(Asked)})


def _complaints(asked: Asked) -> Iterator[tuple[str, str]]:
    """By field; empty where nothing is wrong."""
    are_days = [not day or is_day(day) for day in (asked.since, asked.until)]
    crossed = all(are_days) and is_crossed(begins(asked.since), ends(asked.until))
    yield "subject", _unless(asked.subject, ID_PATTERN, "An id is the marketplace's own, such as pro_17")
    yield "state", "" if asked.state in {"", *ShareState} else "There is no such state"
    for name, is_fine in zip(("since", "until"), are_days, strict=True):
        yield name, "" if is_fine else _BAD_DATE
    yield "until", "The last day is before the first" if crossed else ""
    yield "after", _unless(asked.after, SHARE_PATTERN, PLACE_LOST.says)


def _unless(value: str, pattern: str, says: str) -> str:
    return says if value and not re.fullmatch(pattern, value) else ""
