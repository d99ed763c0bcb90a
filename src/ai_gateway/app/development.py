"""A gateway for developers and for test suites: one vendor on this machine, nothing kept, nobody to register.

Everything else is as always: what leaves is treated, on record and checked.
"""

import hmac
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from ai_gateway.config import Settings, shipped
from ai_gateway.errors import CallerNotAllowed, CallerUnknown, ConfigurationError
from ai_gateway.model import Caller, CallerId, Right
from ai_gateway.ports import ApiKey, CallerStore

CALLER = Caller(id=CallerId("development"), rights=frozenset(Right))
VENDOR_URL = "AI_GATEWAY_DEV_VENDOR_URL"
"""The variable that the development vendors' policy names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Who is let in, instead of those with registered API keys. ``guest`` is whoever asks, without a key."""

    callers: CallerStore
    guest: Caller | None


class OneKey:
    """``ports.CallerStore`` of one key, given on the command line; none can be made or revoked."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    async def authenticate(self, presented: str) -> Caller:
        if self._key is None or not hmac.compare_digest(self._key.encode(), presented.encode()):
            raise CallerUnknown("This is not the key that the development gateway was started with")
        return CALLER

    async def in_force(self, key: str) -> Caller:  # noqa: ARG002 - it has no id, and is never revoked
        if self._key is None:
            raise CallerUnknown("The development gateway was started without a key")
        return CALLER

    async def create(self, caller: CallerId, rights: frozenset[Right]) -> tuple[ApiKey, str]:  # noqa: ARG002
        raise CallerNotAllowed("A development gateway has one key, given when it is started")

    async def revoke(self, key: str) -> None:  # noqa: ARG002
        raise CallerNotAllowed("A development gateway has one key, given when it is started")

    async def listed(self) -> Sequence[ApiKey]:
        return ()


def entrance(key: str | None) -> Entrance:
    """With a key, whoever presents it; without one, everybody on this machine."""
    return Entrance(callers=OneKey(key), guest=CALLER if key is None else None)


def development_settings(home: Path, *, host: str, port: int) -> Settings:
    """The embedded default under ``home``, with the development policies and no prompts.

    Raises ``ConfigurationError`` for an address that others could reach.
    """
    if not loopback(host):
        raise ConfigurationError(f"--host {host}: development asks nobody who they are; it listens on loopback alone")
    policies, prompts = home / "policies", home / "prompts"
    with as_file(files("ai_gateway") / "development" / "policies") as own:
        shutil.copytree(own, policies)
    shutil.copy(shipped("policies") / "taxonomy.yaml", policies)
    prompts.mkdir()
    return Settings(home=home, policies=policies, prompts=prompts, host=host, port=port)


def vendor_environment(url: str) -> dict[str, str]:
    """Raises ``ConfigurationError`` for a vendor elsewhere: the development policies say that nothing leaves."""
    host = urlsplit(url).hostname
    if urlsplit(url).scheme not in ("http", "https") or host is None or not loopback(host):
        raise ConfigurationError("--vendor-url: name an address on this machine, such as http://127.0.0.1:8765/v1")
    return {VENDOR_URL: url}


def loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
