"""One door per vendor of the policy: its profile, checked against the protocol it speaks, with its address and key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from ai_gateway.adapters.vendor_protocols import DEFAULT_BASES, PROTOCOLS, Protocol
from ai_gateway.errors import ConfigurationError, VendorUnconfigured
from ai_gateway.model import VendorName
from ai_gateway.policies.policy import VendorProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """``base`` and ``key`` are ``None`` when the environment does not give them."""

    profile: VendorProfile
    protocol: Protocol
    base: str | None
    key: str | None = field(repr=False)

    def missing(self) -> str | None:
        """What to do before this vendor can be used, or None."""
        if self.base is None:
            return f"Set {self.profile.api_base_env} to the address of {self.profile.name}."
        if self.key is None and self.profile.credential_env is not None:
            return f"Set {self.profile.credential_env} to the API key for {self.profile.name}."
        return None

    def address(self) -> str:
        """Raises ``VendorUnconfigured`` when anything is missing."""
        missing = self.missing()
        if missing is not None or self.base is None:
            raise VendorUnconfigured(missing or "", vendor=self.profile.name)
        return self.base

    def headers(self, *, stream: bool) -> dict[str, str]:
        credential = dict([self.protocol.credential(self.key)]) if self.key is not None else {}
        accept = {"accept": "text/event-stream"} if stream else {}
        return {**self.protocol.headers, **accept, **credential}


def doors(profiles: Mapping[VendorName, VendorProfile], environ: Mapping[str, str]) -> Mapping[VendorName, Door]:
    """Raises ``ConfigurationError`` with every problem of every profile."""
    problems: list[str] = []
    made = {name: _door(profile, environ, problems) for name, profile in profiles.items()}
    if problems:
        raise ConfigurationError(*problems)
    return {name: door for name, door in made.items() if door is not None}


def _door(profile: VendorProfile, environ: Mapping[str, str], problems: list[str]) -> Door | None:
    protocol = PROTOCOLS.get(profile.provider)
    if protocol is None:
        known = ", ".join(sorted(PROTOCOLS))
        problems.append(f"{profile.ref.rule}: provider: {profile.provider} is not one of {known}")
        return None
    problems.extend(
        f"{profile.ref.rule}: no_store: {name} is not a field with which {profile.provider} forbids keeping"
        for name in profile.no_store
        if name not in protocol.no_store
    )
    base = environ.get(profile.api_base_env or "") or profile.api_base
    if base is None and profile.api_base_env is None:
        # A vendor that names a variable has an address of its own: it never falls back to somebody else's.
        base = DEFAULT_BASES[profile.provider]
    if base is not None:
        base = base.strip().rstrip("/")
        fault = _fault(base)
        if fault:
            problems.append(f"{profile.ref.rule}: api_base: {fault}")
    key = environ.get(profile.credential_env or "", "").strip() or None
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        problems.append(f"{profile.ref.rule}: credential_env: {profile.credential_env} holds characters no key has")
    return Door(profile=profile, protocol=protocol, base=base, key=key)


def _fault(base: str) -> str | None:
    try:
        parts = urlsplit(base)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "not a URL"
    if parts.scheme not in ("https", "http") or not host:
        return "an https:// URL is needed"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "a URL without user, query and fragment is needed"
    if parts.scheme == "http" and not _loopback(host):
        return "plain http:// is for this machine only"
    return None


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
