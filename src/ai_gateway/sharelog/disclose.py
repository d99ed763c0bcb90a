"""Everything that was shared about one person, complete, with what it takes to check that nothing was left out.

The ground of disclosure reports (Cal. Civ. Code 1798.110, 1798.130; 11 CCR 7024; GDPR Art. 15): recipients by name
(CJEU C-154/21), times and purposes, the specific pieces as they left, what was withheld and why, and who looked at it
since.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

from ai_gateway.errors import DisclosureIncomplete
from ai_gateway.model import CategoryCode, SubjectId, VendorName
from ai_gateway.model.entries import EntryKind, StoredEntry
from ai_gateway.model.ids import new_disclosure_id
from ai_gateway.policies.policy import Policies
from ai_gateway.ports import Clock, ShareStore
from ai_gateway.sharelog.account import moment, recipient, share_account
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.conceal import Concealing
from ai_gateway.sharelog.keys import PersonKey, PersonKeys
from ai_gateway.sharelog.notes_read import note_account
from ai_gateway.sharelog.proving import Proving
from ai_gateway.sharelog.reads import Reading, Register
from ai_gateway.sharelog.retention import months_before
from ai_gateway.sharelog.scan import Place, scan
from ai_gateway.sharelog.standing import Standing, Standings, State
from ai_gateway.sharelog.view import ShareState, ShareView, view
from ai_gateway.verifier import DISCLOSURE_FORMAT, read_checkpoint

_PAGE = 200
_METHOD = (
    "For every leaf and every segment n it lists: HMAC-SHA256(tag_key, eid NUL type NUL n as 4 bytes, big-endian), the"
    " first 16 bytes, hex. A segment is this person's exactly if that is one of its tags. To check it against an export"
    " of the log: python verify.py disclosure THIS_FILE EXPORT --key VERIFIER_KEY"
)

_NEVER = "the log holds no key of this person"
_DESTROYED = "the person's key was destroyed when they were erased: nothing in the log leads to them any more"


class PersonStore(Protocol):
    """What the index says of a person: fast, and not trusted."""

    async def indexed(self, ref: bytes, below: int) -> Sequence[Place]:
        """Ascending, of entries below this index."""
        ...

    async def records(self, ref: bytes, after: int, limit: int) -> Sequence[StoredEntry]:
        """Entries that are no shares, ascending, after this index; of each, only this person's segments."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Milliseconds; ``since`` inclusive, ``until`` exclusive."""

    since: int
    until: int

    def holds(self, at: int) -> bool:
        return self.since <= at < self.until


def look_back(now: int, since: int | None, until: int | None) -> Window:
    """Twelve months, unless said otherwise (Cal. Civ. Code 1798.130(a)(2)(B)); in ms."""
    end = now + 1 if until is None else until
    return Window(since=months_before(end, 12) if since is None else since, until=end)


@dataclass(slots=True)
class _Found:
    shares: list[ShareView] = field(default_factory=list)
    denied: list[ShareView] = field(default_factory=list)
    outside: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a person's key leads to."""

    found: _Found = field(default_factory=_Found)
    looked_at: list[Json] = field(default_factory=list)
    completeness: dict[str, Json]


