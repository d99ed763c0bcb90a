"""Laws of whole lives, on SQLite and PostgreSQL: whatever happens to a log, in whatever order, with processes dying by
SIGKILL in the middle of it.

No body reaches a vendor without a committed intent, and none carries the messages of somebody who withdrew or was
erased: both are said where things are sent, in ``lives_machine``. The log only grows. What is disclosed of a person is
all there is. Nothing of an erased person is in any file.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant, run_state_machine_as_test

import person_samples
from ai_gateway.errors import LogInconsistent
from ai_gateway.model import SubjectId
from ai_gateway.sharelog.merkle import extend
from ai_gateway.verifier import check_consistency, read_checkpoint
from lives import PEOPLE, said
from lives_cut_short import LivesCutShort
from lives_killed import Forker
from lives_machine import ASKED
from lives_places import Place, PostgresPlace, SqlitePlace, found
from nightly import FACTOR

_LOOKED_AT = 3  # of the older checkpoints, at every step


class Laws(LivesCutShort):
    @invariant()
    def the_log_only_grows(self) -> None:
        if hasattr(self, "house"):
            self.do(self._grows())

    async def _grows(self) -> None:
        tree = await self.house.store.tree()
        hashes = [leaf.leaf_hash for leaf in await self.house.store.leaves(0, tree.size + 1)]
        assert extend(0, b"", hashes) == (tree.size, tree.frontier)
        now, _ = read_checkpoint(await self.house.publisher.publish())
        notes = self.memory.notes
        for old in (*notes[:1], *notes[-_LOOKED_AT:]):
            proof = await self.proofs.consistency(old, now)
            assert check_consistency(old.size, old.root, now.size, now.root, proof)
        for old in self.cut_off:
            with pytest.raises(LogInconsistent):
                await self.proofs.consistency(old, now)
        notes.append(now)

    @invariant()
    def what_is_disclosed_is_all_there_is(self) -> None:
        if hasattr(self, "house"):
            self.turn += 1
            for person in (PEOPLE[self.turn % 2], PEOPLE[2 + self.turn // 2 % 2]):
                self.do(self._is_disclosed(person))

    async def _is_disclosed(self, person: SubjectId) -> None:
        told: Any = await self.house.discloser.disclose(person, person_samples.ALWAYS, ASKED, prove=True)
        self.memory.notes.append(read_checkpoint(told["completeness"]["checkpoint"])[0])  # it was signed for this
        shown = {share["share"]: share for share in told["shares"]}
        theirs = {} if person in self.erased else self.memory.shares
        assert set(shown) == {share for share, one in theirs.items() if person in one.named}
        for share, one in shown.items():
            remembered = self.memory.shares[share]
            readable = share not in self.memory.without_content and not remembered.named & self.erased
            texts = [item["text"] for item in one["items"]]
            for author in remembered.of if readable else ():
                assert said(author, remembered.words) in texts
            if not readable:
                assert not [text for text in texts if remembered.words in text]

    @invariant()
    def nothing_of_an_erased_person_is_in_any_file(self) -> None:
        if self.place.erased_at_once and hasattr(self, "house"):
            assert found([*self.gone, *self.plain()], self.place.files()) == []

    @invariant()
    def no_log_line_says_anything_of_anybody(self) -> None:
        heard = "\n".join(self.ear.heard).encode()
        assert not [text for text in self.plain() if text in heard]


def obey(make: Callable[[Path], Place], folder: Path, lives: int, steps: int) -> None:
    with Forker(folder) as forker:

        class Obeyed(Laws):
            def __init__(self) -> None:
                super().__init__(make, forker)

        run_state_machine_as_test(
            Obeyed,
            settings=settings(
                max_examples=lives * FACTOR, stateful_step_count=steps, deadline=None, print_blob=True, database=None
            ),
        )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_life_on_sqlite_obeys_the_laws(tmp_path: Path) -> None:
    obey(SqlitePlace, tmp_path, lives=4, steps=14)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_life_on_postgresql_obeys_the_laws(postgres_server: str, tmp_path: Path) -> None:
    obey(lambda _folder: PostgresPlace(postgres_server), tmp_path, lives=4, steps=14)
