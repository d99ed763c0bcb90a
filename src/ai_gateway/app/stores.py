"""Everything that rests somewhere, opened for one process: the database, the keys, and what replicas agree on."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from ai_gateway.adapters.cached_registry import CachedConsentStore, CachedSubjectStore, RegistryCache
from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.sealing import KeyedSeal, installation_secret
from ai_gateway.adapters.seen_file import SeenFile
from ai_gateway.adapters.shared_spans import SharedSpans
from ai_gateway.adapters.sql_beat_store import SqlBeatStore
from ai_gateway.adapters.sql_caller_store import SqlCallerStore
from ai_gateway.adapters.sql_consent_store import SqlConsentStore
from ai_gateway.adapters.sql_engine import Database, open_database
from ai_gateway.adapters.sql_erasure_store import SqlErasureStore
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_purge import purge_of
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.adapters.sql_subject_store import SqlSubjectStore
from ai_gateway.adapters.sql_tree_store import SqlTreeStore
from ai_gateway.adapters.sql_version_store import SqlVersionStore
from ai_gateway.adapters.system_clock import SystemClock
from ai_gateway.adapters.tombstone_file import TombstoneFile
from ai_gateway.app.checkpoints import open_publisher, open_signer
from ai_gateway.app.keys import open_keys
from ai_gateway.config import Settings
from ai_gateway.consent.registry import ConsentRegistry
from ai_gateway.errors import GatewayError
from ai_gateway.idempotency import Idempotency
from ai_gateway.model import SubjectId, VendorName
from ai_gateway.policies.policy import VendorProfile
from ai_gateway.ports import CallerStore, ConsentStore, Coordination, KeyWrapper, ShareStore, SubjectStore
from ai_gateway.sharelog.checkpoint import Publisher
from ai_gateway.sharelog.continuity import Continuity
from ai_gateway.sharelog.directives import Directing
from ai_gateway.sharelog.erase import Eraser
from ai_gateway.sharelog.erasure import ErasureStore
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.sharelog.proofs import Proofs
from ai_gateway.sharelog.read import ShareReader
from ai_gateway.sharelog.reads import ReaderOnRecord, Register
from ai_gateway.sharelog.rotation import Epochs
from ai_gateway.sharelog.tree import TreeStore
from ai_gateway.sharelog.versions import VersionStore

_log = logging.getLogger(__name__)
_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """``visits`` holds browsers' sessions. Of a process alone they rest apart: when another process erases somebody,
    all kept answers are dropped from ``coordination``, and nobody is to be signed out by that."""

    wrapper: KeyWrapper
    clock: SystemClock
    coordination: Coordination
    visits: Coordination
    subjects: SubjectStore
    consents: ConsentStore
    registry: ConsentRegistry
    callers: CallerStore
    log: ShareLog
    continuity: Continuity
    reader: ShareReader
    tree: TreeStore
    proofs: Proofs
    publisher: Publisher | None
    idempotency: Idempotency
    database: Database
    erasures: ErasureStore
    ring: Epochs
    shares: ShareStore
    keys: PersonKeys
    registry_cache: RegistryCache
    register: Register
    on_record: ReaderOnRecord
    spans: SharedSpans | None
    """None: there is no other replica to tell."""
    versions: VersionStore


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncGenerator[Stores]:
    """Migrated and open while the block runs; what is being written when it ends is written first."""
    wrapper = await open_keys(settings)
    await migrate(settings.database)
    async with AsyncExitStack() as closing:
        database = open_database(settings.database)
        closing.push_async_callback(database.close)
        coordination = await _coordination(settings, closing)
        clock, secret = SystemClock(), installation_secret(wrapper)
        registry_seal = KeyedSeal(secret, "registry")
        shares = SqlShareStore(database)
        keys = PersonKeys(shares, wrapper)
        continuity = Continuity(SqlBeatStore(database), SeenFile(settings.keys_folder), clock)
        log = await closing.enter_async_context(ShareLog(store=shares, keys=keys, clock=clock, continuity=continuity))
        tree = SqlTreeStore(database)
        signer = await open_signer(settings, tree)
        cache = RegistryCache(coordination, KeyedSeal(secret, "cache"))
        subjects: SubjectStore = SqlSubjectStore(database, keys, wrapper, registry_seal)
        consents: ConsentStore = SqlConsentStore(database, registry_seal, clock)
        if settings.redis_url is not None:  # alone, a process asks the database: another may write to it unheard
            subjects, consents = CachedSubjectStore(subjects, cache), CachedConsentStore(consents, cache, clock)
        register, reader = Register(log, keys, clock), ShareReader(shares, keys)
        stores = Stores(
            wrapper=wrapper,
            clock=clock,
            coordination=coordination,
            visits=MemoryCoordination() if settings.redis_url is None else coordination,
            subjects=subjects,
            consents=consents,
            registry=ConsentRegistry(consents, subjects, clock),
            callers=SqlCallerStore(database, KeyedSeal(secret, "callers"), clock),
            log=log,
            continuity=continuity,
            reader=reader,
            tree=tree,
            proofs=Proofs(tree),
            publisher=None if signer is None else open_publisher(settings, tree, signer, coordination),
            idempotency=Idempotency(
                coordination, KeyedSeal(secret, "idempotency"), keep=settings.idempotency_hours * _HOUR
            ),
            database=database,
            erasures=SqlErasureStore(database, purge_of(settings.database)),
            ring=wrapper,
            shares=shares,
            keys=keys,
            registry_cache=cache,
            register=register,
            on_record=ReaderOnRecord(reader, register),
            spans=None if settings.redis_url is None else SharedSpans(coordination, KeyedSeal(secret, "spans")),
            versions=SqlVersionStore(database),
        )
        await continuity.beat()
        await replay_tombstones(stores, settings)
        closing.push_async_callback(_last_beat, continuity)
        yield stores


async def _last_beat(continuity: Continuity) -> None:
    """Of a process that ends: what it changed belongs to what was seen."""
    try:
        await continuity.beat()
    except GatewayError as error:
        _log.warning("what this process changed is not marked as seen: %s", error.code)


def eraser_of(stores: Stores, settings: Settings, vendors: Mapping[VendorName, VendorProfile]) -> Eraser:
    """``vendors`` say how long each keeps what it received."""

    async def forget_consents(subject: SubjectId) -> None:
        async with stores.registry_cache.changing("consents", subject):
            pass

    secret = installation_secret(stores.wrapper)
    return Eraser(
        store=stores.erasures,
        keys=stores.keys,
        wrapper=stores.wrapper,
        registry_seal=KeyedSeal(secret, "registry"),
        subjects=stores.subjects,
        tombstones=TombstoneFile(settings.keys_folder),
        directing=Directing(
            store=stores.shares,
            keys=stores.keys,
            seal=KeyedSeal(secret, "directives"),
            vendors=vendors,
            clock=stores.clock,
        ),
        clock=stores.clock,
        caches=(stores.idempotency.forget, forget_consents),
    )


async def replay_tombstones(stores: Stores, settings: Settings) -> None:
    """Before anything is read: an older backup may have brought people back."""
    if replayed := await eraser_of(stores, settings, {}).replay():
        _log.warning("the database was restored: %d people were erased again", replayed)


async def _coordination(settings: Settings, closing: AsyncExitStack) -> Coordination:
    if settings.redis_url is None:
        return MemoryCoordination()
    from ai_gateway.adapters.redis_coordination import RedisCoordination

    shared = RedisCoordination(settings.redis_url, deadline=settings.coordination_deadline_ms / 1000)
    closing.push_async_callback(shared.close)
    return shared
