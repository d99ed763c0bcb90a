"""Entries that are no shares: what was done with the log itself.

A record's leaf says as little of a person as a share's does; what concerns somebody is a segment under their key, found
by their tag like any other.
"""

from collections.abc import Iterable, Mapping

from ai_gateway.model import SubjectId
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.model.ids import new_record_id
from ai_gateway.sharelog.canonical import Json, compact
from ai_gateway.sharelog.entry import whole_entry
from ai_gateway.sharelog.keys import PersonKey
from ai_gateway.sharelog.segments import Draft

NOTE = "note"
"""The kind of a record's segments."""


def record(
    kind: EntryKind, at: int, facts: Mapping[str, Json], notes: Iterable[tuple[PersonKey, Mapping[str, Json]]] = ()
) -> Entry:
    """``facts`` go into the leaf in clear; each note is readable with its person's key alone."""
    drafts = [Draft(kind=NOTE, owners=(key,), content=compact(said)) for key, said in notes]
    return whole_entry(new_record_id(), kind, at, facts, drafts)


def note_of(subject: SubjectId, **said: Json) -> dict[str, Json]:
    return {"subject": subject, **said}
