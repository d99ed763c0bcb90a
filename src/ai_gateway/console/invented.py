"""A registry of invented people, for one trial: it stands in memory, and nothing of it outlives the request.

Their ids hold an ``@``, which no id of the marketplace may: whatever an author types, a trial concerns no real person,
on record or anywhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ai_gateway.errors import ConsentConflict, SubjectUnknown
from ai_gateway.model import Choices, ConsentEvent, Consents, Purpose, Subject, SubjectId
from ai_gateway.ports import Clock

_PREFIX = "trial@"


def invented(name: str) -> SubjectId:
    return SubjectId(_PREFIX + name)


def name_of(subject: SubjectId) -> str:
    """As the author wrote it."""
    return subject.removeprefix(_PREFIX)


class InventedSubjects:
    """``ports.SubjectStore``."""

    def __init__(self, subjects: Sequence[Subject] = ()) -> None:
        self._subjects = {subject.id: subject for subject in subjects}

    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        return {id_: self._subjects[id_] for id_ in ids if id_ in self._subjects}

    async def put(self, subject: Subject) -> None:
        self._subjects[subject.id] = subject

    async def choose(self, subject: SubjectId, choices: Choices) -> None:
        if subject not in self._subjects:
            raise SubjectUnknown("Nobody of this trial has this id", subjects=[str(subject)])
        self._subjects[subject] = replace(self._subjects[subject], choices=choices)


class InventedConsents:
    """``ports.ConsentStore``."""

    def __init__(self, clock: Clock, events: Sequence[ConsentEvent] = ()) -> None:
        self._clock = clock
        self._events = list(events)

    async def append(self, event: ConsentEvent) -> None:
        self._events.append(event)

    async def append_after(self, event: ConsentEvent, latest: str | None) -> None:
        found = self._latest().get((event.subject, event.purpose))
        if (found.id if found is not None else None) != latest:
            raise ConsentConflict("Another consent was recorded in between")
        await self.append(event)

    async def history(self, subject: SubjectId) -> Sequence[ConsentEvent]:
        return tuple(event for event in self._events if event.subject == subject)

    async def standing(self, subjects: Sequence[SubjectId]) -> Consents:
        latest = {key: event for key, event in self._latest().items() if key[0] in subjects}
        return Consents(latest, self._clock.now())

    def _latest(self) -> dict[tuple[SubjectId, Purpose], ConsentEvent]:
        return {(event.subject, event.purpose): event for event in self._events}
