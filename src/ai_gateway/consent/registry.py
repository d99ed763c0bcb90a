"""Which consent events may be recorded.

Order is the order of recording, not of clocks. What takes permission away is accepted whenever it is said; what gives
permission must fit what was said last, so that a late or repeated message never undoes a withdrawal.
"""

import re
from dataclasses import dataclass, replace

from ai_gateway.errors import ConsentConflict, RequestInvalid, SubjectUnknown
from ai_gateway.model import ConsentEvent, ConsentState, Purpose, SubjectId, new_consent_id
from ai_gateway.ports import Clock, ConsentStore, SubjectStore

_STATE = ConsentState
_ENDED = frozenset({None, _STATE.REFUSED, _STATE.WITHDRAWN, _STATE.EXPIRED, _STATE.INVALIDATED})
_FOLLOWS: dict[ConsentState, frozenset[ConsentState | None]] = {
    _STATE.REQUESTED: _ENDED | {_STATE.REQUESTED},
    _STATE.GIVEN: frozenset({None, *_STATE}),
    _STATE.RENEWED: frozenset({_STATE.GIVEN, _STATE.RENEWED, _STATE.EXPIRED}),
}
"""After which latest state (None: nothing recorded) a state may be recorded. States not listed end consent: always.

*Requested* does not follow a standing consent: recorded last, it would end it (renew instead). *Renewed* does not
follow a refusal or a withdrawal: that person has to give consent afresh.
"""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_AHEAD_MS = 5 * 60 * 1000
"""How far a marketplace's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequest:
    """What the marketplace reports. ``at`` is when the person acted (ms since the epoch; None: now), the rest as in
    ``ConsentEvent``."""

    subject: SubjectId
    purpose: Purpose
    state: ConsentState
    notice_version: str
    channel: str
    language: str = "en"
    at: int | None = None
    expires_at: int | None = None


class ConsentRegistry:
    def __init__(self, consents: ConsentStore, subjects: SubjectStore, clock: Clock) -> None:
        self._consents = consents
        self._subjects = subjects
        self._clock = clock

    async def record(self, request: ConsentRequest) -> ConsentEvent:
        """Record the event and return it.

        Raises ``RequestInvalid`` (shape), ``SubjectUnknown`` (consent of somebody unregistered or erased; ending one is
        accepted) and ``ConsentConflict`` (the state cannot follow, or is older than what was recorded last, or somebody
        recorded another event at the same moment).
        """
        event = _event(request, self._clock.now())
        follows = _FOLLOWS.get(event.state)
        if follows is None:
            await self._consents.append(event)
            return event
        await self._registered(event.subject)
        latest = (await self._consents.standing((event.subject,))).latest.get((event.subject, event.purpose))
        if latest is not None and request.at is None:
            event = replace(event, at=max(event.at, latest.at))  # replicas' clocks may differ; the order is known
        _check_order(event, latest, follows)
        await self._consents.append_after(event, None if latest is None else latest.id)
        return event

    async def _registered(self, subject: SubjectId) -> None:
        person = (await self._subjects.get((subject,))).get(subject)
        if person is None or person.erased:
            raise SubjectUnknown("Register the data subject before recording consent", subject=subject)


def _check_order(event: ConsentEvent, latest: ConsentEvent | None, follows: frozenset[ConsentState | None]) -> None:
    state = None if latest is None else latest.state
    if state not in follows:
        raise ConsentConflict(
            f"{event.state.value!r} cannot be recorded after {'nothing' if state is None else repr(state.value)}",
            latest=None if state is None else state.value,
        )
    if latest is not None and event.at < latest.at:
        raise ConsentConflict(
            "A newer event is on record for this person and purpose; ask again instead of repeating an old consent",
            latest=latest.state.value,
        )


def _event(request: ConsentRequest, now: int) -> ConsentEvent:
    at = now if request.at is None else request.at
    problems = [
        problem
        for wrong, problem in (
            (not _WORD.fullmatch(request.notice_version), "notice_version: 1 to 64 of letters, digits and ._:/+-"),
            (not _WORD.fullmatch(request.channel), "channel: 1 to 64 of letters, digits and ._:/+-"),
            (not _LANGUAGE.fullmatch(request.language), "language: a language tag such as en or pt-BR"),
            (not 0 < at <= now + _AHEAD_MS, "at: milliseconds since the epoch, not in the future"),
            (request.expires_at is not None and not request.state.permits, "expires_at: only where consent is given"),
            (request.expires_at is not None and request.expires_at <= max(at, now), "expires_at: must lie ahead"),
        )
        if wrong
    ]
    if problems:
        raise RequestInvalid("; ".join(problems))
    return ConsentEvent(
        id=new_consent_id(),
        subject=request.subject,
        purpose=request.purpose,
        state=request.state,
        at=at,
        notice_version=request.notice_version,
        channel=request.channel,
        language=request.language,
        expires_at=request.expires_at,
    )
