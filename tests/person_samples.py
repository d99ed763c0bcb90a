"""A share log with everything that erases, rotates and prunes beside it, over a real database."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import share_samples as samples
from ai_gateway.adapters.key_file import KeyFile
from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.adapters.sealing import KeyedSeal, installation_secret
from ai_gateway.adapters.seen_file import SeenFile
from ai_gateway.adapters.signing_key_file import SigningKeyFile, create_signing_key, newest
from ai_gateway.adapters.sql_beat_store import SqlBeatStore
from ai_gateway.adapters.sql_engine import Database, open_database
from ai_gateway.adapters.sql_erasure_store import SqlErasureStore
from ai_gateway.adapters.sql_key_store import SqlKeyStore
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_person_store import SqlPersonStore
from ai_gateway.adapters.sql_purge import purge_of
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.adapters.sql_subject_store import SqlSubjectStore
from ai_gateway.adapters.sql_tree_store import SqlTreeStore
from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.adapters.tombstone_file import TombstoneFile
from ai_gateway.model import Intent, ShareId, SubjectId, VendorName
from ai_gateway.policies.policy import Policies, RuleRef, VendorProfile, VendorRole
from ai_gateway.ports import SubjectStore
from ai_gateway.sharelog.appender import AppendLimits
from ai_gateway.sharelog.checkpoint import Publisher
from ai_gateway.sharelog.conceal import Concealing
from ai_gateway.sharelog.continuity import Continuity
from ai_gateway.sharelog.directives import Directing
from ai_gateway.sharelog.disclose import Discloser, Window
from ai_gateway.sharelog.erase import Eraser
from ai_gateway.sharelog.erasure import Basis, ErasureStore, Verification
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.sharelog.proving import Proving
from ai_gateway.sharelog.read import ShareReader
from ai_gateway.sharelog.reads import ReaderOnRecord, Register
from ai_gateway.sharelog.standing import Standings
from builders_policies import POLICIES_FOLDER

VERIFIED, BASIS = Verification.ACCOUNT, Basis.GDPR_ERASE
ALWAYS = Window(since=0, until=4_000_000_000_000)


@cache
def shipped_policies() -> Policies:
    return load_policies(POLICIES_FOLDER)


REF = RuleRef(rule="vendors.yaml#/vendors/openai", source="policy L83-L85")


def vendor(retention_days: int = 30) -> VendorProfile:
    return VendorProfile(
        name=VendorName("openai"),
        legal_name="Marble Models, Inc.",
        role=VendorRole.SERVICE_PROVIDER,
        country="US",
        region="us",
        transfers={"EEA": "standard_contractual_clauses"},
        dpa="contract 7",
        retention_days=retention_days,
        trains_on_data=False,
        provider="openai",
        api_base=None,
        api_base_env=None,
        credential_env=None,
        no_store={},
        models={},
        timeout_seconds=60,
        ref=REF,
    )


def intent_between(pro: SubjectId, client: SubjectId, body: bytes) -> Intent:
    """The sample share, between two other people."""
    names = {samples.PRO: pro, samples.CLIENT: client}
    made = samples.intent(body=body)
    prompt, permission = made.cleared.prompt, made.cleared.prompt.treated.permission
    items = tuple(
        replace(
            item,
            about=tuple(names[one] for one in item.about),
            author=None if item.author is None else names[item.author],
        )
        for item in permission.call.items
    )
    permission = replace(
        permission,
        call=replace(permission.call, actor=pro, items=items),
        subjects={names[id_]: replace(subject, id=names[id_]) for id_, subject in samples.SUBJECTS.items()},
        consents=tuple(replace(used, subject=names[used.subject]) for used in permission.consents),
    )
    prompt = replace(prompt, treated=replace(prompt.treated, permission=permission))
    return replace(made, cleared=replace(made.cleared, prompt=prompt))


@dataclass
class House:
    """``forgotten`` are those whose caches were dropped."""

    url: str
    folder: Path
    database: Database
    wrapper: KeyFile
    store: SqlShareStore
    keys: PersonKeys
    log: ShareLog
    continuity: Continuity
    reader: ShareReader
    clock: samples.TickingClock
    subjects: SubjectStore
    erasures: ErasureStore
    key_store: SqlKeyStore
    directing: Directing
    tombstones: TombstoneFile
    eraser: Eraser
    people: SqlPersonStore
    on_record: ReaderOnRecord
    discloser: Discloser
    publisher: Publisher
    tree: SqlTreeStore
    policies: Policies
    forgotten: list[SubjectId] = field(default_factory=list)

    async def share(self, times: int = 1) -> Sequence[ShareId]:
        """Settled shares about both sample people."""
        ids: list[ShareId] = []
        for _ in range(times):
            recording = await self.log.begin(samples.intent())
            async with recording:
                recording.answered(samples.completion())
            ids.append(recording.id)
        return ids


@asynccontextmanager
async def house(
    url: str,
    folder: Path,
    *,
    clock: samples.TickingClock | None = None,
    vendors: Mapping[VendorName, VendorProfile] | None = None,
    limits: AppendLimits | None = None,
) -> AsyncIterator[House]:
    await migrate(url)
    database, clock = open_database(url), clock or samples.TickingClock()
    wrapper = samples.key_file(folder)
    await wrapper.refresh()
    store = SqlShareStore(database)
    keys = PersonKeys(store, wrapper)
    secret = installation_secret(wrapper)
    seal = KeyedSeal(secret, "registry")
    subjects = SqlSubjectStore(database, keys, wrapper, seal)
    erasures = SqlErasureStore(database, purge_of(url))
    tombstones = TombstoneFile(folder / "keys")
    continuity = Continuity(SqlBeatStore(database), SeenFile(folder / "keys"), clock)
    log = ShareLog(store=store, keys=keys, clock=clock, limits=limits, continuity=continuity)
    directing = Directing(
        store=store,
        keys=keys,
        seal=KeyedSeal(secret, "directives"),
        vendors={VendorName("openai"): vendor()} if vendors is None else vendors,
        clock=clock,
    )
    forgotten: list[SubjectId] = []
    reader, register, people = ShareReader(store, keys), Register(log, keys, clock), SqlPersonStore(database)
    policies = shipped_policies()
    detector = StackDetector(tiers=[PatternDetector()], remembered=0)
    tree, signing = SqlTreeStore(database), folder / "signing"
    path = newest(signing)
    signer = create_signing_key(signing, "market.example", 2026) if path is None else SigningKeyFile(path)
    publisher = Publisher(tree, signer, coordination=MemoryCoordination(), clock=clock)

    async def forget(subject: SubjectId) -> None:
        forgotten.append(subject)

    eraser = Eraser(
        store=erasures,
        keys=keys,
        wrapper=wrapper,
        registry_seal=seal,
        subjects=subjects,
        tombstones=tombstones,
        directing=directing,
        clock=clock,
        caches=(forget,),
    )
    try:
        yield House(
            url=url,
            folder=folder,
            database=database,
            wrapper=wrapper,
            store=store,
            keys=keys,
            log=log,
            continuity=continuity,
            reader=reader,
            clock=clock,
            subjects=subjects,
            erasures=erasures,
            key_store=SqlKeyStore(database),
            directing=directing,
            tombstones=tombstones,
            eraser=eraser,
            people=people,
            on_record=ReaderOnRecord(reader, register),
            discloser=Discloser(
                store=store,
                people=people,
                keys=keys,
                standings=Standings(erasures=erasures, subjects=subjects, keys=keys, wrapper=wrapper),
                policies=policies,
                conceal=Concealing(detector, policies.taxonomy.entities),
                register=register,
                clock=clock,
                checkpoint=publisher.publish,
                proving=Proving(),
            ),
            publisher=publisher,
            tree=tree,
            policies=policies,
            forgotten=forgotten,
        )
    finally:
        await log.aclose()
        await detector.close()
        await database.close()
