"""The share log: on record first. A vendor accepts only a ``RecordedShare``, and only this module makes one.

A share is opened by a durable intent and settled by an outcome. An intent without an outcome is *in doubt* and counts
as shared: that is where a killed process leaves it, a store that lost its answer, and an outcome that could not be
written. A failure to settle therefore never takes away an answer that a vendor has already given; it is logged, by id
alone.
"""

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import Self

from ai_gateway.errors import GatewayError, IdempotencyOutcomeUnknown, ShareLogUnavailable, StoreUnavailable
from ai_gateway.model import (
    Caller,
    Completion,
    Intent,
    Permission,
    RecordedShare,
    Refusal,
    RunId,
    ShareId,
    new_share_id,
)
from ai_gateway.model.entries import Appended, Entry, Placed, Repeated
from ai_gateway.ports import Clock, ShareStore
from ai_gateway.sharelog.appender import Appender, AppendLimits
from ai_gateway.sharelog.continuity import Continuity
from ai_gateway.sharelog.entry import Keys, Outcome, denied_entry, intent_entry, outcome_entry
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.people import people_of

_logger = logging.getLogger(__name__)

RELEASED, ANSWERED, ABANDONED = "released", "answered", "abandoned"
NOT_SENT, PRESUMED_SHARED = "not-sent", "presumed-shared"


class Recording:
    """A durable intent, lent for one call of a vendor: ``async with recording as share``. Settles however it ends."""

    def __init__(self, log: "ShareLog", share: RecordedShare, keys: Keys) -> None:
        self._log = log
        self._share = share
        self._keys = keys
        self._completion: Completion | None = None

    @property
    def id(self) -> ShareId:
        return self._share.id

    def answered(self, completion: Completion) -> None:
        """The vendor has answered; what follows may still fail."""
        self._completion = completion

    async def __aenter__(self) -> RecordedShare:
        return self._share

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        settling = self._log.settle(
            self.id, Outcome(status=self._status(error), completion=self._completion), self._keys
        )
        if error is None or isinstance(error, Exception):
            await asyncio.shield(settling)
        # A cancelled caller is not made to wait: the log settles behind it, and ``aclose`` waits for that.

    def _status(self, error: BaseException | None) -> str:
        if error is None:
            return RELEASED
        if isinstance(error, Exception):
            return error.code if isinstance(error, GatewayError) else GatewayError.code
        return ABANDONED if self._completion is None else ANSWERED


class ShareLog:
    """Opens, settles and refuses shares. Use one per process; ``aclose`` it before its store. With a ``continuity``,
    nothing is shared while the database is an older one."""

    def __init__(
        self,
        *,
        store: ShareStore,
        keys: PersonKeys,
        clock: Clock,
        limits: AppendLimits | None = None,
        continuity: Continuity | None = None,
    ) -> None:
        self._store = store
        self._continuity = continuity
        self._keys = keys
        self._clock = clock
        self._limits = limits or AppendLimits()
        self._appender = Appender(store, self._limits)
        self._settling: set[asyncio.Task[None]] = set()

    async def begin(self, intent: Intent) -> Recording:
        """The intent is durable when this returns.

        Raises ``ShareLogUnavailable`` when it is not known to be, ``DatabaseRestored`` among them: nothing may be sent.
        Raises ``IdempotencyOutcomeUnknown`` (``facts['share']``: the earlier one) when the call's ``once`` is on record
        already.
        """
        if self._continuity is not None:
            self._continuity.check()
        share = new_share_id()
        keys = await self._keys_of(intent.cleared.prompt.treated.permission)
        entry = intent_entry(intent, share, self._clock.now(), keys)

        def unlent() -> None:
            self.settle(share, Outcome(status=NOT_SENT), keys)

        match await self._appender.append(entry, late=unlent):
            case Placed():
                return Recording(self, RecordedShare(id=share, cleared=intent.cleared), keys)
            case Repeated(earlier):
                raise IdempotencyOutcomeUnknown(share=earlier)
            case _:
                raise ShareLogUnavailable

    async def refuse(self, run: RunId, caller: Caller, refusal: Refusal) -> ShareId:
        """Put a denial on record, durably. Raises ``ShareLogUnavailable`` when it is not known to be there."""
        share = new_share_id()
        keys = await self._keys_of(refusal)
        await self._appender.append(denied_entry(run, caller.id, refusal, share, self._clock.now(), keys))
        return share

    async def put(self, entry: Entry) -> Appended:
        """Append a record, with whatever else waits; durable when the answer is ``Placed``. Raises
        ``ShareLogUnavailable``."""
        return await self._appender.append(entry)

    def settle(self, share: ShareId, outcome: Outcome, keys: Keys) -> asyncio.Task[None]:
        """Write the outcome in a task of its own, which outlives whoever started it and never raises."""
        return self._spawn(self._settle(share, outcome, keys))

    async def settle_in_doubt(self, older_than: int) -> int:
        """Close every share in doubt as presumed shared; how many. Choose an age that no running call can have."""
        settled = 0
        while found := await self._store.in_doubt(older_than, 100):
            for doubt in found:
                entry = outcome_entry(doubt.id, Outcome(status=PRESUMED_SHARED), self._clock.now(), {})
                settled += isinstance(await self._appender.append(entry), Placed)
        return settled

    async def aclose(self) -> None:
        """Settle what is being settled, write what waits, and stop. Running calls must have ended."""
        await self._appender.idle()  # what turns out durable after its caller left is settled, too
        while self._settling:
            await asyncio.wait(self._settling)
        await self._appender.close()

    async def _settle(self, share: ShareId, outcome: Outcome, keys: Keys) -> None:
        appended: Appended | None = None
        try:
            appended = await self._appender.append(outcome_entry(share, outcome, self._clock.now(), keys))
        except Exception as error:  # noqa: BLE001  (the answer is paid for; the share stays in doubt, which says enough)
            _logger.error("share %s stays in doubt: %s", share, type(error).__name__)  # noqa: TRY400  (no traceback: values)
        if appended is not None and not isinstance(appended, Placed):
            _logger.error("share %s was not settled: it has an outcome already, or was never opened", share)

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        return task

    async def _keys_of(self, decision: Permission | Refusal) -> Keys:
        people = people_of(decision)
        at_hand = self._keys.at_hand(people)
        if at_hand is not None:
            return at_hand
        try:
            async with asyncio.timeout(self._limits.append_deadline):
                return await self._keys.of(people)
        except StoreUnavailable as error:
            raise ShareLogUnavailable(cause=error.code) from None
        except TimeoutError:
            raise ShareLogUnavailable("The share log did not answer in time, so nothing was sent") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()
