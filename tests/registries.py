"""The registry's real stores over a real database, for tests."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ai_gateway.adapters.cached_registry import CachedConsentStore, CachedSubjectStore, RegistryCache
from ai_gateway.adapters.key_file import KeyFile, create_key_file
from ai_gateway.adapters.redis_coordination import RedisCoordination
from ai_gateway.adapters.sealing import KeyedSeal, installation_secret
from ai_gateway.adapters.sql_caller_store import SqlCallerStore
from ai_gateway.adapters.sql_consent_store import SqlConsentStore
from ai_gateway.adapters.sql_engine import Database, open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.adapters.sql_subject_store import SqlSubjectStore
from ai_gateway.model import (
    AgeStatus,
    Caller,
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
from ai_gateway.ports import ConsentStore, Coordination, SubjectStore
from ai_gateway.sharelog.keys import PersonKeys

DANA, SAM = SubjectId("pro_17"), SubjectId("cli_9")
START = 1_800_000_000_000


@dataclass(slots=True)
class SetClock:
    """A clock that stands until it is set."""

    at: int = START

    def now(self) -> int:
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One replica's stores."""

    database: Database
    keys: PersonKeys
    wrapper: KeyFile
    seal: KeyedSeal
    subjects: SubjectStore
    consents: ConsentStore
    callers: SqlCallerStore
    clock: SetClock
    cache: RegistryCache | None = None


Open = Callable[[], AbstractAsyncContextManager[Registry]]
"""One more replica on the same database and the same cache."""


@pytest.fixture(params=["sqlite", "postgres", "postgres behind valkey"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    kind: str = request.param
    url: str = request.getfixturevalue(f"{kind.partition(' ')[0]}_url")
    valkey: str | None = request.getfixturevalue("valkey_url") if "valkey" in kind else None
    return lambda: open_registry(url, key_file(tmp_path), valkey=valkey)


@pytest.fixture
async def registry(another: Open) -> AsyncIterator[Registry]:
    async with another() as opened:
        yield opened


def key_file(folder: Path) -> Path:
    path = folder / "keys" / "registry.epoch-1.key"
    if not path.exists():
        create_key_file(path)
    return path


@asynccontextmanager
async def open_registry(
    url: str,
    key: Path,
    *,
    valkey: str | None = None,
    clock: SetClock | None = None,
    configured: Mapping[str, Caller] | None = None,
) -> AsyncIterator[Registry]:
    await migrate(url)
    database, wrapper, clock = open_database(url), KeyFile(key), clock or SetClock()
    seal = KeyedSeal(installation_secret(wrapper), "registry")
    keys = PersonKeys(SqlShareStore(database), wrapper)
    registry = Registry(
        database=database,
        keys=keys,
        wrapper=wrapper,
        seal=seal,
        subjects=SqlSubjectStore(database, keys, wrapper, seal),
        consents=SqlConsentStore(database, seal, clock),
        callers=SqlCallerStore(database, seal, clock, configured=configured),
        clock=clock,
    )
    coordination = RedisCoordination(valkey) if valkey else None
    try:
        yield registry if coordination is None else behind(registry, coordination)
    finally:
        await database.close()
        if coordination is not None:
            await coordination.close()


def behind(registry: Registry, coordination: Coordination) -> Registry:
    """The same stores behind a cache."""
    cache = RegistryCache(coordination, registry.seal)
    return replace(
        registry,
        subjects=CachedSubjectStore(registry.subjects, cache),
        consents=CachedConsentStore(registry.consents, cache, registry.clock),
        cache=cache,
    )


def dana() -> Subject:
    return Subject(
        id=DANA,
        role=Role.INDEPENDENT_PROFESSIONAL,
        region="US-CA",
        age_status=AgeStatus.ADULT,
        profile_visibility=Visibility.PUBLIC,
        known=Known(names=("Dana Okafor",), emails=("dana@okafor.example",), handles=("danabuilds",)),
    )


def sam() -> Subject:
    return Subject(id=SAM, role=Role.CLIENT, known=Known(names=("Sam Lee",), organizations=("Brightwater LLC",)))


CHOICES = Choices(opted_in=frozenset({FeatureName("proposal_draft")}), opt_out_sale_share=True, gpc=True)


def consent(
    state: ConsentState = ConsentState.GIVEN,
    subject: SubjectId = DANA,
    purpose: Purpose = Purpose.PROVIDE,
    at: int = START,
    expires_at: int | None = None,
) -> ConsentEvent:
    return ConsentEvent(
        id=new_consent_id(),
        subject=subject,
        purpose=purpose,
        state=state,
        at=at,
        notice_version="2026-05-01",
        channel="settings",
        expires_at=expires_at,
    )
