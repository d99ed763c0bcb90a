"""Everybody a call names, as the registry and the request together know them."""

from asyncio import create_task, wait
from collections.abc import Mapping
from dataclasses import replace

from ai_gateway.errors import SubjectConflict, SubjectUnknown
from ai_gateway.model import AgeStatus, Call, Choices, Consents, Subject, SubjectId
from ai_gateway.ports import ConsentStore, SubjectStore


class Subjects:
    def __init__(self, store: SubjectStore) -> None:
        self.store = store

    async def gather(self, call: Call) -> Mapping[SubjectId, Subject]:
        """The actor first, then everybody else in order of appearance.

        Raises ``SubjectUnknown`` when someone is neither registered nor described, ``SubjectConflict`` when the request
        gives a registered person another role. Both carry ids only.
        """
        people = call.people()
        registered = await self.store.get(people)
        unknown = [id_ for id_ in people if id_ not in registered and id_ not in call.subjects]
        if unknown:
            raise SubjectUnknown(
                "Register each of them first, or describe them under subjects in the request.",
                subjects=[str(id_) for id_ in unknown],
            )
        gathered = {id_: _known_of(id_, registered, call.subjects) for id_ in people}
        if call.gpc:
            actor = gathered[call.actor]
            gathered[call.actor] = replace(actor, choices=replace(actor.choices, gpc=True))
        return gathered


async def registry(
    subjects: Subjects, consents: ConsentStore, call: Call
) -> tuple[Mapping[SubjectId, Subject], Consents]:
    """Who they are and what they agreed to, both read at once. (``asyncio.gather`` would make a task of each, and cost
    four times as much.) Raises as either; where both fail, as ``Subjects.gather``."""
    standing = create_task(consents.standing(call.people()))
    try:
        gathered = await subjects.gather(call)
    except BaseException:
        standing.cancel()
        await wait({standing})  # it lets go of its connection before the caller goes on
        if not standing.cancelled():
            standing.exception()  # looked at, or the loop would complain that nobody did
        raise
    return gathered, await standing


def _known_of(
    id_: SubjectId, registered: Mapping[SubjectId, Subject], described: Mapping[SubjectId, Subject]
) -> Subject:
    if id_ not in described:
        return registered[id_]
    if id_ not in registered:
        # Choices are a person's own; nobody can make them for somebody else by describing them.
        return replace(described[id_], id=id_, registered=False, choices=Choices())
    return joined(registered[id_], described[id_])


def joined(registered: Subject, described: Subject) -> Subject:
    """A registered person with what the request adds. A request can make things stricter, never looser.

    Choices, erasure and the profile's visibility are the registry's: a request that knows of a profile gone private
    says so item by item. An age, region or restriction that the request leaves out says nothing.
    """
    if described.role is not registered.role:
        raise SubjectConflict(
            "The request gives this data subject another role than the registry; leave it out or correct the registry.",
            subject=str(registered.id),
            registered=registered.role.value,
        )
    return replace(
        registered,
        known=registered.known.joined(described.known),
        age_status=_age(registered.age_status, described.age_status),
        region=_region(registered.region, described.region),
        restricted=registered.restricted or described.restricted,
    )


def _age(registered: AgeStatus, described: AgeStatus) -> AgeStatus:
    return AgeStatus.MINOR if AgeStatus.MINOR in (registered, described) else registered


def _region(registered: str | None, described: str | None) -> str | None:
    """Two different regions are none that is known, and an unknown region is treated as the strictest."""
    return registered if described in (None, registered) else None
