"""Everything that rests somewhere, opened for one process: the database, the keys, and what replicas agree on."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ai_gateway.adapters.cached_registry import CachedConsentStore, CachedSubjectStore, RegistryCache
from ai_gateway.adapters.key_file import KeyFile, create_key_file
from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.sealing import KeyedSeal, installation_secret
from ai_gateway.adapters.sql_caller_store import SqlCallerStore
from ai_gateway.adapters.sql_consent_store import SqlConsentStore
from ai_gateway.adapters.sql_engine import open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.adapters.sql_subject_store import SqlSubjectStore
from ai_gateway.adapters.system_clock import SystemClock
from ai_gateway.config import Settings
from ai_gateway.consent.registry import ConsentRegistry
from ai_gateway.errors import ConfigurationError
from ai_gateway.idempotency import Idempotency
from ai_gateway.ports import CallerStore, ConsentStore, Coordination, KeyWrapper, SubjectStore
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.sharelog.read import ShareReader

_STEM = "share-log"
_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    wrapper: KeyWrapper
    clock: SystemClock
    coordination: Coordination
    subjects: SubjectStore
    consents: ConsentStore
    registry: ConsentRegistry
    callers: CallerStore
    log: ShareLog
    reader: ShareReader
    idempotency: Idempotency


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncGenerator[Stores]:
    """Migrated and open while the block runs; what is being written when it ends is written first."""
    wrapper = open_keys(settings)
    await migrate(settings.database)
    async with AsyncExitStack() as closing:
        database = open_database(settings.database)
        closing.push_async_callback(database.close)
        coordination = await _coordination(settings, closing)
        clock, secret = SystemClock(), installation_secret(wrapper)
        registry_seal = KeyedSeal(secret, "registry")
        shares = SqlShareStore(database)
        keys = PersonKeys(shares, wrapper)
        log = await closing.enter_async_context(ShareLog(store=shares, keys=keys, clock=clock))
        subjects: SubjectStore = SqlSubjectStore(database, keys, wrapper, registry_seal)
        consents: ConsentStore = SqlConsentStore(database, registry_seal, clock)
        if settings.redis_url is not None:  # alone, a process asks the database: another may write to it unheard
            cache = RegistryCache(coordination, KeyedSeal(secret, "cache"))
            subjects, consents = CachedSubjectStore(subjects, cache), CachedConsentStore(consents, cache, clock)
        yield Stores(
            wrapper=wrapper,
            clock=clock,
            coordination=coordination,
            subjects=subjects,
            consents=consents,
            registry=ConsentRegistry(consents, subjects, clock),
            callers=SqlCallerStore(database, KeyedSeal(secret, "callers"), clock),
            log=log,
            reader=ShareReader(shares, keys),
            idempotency=Idempotency(
                coordination, KeyedSeal(secret, "idempotency"), keep=settings.idempotency_hours * _HOUR
            ),
        )


async def _coordination(settings: Settings, closing: AsyncExitStack) -> Coordination:
    if settings.redis_url is None:
        return MemoryCoordination()
    from ai_gateway.adapters.redis_coordination import RedisCoordination

    shared = RedisCoordination(settings.redis_url, deadline=settings.coordination_deadline_ms / 1000)
    closing.push_async_callback(shared.close)
    return shared


def key_file(settings: Settings) -> Path:
    """The newest epoch's file; the first one's name when there is none."""
    found = sorted(settings.keys_folder.glob(f"{_STEM}.epoch-*.key"), key=_epoch)
    return found[-1] if found else settings.keys_folder / f"{_STEM}.epoch-1.key"


def open_keys(settings: Settings) -> KeyFile:
    """The key that everything personal rests under.

    The embedded default makes it with its first database. Nothing else does: a second replica with a key of its own,
    or a new key for an old database, could read nothing and would find nobody.
    """
    path = key_file(settings)
    if not path.exists():
        if not settings.embedded:
            raise ConfigurationError(
                f"key file {path}: not found; make one with `ai-gateway keys init` and give every replica the same"
            )
        if (settings.data_folder / "gateway.db").exists():
            raise ConfigurationError(
                f"key file {path}: not found, but its database is; restore the file from your key backup"
            )
        create_key_file(path)
    return KeyFile(path, outside=settings.data_folder)


def _epoch(path: Path) -> int:
    digits = path.name.removeprefix(f"{_STEM}.epoch-").removesuffix(".key")
    return int(digits) if digits.isdigit() else 0
