"""Who sits at a browser: an API key, exchanged for a session that every replica knows and that ends by itself.

The browser holds one random value, its ticket. What it stands for rests in the coordination store, sealed, under a
keyed hash of the ticket: whoever reads that store can neither present a ticket nor learn whose session it is. A session
names its key by id, so it ends within five seconds of the key's revocation, and never has a right that its key lost.
"""

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ai_gateway.errors import (
    CallerNotAllowed,
    CallerUnknown,
    CoordinationUnavailable,
    FormForged,
    SessionOver,
    TooManyAttempts,
)
from ai_gateway.model import Caller, Right
from ai_gateway.ports import CallerStore, Claimed, Clock, Coordination, Seal, key_id

_TICKET_BYTES = 32
_TICKET_LENGTH = 43
"""Of 32 bytes in base64url without padding."""
_LEASE_SECONDS = 10.0
ATTEMPTS = 20
ATTEMPTS_SECONDS = 60.0
"""Sign-ins that one address may try, and in which time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """``until`` is in ms since the epoch."""

    ticket: str = field(repr=False)
    caller: Caller
    until: int


class Sessions:
    """``seconds`` is how long a session lasts from its sign-in; using it makes it no longer."""

    def __init__(
        self, coordination: Coordination, seal: Seal, clock: Clock, callers: CallerStore, *, seconds: float
    ) -> None:
        self._coordination = coordination
        self._seal = seal
        self._clock = clock
        self._callers = callers
        self.seconds = seconds

    def new_ticket(self) -> str:
        """For a browser that has none: it is nobody's until somebody signs in, and then another one is made."""
        return secrets.token_urlsafe(_TICKET_BYTES)

    def form_token(self, ticket: str) -> str:
        """What every form of this browser carries. Nobody else can make it, and it needs no store."""
        return self._tag("form", ticket)

    def check_form(self, ticket: str | None, token: str) -> None:
        """Raises ``FormForged`` unless the token is the ticket's."""
        expected = self.form_token(ticket or "")
        if ticket is None or not hmac.compare_digest(expected.encode(), token.encode("utf-8", "surrogatepass")):
            raise FormForged("Open the page again, and send the form from there")

    async def sign_in(self, presented: str, rights: Sequence[Right], address: str) -> Session:
        """A new session for the holder of this key.

        Raises ``TooManyAttempts`` before the key is looked at, ``CallerUnknown``, ``CallerNotAllowed`` for a key
        with none of the rights, and ``CoordinationUnavailable``. ``address`` is where the browser sits; only its keyed
        hash is counted.
        """
        tried = await self._coordination.tally(self._tag("address", address), ATTEMPTS_SECONDS)
        if tried > ATTEMPTS:
            wait = round(ATTEMPTS_SECONDS)
            raise TooManyAttempts(f"Wait {wait} seconds, then try again", retry_after=wait)
        caller = await self._callers.authenticate(presented)
        if caller.rights.isdisjoint(rights):
            raise CallerNotAllowed(
                f"This API key has none of the rights {', '.join(f'`{right}`' for right in rights)};"
                f" make one with {' or '.join(f'`ai-gateway keys create NAME --right {right}`' for right in rights)}"
            )
        session = Session(ticket=self.new_ticket(), caller=caller, until=self._clock.now() + round(self.seconds * 1000))
        await self._keep(session, key_id(presented))
        return session

    async def of(self, ticket: str | None) -> Session:
        """The session a browser's ticket stands for. Raises ``SessionOver``, ``CoordinationUnavailable``."""
        if ticket is None or len(ticket) != _TICKET_LENGTH or not ticket.isascii():
            raise SessionOver("Sign in")
        place = self._tag("place", ticket)
        sealed = await self._coordination.kept(place)
        plain = None if sealed is None else self._seal.open(sealed, place.encode())
        if plain is None:
            raise SessionOver("Sign in again")
        said: dict[str, Any] = json.loads(plain)
        if said["until"] <= self._clock.now():
            raise SessionOver("Sign in again")
        try:
            caller = await self._callers.in_force(said["key"])
        except CallerUnknown:
            raise SessionOver("The API key was revoked; sign in with another one") from None
        return Session(ticket=ticket, caller=caller, until=said["until"])

    async def sign_out(self, ticket: str) -> None:
        """The session is over everywhere when this returns."""
        await self._coordination.forget(self._tag("about", ticket))

    async def _keep(self, session: Session, key: str) -> None:
        place = self._tag("place", session.ticket)
        claim = await self._coordination.claim(place, b"", _LEASE_SECONDS)
        sealed = self._seal.seal(json.dumps({"key": key, "until": session.until}).encode(), place.encode())
        about = [self._tag("about", session.ticket)]
        kept = isinstance(claim, Claimed) and await self._coordination.complete(
            place, claim.token, sealed, self.seconds, about
        )
        if not kept:
            raise CoordinationUnavailable("The session could not be kept; try again")

    def _tag(self, label: str, value: str) -> str:
        return self._seal.tag(f"session/{label}", value.encode("utf-8", "surrogatepass")).hex()
