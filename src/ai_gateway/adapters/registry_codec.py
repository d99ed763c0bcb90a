"""The registry's values as bytes, for sealing. The first field says which version of the shape it is."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import orjson

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
)

_VERSION = 1


def pack_subject(subject: Subject) -> bytes:
    """All but the choices."""
    return orjson.dumps(
        {
            "v": _VERSION,
            "role": subject.role.value,
            "region": subject.region,
            "age_status": subject.age_status.value,
            "profile_visibility": subject.profile_visibility.value,
            "known": {name: values for name, values in asdict(subject.known).items() if values},
            "restricted": subject.restricted,
        }
    )


def unpack_subject(id_: SubjectId, packed: bytes, choices: bytes | None) -> Subject:
    fields = orjson.loads(packed)
    return Subject(
        id=id_,
        role=Role(fields["role"]),
        region=fields["region"],
        age_status=AgeStatus(fields["age_status"]),
        profile_visibility=Visibility(fields["profile_visibility"]),
        known=Known(**{name: tuple(values) for name, values in fields["known"].items()}),
        restricted=fields["restricted"],
        choices=Choices() if choices is None else unpack_choices(choices),
    )


def erased(id_: SubjectId) -> Subject:
    """What is left of somebody erased: that they are. The role is a stand-in; no rule reads it."""
    return Subject(id=id_, role=Role.SITE_VISITOR, erased=True)


def pack_choices(choices: Choices) -> bytes:
    fields = asdict(choices)
    fields["opted_in"], fields["opted_out"] = sorted(choices.opted_in), sorted(choices.opted_out)
    return orjson.dumps({"v": _VERSION, **fields})


def unpack_choices(packed: bytes) -> Choices:
    fields = orjson.loads(packed)
    return Choices(
        opted_in=frozenset(map(FeatureName, fields["opted_in"])),
        opted_out=frozenset(map(FeatureName, fields["opted_out"])),
        opt_out_sale_share=fields["opt_out_sale_share"],
        limit_sensitive=fields["limit_sensitive"],
        gpc=fields["gpc"],
    )


def pack_whole(subject: Subject | None) -> bytes:
    """A subject with choices for the cache; None (nobody of that id) has bytes too."""
    if subject is None:
        return b"null"
    if subject.erased:
        return b"[]"
    return orjson.dumps([pack_subject(subject).decode(), pack_choices(subject.choices).decode()])


def unpack_whole(id_: SubjectId, packed: bytes) -> Subject | None:
    parts = orjson.loads(packed)
    if parts is None:
        return None
    if not parts:
        return erased(id_)
    return unpack_subject(id_, parts[0].encode(), parts[1].encode())


def pack_events(events: Iterable[ConsentEvent]) -> bytes:
    """Events of one person, whose id is left out."""
    return orjson.dumps([[getattr(event, name) for name in _EVENT] for event in events])


def unpack_events(id_: SubjectId, packed: bytes) -> tuple[ConsentEvent, ...]:
    return tuple(event(id_, dict(zip(_EVENT, values, strict=True))) for values in orjson.loads(packed))


_EVENT = ("id", "purpose", "state", "at", "notice_version", "channel", "language", "expires_at")


def event(id_: SubjectId, fields: dict[str, Any]) -> ConsentEvent:
    """From stored columns."""
    return ConsentEvent(
        id=fields["id"],
        subject=id_,
        purpose=Purpose(fields["purpose"]),
        state=ConsentState(fields["state"]),
        at=fields["at"],
        notice_version=fields["notice_version"],
        channel=fields["channel"],
        language=fields["language"],
        expires_at=fields["expires_at"],
    )
