"""What the routes work with; the composition root makes it when the gateway starts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.types import Scope

from ai_gateway.api.sessions import Sessions
from ai_gateway.api.visit import Observer
from ai_gateway.consent.receipt import Terms
from ai_gateway.consent.registry import ConsentRegistry
from ai_gateway.idempotency import Idempotency
from ai_gateway.model import Caller
from ai_gateway.pipeline import Gateway
from ai_gateway.ports import CallerStore, ConsentStore, SubjectStore
from ai_gateway.sharelog.disclose import Discloser
from ai_gateway.sharelog.proofs import Proofs
from ai_gateway.sharelog.reads import ReaderOnRecord
from ai_gateway.sharelog.standing import Standings


@dataclass(frozen=True, slots=True)
class Impaired:
    """A part does its work, but somebody should look at it. ``status`` is kebab-case."""

    status: str
    detail: str


Check = Callable[[], Awaitable[str | Impaired]]
"""Raises when a part cannot do its work; otherwise says in a word or two what it is, or what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All under one version of the catalogue. A request takes them once, when it begins, and ends under what it began
    with: new files make new services, which the next request takes."""

    gateway: Gateway
    callers: CallerStore
    subjects: SubjectStore
    consents: ConsentStore
    registry: ConsentRegistry
    terms: Terms
    shares: ReaderOnRecord
    disclosures: Discloser
    standings: Standings
    proofs: Proofs
    idempotency: Idempotency
    observer: Observer
    checks: Mapping[str, Check]
    sessions: Sessions
    guest: Caller | None = None
    """Whoever asks, where no key is asked for: development, on loopback."""
    audit_alone: bool = False
    """No feature is run, whatever a key may do."""

    def feature(self, name: str) -> str | None:
        """The name, if the catalogue has it: what a caller made up is no label."""
        return name if name in self.gateway.catalogue.features else None


def services_of(scope: Scope) -> Services:
    services: Services = scope["app"].state.services
    return services


async def _services(request: Request) -> Services:  # not async, FastAPI would call it in a thread
    return services_of(request.scope)


Given = Annotated[Services, Depends(_services)]
