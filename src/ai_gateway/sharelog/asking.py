"""What somebody asks the log for, from the words they say it in: one rule for the API, the console and commands."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

from ai_gateway.documents import did_you_mean
from ai_gateway.errors import RequestInvalid
from ai_gateway.model import ShareId
from ai_gateway.sharelog.read import SharePage
from ai_gateway.sharelog.search import Wanted
from ai_gateway.sharelog.view import ShareState

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    rf"{_DAY.pattern}[Tt][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]{{1,9}})?(?:[Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
)
_YEARS = range(2000, 9999)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_MOST = 24
NO_TIME = "must be a day (2026-03-31, UTC) or a time as RFC 3339 writes it (2026-03-31T09:00:00Z)"
NO_PLACE = "must be the `next` of the page before: there is no such share"
SHARE_PATTERN = r"^shr_[0-9a-f]{32}$"
_LOST_PLUS = re.compile(r" [0-9]{2}:[0-9]{2}\Z")

_Problem = dict[str, str]


def begins(said: str) -> int | None:
    """In ms since the epoch: when the day begins, or the time itself; None where nothing is said. Raises
    ``ValueError``."""
    return _read(said, timedelta())


def ends(said: str) -> int | None:
    """Exclusive: when the next day begins, or the time itself; None where nothing is said. Raises ``ValueError``."""
    return _read(said, timedelta(days=1))


def is_day(said: str) -> bool:
    try:
        return bool(_DAY.fullmatch(said)) and date.fromisoformat(said).year in _YEARS
    except ValueError:
        return False


def is_crossed(since: int | None, until: int | None) -> bool:
    """Whether nothing can lie between the two."""
    return since is not None and until is not None and since >= until


def wanted_of(
    *,
    feature: str | None = None,
    vendor: str | None = None,
    state: ShareState | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Wanted:
    """Raises ``RequestInvalid``, with each mistake in it."""
    names = (("feature", feature), ("vendor", vendor))
    problems: list[_Problem] = [
        {"at": at, "problem": "must have at least 1 character"} for at, one in names if one == ""
    ]
    first, last = _time(begins, "since", since, problems), _time(ends, "until", until, problems)
    if is_crossed(first, last):
        problems.append({"at": "until", "problem": "must be later than since"})
    if problems:
        raise _invalid(problems)
    return Wanted(feature=feature, vendor=vendor, state=state, since=first, until=last)


async def place_of(after: str | None, is_known: Callable[[ShareId], Awaitable[bool]]) -> ShareId | None:
    """The share after which a list goes on. Behind one that never was, nothing is, which must not look like the end of
    the list: raises ``RequestInvalid``."""
    if after is None:
        return None
    if not re.fullmatch(SHARE_PATTERN, after) or not await is_known(ShareId(after)):
        raise _invalid([{"at": "after", "problem": NO_PLACE}])
    return ShareId(after)


def check_names(given: Iterable[str], known: Sequence[str]) -> None:
    """Whoever asks by a name that there is not gets what they did not ask for. Raises ``RequestInvalid``, with the name
    that may be meant and without the one that was given."""
    unknown = sorted(set(given).difference(known))
    said = (f"is not a parameter of this list{did_you_mean(name, known)}" for name in unknown[:_MOST])
    if problems := [{"at": "*", "problem": f"{one}; its parameters are {', '.join(known)}"} for one in said]:
        raise _invalid(problems)


def not_in_force(wanted: Wanted, features: Iterable[str], vendors: Iterable[str]) -> Sequence[_Problem]:
    """Which names that are looked for no file has, and which may be meant."""
    asked = (("feature", wanted.feature, sorted(features)), ("vendor", wanted.vendor, sorted(vendors)))
    return [{"at": at, "problem": _no_such(name, known)} for at, name, known in asked if name and name not in known]


def notice_of(page: SharePage, wanted: Wanted, unknown: Sequence[_Problem], *, is_alone: bool) -> str | None:
    """Shares outlive features and vendors, so a name that is not in force is looked for. Where nothing has it, it may
    be misspelt, which must not look like an answer. ``is_alone``: nobody's shares alone were asked for, from the newest
    on. Where nothing else is wanted either, no share has the name: raises ``RequestInvalid``. Otherwise other shares
    may have it."""
    if page.shares or not unknown:
        return None
    if is_alone and page.next is None and _is_narrowed_once(wanted):
        raise _invalid([{**one, "problem": f"{one['problem']}, and no share was found with it"} for one in unknown])
    return " ".join(f"The {one['at']} {one['problem']}." for one in unknown)


def _is_narrowed_once(wanted: Wanted) -> bool:
    return sum(getattr(wanted, one.name) is not None for one in fields(wanted)) == 1


def _read(said: str, length: timedelta) -> int | None:
    if not said:
        return None
    if _DAY.fullmatch(said):
        at = datetime.fromisoformat(said).replace(tzinfo=UTC)
    elif _MOMENT.fullmatch(said):
        at, length = datetime.fromisoformat(said.upper()), timedelta()
    else:
        raise ValueError("neither a day nor a time")
    if at.year not in _YEARS:
        raise ValueError("not of this era")
    return -((_EPOCH - at - length) // _MS)  # of a part of a millisecond, the whole: both ends count from there


def _time(read: Callable[[str], int | None], name: str, said: str | None, problems: list[_Problem]) -> int | None:
    if said is None:
        return None
    try:
        at = read(said)
    except ValueError:
        at = None
    if at is None:
        hint = "; in an address, the + of an offset is written %2B" if _LOST_PLUS.search(said) else ""
        problems.append({"at": name, "problem": NO_TIME + hint})
    return at


def _no_such(name: str, known: Sequence[str]) -> str:
    return "names none in force" + (did_you_mean(name, known) or f" ({', '.join(known[:_MOST])})")


def _invalid(problems: list[_Problem]) -> RequestInvalid:
    return RequestInvalid("; ".join(f"{one['at']} {one['problem']}" for one in problems), problems=problems)
