"""Every version of the policies and prompts that was in force, kept: a digest that a share names leads to the files.

Files are stored once each, by their SHA-256. A version is a list of files; its coming into force is an entry of the
share log. It is kept before it is used, so that no share can name what nobody can show.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ai_gateway.features import Catalogue
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.policies.policy import Policies
from ai_gateway.ports import Clock
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.sharelog.canonical import Json, canonical
from ai_gateway.sharelog.record import record


class Folder(StrEnum):
    POLICIES = "policies"
    PROMPTS = "prompts"


_KINDS: Mapping[Folder, EntryKind] = {
    Folder.POLICIES: EntryKind.POLICY_VERSION,
    Folder.PROMPTS: EntryKind.PROMPT_VERSION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderVersion:
    """``files`` maps a path within the folder to the file's bytes; ``names`` each digest that a share under this
    version may name (SHA-256, hex) to what it is of."""

    folder: Folder
    files: Mapping[str, bytes] = field(repr=False)
    names: Mapping[str, str]

    def hashes(self) -> dict[str, str]:
        """Path to SHA-256 (hex), in order."""
        return {path: hashlib.sha256(self.files[path]).hexdigest() for path in sorted(self.files)}

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the canonical JSON of ``hashes``."""
        return hashlib.sha256(canonical(dict(self.hashes()))).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """As found again. ``at`` is when it first came into force (ms), ``of`` what the asked digest names in it."""

    digest: str
    folder: Folder
    at: int
    of: str
    files: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVersion:
    digest: str
    folder: Folder
    at: int
    files: int


class VersionStore(Protocol):
    """Every method raises ``StoreUnavailable`` when the store fails. MUST NOT change or remove what is kept."""

    async def keep(self, version: FolderVersion, at: int, entry: Entry) -> bool:
        """Keep it, with its entry in the log, in one transaction. False when it was kept before: then nothing is
        written but digests that are new."""
        ...

    async def find(self, digest: str) -> Sequence[KeptVersion]:
        """The version that has this digest, or the first in which a share may name it. A beginning of at least eight
        digits is enough; several are returned when it fits several."""
        ...

    async def listed(self, limit: int) -> Sequence[ListedVersion]:
        """Newest first."""
        ...


async def keep(store: VersionStore, clock: Clock, versions: Sequence[FolderVersion]) -> int:
    """Each of them, durable on return; how many are new. Raises ``StoreUnavailable``."""
    new, at = 0, clock.now()
    for version in versions:
        facts: dict[str, Json] = {
            "version": version.digest,
            "files": dict(version.hashes()),
            "digests": dict(version.names),
        }
        new += await store.keep(version, at, record(_KINDS[version.folder], at, facts))
    return new


def policy_version(files: Mapping[str, bytes], policies: Policies) -> FolderVersion:
    """``files`` are those that ``policies`` were loaded from."""
    names = {policies.digest: "policies", policies.taxonomy.digest: "taxonomy"}
    names |= {feature.digest: f"policy of {name}" for name, feature in policies.features.items()}
    return FolderVersion(folder=Folder.POLICIES, files=files, names=names)


def prompt_version(files: Mapping[str, bytes], catalogue: Catalogue) -> FolderVersion:
    prompts: dict[str, Prompt] = {}
    for feature in catalogue.features.values():
        prompts |= {prompt.digest: prompt for prompt in feature.prompts.values()}
    names = {digest: f"prompt {prompt.name}@{prompt.version}" for digest, prompt in prompts.items()}
    return FolderVersion(folder=Folder.PROMPTS, files=files, names=names)
