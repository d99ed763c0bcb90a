"""The catalogue in force: what the files say, less the vendors that this environment cannot use."""

from collections.abc import Mapping
from dataclasses import replace

from ai_gateway.adapters.catalogue_files import load_catalogue
from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.config import Settings
from ai_gateway.features import Catalogue


def load_in_force(settings: Settings, environ: Mapping[str, str]) -> tuple[Catalogue, LitellmVendor]:
    """The catalogue and the door to its vendors; ``environ`` holds their credentials. Raises ``ConfigurationError``."""
    catalogue = load_catalogue(settings.prompts_folder, settings.policies_folder)
    vendor = LitellmVendor(catalogue.policies.vendors, VendorTransport(), environ)
    return _in_force(catalogue, vendor), vendor


def _in_force(catalogue: Catalogue, vendor: LitellmVendor) -> Catalogue:
    """A feature left without any vendor keeps them all, so that a run says what is missing."""
    features = {}
    for name, feature in catalogue.features.items():
        ready = tuple(choice for choice in feature.policy.vendors if vendor.missing(choice.vendor) is None)
        policy = replace(feature.policy, vendors=ready or feature.policy.vendors)
        features[name] = replace(feature, policy=policy)
    policies = replace(catalogue.policies, features={name: feature.policy for name, feature in features.items()})
    return replace(catalogue, features=features, policies=policies)
