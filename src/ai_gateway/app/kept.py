"""Versions of the catalogue found again: by digest, checked against it, loaded as they were."""

import asyncio
from collections.abc import Mapping

from ai_gateway.adapters.folder_snapshot import laid_out
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.errors import ConfigurationError, NotFound
from ai_gateway.policies.policy import Policies
from ai_gateway.sharelog.versions import Folder, FolderVersion, KeptVersion, VersionStore

SHORTEST = 8
_HEX = frozenset("0123456789abcdef")


async def found(store: VersionStore, digest: str) -> KeptVersion:
    """Raises ``NotFound`` for a digest that nothing kept has, or whose beginning fits several."""
    asked = digest.lower()
    if len(asked) < SHORTEST or not set(asked) <= _HEX:
        raise NotFound(f"A digest is hexadecimal; at least its first {SHORTEST} digits are needed.")
    fitting = await store.find(asked)
    if not fitting:
        raise NotFound("No kept version has this digest. See them all: ai-gateway policies versions")
    if len(fitting) > 1:
        raise NotFound("Several kept versions fit this beginning; give more of the digest.")
    return fitting[0]


def whole(version: KeptVersion) -> bool:
    """Whether the files still are those that the version's digest was made of."""
    return FolderVersion(folder=version.folder, files=version.files, names={}).digest == version.digest


class KeptPolicies:
    """The policies of every version that was kept, loaded when first asked for by a feature's digest."""

    def __init__(self, by_digest: Mapping[str, Policies]) -> None:
        self._by_digest = by_digest

    def __call__(self, digest: str) -> Policies | None:
        return self._by_digest.get(digest)


async def kept_policies(store: VersionStore, limit: int = 1_000) -> KeptPolicies:
    """All of them; a version that this release cannot load any more is left out."""
    by_digest: dict[str, Policies] = {}
    for one in await store.listed(limit):
        if one.folder is not Folder.POLICIES:
            continue
        for version in await store.find(one.digest):
            try:
                policies = await asyncio.to_thread(_load, version)
            except ConfigurationError:
                continue
            by_digest |= {feature.digest: policies for feature in policies.features.values()}
    return KeptPolicies(by_digest)


def _load(version: KeptVersion) -> Policies:
    with laid_out({"policies": version.files}) as folders:
        return load_policies(folders["policies"])
