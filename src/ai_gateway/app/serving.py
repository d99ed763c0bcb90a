"""Settings become adapters, adapters a ``Gateway``, and the gateway an application that serves."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import structlog
from fastapi import FastAPI

from ai_gateway.adapters.langid_languages import LangidLanguages
from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.logging import cap_others, configure
from ai_gateway.adapters.telemetry import IN_DOUBT, ObservedVendor, Telemetry
from ai_gateway.adapters.tiktoken_counter import TiktokenCounter
from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.api.application import application
from ai_gateway.api.health import ABSENT
from ai_gateway.api.limits import Bounds
from ai_gateway.api.services import Check, Impaired, Services
from ai_gateway.app import last_good, memory
from ai_gateway.app.catalogue import InForce, load_version, look
from ai_gateway.app.checkpoints import publishing, running
from ai_gateway.app.console import open_console, open_sessions
from ai_gateway.app.detection import Detecting, open_detection
from ai_gateway.app.development import Entrance
from ai_gateway.app.notice import terms
from ai_gateway.app.privacy import forgetting, open_disclosing, standings_of
from ai_gateway.app.reloading import Reloading, watching
from ai_gateway.app.shadow import Shadow, open_shadow
from ai_gateway.app.stores import Stores, open_stores
from ai_gateway.config import Serves, Settings, read
from ai_gateway.console import pages
from ai_gateway.errors import DatabaseRestored, VendorUnconfigured
from ai_gateway.features import Catalogue
from ai_gateway.pipeline import Gateway
from ai_gateway.policies.policy import Policies
from ai_gateway.sharelog.disclose import Discloser
from ai_gateway.sharelog.versions import keep
from ai_gateway.spoken import knowing
from ai_gateway.subjects import Subjects

_log = structlog.get_logger("ai_gateway.app")
_RUNNING_AT_MOST_MS = 15 * 60 * 1000
"""No call of another replica runs longer; a share older than this and unsettled is in doubt."""
_TOLD_AT_MOST = 1_000


def build(settings: Settings, environ: Mapping[str, str] = os.environ, entrance: Entrance | None = None) -> FastAPI:
    """The application. Raises ``ConfigurationError`` for files that are not valid; opens nothing until it starts.

    ``environ`` holds the vendors' credentials; ``entrance`` replaces the registered API keys, in development.
    """
    transport = VendorTransport()
    first, problems = last_good.first(settings, environ, lambda where: load_version(where, environ, transport))
    telemetry = Telemetry()
    words = set(_words(first.catalogue))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with (
            open_assembly(settings, first, telemetry, entrance) as assembly,
            open_console({} if settings.serves is Serves.AUDIT else environ, assembly.stores) as app.state.console,
        ):

            async def adopt(version: InForce) -> None:
                services = await assembly.of(version)
                words.update(_words(version.catalogue))
                app.state.services = services  # what runs goes on with the services it took
                await asyncio.to_thread(last_good.leave, version, environ)

            reloading = Reloading(
                every=settings.reload_ms / 1000,
                settle=settings.reload_settle_ms / 1000,
                look=lambda: look(settings),
                load=lambda: load_version(settings, environ, transport),
                adopt=adopt,
                current=first,
                problems=problems,
            )
            assembly.checks["catalogue"] = reloading.check
            await adopt(first)
            memory.settle()
            _log.info(
                "ready",
                features=sorted(first.catalogue.features),
                detector=app.state.services.gateway.treatment.detector.identity,
                in_force=first.told(),
            )
            async with watching(reloading):
                yield
            _log.info("stopping")

    return application(
        lifespan=lifespan,
        observer=telemetry,
        bounds=_bounds(settings),
        exchanges=_exchange_bounds(settings),
        words=words,
        console=pages.router,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What stays open while versions of the catalogue come and go."""

    settings: Settings
    stores: Stores
    detection: Detecting
    disclosing: Callable[[Policies], Discloser]
    tokens: TiktokenCounter
    languages: LangidLanguages
    telemetry: Telemetry
    entrance: Entrance | None
    shadow: Shadow | None
    checks: dict[str, Check] = field(default_factory=dict)

    async def of(self, version: InForce) -> Services:
        """Services under this version, which is kept first. Raises ``StoreUnavailable``, or ``ConfigurationError`` for
        models that cannot be translated for."""
        stores, catalogue, entrance = self.stores, version.catalogue, self.entrance
        await _load(version.vendor, catalogue)
        await keep(stores.versions, stores.clock, version.versions)
        gateway = Gateway(
            catalogue=catalogue,
            subjects=Subjects(stores.subjects),
            consents=stores.consents,
            treatment=self.detection.treatment(catalogue.policies.recognizers),
            tokens=self.tokens,
            log=stores.log,
            vendor=ObservedVendor(version.vendor),
            decide=self.shadow.decide if self.shadow else knowing(self.languages),
        )
        callers = entrance.callers if entrance else stores.callers
        return Services(
            gateway=gateway,
            callers=callers,
            guest=entrance.guest if entrance else None,
            audit_alone=self.settings.serves is Serves.AUDIT,
            subjects=stores.subjects,
            consents=stores.consents,
            registry=stores.registry,
            terms=terms(catalogue),
            shares=stores.on_record,
            disclosures=self.disclosing(catalogue.policies),
            standings=standings_of(stores),
            proofs=stores.proofs,
            idempotency=stores.idempotency,
            observer=self.telemetry,
            sessions=open_sessions(stores, self.settings, callers),
            checks={**_checks(self.settings, stores, self.detection, catalogue, version.vendor), **self.checks},
        )


