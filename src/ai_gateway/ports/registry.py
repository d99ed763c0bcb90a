"""Who is known: data subjects, what they consent to, and the services that call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ai_gateway.model import Caller, CallerId, Choices, ConsentEvent, Consents, Right, Subject, SubjectId


class SubjectStore(Protocol):
    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        """Those registered, choices included. MUST see every write that returned, on any replica."""
        ...

    async def put(self, subject: Subject) -> None:
        """Create or replace all but the choices. MUST be durable on return. MUST refuse (``SubjectConflict``) to
        take back an erasure; MUST keep no identifier and no choice of a person put as ``erased``."""
        ...

    async def choose(self, subject: SubjectId, choices: Choices) -> None:
        """Replace the choices; MUST raise ``SubjectUnknown`` for an unregistered or erased person. MUST be durable on
        return."""
        ...


class ConsentStore(Protocol):
    async def append(self, event: ConsentEvent) -> None:
        """MUST be durable on return. MUST NOT change or remove an earlier event."""
        ...

    async def append_after(self, event: ConsentEvent, latest: str | None) -> None:
        """As ``append``, but MUST raise ``ConsentConflict`` and record nothing unless the latest event of the same
        person and purpose is ``latest`` (an event id; None: there is none yet)."""
        ...

    async def history(self, subject: SubjectId) -> Sequence[ConsentEvent]:
        """Oldest first, in the order of appending."""
        ...

    async def standing(self, subjects: Sequence[SubjectId]) -> Consents:
        """MUST reflect every append that returned, on any replica."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key as listed: never its secret. Times in ms since the epoch."""

    id: str
    caller: CallerId
    rights: frozenset[Right]
    created_at: int
    revoked_at: int | None = None


def key_id(presented: str) -> str:
    """The id in the text of an API key; empty for a key of another form, which has none."""
    prefix, _, rest = presented.partition("_")
    return rest.partition("_")[0] if prefix == "agk" else ""


class CallerStore(Protocol):
    """API keys, ``agk_<id>_<secret>``. MUST keep no secret, only a keyed hash of it."""

    async def authenticate(self, presented: str) -> Caller:
        """MUST raise ``CallerUnknown`` for anything but a key that was created and not revoked; MUST compare in
        constant time. A revocation MUST hold everywhere within five seconds of its return."""
        ...

    async def in_force(self, key: str) -> Caller:
        """Whose key has this id. MUST raise ``CallerUnknown`` for one that was never made, and for a revoked one within
        five seconds of its revocation."""
        ...

    async def create(self, caller: CallerId, rights: frozenset[Right]) -> tuple[ApiKey, str]:
        """A new key and, this once, the text to present. MUST be durable on return."""
        ...

    async def revoke(self, key: str) -> None:
        """By key id; MUST raise ``NotFound`` for an unknown one. MUST be durable on return."""
        ...

    async def listed(self) -> Sequence[ApiKey]:
        """Every key ever created, oldest first."""
        ...
