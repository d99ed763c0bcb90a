"""Laws of consent: what stands is what was said last, and nothing but a fresh yes brings back what was withdrawn."""

import asyncio
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_gateway.adapters import registry_codec as codec
from ai_gateway.consent.registry import ConsentRegistry, ConsentRequest
from ai_gateway.errors import ConsentConflict
from ai_gateway.model import (
    AgeStatus,
    Choices,
    ConsentEvent,
    ConsentState,
    FeatureName,
    Known,
    Purpose,
    Role,
    Subject,
    SubjectId,
    Visibility,
    new_consent_id,
)
from registries import Registry, dana, key_file, open_registry

_PURPOSES = (Purpose.PROVIDE, Purpose.IMPROVE)
_HOUR = 3_600_000
_said = st.tuples(
    st.sampled_from(ConsentState),
    st.sampled_from(_PURPOSES),
    st.none() | st.integers(0, 48).map(lambda hours: hours * _HOUR),  # how long ago the person said it
    st.none() | st.integers(1, 48).map(lambda hours: hours * _HOUR),  # for how long it shall hold
    st.integers(0, 24).map(lambda hours: hours * _HOUR),  # how long until somebody says the next thing
)
QUICK = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_what_stands_is_what_was_recorded_last(sqlite_url: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = open_registry(sqlite_url, key_file(tmp_path))
        registry = runner.run(opened.__aenter__())

        @QUICK
        @given(st.lists(_said, max_size=8))
        def law(said: list[tuple[ConsentState, Purpose, int | None, int | None, int]]) -> None:
            runner.run(_tell(registry, said))

        try:
            law()
        finally:
            runner.run(opened.__aexit__(None, None, None))


async def _tell(registry: Registry, said: list[tuple[ConsentState, Purpose, int | None, int | None, int]]) -> None:
    subject, clock = SubjectId(new_consent_id()), registry.clock
    await registry.subjects.put(Subject(id=subject, role=dana().role))
    consents = ConsentRegistry(registry.consents, registry.subjects, clock)
    accepted: dict[Purpose, ConsentEvent] = {}
    count = 0
    for state, purpose, ago, lasts, pause in said:
        before = accepted.get(purpose)
        request = ConsentRequest(
            subject=subject,
            purpose=purpose,
            state=state,
            notice_version="1",
            channel="test",
            at=None if ago is None else clock.now() - ago,
            expires_at=clock.now() + lasts if lasts is not None and state.permits else None,
        )
        try:
            accepted[purpose] = await consents.record(request)
            count += 1
            if state is ConsentState.RENEWED:
                assert before is not None
                assert before.state not in {ConsentState.WITHDRAWN, ConsentState.REFUSED}
            if state.permits and before is not None and request.at is not None:
                assert request.at >= before.at, "an old yes undid a newer event"
        except ConsentConflict:
            assert state.permits or state is ConsentState.REQUESTED, "what ends consent is always accepted"
        clock.at += pause
        standing = await registry.consents.standing((subject,))
        for each in _PURPOSES:
            last = accepted.get(each)
            holds = last is not None and last.state.permits
            holds = holds and not (last and last.expires_at is not None and last.expires_at <= clock.now())
            assert standing.standing(subject, each) == (last if holds else None)
    assert len(await registry.consents.history(subject)) == count


_texts = st.lists(st.text(max_size=12), max_size=3).map(tuple)
_choices = st.builds(
    Choices,
    opted_in=st.frozensets(st.text(max_size=8).map(FeatureName), max_size=3),
    opted_out=st.frozensets(st.text(max_size=8).map(FeatureName), max_size=3),
    opt_out_sale_share=st.booleans(),
    limit_sensitive=st.booleans(),
    gpc=st.booleans(),
)
_subjects = st.builds(
    Subject,
    id=st.just(SubjectId("p")),
    role=st.sampled_from(Role),
    region=st.none() | st.text(max_size=6),
    age_status=st.sampled_from(AgeStatus),
    profile_visibility=st.sampled_from(Visibility),
    known=st.builds(
        Known,
        names=_texts,
        emails=_texts,
        phones=_texts,
        handles=_texts,
        organizations=_texts,
        urls=_texts,
        addresses=_texts,
    ),
    restricted=st.booleans(),
    choices=_choices,
)


@given(_subjects)
def test_a_subject_packed_and_unpacked_is_the_same(subject: Subject) -> None:
    again = codec.unpack_whole(subject.id, codec.pack_whole(subject))
    assert again == subject
    assert again.known == subject.known


def test_nobody_and_somebody_erased_are_packed_apart() -> None:
    gone = Subject(id=SubjectId("p"), role=Role.CLIENT, erased=True)
    assert codec.unpack_whole(gone.id, codec.pack_whole(None)) is None
    assert codec.unpack_whole(gone.id, codec.pack_whole(gone)) == codec.erased(gone.id)


@given(
    st.lists(
        st.builds(
            ConsentEvent,
            id=st.text(max_size=8),
            subject=st.just(SubjectId("p")),
            purpose=st.sampled_from(Purpose),
            state=st.sampled_from(ConsentState),
            at=st.integers(0, 2**53),
            notice_version=st.text(max_size=8),
            channel=st.text(max_size=8),
            language=st.text(max_size=8),
            expires_at=st.none() | st.integers(0, 2**53),
        ),
        max_size=4,
    )
)
def test_events_packed_and_unpacked_are_the_same(events: list[ConsentEvent]) -> None:
    assert codec.unpack_events(SubjectId("p"), codec.pack_events(events)) == tuple(events)
