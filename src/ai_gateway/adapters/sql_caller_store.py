"""API keys, in SQLite or PostgreSQL, of which only a keyed hash rests there."""

import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import func, select, update

from ai_gateway.adapters.grouped_reads import GroupedReads
from ai_gateway.adapters.registry_schema import api_key as table
from ai_gateway.adapters.sql_engine import Database
from ai_gateway.errors import CallerUnknown, NotFound
from ai_gateway.model import Caller, CallerId, Right
from ai_gateway.ports import ApiKey, Clock, Seal

_PRESENTED = re.compile(r"agk_([0-9a-f]{16})_([0-9a-f]{64})")
_ID_BYTES, _SECRET_BYTES = 8, 32
_HELD_AT_MOST = 1024
_KEY = "SELECT id, digest, caller, rights, revoked_at FROM api_key WHERE id {among}"
_NOBODY = bytes(32)
"""Compared with where no key has the id, so that both cases take the same time."""


class SqlCallerStore:
    """``ports.CallerStore``.

    A key found valid is believed for ``held_for`` seconds (two; the port allows five) without asking the database: on
    the hot path that query would cost as much as the registry's. What is held is the keyed hash, never the secret; a
    revocation takes it away at once here and within that time on other replicas. Unknown keys are not held.

    ``configured`` are keys from the settings (the embedded default's own), by the text to present.
    """

    def __init__(
        self,
        database: Database,
        seal: Seal,
        clock: Clock,
        *,
        configured: Mapping[str, Caller] | None = None,
        held_for: float = 2.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock
        self._configured = {self._digest("configured", text): caller for text, caller in (configured or {}).items()}
        self._held: OrderedDict[str, tuple[float, bytes, Caller]] = OrderedDict()
        self._held_for = held_for
        self._monotonic = monotonic
        self._rows = GroupedReads(database, _KEY)

    async def authenticate(self, presented: str) -> Caller:
        if self._configured and (caller := self._configured_caller(presented)) is not None:
            return caller
        parts = _PRESENTED.fullmatch(presented)
        if parts is None:
            raise _unknown()
        key, digest = parts[1], self._digest(*parts.groups())
        now = self._monotonic()
        expires, held, caller = self._held.get(key, (now, b"", None))
        if caller is not None and expires > now and hmac.compare_digest(held, digest):
            return caller
        rows = await self._rows.of((key,))
        known, name, rights, revoked_at = rows[0][1:] if rows else (_NOBODY, "", "", None)
        same = hmac.compare_digest(known, digest)
        if not rows or not same or revoked_at is not None:
            raise _unknown()
        caller = Caller(id=CallerId(name), rights=_rights(rights))
        self._hold(key, now + self._held_for, digest, caller)
        return caller

    async def in_force(self, key: str) -> Caller:
        rows = await self._rows.of((key,))
        _, _, name, rights, revoked_at = rows[0] if rows else ("", b"", "", "", 0)
        if revoked_at is not None:
            raise _unknown()
        return Caller(id=CallerId(name), rights=_rights(rights))

    async def create(self, caller: CallerId, rights: frozenset[Right]) -> tuple[ApiKey, str]:
        made = ApiKey(id=secrets.token_hex(_ID_BYTES), caller=caller, rights=rights, created_at=self._clock.now())
        secret = secrets.token_hex(_SECRET_BYTES)
        row = table.insert().values(
            id=made.id,
            digest=self._digest(made.id, secret),
            caller=caller,
            rights=" ".join(sorted(rights)),
            created_at=made.created_at,
        )
        await self._database.write(lambda connection: connection.execute(row).close())
        return made, f"agk_{made.id}_{secret}"

    async def revoke(self, key: str) -> None:
        at = func.coalesce(table.c.revoked_at, self._clock.now())  # the first time counts
        change = update(table).where(table.c.id == key).values(revoked_at=at)
        found = await self._database.write(lambda connection: connection.execute(change).rowcount)
        self._held.pop(key, None)
        if not found:
            raise NotFound("No API key has this id", key=key)

    async def listed(self) -> Sequence[ApiKey]:
        query = select(table).order_by(table.c.created_at, table.c.id)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(
            ApiKey(
                id=row.id,
                caller=CallerId(row.caller),
                rights=_rights(row.rights),
                created_at=row.created_at,
                revoked_at=row.revoked_at,
            )
            for row in rows
        )

    def _configured_caller(self, presented: str) -> Caller | None:
        digest = self._digest("configured", presented)
        found = None
        for known, caller in self._configured.items():  # all of them, whichever fits: the time tells nothing
            if hmac.compare_digest(known, digest):
                found = caller
        return found

    def _digest(self, id_: str, secret: str) -> bytes:
        return self._seal.tag("api-key", id_.encode(), secret.encode("utf-8", "surrogatepass"))

    def _hold(self, key: str, expires: float, digest: bytes, caller: Caller) -> None:
        self._held[key] = (expires, digest, caller)
        self._held.move_to_end(key)
        while len(self._held) > _HELD_AT_MOST:
            self._held.popitem(last=False)


def _rights(words: str) -> frozenset[Right]:
    return frozenset(map(Right, words.split()))


def _unknown() -> CallerUnknown:
    return CallerUnknown("Present a valid API key: Authorization: Bearer agk_…")
