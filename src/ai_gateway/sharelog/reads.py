"""Reads are on record, too: who looked at which shares, when and why. No record, no read.

People are told when their data was consulted and for what (CJEU C-579/21). A share they are in is theirs to ask about,
so each of them gets a note under their own key; the leaf itself holds the caller, the reason, and the entries read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ai_gateway.errors import GatewayError, KeyUnavailable, ShareLogUnavailable
from ai_gateway.model import CallerId, ShareId, SubjectId
from ai_gateway.model.entries import EntryKind, Placed
from ai_gateway.ports import Clock
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.keys import PersonKey, PersonKeys
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.sharelog.read import SharePage, ShareReader
from ai_gateway.sharelog.record import note_of, record
from ai_gateway.sharelog.search import ANY, Wanted
from ai_gateway.sharelog.view import ShareView


class Why(StrEnum):
    """Why somebody reads. What is not said is on record as not said."""

    NOT_STATED = "not_stated"
    PRIVACY_REQUEST = "privacy_request"
    AUDIT = "audit"
    INCIDENT = "incident"
    SUPPORT = "support"
    LEGAL_PROCESS = "legal_process"


LOOKED_UP = "standing"
"""What a record says was asked where nobody's shares were: how a person stands."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, and why."""

    caller: CallerId
    why: Why = Why.NOT_STATED


class Register:
    """Writes down what was read, disclosed or exported, in the group commit that shares use."""

    def __init__(self, log: ShareLog, keys: PersonKeys, clock: Clock) -> None:
        self._log = log
        self._keys = keys
        self._clock = clock

    async def enter(
        self, kind: EntryKind, reading: Reading, people: Iterable[SubjectId], facts: Mapping[str, Json]
    ) -> int:
        """The record's index. Raises ``ShareLogUnavailable``: then nothing may be shown."""
        said: dict[str, Json] = {"caller": reading.caller, "why": reading.why.value}
        at, leaf = self._clock.now(), {**said, **facts}
        keys = await self._keys_of(tuple(dict.fromkeys(people)))
        notes = [(key, note_of(subject, **said, **facts)) for subject, key in keys.items()]
        answer = await self._log.put(record(kind, at, leaf, notes))
        if notes and not isinstance(answer, Placed):  # one of them is being erased: no new note under their key
            answer = await self._log.put(record(kind, at, leaf))
        if not isinstance(answer, Placed):
            raise ShareLogUnavailable("The reading could not be put on record, so nothing is shown")
        return answer.index

    async def _keys_of(self, people: tuple[SubjectId, ...]) -> Mapping[SubjectId, PersonKey]:
        try:
            return await self._keys.of(people) if people else {}
        except KeyUnavailable:
            return {}
        except ShareLogUnavailable:
            raise
        except GatewayError as error:
            raise ShareLogUnavailable("The reading could not be put on record", cause=error.code) from None


class ReaderOnRecord:
    """``ShareReader``, for readers with a name. The record is durable before anything is returned."""

    def __init__(self, reader: ShareReader, register: Register) -> None:
        self._reader = reader
        self._register = register

    async def shares(
        self,
        reading: Reading,
        subject: SubjectId | None = None,
        after: ShareId | None = None,
        limit: int = 50,
        wanted: Wanted = ANY,
    ) -> SharePage:
        page = await self._reader.shares(subject, after, limit, wanted)
        people = _people(page.shares) if subject is None else await self._known(subject)
        await self._enter(reading, people, page.shares, "person" if subject else "page")
        return page

    async def share(self, reading: Reading, share: ShareId) -> ShareView:
        found = await self._reader.share(share)
        await self._enter(reading, _people((found,)), (found,), "share")
        return found

    async def looked_up(self, reading: Reading, subject: SubjectId) -> None:
        """Before somebody is told how a person stands, and no share. The person is told of it if the log knows them: no
        key is made to say so."""
        await self._enter(reading, await self._known(subject), (), LOOKED_UP)

    async def _known(self, subject: SubjectId) -> tuple[SubjectId, ...]:
        return (subject,) if await self._reader.knows(subject) else ()

    async def _enter(
        self, reading: Reading, people: Iterable[SubjectId], shares: Iterable[ShareView], asked: str
    ) -> None:
        indices: list[Json] = [share.index for share in shares]
        await self._register.enter(EntryKind.READ, reading, people, {"asked": asked, "entries": indices})


def _people(shares: Iterable[ShareView]) -> tuple[SubjectId, ...]:
    return tuple(dict.fromkeys(person.subject for share in shares for person in share.people))