class Discloser:
    def __init__(  # noqa: PLR0913  (named once, where everything is opened)
        self,
        *,
        store: ShareStore,
        people: PersonStore,
        keys: PersonKeys,
        standings: Standings,
        policies: Policies,
        conceal: Concealing,
        register: Register,
        clock: Clock,
        checkpoint: Callable[[], Awaitable[str | None]],
        proving: Proving,
    ) -> None:
        """``checkpoint`` gives the newest signed note there is, or None where nothing was signed yet; ``proving`` is
        the process's."""
        self._store = store
        self._people = people
        self._keys = keys
        self._standings = standings
        self._policies = policies
        self._conceal = conceal
        self._register = register
        self._clock = clock
        self._checkpoint = checkpoint
        self._proving = proving

    def now(self) -> int:
        return self._clock.now()

    async def disclose(
        self, subject: SubjectId, window: Window, reading: Reading, *, prove: bool = False
    ) -> dict[str, Json]:
        """JSON, ``docs/erasure.md`` says of what form. ``prove`` looks at every leaf instead of trusting the index.

        Raises ``DisclosureIncomplete`` when the two do not agree, ``ShareLogUnavailable`` when the disclosure cannot be
        put on record: nothing is then disclosed. Raises ``GatewayBusy`` while others that prove take all the room.
        """
        async with self._proving.one_more() if prove else nullcontext():
            return await self._disclosed(subject, window, reading, prove=prove)

    async def _disclosed(self, subject: SubjectId, window: Window, reading: Reading, *, prove: bool) -> dict[str, Json]:
        note, key = await self._checkpoint(), await self._keys.known(subject)
        if await self._is_erased(subject):  # a process that has not heard of it may hold the key for a minute
            key = None
        try:
            read = await self._read(key, window, note, prove=prove)
        except DisclosureIncomplete:  # the index of somebody who was shredded meanwhile is empty, as it should be
            if not await self._is_erased(subject):
                raise
            read = await self._read(None, window, note, prove=False)
        # Asked last: of somebody who is shredded while the rest is read, a part would be told, or noughts.
        standing = await self._standings.of(subject)
        if standing.state is State.ERASED:
            key, read = None, await self._read(None, window, note, prove=False, why=_DESTROYED)
        found = read.found
        shares, never_shown = await self._concealed(found.shares)
        answer: dict[str, Json] = {
            "format": DISCLOSURE_FORMAT,
            "id": new_disclosure_id(),
            "made_at": moment(self._clock.now()),
            "subject": subject,
            "standing": standing.account(),
            "window": {
                "since": moment(window.since),
                "until": moment(window.until),
                "since_ms": window.since,
                "until_ms": window.until,
                "shares_outside": None if standing.state is State.ERASED else found.outside,
            },
            "confirmation": _confirmation(found, standing),
            "recipients": self._recipients(found.shares),
            "categories": self._categories(found.shares),
            "shares": [share_account(share, self._policies) for share in shares],
            "refused": [share_account(share, self._policies) for share in found.denied],
            "looked_at": read.looked_at,
            "held_and_not_shown": dict(never_shown),
            "completeness": read.completeness,
        }
        facts: dict[str, Json] = {"shares": len(shares), "since": window.since, "until": window.until}
        index = await self._register.enter(EntryKind.DISCLOSURE, reading, () if key is None else (subject,), facts)
        return {**answer, "on_record": {"entry": index}}

    async def _is_erased(self, subject: SubjectId) -> bool:
        return (await self._standings.of(subject)).state is State.ERASED

    async def _read(
        self, key: PersonKey | None, window: Window, note: str | None, *, prove: bool, why: str = _NEVER
    ) -> _Read:
        """``why`` is why there is nothing, where there is no key."""
        size = (await self._store.tree()).size if note is None else read_checkpoint(note)[0].size
        covered: dict[str, Json] = {"tree_size": size, "checkpoint": note, "method": _METHOD}
        if key is None:
            return _Read(completeness={**covered, "tag_key": None, "segments": [], "why": why})
        return _Read(
            found=await self._shares(key, window),
            looked_at=await self._looked_at(key, window),
            completeness={**covered, **await self._completeness(key, size, prove=prove)},
        )

    async def _shares(self, key: PersonKey, window: Window) -> _Found:
        found, last = _Found(), None
        while page := await self._store.shares(key.ref, last, _PAGE):
            last = page[-1].id
            entries = [entry for share in page for entry in (share.opened, share.outcome) if entry is not None]
            refs = {ref for entry in entries for segment in entry.segments for ref in segment.owners}
            held = {**await self._keys.held(refs - {key.ref}), key.ref: key}
            for stored in page:
                share = view(stored, held, key.ref)
                if not window.holds(share.at):
                    found.outside += 1
                elif share.state is ShareState.DENIED:
                    found.denied.append(share)
                else:
                    found.shares.append(share)
        return found

    async def _concealed(self, shares: Sequence[ShareView]) -> tuple[Sequence[ShareView], Counter[str]]:
        counts: Counter[str] = Counter()
        texts = [item.text for share in shares for item in share.items]
        shown = iter(await self._conceal(texts))
        concealed: list[ShareView] = []
        for seen in shares:
            for item in seen.items:
                counts.update(self._conceal.of(item.entities))
            concealed.append(replace(seen, items=tuple(replace(item, text=next(shown)) for item in seen.items)))
        return concealed, counts

    def _recipients(self, shares: Sequence[ShareView]) -> list[Json]:
        """Each once, with how much it received and when."""
        by_name: dict[str, list[ShareView]] = {}
        for share in shares:
            by_name.setdefault(share.fact("vendor") or "not known any more", []).append(share)
        return [
            {
                **recipient(theirs[0], self._policies.vendors.get(VendorName(name))),
                "name": name,
                "shares": len(theirs),
                "first": moment(min(share.at for share in theirs)),
                "last": moment(max(share.at for share in theirs)),
            }
            for name, theirs in sorted(by_name.items())
        ]

    def _categories(self, shares: Sequence[ShareView]) -> list[Json]:
        """The notice's categories of what was shared, with where the notice says that it comes from."""
        counts = Counter(item.category for share in shares for item in share.items)
        told: list[Json] = []
        for code, count in sorted(counts.items()):
            category = self._policies.taxonomy.categories.get(CategoryCode(code))
            told.append(
                {
                    "code": code,
                    "name": None if category is None else category.name,
                    "items": count,
                    "sources": [] if category is None else list(category.sources),
                    "sold_or_shared": None if category is None else category.sold_or_shared,
                }
            )
        return told

    async def _looked_at(self, key: PersonKey, window: Window) -> list[Json]:
        told: list[Json] = []
        last = -1
        while page := await self._people.records(key.ref, last, _PAGE):
            last = page[-1].index
            told.extend(said for entry in page if (said := note_account(entry, key, window.holds)) is not None)
        return told

    async def _completeness(self, key: PersonKey, size: int, *, prove: bool) -> dict[str, Json]:
        """What it takes to see that nothing was left out of the first ``size`` entries."""
        indexed = await self._people.indexed(key.ref, size)
        said: dict[str, Json] = {"tag_key": key.tag_key.hex(), "segments": [list(place) for place in indexed]}
        said["leaves_scanned"] = None
        if prove:
            scanned = await scan(self._store, key.tag_key, size)
            differ = sorted(scanned.places.symmetric_difference(indexed))
            if differ:
                raise DisclosureIncomplete(
                    "The index and the log's own tags do not agree; repair the index before disclosing",
                    entries=[str(index) for index, _ in differ[:20]],
                )
            said |= {"leaves_scanned": scanned.scanned, "leaves_pruned": scanned.pruned}
        return said


def _confirmation(found: _Found, standing: Standing) -> dict[str, Json]:
    """Of an erased person nothing is counted: a nought would be an answer."""
    if standing.state is State.ERASED:
        uncounted = dict.fromkeys(("shares", "of_which_in_doubt", "items_withheld", "refused"))
        return {"shared_with_generative_ai_vendors": standing.was_shared, **uncounted}
    return {
        "shared_with_generative_ai_vendors": bool(found.shares),
        "shares": len(found.shares),
        "of_which_in_doubt": sum(share.state is ShareState.IN_DOUBT for share in found.shares),
        "items_withheld": sum(len(share.withheld) for share in found.shares),
        "refused": len(found.denied),
    }
