"""Candidate policies, asked beside those in force about real calls, and never obeyed.

A call is decided by the policies in force, and goes on; then what was decided about waits in a short queue to be put to
the candidate, in a thread. What does not fit into the queue is left out and counted. Nothing here can fail a call.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog

from ai_gateway.adapters.folder_snapshot import Fingerprint, fingerprint
from ai_gateway.adapters.telemetry import SHADOW_DIFFERENCES, SHADOWED
from ai_gateway.app.catalogue import SHORT, load_candidate
from ai_gateway.app.checkpoints import running
from ai_gateway.config import Settings
from ai_gateway.errors import ConfigurationError
from ai_gateway.model import Call, Consents, Decision, Subject, SubjectId
from ai_gateway.policies.decide import Decide, decide
from ai_gateway.policies.differ import Difference, absent, differences
from ai_gateway.policies.policy import FeaturePolicy, Policies, VendorChoice

_log = structlog.get_logger("ai_gateway.shadow")
WAITING, TEXTS = 64, 2_000
_TOLD = 20
_Asked = tuple[VendorChoice, Call, Mapping[SubjectId, Subject], Consents, Decision]


class Shadow:
    """``every`` in seconds: how often the folder is looked at, and how often differences are logged."""

    def __init__(self, folder: Path, every: float, deciding: Decide = decide) -> None:
        self._folder = folder
        self._every = every
        self._decide = deciding
        self._candidate: Policies | None = None
        self._seen: Fingerprint | None = None
        self._waiting: asyncio.Queue[_Asked] = asyncio.Queue(WAITING)
        self._untold: Counter[Difference] = Counter()

    def decide(
        self,
        policies: Policies,
        feature: FeaturePolicy,
        choice: VendorChoice,
        call: Call,
        subjects: Mapping[SubjectId, Subject],
        consents: Consents,
    ) -> Decision:
        """As the policies in force say; the candidate is asked later."""
        decision = self._decide(policies, feature, choice, call, subjects, consents)
        if self._candidate is None:
            return decision
        if self._waiting.full() or len(call.items) > TEXTS:
            SHADOWED.labels("left_out").inc()
        else:
            self._waiting.put_nowait((choice, call, subjects, consents, decision))
        return decision

    async def ask(self) -> None:
        """Put what waits to the candidate, until cancelled."""
        while True:
            asked = await self._waiting.get()
            candidate = self._candidate
            try:
                found = (
                    await asyncio.to_thread(_compared, self._decide, candidate, asked)
                    if candidate
                    else Counter[Difference]()
                )
            except Exception as error:  # noqa: BLE001 - a candidate that cannot be asked fails nobody
                SHADOWED.labels("failed").inc()
                _log.warning("candidate policies could not be asked", kind=type(error).__name__)
                continue
            finally:
                self._waiting.task_done()
            SHADOWED.labels("different" if found else "same").inc()
            for one, count in found.items():
                SHADOW_DIFFERENCES.labels(one.feature, one.vendor, one.input, one.in_force, one.candidate).inc(count)
            self._untold.update(found)

    async def watch(self) -> None:
        """Load the folder when it changes, and tell what differed, until cancelled."""
        while True:
            await self.look()
            self.tell()
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        seen = await asyncio.to_thread(fingerprint, self._folder)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._candidate = await asyncio.to_thread(load_candidate, self._folder)
        except ConfigurationError as error:
            self._candidate = None
            _log.error("candidate policies are not valid, and not asked", problems=list(error.problems[:_TOLD]))
        else:
            _log.info("candidate policies are asked beside those in force", candidate=self._candidate.digest[:SHORT])

    def tell(self) -> None:
        """One line for what differed since the last one."""
        untold, self._untold = self._untold, Counter()
        if untold and self._candidate is not None:
            told = [
                {
                    "feature": d.feature,
                    "vendor": d.vendor,
                    "input": d.input,
                    "was": d.in_force,
                    "is": d.candidate,
                    "n": n,
                }
                for d, n in untold.most_common(_TOLD)
            ]
            total = untold.total()
            _log.info("candidate policies differ", candidate=self._candidate.digest[:SHORT], count=total, most=told)

    async def settled(self) -> None:
        """Everything that waited was asked."""
        await self._waiting.join()


def _compared(deciding: Decide, candidate: Policies, asked: _Asked) -> Counter[Difference]:
    choice, call, subjects, consents, decision = asked
    feature = candidate.features.get(call.feature)
    if feature is None:
        return absent(decision)
    return differences(decision, deciding(candidate, feature, choice, call, subjects, consents))


@asynccontextmanager
async def open_shadow(settings: Settings, deciding: Decide = decide) -> AsyncGenerator[Shadow | None]:
    """Nothing without the setting."""
    if settings.shadow_policies is None:
        yield None
        return
    shadow = Shadow(settings.shadow_policies, max(settings.reload_ms / 1000, 1.0), deciding)
    await shadow.look()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(shadow.ask(), "shadow policies"))
        await stack.enter_async_context(running(shadow.watch(), "shadow policies' files"))
        yield shadow
        shadow.tell()
