"""The catalogue in force: what the files say, less the vendors that this environment cannot use."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ai_gateway.adapters.catalogue_files import load_catalogue
from ai_gateway.adapters.folder_snapshot import Fingerprint, fingerprint, in_force, laid_out, snapshot
from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.config import Settings
from ai_gateway.features import Catalogue
from ai_gateway.policies.policy import Policies
from ai_gateway.sharelog.versions import FolderVersion, policy_version, prompt_version

SHORT = 12
"""Digits of a digest that a line for people shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Immutable: whoever holds it sees one version of everything, however often the files change meanwhile.

    ``seen`` is what the folders looked like before they were read.
    """

    catalogue: Catalogue
    vendor: LitellmVendor = field(repr=False)
    versions: tuple[FolderVersion, ...]
    seen: tuple[Fingerprint, ...] = field(repr=False)

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(version.digest for version in self.versions)

    def told(self) -> str:
        return ", ".join(f"{version.folder} {version.digest[:SHORT]}" for version in self.versions)


def load_in_force(settings: Settings, environ: Mapping[str, str]) -> tuple[Catalogue, LitellmVendor]:
    """The catalogue and the door to its vendors; ``environ`` holds their credentials. Raises ``ConfigurationError``."""
    loaded = load_version(settings, environ, VendorTransport())
    return loaded.catalogue, loaded.vendor


def load_version(settings: Settings, environ: Mapping[str, str], transport: VendorTransport) -> InForce:
    """The files are read once, and everything is made of what was read. Raises ``ConfigurationError`` with every
    problem in or between them."""
    seen = look(settings)
    files = {"prompts": snapshot(settings.prompts_folder), "policies": snapshot(settings.policies_folder)}
    with laid_out(files) as folders:
        catalogue = load_catalogue(folders["prompts"], folders["policies"])
    vendor = LitellmVendor(catalogue.policies.vendors, transport, environ)
    versions = (
        policy_version(in_force(files["policies"]), catalogue.policies),
        prompt_version(in_force(files["prompts"]), catalogue),
    )
    return InForce(catalogue=_in_force(catalogue, vendor), vendor=vendor, versions=versions, seen=seen)


def load_candidate(folder: Path) -> Policies:
    """Policies that are asked and not obeyed, from one reading of the folder. Raises ``ConfigurationError``."""
    with laid_out({"policies": snapshot(folder)}) as folders:
        return load_policies(folders["policies"])


def look(settings: Settings) -> tuple[Fingerprint, ...]:
    """What the folders in force look like now."""
    return fingerprint(settings.prompts_folder), fingerprint(settings.policies_folder)


def _in_force(catalogue: Catalogue, vendor: LitellmVendor) -> Catalogue:
    """A feature left without any vendor keeps them all, so that a run says what is missing."""
    features = {}
    for name, feature in catalogue.features.items():
        ready = tuple(choice for choice in feature.policy.vendors if vendor.missing(choice.vendor) is None)
        policy = replace(feature.policy, vendors=ready or feature.policy.vendors)
        features[name] = replace(feature, policy=policy)
    policies = replace(catalogue.policies, features={name: feature.policy for name, feature in features.items()})
    return replace(catalogue, features=features, policies=policies)
