"""What nobody plans: processes that die in the middle of something, and databases put back from a backup."""

import copy
import shutil

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ai_gateway.errors import CheckpointRefused, DatabaseRestored, GatewayError, LogInconsistent
from ai_gateway.model import ShareId, SubjectId
from lives import CLIENTS, MONTHS, PROS
from lives_killed import Ended
from lives_machine import Lives, clients, people, pros

deaths = st.sampled_from(["before", "amid", "after"])
_A_QUARTER_MS = 16 * 60 * 1000  # after which a share that nobody settled runs no more


class LivesCutShort(Lives):
    @rule(pro=pros, client=clients, die_at=st.integers(1, 2), how=st.sampled_from(["amid", "after", "at-vendor"]))
    def dies_sharing(self, pro: SubjectId, client: SubjectId, die_at: int, how: str) -> None:
        words = self._new_words()
        before = self.do(self._sent_shares())
        ended = self._dies("share", (pro, client, words), die_at, how)
        new = self.do(self._sent_shares()) - before
        assert set(ended.sent) <= new, "what reached a vendor is on record"
        assert len(new) <= 1
        for share, body in ended.sent.items():
            self._look_into(body)
            assert self.do(self.house.reader.share(ShareId(share))).body == body
        if {pro, client} & self.erased:
            assert not new
        for share in new:
            self.do(self._remember(share, pro, client, words))

    @rule(person=clients, how=deaths)
    def dies_withdrawing(self, person: SubjectId, how: str) -> None:
        ended = self._dies("withdraw", (person,), 1, how)
        consents = self.do(self.town.consenting(person))
        assert not (ended.done and consents), "what was acknowledged stands"
        if not consents:
            self.memory.consenting.discard(person)

    @rule(person=people, die_at=st.integers(1, 6), how=deaths)
    def dies_erasing(self, person: SubjectId, die_at: int, how: str) -> None:
        """Whoever asked runs the command again, and it goes on from where it was."""
        self.do(self._note_bytes(person))
        self._dies("erase", (person,), die_at, how)
        self.do(self.town.erase(person))
        self.erased.add(person)

    @rule(die_at=st.integers(1, 3), how=deaths)
    def dies_rotating(self, die_at: int, how: str) -> None:
        """Nobody runs it again: everything works with what it left."""
        self._drop_backup()
        self._dies("rotate", (), die_at, how)

    @rule(die_at=st.integers(1, 2), how=deaths)
    def dies_pruning(self, die_at: int, how: str) -> None:
        self.clock.at += 14 * MONTHS
        self._dies("prune", (), die_at, how)
        self.do(self.town.prune())
        self._forget_what_is_old()

    def _dies(self, what: str, given: tuple[str, ...], die_at: int, how: str) -> Ended:
        self._close()
        where = {"url": self.place.url, "folder": str(self.folder), "at": self.clock.at}
        ended = self.forker.do(what, given, die_at=die_at, how=how, **where)
        self.clock.at += _A_QUARTER_MS
        self.do(self._open())
        return ended

    @rule()
    def backs_up(self) -> None:
        self._close()
        self.place.back_up()
        shutil.rmtree(self.folder / "signing-backup", ignore_errors=True)
        if (self.folder / "signing").exists():
            shutil.copytree(self.folder / "signing", self.folder / "signing-backup")
        self.do(self._open())
        self.backup = copy.deepcopy(self.memory)

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restores(self) -> None:
        """Nothing is shared until somebody goes on from it. The signer refuses a log that lost entries. With its memory
        put back as well it would sign; then whoever holds a later checkpoint can tell, for good."""
        assert self.backup is not None
        self._close()
        self.place.restore()
        was, self.memory = self.memory, copy.deepcopy(self.backup)
        self.do(self._open())
        size = self.do(self.house.store.tree()).size
        lost = [note for note in was.notes if note.size > size]
        if lost:
            with pytest.raises((CheckpointRefused, LogInconsistent)):
                self.do(self.house.publisher.publish())
            self._close()
            shutil.rmtree(self.folder / "signing")
            shutil.copytree(self.folder / "signing-backup", self.folder / "signing")
            self.do(self._open())
        self.cut_off += lost
        before = self.do(self._sent_shares())
        with pytest.raises(GatewayError):  # DatabaseRestored, or what is said of an erased person
            self.do(self.town.share(PROS[0], CLIENTS[0], self._new_words()))
        assert self.do(self._sent_shares()) == before
        with pytest.raises(DatabaseRestored):
            self.house.continuity.check()
        self.do(self.house.continuity.accept(None))
