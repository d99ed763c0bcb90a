"""Consent events, in SQLite or PostgreSQL: appended, never changed."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from ai_gateway.adapters import registry_codec as codec
from ai_gateway.adapters.grouped_reads import GroupedReads
from ai_gateway.adapters.registry_schema import consent_event as table
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.adapters.sql_race import until_first
from ai_gateway.errors import ConsentConflict
from ai_gateway.model import ConsentEvent, Consents, SubjectId
from ai_gateway.ports import Clock, Seal

_Latest = str | None | Literal[False]
"""The id of the event that must be the latest, None for none at all, False for any."""

_COLUMNS = ("tag", "id", "purpose", "state", "at", "notice_version", "channel", "language", "expires_at")
_LATEST = f"""
SELECT {", ".join(f"e.{column}" for column in _COLUMNS)} FROM consent_event e JOIN
(SELECT tag, max(n) AS n FROM consent_event WHERE tag {{among}} GROUP BY tag, purpose) latest
ON e.tag = latest.tag AND e.n = latest.n
"""  # noqa: S608  (columns are ours)


class SqlConsentStore:
    """``ports.ConsentStore``. ``seal`` makes the rows' tags; a row holds no other trace of a person."""

    def __init__(self, database: Database, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock
        self._latest = GroupedReads(database, _LATEST)

    async def append(self, event: ConsentEvent) -> None:
        await self._append(event, latest=False)

    async def append_after(self, event: ConsentEvent, latest: str | None) -> None:
        await self._append(event, latest=latest)

    async def history(self, subject: SubjectId) -> Sequence[ConsentEvent]:
        query = select(table).where(table.c.tag == self._tag(subject)).order_by(table.c.n)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return tuple(codec.event(subject, dict(row)) for row in rows)

    async def standing(self, subjects: Sequence[SubjectId]) -> Consents:
        by_tag = {self._tag(subject): subject for subject in subjects}
        if not by_tag:
            return Consents({}, self._clock.now())
        rows = await self._latest.of(tuple(by_tag))
        events = (codec.event(by_tag[row[0]], dict(zip(_COLUMNS, row, strict=True))) for row in rows)
        return Consents({(event.subject, event.purpose): event for event in events}, self._clock.now())

    async def _append(self, event: ConsentEvent, *, latest: _Latest) -> None:
        row: dict[str, Any] = {
            "tag": self._tag(event.subject),
            "id": event.id,
            "purpose": event.purpose.value,
            "state": event.state.value,
            "at": event.at,
            "notice_version": event.notice_version,
            "channel": event.channel,
            "language": event.language,
            "expires_at": event.expires_at,
        }
        await self._database.write(lambda connection: _insert(connection, row, latest))

    def _tag(self, subject: SubjectId) -> bytes:
        return self._seal.tag("registry/subject", subject.encode())


def _insert(connection: Connection, row: dict[str, Any], latest: _Latest) -> None:
    theirs = table.c.tag == row["tag"]

    def step() -> None:
        # The number is read before the latest event: whatever was appended in between took it, and the insert fails.
        highest = connection.execute(select(func.max(table.c.n)).where(theirs)).scalar_one()
        if latest is not False:
            _expect(connection, row, latest)
        connection.execute(table.insert().values(n=0 if highest is None else highest + 1, **row))

    until_first(connection, step)


def _expect(connection: Connection, row: dict[str, Any], latest: str | None) -> None:
    query = (
        select(table.c.id, table.c.state)
        .where((table.c.tag == row["tag"]) & (table.c.purpose == row["purpose"]))
        .order_by(table.c.n.desc())
        .limit(1)
    )
    present = connection.execute(query).one_or_none()
    if (None if present is None else present.id) != latest:
        raise ConsentConflict(
            "Another consent event of this person and purpose was recorded first; read it and decide again",
            latest=None if present is None else present.state,
        )
