"""Everybody a call names is found, and a request can only make the rules for a person stricter."""

import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from ai_gateway.errors import StoreUnavailable, SubjectConflict, SubjectUnknown
from ai_gateway.model import (
    AgeStatus,
    Call,
    Choices,
    FeatureName,
    Item,
    Known,
    Role,
    Subject,
    SubjectId,
    Visibility,
)
from ai_gateway.ports import ConsentStore
from ai_gateway.subjects import Subjects, registry

pytestmark = pytest.mark.anyio

PRO, CLIENT, WRITER = SubjectId("pro_1"), SubjectId("cli_1"), SubjectId("cli_2")
OPTED_IN = Choices(opted_in=frozenset({FeatureName("proposal_draft")}))


class Register:
    """A subject store of the people it was given."""

    def __init__(self, *people: Subject) -> None:
        self.people = {person.id: person for person in people}

    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        return {id_: self.people[id_] for id_ in ids if id_ in self.people}

    async def put(self, subject: Subject) -> None:
        self.people[subject.id] = subject

    async def choose(self, subject: SubjectId, choices: Choices) -> None:
        self.people[subject] = replace(self.people[subject], choices=choices)


REGISTERED = Subject(
    id=PRO,
    role=Role.INDEPENDENT_PROFESSIONAL,
    region="US-CA",
    age_status=AgeStatus.ADULT,
    profile_visibility=Visibility.PUBLIC,
    known=Known(names=("Ada Brook",), emails=("ada@brook.example",)),
    choices=OPTED_IN,
)
DESCRIBED = Subject(id=PRO, role=Role.INDEPENDENT_PROFESSIONAL, registered=False)


def call(*described: Subject, items: tuple[Item, ...] = ()) -> Call:
    return Call(
        feature=FeatureName("proposal_draft"), actor=PRO, items=items, subjects={one.id: one for one in described}
    )


async def gathered(registered: Subject, described: Subject) -> Subject:
    return (await Subjects(Register(registered)).gather(call(described)))[PRO]


async def test_everybody_named_is_gathered_the_actor_first() -> None:
    message = Item(
        path="messages[0]",
        input="messages",
        text="Hello",
        source="message.content",
        visibility=Visibility.PRIVATE,
        about=(CLIENT,),
        author=WRITER,
    )
    others = (Subject(id=CLIENT, role=Role.CLIENT), Subject(id=WRITER, role=Role.CLIENT))

    people = await Subjects(Register(*others, REGISTERED)).gather(call(items=(message,)))

    assert list(people) == [PRO, CLIENT, WRITER]
    assert people[PRO] == REGISTERED


async def test_somebody_neither_registered_nor_described_is_refused_by_id() -> None:
    with pytest.raises(SubjectUnknown) as caught:
        await Subjects(Register()).gather(call())

    assert caught.value.facts == {"subjects": ["pro_1"]}


async def test_identifiers_from_registry_and_request_are_united() -> None:
    described = replace(DESCRIBED, known=Known(names=("Ada B.", "Ada Brook"), handles=("adab",)))

    known = (await gathered(REGISTERED, described)).known

    assert known == Known(names=("Ada Brook", "Ada B."), emails=("ada@brook.example",), handles=("adab",))


async def test_another_role_than_the_registered_one_is_a_conflict() -> None:
    with pytest.raises(SubjectConflict) as caught:
        await gathered(REGISTERED, replace(DESCRIBED, role=Role.CLIENT))

    assert caught.value.facts == {"subject": "pro_1", "registered": "independent_professional"}


async def test_somebody_only_described_is_not_registered_and_has_chosen_nothing() -> None:
    described = replace(DESCRIBED, choices=OPTED_IN, registered=True, known=Known(names=("Ada",)))

    person = (await Subjects(Register()).gather(call(described)))[PRO]

    assert not person.registered
    assert person.choices == Choices()
    assert person.known.names == ("Ada",)


@pytest.mark.parametrize(
    ("registered", "described", "expected"),
    [
        (AgeStatus.ADULT, AgeStatus.UNKNOWN, AgeStatus.ADULT),
        (AgeStatus.ADULT, AgeStatus.MINOR, AgeStatus.MINOR),
        (AgeStatus.MINOR, AgeStatus.ADULT, AgeStatus.MINOR),
        (AgeStatus.MINOR, AgeStatus.UNKNOWN, AgeStatus.MINOR),
        (AgeStatus.UNKNOWN, AgeStatus.ADULT, AgeStatus.UNKNOWN),
    ],
)
async def test_nobody_comes_of_age_by_a_request(
    registered: AgeStatus, described: AgeStatus, expected: AgeStatus
) -> None:
    person = await gathered(replace(REGISTERED, age_status=registered), replace(DESCRIBED, age_status=described))

    assert person.age_status is expected


