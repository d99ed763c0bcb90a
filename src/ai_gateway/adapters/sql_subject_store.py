"""Data subjects and their choices, in SQLite or PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from ai_gateway.adapters import registry_codec as codec
from ai_gateway.adapters.grouped_reads import GroupedReads
from ai_gateway.adapters.registry_schema import subject as table
from ai_gateway.adapters.sealing import KeyedSeal
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.adapters.sql_race import until_first
from ai_gateway.errors import KeyUnavailable, SubjectConflict, SubjectUnknown
from ai_gateway.held import Held
from ai_gateway.model import Choices, Subject, SubjectId
from ai_gateway.ports import KeyWrapper, Seal
from ai_gateway.sharelog.keys import PersonKey, PersonKeys

_DOCUMENT = b"registry/document"
_CHOICES = b"registry/choices"
_HELD_AT_MOST = 2_048
_HELD_SECONDS = 60.0
_OF = """
SELECT s.tag, s.subject_ref, s.document, s.choices, s.erased, k.kek_epoch, k.wrapped
FROM subject s LEFT JOIN subject_key k ON k.subject_ref = s.subject_ref WHERE s.tag {among}
"""


class _Row(NamedTuple):
    tag: bytes
    subject_ref: bytes | None
    document: bytes | None
    choices: bytes | None
    erased: int
    kek_epoch: int | None
    wrapped: bytes | None


class SqlSubjectStore:
    """``ports.SubjectStore``. ``seal`` makes the rows' tags; their content is sealed under each person's own key.

    Every read asks the database. What a row opened to is held for a minute, by all that stands in the row: a row that
    changed in anything, or whose person's key is gone, opens anew.
    """

    def __init__(self, database: Database, keys: PersonKeys, wrapper: KeyWrapper, seal: Seal) -> None:
        self._database = database
        self._keys = keys
        self._wrapper = wrapper
        self._seal = seal
        self._rows = GroupedReads(database, _OF)
        self._opened: Held[_Row, Subject] = Held(most=_HELD_AT_MOST, seconds=_HELD_SECONDS)

    async def get(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, Subject]:
        by_tag = {self._tag(id_): id_ for id_ in ids}
        if not by_tag:
            return {}
        rows = [_Row(*row) for row in await self._rows.of(tuple(by_tag))]
        return {by_tag[row.tag]: self._subject(by_tag[row.tag], row) for row in rows}

    async def put(self, subject: Subject) -> None:
        tag = self._tag(subject.id)
        if subject.erased:
            gone = {"subject_ref": None, "document": None, "choices": None, "erased": 1}
            await self._database.write(lambda connection: _replace(connection, tag, gone))
            return
        if subject.id in (present := await self.get((subject.id,))) and present[subject.id].erased:
            raise _taken_back(subject.id)
        key = (await self._keys.of((subject.id,)))[subject.id]
        sealed = _person_seal(key.root).seal(codec.pack_subject(subject), _DOCUMENT + tag)
        row: dict[str, Any] = {"subject_ref": key.ref, "document": sealed, "erased": 0}
        if not await self._database.write(lambda connection: _replace(connection, tag, row)):
            raise _taken_back(subject.id)

    async def choose(self, subject: SubjectId, choices: Choices) -> None:
        present = (await self.get((subject,))).get(subject)
        if present is None or present.erased:
            raise SubjectUnknown("Register the data subject before recording choices", subject=subject)
        key = (await self._keys.of((subject,)))[subject]
        if not await self._database.write(lambda connection: self._choose(connection, subject, key, choices)):
            raise SubjectUnknown("The data subject is being erased", subject=subject)

    def _choose(self, connection: Connection, subject: SubjectId, key: PersonKey, choices: Choices) -> bool:
        tag = self._tag(subject)
        sealed = _person_seal(key.root).seal(codec.pack_choices(choices), _CHOICES + tag)
        mine = (table.c.tag == tag) & (table.c.subject_ref == key.ref) & (table.c.erased == 0)
        return connection.execute(update(table).where(mine).values(choices=sealed)).rowcount == 1

    def _subject(self, id_: SubjectId, row: _Row) -> Subject:
        subject = self._opened.get(row)
        if subject is None:
            subject = self._open(id_, row)
            self._opened.put(row, subject)
        return subject

    def _open(self, id_: SubjectId, row: _Row) -> Subject:
        # Without their key the row is unreadable: that is an erasure too.
        if row.erased or row.subject_ref is None or row.kek_epoch is None or row.wrapped is None:
            return codec.erased(id_)
        seal = _person_seal(self._wrapper.unwrap(row.kek_epoch, row.wrapped, row.subject_ref))
        document = None if row.document is None else seal.open(row.document, _DOCUMENT + row.tag)
        choices = None if row.choices is None else seal.open(row.choices, _CHOICES + row.tag)
        if document is None or (choices is None) != (row.choices is None):
            raise KeyUnavailable(
                "A data subject's row was not sealed under their key; restore the database and its keys"
            )
        return codec.unpack_subject(id_, document, choices)

    def _tag(self, id_: SubjectId) -> bytes:
        return self._seal.tag("registry/subject", id_.encode())


def _person_seal(root: bytes) -> KeyedSeal:
    return KeyedSeal(root, "registry/1")


def _replace(connection: Connection, tag: bytes, row: dict[str, Any]) -> bool:
    """False, and nothing written, where an erasure would be taken back."""

    def step() -> bool:
        present = connection.execute(
            select(table.c.erased, table.c.subject_ref).where(table.c.tag == tag).with_for_update()
        ).one_or_none()
        if present is None:
            connection.execute(table.insert().values(tag=tag, **row))
            return True
        if not row["erased"] and (present.erased or present.subject_ref != row["subject_ref"]):
            return False
        connection.execute(update(table).where(table.c.tag == tag).values(**row))
        return True

    return until_first(connection, step)


def _taken_back(subject: SubjectId) -> SubjectConflict:
    return SubjectConflict("An erasure is not taken back: register the person under a new id", subject=subject)
