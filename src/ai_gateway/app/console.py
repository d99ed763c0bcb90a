"""What the console needs beyond the API: browsers' sessions, the vendors that trials may use, and what auditors see of
the log itself."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from ai_gateway.adapters.litellm_prices import LitellmPrices
from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.memory_registry import registry_of
from ai_gateway.adapters.sealing import KeyedSeal, installation_secret
from ai_gateway.adapters.telemetry import ObservedVendor
from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.api.sessions import Sessions
from ai_gateway.app.stores import Stores
from ai_gateway.config import Settings
from ai_gateway.console.services import Console
from ai_gateway.console.trials import STANDIN_URL
from ai_gateway.model import VendorName
from ai_gateway.policies.policy import Policies
from ai_gateway.ports import CallerStore, Vendor
from ai_gateway.standin import serve_standin


def open_sessions(stores: Stores, settings: Settings, callers: CallerStore) -> Sessions:
    seal = KeyedSeal(installation_secret(stores.wrapper), "console")
    return Sessions(stores.visits, seal, stores.clock, callers, seconds=settings.console_minutes * 60.0)


@asynccontextmanager
async def open_console(environ: Mapping[str, str], stores: Stores) -> AsyncGenerator[Console]:
    """Trials may use the vendors of real runs, and a stand-in of this process's own where the environment names none:
    it listens on loopback, and remembers nothing of what it receives."""
    async with serve_standin(keep=0) as standin:
        doors = TrialDoors({STANDIN_URL: standin.openai_base, **environ})
        try:
            yield Console(
                vendors=doors,
                registry=registry_of,
                prices=LitellmPrices(),
                log=stores.shares,
                erasures=stores.erasures,
                clock=stores.clock,
            )
        finally:
            await doors.close()


class TrialDoors:
    """``console.trials.TrialVendors``: doors to the vendors of whichever policies are in force."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._transport = VendorTransport()
        self._made: tuple[str, LitellmVendor] | None = None

    def door(self, policies: Policies) -> Vendor:
        return ObservedVendor(self._doors(policies))

    def missing(self, policies: Policies, vendor: VendorName) -> str | None:
        return self._doors(policies).missing(vendor)

    async def close(self) -> None:
        await self._transport.close()

    def _doors(self, policies: Policies) -> LitellmVendor:
        """Made anew when the policies changed; connections stay."""
        if self._made is None or self._made[0] != policies.digest:
            self._made = policies.digest, LitellmVendor(policies.vendors, self._transport, self._environ)
        return self._made[1]
