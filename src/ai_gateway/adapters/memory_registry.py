"""People, their choices and consents for as long as one trial lasts: in memory, and nowhere else."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ai_gateway.errors import ConsentConflict, SubjectConflict, SubjectUnknown
from ai_gateway.model import Choices, ConsentEvent, Consents, Known, Purpose, Subject, SubjectId, new_consent_id
from ai_gateway.ports import Clock, ConsentStore, SubjectStore
from ai_gateway.prompts.people import Person

_MILLISECONDS = 1000


class MemorySubjectStore:
    """``ports.SubjectStore``."""

    def __init__(self, subjects: Mapping[SubjectId, Subject] | None = None) -> None:
        self._subjects = dict(subjects or {})

    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        return {id_: self._subjects[id_] for id_ in ids if id_ in self._subjects}

    async def put(self, subject: Subject) -> None:
        before = self._subjects.get(subject.id)
        if before is not None and before.erased and not subject.erased:
            raise SubjectConflict("This person was erased; an erasure is not taken back", subject=subject.id)
        if subject.erased:
            self._subjects[subject.id] = replace(subject, known=Known(), choices=Choices(), registered=True)
        else:
            choices = before.choices if before is not None else Choices()
            self._subjects[subject.id] = replace(subject, choices=choices, registered=True)

    async def choose(self, subject: SubjectId, choices: Choices) -> None:
        before = self._subjects.get(subject)
        if before is None or before.erased:
            raise SubjectUnknown("Register the data subject before recording choices", subject=subject)
        self._subjects[subject] = replace(before, choices=choices)


class MemoryConsentStore:
    """``ports.ConsentStore``."""

    def __init__(self, clock: Clock, events: Sequence[ConsentEvent] = ()) -> None:
        self._clock = clock
        self._events = list(events)

    async def append(self, event: ConsentEvent) -> None:
        self._events.append(event)

    async def append_after(self, event: ConsentEvent, latest: str | None) -> None:
        found = (await self.standing((event.subject,))).latest.get((event.subject, event.purpose))
        if (None if found is None else found.id) != latest:
            state = None if found is None else found.state.value
            raise ConsentConflict("Another event was recorded in between; ask again", latest=state)
        self._events.append(event)

    async def history(self, subject: SubjectId) -> Sequence[ConsentEvent]:
        return tuple(event for event in self._events if event.subject == subject)

    async def standing(self, subjects: Sequence[SubjectId]) -> Consents:
        asked = frozenset(subjects)
        latest: dict[tuple[SubjectId, Purpose], ConsentEvent] = {
            (event.subject, event.purpose): event for event in self._events if event.subject in asked
        }
        return Consents(latest, self._clock.now())


class _Now:
    def now(self) -> int:
        return int(time.time() * _MILLISECONDS)


def registry_of(people: Mapping[str, Person]) -> tuple[SubjectStore, ConsentStore]:
    """``workbench.trial.Registry``: these people, as if the marketplace had registered them just now."""
    clock = _Now()
    events = [
        ConsentEvent(
            id=new_consent_id(),
            subject=SubjectId(name),
            purpose=purpose,
            state=state,
            at=clock.now(),
            notice_version="trial",
            channel="people.yaml",
        )
        for name, person in people.items()
        for purpose, state in person.consents.items()
    ]
    subjects = MemorySubjectStore({SubjectId(name): person.subject for name, person in people.items()})
    return subjects, MemoryConsentStore(clock, events)
