"""Shares, erasures, pruning, rotations, crashes and restores in any order, on one SQLite file.

Held at every step: no body reached the vendor without a committed intent; every earlier checkpoint is still a prefix
of the log; each living person's disclosure is exactly what the model remembers; nothing of an erased
person is in any file.
"""

import asyncio
import os
import shutil
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import person_samples
import share_samples as samples
from ai_gateway.adapters.sql_retention_store import SqlRetentionStore
from ai_gateway.errors import GatewayError, LogInconsistent
from ai_gateway.model import CallerId, ShareId, SubjectId
from ai_gateway.sharelog.merkle import extend, root
from ai_gateway.sharelog.reads import Reading
from ai_gateway.sharelog.retention import Retaining
from ai_gateway.sharelog.rotation import rotate
from person_samples import House

PEOPLE = [SubjectId(f"person_{number}") for number in range(4)]
MONTHS_14 = 14 * 31 * 86_400_000
WINDOW = person_samples.ALWAYS
ASKED = Reading(CallerId("desk"))
people = st.sampled_from(PEOPLE)


@dataclass
class Remembered:
    """What should be true: per person, the shares they are in."""

    shares: dict[ShareId, frozenset[SubjectId]] = field(default_factory=dict)
    checkpoints: list[tuple[int, bytes]] = field(default_factory=list)

    def of(self, person: SubjectId) -> set[ShareId]:
        return {share for share, named in self.shares.items() if person in named}


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ai-gateway-lives-"))
        self.runner = asyncio.Runner()
        self.clock = samples.TickingClock()
        self.received: list[bytes] = []
        self.committed: list[bytes] = []
        self.memory = Remembered()
        self.erased: set[SubjectId] = set()
        self.signed = 0
        self.is_cut = False
        self.gone: dict[SubjectId, list[bytes]] = {}
        self.backup: tuple[int, Remembered] | None = None

    # --- running ---

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize()
    def opens(self) -> None:
        self.do(self._open())

    async def _open(self) -> None:
        self.stack = AsyncExitStack()
        url = f"sqlite:///{self.folder / 'data' / 'gateway.db'}"
        self.house: House = await self.stack.enter_async_context(
            person_samples.house(url, self.folder, clock=self.clock)
        )
        await self.house.eraser.replay()

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.do(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what may happen ---

    @rule(pro=people, client=people, dies=st.booleans())
    def shares(self, pro: SubjectId, client: SubjectId, dies: bool) -> None:  # noqa: FBT001  (Hypothesis names it)
        if pro == client:
            return
        self.do(self._share(pro, client, dies=dies))

    async def _share(self, pro: SubjectId, client: SubjectId, *, dies: bool) -> None:
        body = f'{{"n":"{os.urandom(8).hex()}"}}'.encode()
        intent = person_samples.intent_between(pro, client, body)
        size = (await self.house.store.tree()).size
        try:
            recording = await self.house.log.begin(intent)
        except GatewayError:
            assert {pro, client} & self.erased, "only an erasure closes the log to anybody"
            assert (await self.house.store.tree()).size == size
            return
        assert not {pro, client} & self.erased, "nothing is recorded about somebody erased"
        stored = await self.house.store.share(recording.id)
        assert stored is not None
        self.committed.append(recording._share.cleared.outbound.body)
        self.memory.shares[recording.id] = frozenset({pro, client})
        self.received.append(body)  # the vendor
        if dies:
            self.clock.at += 16 * 60 * 1000  # and nobody settles it
            return
        async with recording:
            recording.answered(samples.completion())

    @rule(person=people)
    def erases(self, person: SubjectId) -> None:
        self.do(self._erase(person))

    async def _erase(self, person: SubjectId) -> None:
        if person not in self.erased:
            self.gone[person] = await self._bytes_of(person)
        done = await self.house.eraser.erase(person, person_samples.VERIFIED, person_samples.BASIS)
        assert done.waits_for is None
        self.erased.add(person)

    async def _bytes_of(self, person: SubjectId) -> list[bytes]:
        key = await self.house.keys.known(person)
        if key is None:
            return []
        wrapped = (await self.house.store.keys_by_ref((key.ref,)))[key.ref].wrapped
        stored = await self.house.store.shares(key.ref, None, 1_000)
        segments = [
            segment.ciphertext
            for share in stored
            for entry in (share.opened, share.outcome)
            if entry is not None
            for segment in entry.segments
            if key.ref in segment.owners
        ]
        return [wrapped, *segments]

    @rule()
    def prunes(self) -> None:
        self.clock.at += MONTHS_14
        before = self.do(self.house.store.tree())
        retaining = Retaining(SqlRetentionStore(self.house.database), self.house.policies.retention, self.clock)
        self.do(retaining.run(lambda _name, _count: None))
        leaves = self.do(self.house.store.leaves(0, before.size))
        assert root(*extend(0, b"", [leaf.leaf_hash for leaf in leaves])) == root(before.size, before.frontier)
        old = {share for share in self.memory.shares if not self._kept(share)}
        self.memory.shares = {share: named for share, named in self.memory.shares.items() if share not in old}

    def _kept(self, share: ShareId) -> bool:
        """Whether the log still says whose it is: the index goes with the entry's data."""
        stored = self.do(self.house.store.share(share))
        return stored is not None and stored.opened.leaf is not None

    @rule()
    def rotates(self) -> None:
        self.do(rotate(self.house.wrapper, self.house.key_store, self.clock, lambda _count: None))
        self.backup = None  # its keys open no more: nobody restores it

    @rule()
    def crashes(self) -> None:
        self.do(self.house.database.close())
        self.do(self._open())

    @rule()
    def backs_up(self) -> None:
        self.do(self.stack.aclose())
        shutil.rmtree(self.folder / "backup", ignore_errors=True)
        shutil.copytree(self.folder / "data", self.folder / "backup")
        self.do(self._open())
        self.backup = (
            len(self.memory.checkpoints),
            Remembered(dict(self.memory.shares), list(self.memory.checkpoints)),
        )

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restores(self) -> None:
        assert self.backup is not None
        self.do(self.stack.aclose())
        shutil.rmtree(self.folder / "data")
        shutil.copytree(self.folder / "backup", self.folder / "data")
        shutil.rmtree(self.folder / "backup")
        _, self.memory = self.backup
        self.backup = None
        self.do(self._open())
        # The signing key's folder is not restored: the signer knows of entries that are gone.
        self.is_cut = self.is_cut or self.do(self.house.store.tree()).size < self.signed

    # --- what must hold ---

    @invariant()
    def no_body_left_without_a_committed_intent(self) -> None:
        assert set(self.received) <= set(self.committed)

    @invariant()
    def the_log_only_grows(self) -> None:
        if not hasattr(self, "house"):
            return
        tree = self.do(self.house.store.tree())
        hashes = [leaf.leaf_hash for leaf in self.do(self.house.store.leaves(0, tree.size + 1))]
        assert extend(0, b"", hashes) == (tree.size, tree.frontier)
        for size, was in self.memory.checkpoints:
            assert root(*extend(0, b"", hashes[:size])) == was
        self.memory.checkpoints.append((tree.size, root(tree.size, tree.frontier)))

    @invariant()
    def disclosures_are_complete(self) -> None:
        if not hasattr(self, "house"):
            return
        if self.is_cut:
            with pytest.raises(LogInconsistent):
                self.do(self.house.discloser.disclose(PEOPLE[0], WINDOW, ASKED, prove=True))
            return
        for person in PEOPLE:
            told = self.do(self.house.discloser.disclose(person, WINDOW, ASKED, prove=True))
            shown = {share["share"] for share in told["shares"]}
            assert shown == (set() if person in self.erased else self.memory.of(person))
            self.signed = told["completeness"]["tree_size"]

    @invariant()
    def nothing_of_an_erased_person_is_in_any_file(self) -> None:
        files = [path.read_bytes() for path in (self.folder / "data").glob("*")] if self.erased else []
        for person in self.erased:
            assert not any(needle in data for needle in self.gone[person] for data in files)


@pytest.mark.slow
class TestLives(Lives.TestCase):  # type: ignore[misc,valid-type]  # Hypothesis makes the class
    settings = settings(max_examples=8, stateful_step_count=14, deadline=None)
