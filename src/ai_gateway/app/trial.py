"""The bench that authors try prompts on: the files at hand, and a gateway of its own that goes when it ends."""

import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ai_gateway.adapters.catalogue_files import load_versions
from ai_gateway.adapters.langid_languages import LangidLanguages
from ai_gateway.adapters.litellm_prices import LitellmPrices
from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.memory_registry import registry_of
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.adapters.recording_files import recordings_of
from ai_gateway.adapters.tiktoken_counter import TiktokenCounter
from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.app.detection import Detecting, open_detection
from ai_gateway.app.stores import open_stores
from ai_gateway.config import Settings
from ai_gateway.documents import did_you_mean
from ai_gateway.errors import ConfigurationError
from ai_gateway.features import Catalogue, mismatches
from ai_gateway.model import FeatureName
from ai_gateway.policies.policy import FeatureKind, FeaturePolicy, Policies
from ai_gateway.ports import TokenCounter
from ai_gateway.prompts.prompt import PromptVersions
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.standin import serve_standin
from ai_gateway.workbench.trial import Bench

STANDIN = "AI_GATEWAY_STANDIN_URL"
_NOWHERE = "http://127.0.0.1:9/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """One bench per feature, over the same detector and log. ``asks`` says whom a live run asks; "" while it is not."""

    settings: Settings
    policies: Policies
    detecting: Detecting
    tokens: TokenCounter
    log: ShareLog
    vendor: LitellmVendor
    asks: str

    def bench(self, feature: str) -> Bench:
        """Raises ``ConfigurationError`` for files that are not valid, or do not fit together."""
        folder = self.settings.prompts_folder / feature
        versions = load_versions(folder)
        policy = policy_of(self.policies, versions)
        return Bench(
            policy=policy,
            versions=versions,
            catalogue=Catalogue(features={}, policies=self.policies),
            treatment=self.detecting.treatment(self.policies.recognizers),
            tokens=self.tokens,
            languages=LangidLanguages(),
            prices=LitellmPrices(),
            log=self.log,
            vendor=self.vendor,
            registry=registry_of,
            recordings=recordings_of(folder),
            today=_today if self.asks else None,
        )


@asynccontextmanager
async def open_trials(settings: Settings, environ: Mapping[str, str], *, live: bool = False) -> AsyncGenerator[Trials]:
    """``live`` asks the vendors that ``environ`` has credentials for, or the stand-in when there are none."""
    policies = load_policies(settings.policies_folder)
    async with AsyncExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="ai-gateway-trial-")))
        ours = replace(settings, home=home, database_url=None, redis_url=None, keys=None, signing=None, workers=1)
        ours = replace(ours, replicas=1, key_service=None, checkpoint_folder=None, checkpoint_webhook=None)
        given, asks = await _environment(policies, environ, opened) if live else (_filled(policies, environ), "")
        vendor = LitellmVendor(policies.vendors, VendorTransport(), given)
        opened.push_async_callback(vendor.close)
        stores = await opened.enter_async_context(open_stores(ours))
        detecting = await opened.enter_async_context(open_detection(ours))
        yield Trials(
            settings=settings,
            policies=policies,
            detecting=detecting,
            tokens=TiktokenCounter(),
            log=stores.log,
            vendor=vendor,
            asks=asks,
        )


async def _environment(
    policies: Policies, environ: Mapping[str, str], opened: AsyncExitStack
) -> tuple[Mapping[str, str], str]:
    door = LitellmVendor(policies.vendors, VendorTransport(), environ)
    ready = [name for name in policies.vendors if door.missing(name) is None]
    await door.close()
    if ready:
        return environ, ", ".join(ready)
    standin = await opened.enter_async_context(serve_standin())
    return {**environ, STANDIN: standin.openai_base}, "the bundled stand-in (no vendor's key is set; nothing leaves)"


def _filled(policies: Policies, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Every vendor's body can be made; none can be reached."""
    filled: dict[str, str] = {}
    for vendor in policies.vendors.values():
        if vendor.credential_env is not None:
            filled[vendor.credential_env] = "nothing-is-sent"
        if vendor.api_base_env is not None:
            filled[vendor.api_base_env] = _NOWHERE
    return {**environ, **filled}


def policy_of(policies: Policies, versions: PromptVersions) -> FeaturePolicy:
    """The policy of the prompt's name, in agreement with its newest version. Raises ``ConfigurationError``."""
    name = FeatureName(versions.name)
    policy = policies.features.get(name)
    newest = versions.versions[max(versions.versions)]
    if policy is None:
        near = did_you_mean(name, policies.features)
        what = f"no feature's policy has the name of this prompt{near}; ai-gateway prompts new {name} writes one"
        raise ConfigurationError(f"{newest.file}:1:1: #/name: {what}")
    if policy.kind is FeatureKind.EXCHANGE:
        raise ConfigurationError(f"{newest.file}:1:1: #/name: {policy.file} is an exchange, which has no prompt")
    if problems := tuple(mismatches(policy, newest)):
        raise ConfigurationError(*problems)
    return policy


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