@pytest.mark.parametrize(
    ("registered", "described", "expected"),
    [
        ("US-CA", None, "US-CA"),
        ("US-CA", "US-CA", "US-CA"),
        ("DE", "US-CA", None),
        (None, "US-CA", None),
        (None, None, None),
    ],
)
async def test_a_region_that_the_request_contradicts_is_unknown(
    registered: str | None, described: str | None, expected: str | None
) -> None:
    person = await gathered(replace(REGISTERED, region=registered), replace(DESCRIBED, region=described))

    assert person.region == expected


async def test_a_private_profile_stays_private_whatever_the_request_says() -> None:
    private = replace(REGISTERED, profile_visibility=Visibility.PRIVATE)

    person = await gathered(private, replace(DESCRIBED, profile_visibility=Visibility.PUBLIC))

    assert person.profile_visibility is Visibility.PRIVATE


@pytest.mark.parametrize(("registered", "described"), [(True, False), (False, True), (True, True)])
async def test_a_restriction_holds_whoever_says_it(*, registered: bool, described: bool) -> None:
    person = await gathered(replace(REGISTERED, restricted=registered), replace(DESCRIBED, restricted=described))

    assert person.restricted


async def test_an_erased_person_stays_erased_and_keeps_their_choices() -> None:
    person = await gathered(replace(REGISTERED, erased=True), replace(DESCRIBED, choices=Choices()))

    assert person.erased
    assert person.choices == OPTED_IN


async def test_a_browser_that_asks_for_privacy_joins_the_actors_own_choices() -> None:
    person = (await Subjects(Register(REGISTERED)).gather(replace(call(), gpc=True)))[PRO]

    assert person.choices == replace(OPTED_IN, gpc=True)


class Standing:
    """A consent store whose read waits until it is told to end, and notes how it ended."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.then = then
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.ended = False

    async def standing(self, subjects: Sequence[SubjectId]) -> Any:
        self.begun.set()
        try:
            await self.may_end.wait()
            return self.then()
        finally:
            await asyncio.sleep(0)  # as a connection that is given back
            self.ended = True


class Failing(Register):
    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        await asyncio.sleep(0)
        raise StoreUnavailable("subjects")


def _fail() -> None:
    raise StoreUnavailable("consents")


def both(register: Register, consents: Standing) -> asyncio.Task[object]:
    return asyncio.create_task(registry(Subjects(register), cast("ConsentStore", consents), call()))


@pytest.fixture
async def complaints() -> list[object]:
    """What the loop complains of: an exception that nobody looked at, for one."""
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    return told


async def test_where_people_cannot_be_read_their_consents_are_read_no_further(complaints: list[object]) -> None:
    consents = Standing()
    with pytest.raises(StoreUnavailable, match="subjects"):
        await both(Failing(), consents)
    assert consents.ended, "before the caller goes on"
    gc.collect()
    assert complaints == []


async def test_where_neither_can_be_read_it_is_told_of_the_people_alone(complaints: list[object]) -> None:
    consents = Standing(_fail)
    consents.may_end.set()
    with pytest.raises(StoreUnavailable, match="subjects"):
        await both(Failing(), consents)
    gc.collect()
    assert complaints == []


async def test_where_consents_cannot_be_read_it_is_told(complaints: list[object]) -> None:
    consents = Standing(_fail)
    consents.may_end.set()
    with pytest.raises(StoreUnavailable, match="consents"):
        await both(Register(REGISTERED), consents)
    gc.collect()
    assert complaints == []


async def test_a_caller_who_goes_away_while_people_are_read_ends_both(complaints: list[object]) -> None:
    class Hanging(Register):
        async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
            await asyncio.Event().wait()
            return {}

    consents = Standing()
    running = both(Hanging(), consents)
    await consents.begun.wait()
    running.cancel()
    await asyncio.wait({running})
    assert (running.cancelled(), consents.ended) == (True, True)
    gc.collect()
    assert complaints == []
