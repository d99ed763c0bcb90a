"""The registry of a trial keeps the two ports' promises as the databases do, for as long as it lasts."""

import pytest

from ai_gateway.adapters.memory_registry import MemoryConsentStore, MemorySubjectStore, registry_of
from ai_gateway.errors import ConsentConflict, SubjectConflict, SubjectUnknown
from ai_gateway.model import Choices, ConsentState, Known, Purpose, Subject, SubjectId
from ai_gateway.prompts.people import Person
from registries import CHOICES, DANA, SAM, START, SetClock, consent, dana, sam

pytestmark = pytest.mark.anyio


async def test_putting_again_replaces_all_but_the_choices() -> None:
    store = MemorySubjectStore()
    await store.put(dana())
    await store.choose(DANA, CHOICES)
    await store.put(Subject(id=DANA, role=dana().role, known=Known(names=("D.",)), choices=Choices()))
    found = (await store.get((DANA, SAM)))[DANA]
    assert found.choices == CHOICES
    assert found.known.names == ("D.",)


async def test_an_erasure_is_never_taken_back_and_leaves_nothing_known() -> None:
    store = MemorySubjectStore()
    await store.put(Subject(id=DANA, role=dana().role, known=dana().known, erased=True))
    assert (await store.get((DANA,)))[DANA].known == Known()
    with pytest.raises(SubjectConflict):
        await store.put(dana())
    for somebody in (DANA, SAM):
        with pytest.raises(SubjectUnknown):
            await store.choose(somebody, CHOICES)


async def test_the_latest_consent_stands_until_it_runs_out_and_follows_the_expected_one_only() -> None:
    clock = SetClock()
    store = MemoryConsentStore(clock)
    given = consent(expires_at=START + 10)
    await store.append_after(given, None)
    assert (await store.standing((DANA,))).standing(DANA, Purpose.PROVIDE) == given
    with pytest.raises(ConsentConflict):
        await store.append_after(consent(), None)
    clock.at = START + 10
    assert (await store.standing((DANA,))).standing(DANA, Purpose.PROVIDE) is None
    await store.append(consent(ConsentState.WITHDRAWN))
    assert [event.state for event in await store.history(DANA)] == [ConsentState.GIVEN, ConsentState.WITHDRAWN]
    assert (await store.standing((SAM,))).latest == {}


async def test_a_trial_knows_its_people_with_choices_and_consents_and_nobody_else() -> None:
    people = {
        DANA: Person(subject=dana(), consents={Purpose.PROVIDE: ConsentState.GIVEN}),
        SAM: Person(subject=sam(), consents={Purpose.PROVIDE: ConsentState.REFUSED}),
    }
    subjects, consents = registry_of({str(name): person for name, person in people.items()})
    assert set(await subjects.get((DANA, SAM, SubjectId("nobody")))) == {DANA, SAM}
    standing = await consents.standing((DANA, SAM))
    assert standing.standing(DANA, Purpose.PROVIDE) is not None
    assert standing.standing(SAM, Purpose.PROVIDE) is None
