"""Settings become adapters, adapters a ``Gateway``, and the gateway an application that serves."""

import asyncio
import gc
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog
from fastapi import FastAPI

from ai_gateway.adapters.langid_languages import LangidLanguages
from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.logging import cap_others, configure
from ai_gateway.adapters.telemetry import IN_DOUBT, ObservedVendor, Telemetry
from ai_gateway.adapters.tiktoken_counter import TiktokenCounter
from ai_gateway.api.application import application
from ai_gateway.api.limits import Bounds
from ai_gateway.api.services import Check, Services
from ai_gateway.app.catalogue import load_in_force
from ai_gateway.app.checkpoints import publishing
from ai_gateway.app.console import open_console, open_sessions
from ai_gateway.app.detection import Detecting, open_detection
from ai_gateway.app.development import Entrance
from ai_gateway.app.notice import terms
from ai_gateway.app.privacy import forgetting, open_discloser
from ai_gateway.app.stores import Stores, open_stores
from ai_gateway.config import Settings, read
from ai_gateway.console import pages
from ai_gateway.errors import VendorUnconfigured
from ai_gateway.features import Catalogue
from ai_gateway.pipeline import Gateway
from ai_gateway.subjects import Subjects

_log = structlog.get_logger("ai_gateway.app")
_RUNNING_AT_MOST_MS = 15 * 60 * 1000
"""No call of another replica runs longer; a share older than this and unsettled is in doubt."""
_TOLD_AT_MOST = 1_000


def build(settings: Settings, environ: Mapping[str, str] = os.environ, entrance: Entrance | None = None) -> FastAPI:
    """The application. Raises ``ConfigurationError`` for files that are not valid; opens nothing until it starts.

    ``environ`` holds the vendors' credentials; ``entrance`` replaces the registered API keys, in development.
    """
    catalogue, vendor = load_in_force(settings, environ)
    telemetry = Telemetry()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with (
            open_services(settings, catalogue, vendor, telemetry, entrance) as services,
            open_console(environ) as console,
        ):
            app.state.services, app.state.console = services, console
            gc.collect()
            gc.set_threshold(20_000, 20, 20)  # a call makes thousands of values and no cycles
            gc.freeze()  # one collection of what was loaded at start takes longer than most requests
            _log.info(
                "ready", features=sorted(catalogue.features), detector=services.gateway.treatment.detector.identity
            )
            yield
            _log.info("stopping")

    return application(
        lifespan=lifespan,
        observer=telemetry,
        bounds=_bounds(settings),
        exchanges=_exchange_bounds(settings),
        words=_words(catalogue),
        console=pages.router,
    )


@asynccontextmanager
async def open_services(
    settings: Settings,
    catalogue: Catalogue,
    vendor: LitellmVendor,
    telemetry: Telemetry,
    entrance: Entrance | None = None,
) -> AsyncGenerator[Services]:
    """Everything the routes work with: open, warm, and closed in the opposite order."""
    async with (
        open_stores(settings) as stores,
        open_detection(settings, catalogue.policies.recognizers, stores.spans) as detection,
        open_discloser(stores, catalogue.policies) as disclosures,
        publishing(stores.publisher),
        forgetting(stores),
    ):
        try:
            languages = LangidLanguages()
            await asyncio.gather(
                _load(vendor, catalogue),
                detection.detector.warm(),
                asyncio.to_thread(languages.warm),
                _tell_in_doubt(settings, stores),
            )
            callers = entrance.callers if entrance else stores.callers
            cap_others()  # what was imported just now set levels of its own
            gateway = Gateway(
                catalogue=catalogue,
                subjects=Subjects(stores.subjects),
                consents=stores.consents,
                treatment=detection.treatment,
                tokens=TiktokenCounter(),
                log=stores.log,
                vendor=ObservedVendor(vendor),
                languages=languages,
            )
            yield Services(
                gateway=gateway,
                callers=callers,
                guest=entrance.guest if entrance else None,
                subjects=stores.subjects,
                consents=stores.consents,
                registry=stores.registry,
                terms=terms(catalogue),
                shares=stores.on_record,
                disclosures=disclosures,
                proofs=stores.proofs,
                idempotency=stores.idempotency,
                observer=telemetry,
                sessions=open_sessions(stores, settings, callers),
                checks=_checks(settings, stores, detection, catalogue, vendor),
            )
        finally:
            await vendor.close()


async def _load(vendor: LitellmVendor, catalogue: Catalogue) -> None:
    """What translates prompts takes seconds to load; a client's own messages need no translation."""
    if any(feature.prompts for feature in catalogue.features.values()):
        await asyncio.to_thread(vendor.load)


def _checks(
    settings: Settings, stores: Stores, detection: Detecting, catalogue: Catalogue, vendor: LitellmVendor
) -> Mapping[str, Check]:
    async def coordination() -> str:
        await stores.coordination.check()
        return "one process" if settings.redis_url is None else "shared"

    async def keys() -> str:
        return f"epoch {stores.wrapper.epoch}"

    async def vendors() -> str:
        chosen = {choice.vendor for feature in catalogue.features.values() for choice in feature.policy.vendors}
        missing = {name: vendor.missing(name) for name in sorted(chosen)}
        ready = [name for name, what in missing.items() if what is None]
        if not ready:
            raise VendorUnconfigured(" Or: ".join(what for what in missing.values() if what))
        return ", ".join(ready)

    return {
        "share_log": stores.reader.check,
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
