"""Shares, consents withdrawn and given again, erasures, pruning and rotations in any order; ``lives_cut_short`` adds
what nobody plans. What must hold after each is said in ``properties/test_erasure_machine.py``.

The model remembers what a marketplace would: who was in which share, who consents, who was erased.
"""

import asyncio
import json
import logging
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import person_samples
import share_samples as samples
from ai_gateway.adapters.sql_purge import purge_of
from ai_gateway.errors import GatewayError
from ai_gateway.model import CallerId, ConsentState, ShareId, SubjectId
from ai_gateway.model.entries import EntryKind, StoredShare
from ai_gateway.sharelog.bundle import export
from ai_gateway.sharelog.merkle import extend, root
from ai_gateway.sharelog.proofs import Proofs
from ai_gateway.sharelog.reads import Reading
from ai_gateway.sharelog.retention import months_before
from ai_gateway.verifier import Checkpoint, DisclosureCheck, check_export, parse_key
from lives import CLIENTS, MONTHS, NAMES, PEOPLE, PROS, Town, new_words, said, town
from lives_killed import Forker
from lives_places import Place, found

ASKED = Reading(CallerId("desk"))
NEEDLE = 24
"""Bytes of a ciphertext or wrapped key that are looked for; by chance they are nowhere."""
CONTENT_MONTHS, ENTRY_MONTHS = 13, 24  # policies/retention.yaml
pros, clients, people = st.sampled_from(PROS), st.sampled_from(CLIENTS), st.sampled_from(PEOPLE)


@dataclass
class Shared:
    at: int
    named: frozenset[SubjectId]
    settled: bool
    words: str
    of: frozenset[SubjectId]
    """Whose messages went along."""

    def outlives(self, now: int, months: int) -> bool:
        return not self.settled or self.at >= months_before(now, months)


@dataclass
class Remembered:
    shares: dict[ShareId, Shared] = field(default_factory=dict)
    without_content: set[ShareId] = field(default_factory=set)
    consenting: set[SubjectId] = field(default_factory=lambda: set(PEOPLE))
    notes: list[Checkpoint] = field(default_factory=list)


class Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


