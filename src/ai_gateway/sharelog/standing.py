"""How a person stands: registered, erased, or nobody that anything is known of. Said before what was shared about them,
since of an erased person, or under a mistyped id, *nothing* is no answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ai_gateway.model import SubjectId
from ai_gateway.ports import KeyWrapper, SubjectStore
from ai_gateway.sharelog.account import moment
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.certificate import erasure_account
from ai_gateway.sharelog.erasure import Directive, Erasure, ErasureStore, Hold, Step
from ai_gateway.sharelog.keys import PersonKeys


class State(StrEnum):
    """``NOT_REGISTERED``: nobody registered the id, and the log names it. ``UNKNOWN``: neither did."""

    REGISTERED = "registered"
    BEING_ERASED = "being_erased"
    ERASED = "erased"
    NOT_REGISTERED = "not_registered"
    UNKNOWN = "unknown"


def state_of(erasure: Erasure) -> State:
    return State.ERASED if erasure.is_shredded else State.BEING_ERASED


_NOTICES = {
    State.NOT_REGISTERED: (
        "The id is not registered, though the log knows it: a request named somebody who was never registered. Ids are"
        " the marketplace's own, written as it writes them"
    ),
    State.UNKNOWN: (
        "The id is not registered, and the log does not know it: a mistyped id looks like this, too. Ids are the"
        " marketplace's own, written as it writes them; see that it is right before saying that nothing was shared"
    ),
    State.BEING_ERASED: (
        "The person's erasure is under way, or waits: what is told here will be gone{fence}. A disclosure says how far"
        " it is"
    ),
    State.ERASED: (
        "The person was erased{since}: what was shared about them before can be told no more, and that nothing is"
        " listed does not mean that nothing was shared. A disclosure and the certificate say what is kept"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``erasure`` is there from its request on, with its directives and standing holds."""

    state: State
    erasure: Erasure | None = None
    directives: Sequence[Directive] = ()
    holds: Sequence[Hold] = ()

    @property
    def notice(self) -> str | None:
        """What whoever asks about the person has to know first; None of somebody registered. Names nobody."""
        notice, since = _NOTICES.get(self.state), self.erased_since
        if notice is None:
            return None
        return notice.format(
            since="" if since is None else f" (done {since})",
            fence=", and nothing new about them is shared" if self.fenced else "",
        )

    @property
    def erased_since(self) -> str | None:
        at = None if self.erasure is None else self.erasure.shredded_at
        return None if at is None else moment(at)

    @property
    def fenced(self) -> bool:
        """Whether the erasure is so far that no share about the person is opened."""
        return self.erasure is not None and self.erasure.step is not Step.REQUESTED

    @property
    def was_shared(self) -> bool | None:
        """Of an erased person: what is kept tells at most that something was. None: it cannot be told."""
        return True if self.directives else None

    def account(self) -> dict[str, Json]:
        return {
            "state": self.state.value,
            "notice": self.notice,
            "erased_since": self.erased_since,
            "erasure": None if self.erasure is None else erasure_account(self.erasure, self.directives, self.holds),
        }


class Standings:
    def __init__(
        self, *, erasures: ErasureStore, subjects: SubjectStore, keys: PersonKeys, wrapper: KeyWrapper
    ) -> None:
        self._erasures = erasures
        self._subjects = subjects
        self._keys = keys
        self._wrapper = wrapper

    async def of(self, subject: SubjectId) -> Standing:
        """Raises ``StoreUnavailable``, and as ``SubjectStore.get``."""
        mark = self._wrapper.blind(subject.encode())
        erasure = await self._erasures.erasure(mark)
        if erasure is not None:
            return Standing(
                state=state_of(erasure),
                erasure=erasure,
                directives=await self._erasures.directives(erasure.id),
                holds=await self._erasures.holds(mark),
            )
        registered = (await self._subjects.get((subject,))).get(subject)
        if registered is not None:
            return Standing(state=State.ERASED if registered.erased else State.REGISTERED)
        known = await self._keys.ref_of_mark(mark)
        return Standing(state=State.UNKNOWN if known is None else State.NOT_REGISTERED)
