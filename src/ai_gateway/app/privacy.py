"""What is done for people, with their records: disclosures, and the end of what is too old."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.sql_person_store import SqlPersonStore
from ai_gateway.adapters.sql_retention_store import SqlRetentionStore
from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.app.checkpoints import newest_note, running
from ai_gateway.app.stores import Stores
from ai_gateway.policies.policy import Policies
from ai_gateway.sharelog.conceal import Concealing
from ai_gateway.sharelog.disclose import Discloser
from ai_gateway.sharelog.proving import Proving
from ai_gateway.sharelog.retention import Retaining
from ai_gateway.sharelog.standing import Standings
from ai_gateway.sharelog.watch import Watch

_DEADLINE = 30.0


@asynccontextmanager
async def open_disclosing(stores: Stores) -> AsyncGenerator[Callable[[Policies], Discloser]]:
    """Disclosures under the policies that are in force when they are made. With patterns alone: they find the numbers
    that no disclosure shows, and names are to be shown."""
    detector = StackDetector(tiers=[PatternDetector()], deadline=_DEADLINE, remembered=0)
    proving = Proving()  # the process's, whichever policies are in force

    def under(policies: Policies) -> Discloser:
        return Discloser(
            store=stores.shares,
            people=SqlPersonStore(stores.database),
            keys=stores.keys,
            standings=standings_of(stores),
            policies=policies,
            conceal=Concealing(detector, policies.taxonomy.entities),
            register=stores.register,
            clock=stores.clock,
            checkpoint=lambda: newest_note(stores.publisher, stores.tree),
            proving=proving,
        )

    try:
        yield under
    finally:
        await detector.close()


@asynccontextmanager
async def open_discloser(stores: Stores, policies: Policies) -> AsyncGenerator[Discloser]:
    """Under these policies alone, for a command."""
    async with open_disclosing(stores) as under:
        yield under(policies)


def standings_of(stores: Stores) -> Standings:
    return Standings(erasures=stores.erasures, subjects=stores.subjects, keys=stores.keys, wrapper=stores.wrapper)


@asynccontextmanager
async def forgetting(stores: Stores, *others: Callable[[], object]) -> AsyncGenerator[None]:
    """While the block runs, what this process holds goes when another one erases somebody; ``others`` let go of more
    than the stores hold."""
    forget: list[Callable[[], object]] = [stores.keys.forget, *others]
    if isinstance(stores.coordination, MemoryCoordination):  # the other process cannot reach its answers
        forget.append(stores.coordination.forget_everything)
    async with running(Watch(stores.erasures.fence, forget).run(), "erasures elsewhere"):
        yield


def retaining_of(stores: Stores, policies: Policies) -> Retaining:
    """Raises ``ConfigurationError`` when nothing says how long anything is kept."""
    return Retaining(SqlRetentionStore(stores.database), policies.retention, stores.clock)