class Lives(RuleBasedStateMachine):
    """``make`` gives the database to live in, ``forker`` what starts the processes that die."""

    def __init__(self, make: Callable[[Path], Place], forker: Forker) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ai-gateway-lives-"))
        self.place, self.forker = make(self.folder), forker
        self.runner = asyncio.Runner()
        self.clock = samples.TickingClock()
        self.memory = Remembered()
        self.erased: set[SubjectId] = set()
        self.gone: list[bytes] = []
        self.words: list[str] = []
        self.backup: Remembered | None = None
        self.cut_off: list[Checkpoint] = []
        self.turn = 0
        self.ear = Ear()
        logging.getLogger().addHandler(self.ear)

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize()
    def opens(self) -> None:
        self.do(self._open())
        self.do(self.town.settle_in())
        for pro, client in zip(PROS, CLIENTS, strict=True):
            self.shares(pro, client)

    def _new_words(self) -> str:
        self.words.append(new_words())
        return self.words[-1]

    def plain(self) -> list[bytes]:
        """What is nowhere in the clear, ever."""
        told = [said(author, words) for author in PEOPLE for words in self.words]
        return [text.encode() for text in (*NAMES.values(), *told)]

    async def _sent_shares(self) -> set[ShareId]:
        """Those in the log that a vendor may have received."""
        return {one.id for one in await self.house.store.shares(None, None, 1_000) if not _denied(one)}

    async def _open(self) -> None:
        self.stack = AsyncExitStack()
        opening = town(self.place.url, self.folder, self.clock, self._sent)
        self.town: Town = await self.stack.enter_async_context(opening)
        self.house = self.town.house
        self.proofs = Proofs(self.house.tree)

    def _close(self) -> None:
        self.do(self.stack.aclose())

    def teardown(self) -> None:
        logging.getLogger().removeHandler(self.ear)
        if hasattr(self, "stack"):
            self._close()
        self.runner.close()
        self.place.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what may happen ---

    @rule(pro=pros, client=clients)
    def shares(self, pro: SubjectId, client: SubjectId) -> None:
        words = self._new_words()
        before = self.do(self._sent_shares())
        try:
            share = self.do(self.town.share(pro, client, words))
        except GatewayError:
            assert {pro, client} & self.erased, "only an erasure keeps anybody from sharing"
            assert self.do(self._sent_shares()) == before
            return
        assert not {pro, client} & self.erased, "nothing is shared about somebody erased"
        self.do(self._remember(share, pro, client, words))

    async def _sent(self, share: ShareId, body: bytes) -> None:
        """The vendor has the body, so it must be on record."""
        assert (await self.house.reader.share(share)).body == body
        self._look_into(body)

    def _look_into(self, body: bytes) -> None:
        for words in self.words:
            for author in PEOPLE:
                if said(author, words).encode() in body:
                    assert words == self.words[-1], "what was said for another share"
                    own = author in PROS  # who asks: their own messages take no consent (notice L49)
                    assert own or author in self.memory.consenting, "their messages stay here"
                    assert author not in self.erased

    async def _remember(self, share: ShareId, pro: SubjectId, client: SubjectId, words: str) -> None:
        recorded = await self.house.reader.share(share)
        assert recorded.body is not None
        of = frozenset(author for author in (pro, client) if said(author, words).encode() in recorded.body)
        assert of == {pro} | {client} & self.memory.consenting
        self.memory.shares[share] = Shared(
            recorded.at, frozenset({pro, client}), recorded.outcome is not None, words, of
        )

    @rule(person=clients)
    def withdraws(self, person: SubjectId) -> None:
        self.do(self.town.say(person, ConsentState.WITHDRAWN))
        self.memory.consenting.discard(person)

    @rule(person=clients)
    def consents_again(self, person: SubjectId) -> None:
        try:
            self.do(self.town.say(person, ConsentState.GIVEN))
        except GatewayError:
            assert person in self.erased
        else:
            self.memory.consenting.add(person)

    @rule(person=people)
    def erases(self, person: SubjectId) -> None:
        self.do(self._note_bytes(person))
        self.do(self.town.erase(person))
        self.erased.add(person)

    async def _note_bytes(self, person: SubjectId) -> None:
        """What must be nowhere afterwards."""
        key = await self.house.keys.known(person)
        if key is None:
            return
        self.gone.append((await self.house.store.keys_by_ref((key.ref,)))[key.ref].wrapped[:NEEDLE])
        for listed in await self.house.store.shares(key.ref, None, 1_000):
            stored = await self.house.store.share(listed.id)
            assert stored is not None
            for entry in (stored.opened, stored.outcome):
                for segment in () if entry is None else entry.segments:
                    if key.ref in segment.owners:
                        self.gone.append(segment.ciphertext[:NEEDLE])

    @rule(months=st.sampled_from([7, 14]))
    def prunes(self, months: int) -> None:
        self.clock.at += months * MONTHS
        before = self.do(self.house.store.tree())
        self.do(self.town.prune())
        self._forget_what_is_old()
        leaves = self.do(self.house.store.leaves(0, before.size))
        assert root(*extend(0, b"", [leaf.leaf_hash for leaf in leaves])) == root(before.size, before.frontier)

    def _forget_what_is_old(self) -> None:
        now, shares = self.clock.at, self.memory.shares
        self.memory.shares = {id_: one for id_, one in shares.items() if one.outlives(now, ENTRY_MONTHS)}
        self.memory.without_content |= {id_ for id_, one in shares.items() if not one.outlives(now, CONTENT_MONTHS)}

    @rule()
    def rotates(self) -> None:
        self._drop_backup()  # its keys open no more: nobody restores it
        self.do(self.town.rotate())

    def _drop_backup(self) -> None:
        self.backup = None
        self.place.drop_backup()

    @rule()
    def restarts(self) -> None:
        self._close()
        self.do(self._open())

    @rule()
    def purges(self) -> None:
        """The whole of what ``docs/erasure.md`` says to do: after it not a byte is left anywhere."""
        self.rotates()
        self.do(purge_of(self.place.url, rewrite=True)())
        assert found([*self.gone, *self.plain()], self.place.files()) == []

    @rule(person=people)
    def an_outsider_checks_a_disclosure(self, person: SubjectId) -> None:
        """With the standalone verifier, from an export alone."""
        told = self.do(self.house.discloser.disclose(person, person_samples.ALWAYS, ASKED))
        folder = self.folder / "export"
        note = self.do(self._export(folder))
        key = parse_key(self.house.publisher.key)
        check = DisclosureCheck(json.dumps(told).encode(), [key])
        audit, checkpoint = check_export(folder, [key], disclosure=check)
        check.end()
        assert (audit.findings, check.findings) == ([], [])
        assert checkpoint.note == note
        shutil.rmtree(folder)

    async def _export(self, folder: Path) -> str:
        def write(name: str, data: bytes) -> None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

        note = await self.house.publisher.publish()
        await export(self.house.tree, note, write, ciphertexts=True, told=lambda _size: None)
        return note


def _denied(share: StoredShare) -> bool:
    leaf = share.opened.leaf
    return leaf is not None and bool(json.loads(leaf)["type"] == EntryKind.DENIED)