@asynccontextmanager
async def open_assembly(
    settings: Settings, first: InForce, telemetry: Telemetry, entrance: Entrance | None = None
) -> AsyncGenerator[Assembly]:
    """Everything the routes work with: open, warm, and closed in the opposite order."""
    languages = LangidLanguages()
    async with (
        open_stores(settings) as stores,
        open_detection(settings, stores.spans) as detection,
        open_disclosing(stores) as disclosing,
        open_shadow(settings, knowing(languages)) as shadow,
        publishing(stores.publisher),
        running(stores.continuity.run(), "beats"),
        forgetting(stores, detection.forget),
    ):
        try:
            await asyncio.gather(
                _load(first.vendor, first.catalogue),
                detection.detector.warm(),
                asyncio.to_thread(languages.warm),
                _tell_in_doubt(settings, stores),
            )
            cap_others()  # what was imported just now set levels of its own
            yield Assembly(
                settings=settings,
                stores=stores,
                detection=detection,
                disclosing=disclosing,
                tokens=TiktokenCounter(_encodings(first)),
                languages=languages,
                telemetry=telemetry,
                entrance=entrance,
                shadow=shadow,
            )
        finally:
            await first.vendor.close()  # the transport is one for all versions


@asynccontextmanager
async def open_services(
    settings: Settings, environ: Mapping[str, str], telemetry: Telemetry
) -> AsyncGenerator[Services]:
    """The services of a command: one version, as the files are now."""
    first = load_version(settings, environ, VendorTransport())
    async with open_assembly(settings, first, telemetry) as assembly:
        yield await assembly.of(first)


async def _load(vendor: LitellmVendor, catalogue: Catalogue) -> None:
    """What translates prompts takes seconds to load; a client's own messages need no translation."""
    if any(feature.prompts for feature in catalogue.features.values()):
        await asyncio.to_thread(vendor.load)


def _encodings(version: InForce) -> tuple[str, ...]:
    """Of the models that can be asked: those of a vendor without credentials are loaded if they ever are."""
    vendors = version.catalogue.policies.vendors.values()
    ready = [vendor for vendor in vendors if version.vendor.missing(vendor.name) is None]
    return tuple(dict.fromkeys(model.encoding for vendor in ready for model in vendor.models.values()))


def _checks(
    settings: Settings, stores: Stores, detection: Detecting, catalogue: Catalogue, vendor: LitellmVendor
) -> Mapping[str, Check]:
    async def coordination() -> str:
        await stores.coordination.check()
        return "one process" if settings.redis_url is None else "shared"

    async def database() -> str | Impaired:
        restored = stores.continuity.restored
        return "goes on" if restored is None else Impaired(DatabaseRestored.code, DatabaseRestored.title)

    async def keys() -> str:
        return f"epoch {stores.wrapper.epoch}"

    async def vendors() -> str | Impaired:
        if settings.serves is Serves.AUDIT:
            return Impaired(ABSENT, "AI_GATEWAY_SERVES=audit: no feature is run and no vendor asked")
        chosen = {choice.vendor for feature in catalogue.features.values() for choice in feature.policy.vendors}
        missing = {name: vendor.missing(name) for name in sorted(chosen)}
        ready = [name for name, what in missing.items() if what is None]
        if not ready:
            raise VendorUnconfigured(" Or: ".join(what for what in missing.values() if what))
        return ", ".join(ready)

    return {
        "share_log": stores.reader.check,
        "database": database,
        "coordination": coordination,
        "keys": keys,
        "detector": detection.check,
        "vendors": vendors,
    }


async def _tell_in_doubt(settings: Settings, stores: Stores) -> None:
    """Shares that a stopped process left without an outcome: they count as shared, and somebody should know."""
    margin = 0 if settings.embedded else _RUNNING_AT_MOST_MS
    found = await stores.reader.in_doubt(stores.clock.now() - margin, _TOLD_AT_MOST)
    IN_DOUBT.set(len(found))
    for doubt in found:
        _log.warning("share in doubt", share=doubt.id, at=doubt.at)


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        body_bytes=settings.max_body_bytes,
        body_seconds=settings.body_deadline_ms / 1000,
        json_depth=settings.max_json_depth,
        json_values=settings.max_json_values,
        running=settings.max_running,
    )


def _exchange_bounds(settings: Settings) -> Bounds:
    return replace(
        _bounds(settings),
        body_bytes=settings.max_exchange_body_bytes,
        json_depth=settings.max_exchange_json_depth,
        json_values=settings.max_exchange_json_values,
    )


def _words(catalogue: Catalogue) -> frozenset[str]:
    inputs = (name for feature in catalogue.features.values() for name in feature.policy.inputs)
    parameters = (
        name
        for feature in catalogue.features.values()
        for prompt in feature.prompts.values()
        for name in prompt.parameters
    )
    return frozenset((*inputs, *parameters))


def from_environment() -> FastAPI:
    """The application as the environment says; what the server's worker processes call."""
    settings = read()
    configure(settings.log_level)
    return build(settings)
